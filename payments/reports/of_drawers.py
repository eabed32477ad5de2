"""Reports of drawers that are closed. Nobody learns from one what a drawer should hold before it is counted."""

from __future__ import annotations

from payments.reports.rules import CellKind, Chart, Column, Report

_CLOSED = """
    SELECT d.id, d.business_day AS day, d.till, d.kind, d.cashier_id, c.display_name AS person, c.handle,
           d.closed_at, d.float_cents, v.decided_by, n.cash_cents + n.checks_cents + n.terminal_cents AS counted,
           coalesce((SELECT -sum(o.amount_cents) FROM source_effects e JOIN postings o ON o.journal_id = e.journal_id
                        JOIN ledger_accounts l ON l.id = o.ledger_account_id AND l.code = :over_short
                       WHERE e.source_kind = 'drawer_count' AND e.source_id = n.id::text), 0)::bigint AS over_short
      FROM drawers d JOIN actors c ON c.id = d.cashier_id
      JOIN drawer_verdicts v ON v.drawer_id = d.id AND v.verdict = 'accepted'
      JOIN drawer_counts n ON n.id = v.count_id
     WHERE d.business_day BETWEEN :since AND :until AND :till IN ('', d.till) AND :cashier IN ('', c.handle)"""
_DRAWERS = f"""
    WITH closed AS ({_CLOSED})
    SELECT d.id AS drawer, d.day, d.till, d.kind, d.person, d.float_cents AS float,
           coalesce(t.cash, 0)::bigint AS cash, coalesce(t.checks, 0)::bigint AS checks,
           coalesce(t.terminal, 0)::bigint AS terminal,
           coalesce((SELECT -sum(r.amount_cents) FROM payment_reversals r WHERE r.drawer_id = d.id), 0)::bigint
             AS given_back,
           coalesce((SELECT sum(m.cash_cents) FROM drawer_movements m WHERE m.drawer_id = d.id), 0)::bigint AS moved,
           d.counted, d.over_short, (SELECT count(*) FROM no_sales n WHERE n.drawer_id = d.id) AS no_sales,
           b.display_name AS accepted_by, d.closed_at
      FROM closed d JOIN actors b ON b.id = d.decided_by
      LEFT JOIN LATERAL (
           SELECT sum(amount_cents) FILTER (WHERE x.kind = 'cash') AS cash,
                  sum(amount_cents) FILTER (WHERE x.kind IN ('check', 'money_order')) AS checks,
                  sum(amount_cents) FILTER (WHERE x.kind = 'terminal') AS terminal
             FROM payment_tenders x WHERE x.drawer_id = d.id) AS t ON true"""  # noqa: S608 - our own words
DRAWERS = Report(
    "drawers",
    _DRAWERS,
    (
        Column("drawer"), Column("day", CellKind.DAY), Column("till", CellKind.TILL), Column("kind", CellKind.CODE),
        Column("person", CellKind.PERSON), Column("float", CellKind.MONEY, sums=False),
        Column("cash", CellKind.MONEY),
        Column("checks", CellKind.MONEY), Column("terminal", CellKind.MONEY), Column("given_back", CellKind.MONEY),
        Column("moved", CellKind.MONEY), Column("counted", CellKind.MONEY), Column("over_short", CellKind.MONEY),
        Column("no_sales", CellKind.COUNT), Column("accepted_by", CellKind.PERSON),
        Column("closed_at", CellKind.INSTANT),
    ),
    "day, drawer",
    ("till", "cashier"),
    Chart("person", "cash"),
    is_blind=False,
)  # fmt: skip

_OVER_SHORT = f"""
    WITH closed AS ({_CLOSED}),
    months AS (
      SELECT date_trunc('month', day)::date AS month, cashier_id, person, count(*) AS drawers,
             coalesce(sum(over_short) FILTER (WHERE over_short > 0), 0)::bigint AS over,
             coalesce(sum(over_short) FILTER (WHERE over_short < 0), 0)::bigint AS short,
             sum(over_short)::bigint AS over_short, max(abs(over_short))::bigint AS largest
        FROM closed GROUP BY 1, 2, 3)
    SELECT month, person, drawers, over, short, over_short, largest,
           CASE WHEN largest >= :once AND over - short >= :month THEN 'both' WHEN largest >= :once THEN 'once'
                WHEN over - short >= :month THEN 'month' ELSE '' END AS named
      FROM months"""  # noqa: S608
OVER_SHORT = Report(
    "over-short",
    _OVER_SHORT,
    (
        Column("month", CellKind.MONTH), Column("person", CellKind.PERSON), Column("drawers", CellKind.COUNT),
        Column("over", CellKind.MONEY), Column("short", CellKind.MONEY), Column("over_short", CellKind.MONEY),
        Column("largest", CellKind.MONEY, sums=False), Column("named", CellKind.CODE),
    ),
    "month, person",
    ("till", "cashier"),
    Chart("person", "over_short"),
    is_blind=False,
)  # fmt: skip
