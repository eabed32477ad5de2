"""What becomes of the bills of a run: decided one by one, a batch at a time, as things stand now."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from accounts.bill_printings.rules import (
    Counts,
    Outcome,
    Reason,
    Standing,
    Tally,
    address_lines,
    decide,
    walk_key,
    zip_of,
)
from accounts.billing_runs.rules import State
from accounts.customer_changes.queries import where_to_mail_each
from accounts.message_choices.queries import paperless
from accounts.money import Money

BATCH = 1_000
COLUMNS = (
    "bill_id", "customer_account_id", "outcome", "reason", "consent_id", "language", "name", "address",
    "service_address", "amount_cents", "open_cents", "zip", "walk",
)  # fmt: skip
"""Of a :data:`Row`."""
_BILLS = text("""
    SELECT i.customer_account_id AS account, i.bill_id AS bill, a.customer_id AS customer, c.name, c.language,
           coalesce(nullif(c.mailing_address, ''),
                    nullif(concat_ws(', ', nullif(p.address, ''), nullif(p.city, ''),
                                     nullif(concat_ws(' ', nullif(p.state, ''), nullif(p.zip_code, '')), '')), ''),
                    '') AS address,
           coalesce(p.address, '') AS service_address, a.is_protected OR a.is_restricted AS is_hidden,
           (SELECT r.state FROM billing_runs r WHERE r.corrects_bill_id = i.bill_id AND r.state <> 'canceled')
               AS correction,
           (SELECT coalesce(sum(amount_cents), 0) FROM charges WHERE bill_id = i.bill_id AND kind <> 'penalty')
               AS asked,
           (SELECT coalesce(sum(open_cents), 0) FROM charges WHERE bill_id = i.bill_id AND kind <> 'penalty') AS open
      FROM billing_items i
      JOIN customer_accounts a ON a.id = i.customer_account_id
      JOIN customers c ON c.id = a.customer_id
      LEFT JOIN premises p ON p.id = a.premises_id
     WHERE i.run_id = :run AND i.state = 'posted' AND i.customer_account_id > :after
     ORDER BY i.customer_account_id LIMIT :most""")

Row = tuple[Any, ...]


def batches(session: Session, run_id: int) -> Iterator[list[Row]]:
    """Each bill of the run with what becomes of it, in the order of accounts; four statements a batch."""
    after = 0
    while rows := batch(session, run_id, after):
        yield rows
        after = rows[-1][1]


def batch(session: Session, run_id: int, after: int) -> list[Row]:
    """The next bills of the run, of accounts after this one."""
    found = session.execute(_BILLS, {"run": run_id, "after": after, "most": BATCH}).all()
    return _decided(session, found) if found else []


def counted(rows: Sequence[Row]) -> Counts:
    """What these come to."""
    tallies = dict.fromkeys(Outcome, Tally())
    reasons: Counter[str] = Counter()
    for row in rows:
        outcome = Outcome(row[2])
        tallies[outcome] += Tally(1, Money(row[9]), Money(row[10]))
        if outcome is Outcome.HELD and row[3] != Reason.NONE:
            reasons[row[3]] += 1
    return Counts(tallies, dict(reasons))


def _decided(session: Session, bills: Sequence[Any]) -> list[Row]:
    consents = paperless(session, [bill.account for bill in bills])
    goes_to = where_to_mail_each(session, {(bill.customer, bill.address) for bill in bills})
    rows = []
    for bill in bills:
        consent, address = consents.get(bill.account), goes_to[bill.customer, bill.address]
        decision = decide(Standing(
            address, is_paperless=consent is not None, is_corrected=bill.correction == State.POSTED,
            is_being_corrected=bill.correction is not None, is_hidden=bill.is_hidden,
        ))  # fmt: skip
        consent_id = consent.consent_id if consent is not None and decision.outcome is Outcome.PAPERLESS else None
        to = address if address is not None and decision.outcome is Outcome.PRINTED else ""
        rows.append((
            bill.bill, bill.account, decision.outcome.value, decision.reason.value, consent_id, bill.language,
            bill.name if to else "", list(address_lines(to)), bill.service_address if to else "", int(bill.asked),
            int(bill.open), zip_of(to), walk_key(to),
        ))  # fmt: skip
    return rows
