"""Reports of money on its way to the bank, and of what bank and books do not yet say of each other."""

from __future__ import annotations

from payments.reports.rules import CellKind, Chart, Column, Report

_DEPOSITS = """
    SELECT d.id AS deposit, j.business_day AS day, d.kind, d.bank_account AS bank, d.bag_number AS bag,
           (SELECT count(*) FROM bank_deposit_batches b WHERE b.deposit_id = d.id AND b.is_live) AS batches,
           d.cash_cents AS cash, d.checks_cents AS checks, d.terminal_cents AS terminal,
           d.cash_cents + d.checks_cents + d.terminal_cents AS amount,
           p.display_name AS person, v.display_name AS accepted_by,
           (SELECT min(l.on_day) FROM bank_matched_journals m JOIN bank_matches x ON x.id = m.match_id
              JOIN bank_lines l ON l.id = x.line_id WHERE m.journal_id = d.journal_id) AS arrived
      FROM bank_deposits d JOIN journals j ON j.id = d.journal_id JOIN actors p ON p.id = d.prepared_by
      JOIN actors v ON v.id = d.verified_by
     WHERE d.state = 'sealed' AND j.business_day BETWEEN :since AND :until"""
DEPOSITS = Report(
    "deposits",
    _DEPOSITS,
    (
        Column("deposit"), Column("day", CellKind.DAY), Column("kind", CellKind.CODE), Column("bank", CellKind.BANK),
        Column("bag"),
        Column("batches", CellKind.COUNT), Column("cash", CellKind.MONEY), Column("checks", CellKind.MONEY),
        Column("terminal", CellKind.MONEY), Column("amount", CellKind.MONEY), Column("person", CellKind.PERSON),
        Column("accepted_by", CellKind.PERSON), Column("arrived", CellKind.DAY),
    ),
    "day, deposit",
    (),
    Chart("day", "amount", by_time=True),
    is_blind=False,
)  # fmt: skip

_UNMATCHED = """
    SELECT l.on_day AS day, 'bank' AS side, l.bank_account AS bank, l.kind,
           trim(l.bank_reference || ' ' || l.customer_reference) AS reference, l.amount_cents AS at_bank,
           CAST(NULL AS bigint) AS in_books, (CAST(:until AS date) - l.on_day) AS days, 1 AS entries,
           0 AS source, l.id
      FROM bank_lines l
     WHERE l.on_day BETWEEN :since AND :until
       AND NOT EXISTS (SELECT FROM bank_matched_lines m WHERE m.line_id = l.id)
     UNION ALL
    SELECT j.business_day, 'books', a.code, j.kind, 'J' || j.id, NULL, sum(o.amount_cents)::bigint,
           (CAST(:until AS date) - j.business_day), 1, 1, j.id
      FROM journals j JOIN postings o ON o.journal_id = j.id JOIN ledger_accounts a ON a.id = o.ledger_account_id
     WHERE a.code = ANY (CAST(:banks AS text[])) AND j.business_day BETWEEN :since AND :until
       AND NOT EXISTS (SELECT FROM bank_matched_journals m
                        WHERE m.journal_id = j.id AND m.ledger_account = a.code)
     GROUP BY j.id, j.business_day, j.kind, a.code HAVING sum(o.amount_cents) <> 0"""
_COLUMNS = "day, side, bank, kind, reference, at_bank, in_books, days, entries"
UNMATCHED = Report(
    "unmatched",
    f"SELECT {_COLUMNS} FROM ({_UNMATCHED}) AS both_sides",  # noqa: S608 - our own words
    (
        Column("day", CellKind.DAY), Column("side", CellKind.CODE), Column("bank", CellKind.BANK),
        Column("kind", CellKind.CODE),
        Column("reference"), Column("at_bank", CellKind.MONEY), Column("in_books", CellKind.MONEY),
        Column("days", CellKind.COUNT, sums=False), Column("entries", CellKind.COUNT),
    ),
    "day, side, bank, reference, at_bank, in_books",
    (),
    Chart("kind", "entries"),
    is_blind=False,
)  # fmt: skip
