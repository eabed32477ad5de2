"""Reports of money as it was taken and earned. Both tie to the ledger (tests/payments/reports/test_ties.py).

*Takings* lays what each payment was posted to on what it was paid with, cent by cent and in order: of a payment of
$30 cash and $70 check for $40 water and $60 sewer, water had $30 cash and $10 check. So the sums by code are those of
the postings, and the sums by tender are those of the tenders.
"""

from __future__ import annotations

from payments.reports.rules import CellKind, Chart, Column, Report

_TAKINGS = """
    WITH events AS (
      SELECT p.journal_id, p.id AS payment_id, 1 AS sign
        FROM payments p WHERE p.business_day BETWEEN :since AND :until
       UNION ALL
      SELECT r.journal_id, min(r.payment_id), -1
        FROM payment_reversals r JOIN journals j ON j.id = r.journal_id
       WHERE j.business_day BETWEEN :since AND :until GROUP BY r.journal_id),
    codes AS (
      SELECT e.journal_id, e.payment_id, e.sign, l.code, l.fund, -e.sign * sum(o.amount_cents)::bigint AS cents
        FROM events e JOIN postings o ON o.journal_id = e.journal_id
        JOIN ledger_accounts l ON l.id = o.ledger_account_id AND l.code <> ALL (CAST(:mechanics AS text[]))
       GROUP BY e.journal_id, e.payment_id, e.sign, l.code, l.fund HAVING sum(o.amount_cents) <> 0),
    paths AS (
      SELECT c.*, sum(cents) OVER w AS upto, sum(cents) OVER w - cents AS since FROM codes c
      WINDOW w AS (PARTITION BY journal_id ORDER BY code)),
    tendered AS (
      SELECT e.journal_id, t.ordinal, t.kind, t.amount_cents AS cents, t.drawer_id
        FROM events e JOIN payment_tenders t ON t.payment_id = e.payment_id WHERE e.sign = 1
       UNION ALL
      SELECT e.journal_id, 1, p.tender, p.amount_cents + p.fee_cents, NULL
        FROM events e JOIN payments p ON p.id = e.payment_id
       WHERE e.sign = 1 AND NOT EXISTS (SELECT FROM payment_tenders t WHERE t.payment_id = p.id)
       UNION ALL
      SELECT r.journal_id, t.ordinal, t.kind, r.amount_cents, t.drawer_id
        FROM events e JOIN payment_reversals r ON r.journal_id = e.journal_id
        JOIN payment_tenders t ON t.id = r.tender_id WHERE e.sign = -1),
    spans AS (
      SELECT t.*, CASE WHEN lag(ordinal) OVER o IS NULL THEN -9e15 ELSE sum(cents) OVER o - cents END AS low,
             CASE WHEN lead(ordinal) OVER o IS NULL THEN 9e15 ELSE sum(cents) OVER o END AS high
        FROM tendered t WINDOW o AS (PARTITION BY journal_id ORDER BY ordinal)),
    laid AS (
      SELECT p.journal_id, p.payment_id, p.code, p.fund, s.kind, s.drawer_id,
             (p.sign * sign(p.cents) * greatest(0, least(greatest(p.since, p.upto), s.high)
                                                   - greatest(least(p.since, p.upto), s.low)))::bigint AS cents
        FROM paths p JOIN spans s ON s.journal_id = p.journal_id)
    SELECT l.fund, l.code, l.code AS name, l.kind AS tender, count(DISTINCT l.payment_id) AS payments,
           sum(l.cents)::bigint AS amount
      FROM laid l LEFT JOIN drawers d ON d.id = l.drawer_id LEFT JOIN actors c ON c.id = d.cashier_id
     WHERE l.cents <> 0 AND :fund IN ('', l.fund) AND :tender IN ('', l.kind) AND :till IN ('', d.till)
       AND :cashier IN ('', c.handle) AND (:line = '' OR l.code = ANY (CAST(:codes AS text[])))
     GROUP BY l.fund, l.code, l.kind"""
TAKINGS = Report(
    "takings",
    _TAKINGS,
    (
        Column("fund", CellKind.FUND), Column("code"), Column("name", CellKind.LEDGER),
        Column("tender", CellKind.CODE),
        Column("payments", CellKind.COUNT, sums=False), Column("amount", CellKind.MONEY),
    ),
    "fund, code, tender",
    ("till", "cashier", "tender", "fund", "line"),
    Chart("tender", "amount"),
)  # fmt: skip

_REVENUE = """
    SELECT l.fund, l.code, l.code AS name, count(*) AS postings,
           coalesce(-sum(o.amount_cents) FILTER (WHERE o.amount_cents < 0), 0)::bigint AS earned,
           coalesce(-sum(o.amount_cents) FILTER (WHERE o.amount_cents > 0), 0)::bigint AS taken_back,
           -sum(o.amount_cents)::bigint AS amount
      FROM postings o JOIN journals j ON j.id = o.journal_id
      JOIN ledger_accounts l ON l.id = o.ledger_account_id AND l.kind = 'revenue'
     WHERE j.business_day BETWEEN :since AND :until AND :fund IN ('', l.fund)
       AND (:line = '' OR l.code = ANY (CAST(:codes AS text[])))
     GROUP BY l.fund, l.code"""
REVENUE = Report(
    "revenue",
    _REVENUE,
    (
        Column("fund", CellKind.FUND), Column("code"), Column("name", CellKind.LEDGER),
        Column("postings", CellKind.COUNT),
        Column("earned", CellKind.MONEY), Column("taken_back", CellKind.MONEY), Column("amount", CellKind.MONEY),
    ),
    "fund, code",
    ("fund", "line"),
    Chart("fund", "amount"),
    is_blind=False,
)  # fmt: skip

_RECEIPTS = """
    SELECT r.series || '-' || r.year || '-' || lpad(r.number::text, 6, '0') AS receipt, r.issued_at,
           p.channel, p.tender, coalesce(d.till, '') AS till, a.display_name AS person,
           coalesce((SELECT string_agg(CASE WHEN (x.is_protected AND NOT :protected)
                                              OR (x.is_restricted AND NOT :restricted)
                                            THEN '***' ELSE x.reference END, ' ' ORDER BY x.reference)
              FROM (SELECT DISTINCT o.customer_account_id AS id FROM postings o
                     WHERE o.journal_id = p.journal_id AND o.customer_account_id IS NOT NULL) AS paid
              JOIN customer_accounts x ON x.id = paid.id), '') AS accounts,
           p.amount_cents + p.fee_cents AS amount,
           coalesce(-(SELECT sum(v.amount_cents) FROM payment_reversals v WHERE v.payment_id = p.id), 0)::bigint
             AS taken_back
      FROM receipts r JOIN payments p ON p.id = r.payment_id JOIN actors a ON a.id = p.actor_id
      LEFT JOIN LATERAL (SELECT w.till, c.handle FROM payment_tenders t JOIN drawers w ON w.id = t.drawer_id
                           JOIN actors c ON c.id = w.cashier_id
                          WHERE t.payment_id = p.id ORDER BY t.ordinal LIMIT 1) AS d ON true
     WHERE p.business_day BETWEEN :since AND :until AND :till IN ('', d.till)
       AND :cashier IN ('', coalesce(d.handle, a.handle))
       AND (:tender IN ('', p.tender)
            OR EXISTS (SELECT FROM payment_tenders t WHERE t.payment_id = p.id AND t.kind = :tender))"""
RECEIPTS = Report(
    "receipts",
    _RECEIPTS,
    (
        Column("receipt"), Column("issued_at", CellKind.INSTANT), Column("channel", CellKind.CODE),
        Column("tender", CellKind.CODE), Column("till", CellKind.TILL), Column("person", CellKind.PERSON),
        Column("accounts"),
        Column("amount", CellKind.MONEY), Column("taken_back", CellKind.MONEY),
    ),
    "receipt",
    ("till", "cashier", "tender"),
    Chart("channel", "amount"),
    is_personal=True,
)  # fmt: skip
