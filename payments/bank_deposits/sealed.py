"""What is sealed of a deposit, with the day of its journal: what is in it, who counted it, and its batches."""

from __future__ import annotations

from accounts.seals.canonical import Part

DEPOSITS = Part(
    "bank_deposits",
    """SELECT j.business_day, d.journal_id, d.cash_cents + d.checks_cents + d.terminal_cents,
              json_build_array(d.id, d.journal_id, d.kind, d.bank_account, d.ledger_account, d.cash_cents,
                               d.checks_cents, d.checks_count, d.terminal_cents, d.denominations,
                               d.verified_denominations, d.bag_number, d.reference, d.prepared_by,
                               d.prepared_at AT TIME ZONE 'UTC', d.verified_by, d.verified_at AT TIME ZONE 'UTC')
         FROM journals j JOIN bank_deposits d ON d.journal_id = j.id
        WHERE j.business_day BETWEEN :first AND :last""",
)
BATCHES = Part(
    "bank_deposit_batches",
    """SELECT j.business_day, d.journal_id, v.cash_cents + v.checks_cents,
              json_build_array(b.deposit_id, b.batch_id, b.kind, v.drawer_id, v.cash_cents, v.checks_cents,
                               v.checks_count, v.terminal_cents)
         FROM journals j JOIN bank_deposits d ON d.journal_id = j.id
         JOIN bank_deposit_batches b ON b.deposit_id = d.id JOIN vault_batches v ON v.id = b.batch_id
        WHERE j.business_day BETWEEN :first AND :last""",
)
DEPOSITED = (DEPOSITS, BATCHES)
