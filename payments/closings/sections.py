"""What a day held, by section, straight from the tables that are never changed: the same rows today and in ten years.

A packet keeps these; ``verify`` asks again and compares. Amounts are cents. People stand by their handle, payments by
their receipt.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

Section = list[dict[str, Any]]
_RECEIPT = "r.series || '-' || r.year || '-' || lpad(r.number::text, 6, '0')"
_SECTIONS: Mapping[str, str] = {
    "tenders": """
        SELECT p.business_day AS day, json_build_object('kind', coalesce(t.kind, p.tender), 'count', count(*),
                   'cents', sum(coalesce(t.amount_cents, p.amount_cents + p.fee_cents))::bigint)
          FROM payments p LEFT JOIN payment_tenders t ON t.payment_id = p.id
         WHERE p.business_day BETWEEN :first AND :last
         GROUP BY p.business_day, coalesce(t.kind, p.tender) ORDER BY 1, coalesce(t.kind, p.tender)""",
    "funds": """
        SELECT j.business_day AS day, json_build_object('fund', p.fund,
                   'debits', coalesce(sum(p.amount_cents) FILTER (WHERE p.amount_cents > 0), 0)::bigint,
                   'credits', coalesce(-sum(p.amount_cents) FILTER (WHERE p.amount_cents < 0), 0)::bigint)
          FROM journals j JOIN postings p ON p.journal_id = j.id WHERE j.business_day BETWEEN :first AND :last
         GROUP BY j.business_day, p.fund ORDER BY 1, p.fund""",
    "accounts": """
        SELECT j.business_day AS day, json_build_object('account', a.code,
                   'debits', coalesce(sum(p.amount_cents) FILTER (WHERE p.amount_cents > 0), 0)::bigint,
                   'credits', coalesce(-sum(p.amount_cents) FILTER (WHERE p.amount_cents < 0), 0)::bigint)
          FROM journals j JOIN postings p ON p.journal_id = j.id JOIN ledger_accounts a ON a.id = p.ledger_account_id
         WHERE j.business_day BETWEEN :first AND :last GROUP BY j.business_day, a.code ORDER BY 1, a.code""",
    "revenue": """
        SELECT j.business_day AS day,
               json_build_object('line', c.revenue_line, 'fund', c.fund, 'cents', sum(a.amount_cents)::bigint)
          FROM journals j JOIN allocations a ON a.journal_id = j.id JOIN charges c ON c.id = a.charge_id
         WHERE j.business_day BETWEEN :first AND :last
         GROUP BY j.business_day, c.revenue_line, c.fund ORDER BY 1, c.revenue_line, c.fund""",
    "items": """
        SELECT p.business_day AS day, json_build_object('item', i.code, 'project', i.project, 'fund', i.fund,
                   'count', sum(i.quantity)::bigint, 'cents', sum(i.amount_cents)::bigint)
          FROM payments p JOIN payment_items i ON i.payment_id = p.id WHERE p.business_day BETWEEN :first AND :last
         GROUP BY p.business_day, i.code, i.project, i.fund ORDER BY 1, i.code, i.project, i.fund""",
    "drawers": """
        SELECT d.business_day AS day, json_build_object('drawer', d.id, 'kind', d.kind, 'till', d.till,
                   'cashier', a.handle, 'float', d.float_cents, 'counts', coalesce(n.counts, '[]'::json))
          FROM drawers d JOIN actors a ON a.id = d.cashier_id
          LEFT JOIN LATERAL (
               SELECT json_agg(json_build_object('number', c.number, 'by', w.handle, 'cash', c.cash_cents,
                          'checks', c.checks_cents, 'terminal', c.terminal_cents,
                          'over_cash', c.cash_cents - (c.expected ->> 'cash')::bigint,
                          'over_checks', c.checks_cents - (c.expected ->> 'checks')::bigint,
                          'over_terminal', c.terminal_cents - (c.expected ->> 'terminal')::bigint,
                          'verdict', v.verdict, 'decided_by', e.handle, 'reason', v.reason)
                          ORDER BY c.number) AS counts
                 FROM drawer_counts c JOIN actors w ON w.id = c.counted_by
                 LEFT JOIN drawer_verdicts v ON v.count_id = c.id LEFT JOIN actors e ON e.id = v.decided_by
                WHERE c.drawer_id = d.id) AS n ON true
         WHERE d.business_day BETWEEN :first AND :last ORDER BY 1, d.id""",
    "batches": """
        SELECT b.business_day AS day, json_build_object('batch', b.id, 'drawer', b.drawer_id,
                   'kind', coalesce(m.kind, 'count'), 'cash', b.cash_cents, 'checks', b.checks_cents,
                   'terminal', b.terminal_cents)
          FROM vault_batches b LEFT JOIN drawer_movements m ON m.id = b.movement_id
         WHERE b.business_day BETWEEN :first AND :last ORDER BY 1, b.id""",
    "taken_back": f"""
        SELECT j.business_day AS day, json_build_object('receipt', {_RECEIPT}, 'tender', t.kind, 'how', x.kind,
                   'cents', x.amount_cents, 'by', a.handle, 'reason', x.reason)
          FROM journals j JOIN payment_reversals x ON x.journal_id = j.id JOIN payment_tenders t ON t.id = x.tender_id
          JOIN actors a ON a.id = x.actor_id LEFT JOIN receipts r ON r.payment_id = x.payment_id
         WHERE j.business_day BETWEEN :first AND :last ORDER BY 1, x.id""",  # noqa: S608 - our own words
    "deposits": """
        SELECT j.business_day AS day, json_build_object('deposit', d.id, 'kind', d.kind, 'bank', d.bank_account,
                   'name', coalesce(nullif(d.bag_number, ''), d.reference), 'cash', d.cash_cents,
                   'checks', d.checks_cents, 'terminal', d.terminal_cents, 'made_by', p.handle, 'sealed_by', v.handle)
          FROM journals j JOIN bank_deposits d ON d.journal_id = j.id JOIN actors p ON p.id = d.prepared_by
          LEFT JOIN actors v ON v.id = d.verified_by
         WHERE j.business_day BETWEEN :first AND :last ORDER BY 1, d.id""",
    "payouts": """
        SELECT j.business_day AS day, json_build_object('payout', p.id, 'cents', p.amount_cents)
          FROM journals j JOIN source_effects s ON s.journal_id = j.id AND s.source_kind = 'payout'
               AND s.effect = 'post' JOIN payouts p ON p.id = s.source_id
         WHERE j.business_day BETWEEN :first AND :last ORDER BY 1, p.id""",
    "receipts": """
        SELECT p.business_day AS day, json_build_object('series', r.series, 'year', r.year, 'first', min(r.number),
                   'last', max(r.number), 'count', count(*), 'cents', sum(r.total_cents)::bigint)
          FROM payments p JOIN receipts r ON r.payment_id = p.id WHERE p.business_day BETWEEN :first AND :last
         GROUP BY p.business_day, r.series, r.year ORDER BY 1, r.series, r.year""",
    "suspense": f"""
        SELECT p.business_day AS day, json_build_object('receipt', {_RECEIPT}, 'cents', i.amount_cents)
          FROM payments p JOIN payment_items i ON i.payment_id = p.id AND i.code = 'suspense'
          LEFT JOIN receipts r ON r.payment_id = p.id
         WHERE p.business_day BETWEEN :first AND :last ORDER BY 1, i.id""",  # noqa: S608
    "exports": """
        SELECT b.made_on AS day, json_build_object('batch', b.number, 'layout', b.layout, 'first', b.first_day,
                   'last', b.last_day, 'debits', b.debits_cents, 'sha256', b.sha256)
          FROM journal_batches b WHERE b.made_on BETWEEN :first AND :last ORDER BY 1, b.number""",
}  # fmt: skip
NAMES = tuple(_SECTIONS)
_PART = "(SELECT coalesce(json_agg(json_build_array(x.day, x.held)), '[]') FROM ({}) AS x (day, held)) AS {}"
_ALL = text("SELECT " + ", ".join(_PART.format(statement, name) for name, statement in _SECTIONS.items()))
_EXCEPTIONS = text("""
    SELECT kind, count(*) AS count FROM exception_lines WHERE closed_at IS NULL GROUP BY kind ORDER BY kind""")


def held(session: Session, first: date, last: date) -> dict[date, dict[str, Section]]:
    """What each day from ``first`` to ``last`` held, by section, in one statement."""
    found: dict[date, dict[str, Section]] = defaultdict(lambda: {name: [] for name in NAMES})
    asked = session.execute(_ALL, {"first": first, "last": last}).one()
    for name in NAMES:
        for day, row in getattr(asked, name):
            found[date.fromisoformat(day)][name].append(row)
    return found


def open_exceptions(session: Session) -> dict[str, int]:
    """What waits to be looked at, by kind."""
    return {str(kind): int(number) for kind, number in session.execute(_EXCEPTIONS)}
