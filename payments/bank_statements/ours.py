"""What of ours can stand on a bank's statement: every journal that moves the bank's ledger account.

A source says what a journal is, when the bank should show it, and by which numbers it may be known. Journals of one
``subject`` stand on the statement as one amount (the payments of a lockbox file, say). A journal that no source knows
is of kind ``other``: only a person matches it. To add a kind, add a source.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Source:
    """``rows`` is a SELECT of journal_id, kind, subject, on_day and refs (``text[]``)."""

    kinds: tuple[str, ...]
    rows: str


DEPOSITS = Source(
    ("deposit", "terminal"),
    """SELECT d.journal_id, CASE d.kind WHEN 'bag' THEN 'deposit' ELSE 'terminal' END AS kind, d.id::text AS subject,
              j.business_day AS on_day, ARRAY[d.bag_number, d.reference] AS refs
         FROM bank_deposits d JOIN journals j ON j.id = d.journal_id""",
)
PAYOUTS = Source(
    ("payout",),
    """SELECT s.journal_id, 'payout', p.id, p.arrival_on, ARRAY[p.id, p.trace_id]
         FROM source_effects s JOIN payouts p ON p.id = s.source_id
        WHERE s.source_kind = 'payout' AND s.effect = 'post'""",
)
PAYOUT_RETURNS = Source(
    ("payout-return",),
    """SELECT r.id, 'payout-return', p.id, r.business_day, ARRAY[p.id, p.trace_id]
         FROM journals r JOIN source_effects s ON s.journal_id = r.reverses_id AND s.source_kind = 'payout'
                                              AND s.effect = 'post'
         JOIN payouts p ON p.id = s.source_id""",
)
RETURNED = Source(
    ("returned",),
    """SELECT x.journal_id, 'returned', x.journal_id::text, j.effective_on,
              array_agg(t.reference ORDER BY t.reference)
         FROM payment_reversals x JOIN journals j ON j.id = x.journal_id JOIN payment_tenders t ON t.id = x.tender_id
        WHERE x.kind = 'returned' GROUP BY x.journal_id, j.effective_on""",
)
LOCKBOXES = Source(
    ("lockbox",),
    """SELECT p.journal_id, 'lockbox', f.id::text, f.received_on, ARRAY[f.bank_reference]
         FROM lockbox_items i JOIN lockbox_files f ON f.id = i.file_id JOIN payments p ON p.id = i.payment_id""",
)
SOURCES = (DEPOSITS, PAYOUTS, PAYOUT_RETURNS, RETURNED, LOCKBOXES)
KINDS = tuple(kind for source in SOURCES for kind in source.kinds)
"""Kinds that are matched by themselves."""
OTHER = "other"

KNOWN = " UNION ALL ".join(source.rows for source in SOURCES)
LEGS = """
    SELECT p.journal_id, sum(p.amount_cents)::bigint AS cents
      FROM postings p JOIN ledger_accounts a ON a.id = p.ledger_account_id
     WHERE a.code = :ledger GROUP BY p.journal_id HAVING sum(p.amount_cents) <> 0"""
"""What each journal moves on the ledger account ``:ledger``."""
UNITS = f"""
    SELECT coalesce(k.kind, '{OTHER}') AS kind, coalesce(k.subject, g.journal_id::text) AS subject,
           sum(g.cents)::bigint AS cents, min(coalesce(k.on_day, j.effective_on)) AS on_day,
           array_agg(g.journal_id ORDER BY g.journal_id) AS journals,
           array_agg(g.cents ORDER BY g.journal_id) AS amounts,
           coalesce(min(k.refs), '{{}}') AS refs, min(j.kind) AS journal_kind, min(j.memo) AS memo
      FROM ({LEGS}) g JOIN journals j ON j.id = g.journal_id
      LEFT JOIN ({KNOWN}) k ON k.journal_id = g.journal_id
     WHERE NOT EXISTS (SELECT FROM bank_matched_journals m
                        WHERE m.journal_id = g.journal_id AND m.ledger_account = :ledger)
     GROUP BY 1, 2"""  # noqa: S608 - our own words
"""What of ours no line of the bank has met yet."""
