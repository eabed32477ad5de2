"""The facts of a time, read from the books: a few statements, however long it is."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from accounts.money import Money
from payments.findings import facts as f
from payments.findings.facts import Facts

_DAY = "(({}) AT TIME ZONE :zone)::date BETWEEN :since AND :until"
_CASH = text("""
    SELECT p.id, o.customer_account_id, least(sum(-o.amount_cents), c.cents)::bigint, p.paid_at, c.cashier_id
      FROM payments p
      JOIN (SELECT t.payment_id, sum(t.amount_cents) AS cents, min(d.cashier_id) AS cashier_id
              FROM payment_tenders t JOIN drawers d ON d.id = t.drawer_id WHERE t.kind = 'cash'
             GROUP BY t.payment_id) AS c ON c.payment_id = p.id
      JOIN postings o ON o.journal_id = p.journal_id AND o.customer_account_id IS NOT NULL
     WHERE p.business_day BETWEEN :since AND :until
     GROUP BY p.id, o.customer_account_id, p.paid_at, c.cents, c.cashier_id ORDER BY p.paid_at, p.id""")
_LESS = text(f"""
    SELECT a.id, c.customer_account_id, -a.amount_cents, coalesce(d.decided_at, p.proposed_at),
           CASE WHEN d.decided_by IS NULL OR d.decided_by = p.proposed_by THEN ARRAY[p.proposed_by]
                ELSE ARRAY[p.proposed_by, d.decided_by] END
      FROM adjustments a JOIN charges c ON c.id = a.charge_id JOIN proposals p ON p.id = a.proposal_id
      LEFT JOIN proposal_decisions d ON d.proposal_id = p.id
     WHERE a.amount_cents < 0 AND a.reverses_id IS NULL
       AND NOT EXISTS (SELECT FROM adjustments b WHERE b.reverses_id = a.id)
       AND {_DAY.format("coalesce(d.decided_at, p.proposed_at)")}
     ORDER BY 4, a.id""")  # noqa: S608 - our own words
_COUNTS = text("""
    SELECT n.id, n.drawer_id, d.cashier_id, d.business_day, n.cash_cents - (n.expected ->> 'cash')::bigint,
           n.checks_cents - (n.expected ->> 'checks')::bigint
      FROM drawer_counts n JOIN drawer_verdicts v ON v.count_id = n.id
      JOIN drawers d ON d.id = n.drawer_id
     WHERE d.business_day BETWEEN :since AND :until ORDER BY d.business_day, n.id""")
_SALES = text("""
    SELECT t.drawer_id, t.payment_id, sum(t.amount_cents)::bigint
      FROM payment_tenders t JOIN drawers d ON d.id = t.drawer_id
     WHERE t.kind = 'cash' AND d.business_day BETWEEN :since AND :until AND EXISTS (
           SELECT FROM drawer_counts n JOIN drawer_verdicts v ON v.count_id = n.id AND v.verdict = 'accepted'
            WHERE n.drawer_id = d.id AND n.cash_cents < (n.expected ->> 'cash')::bigint)
     GROUP BY t.drawer_id, t.payment_id ORDER BY t.payment_id""")
_MONTHS = text("""
    SELECT d.cashier_id, date_trunc('month', p.business_day)::date, count(DISTINCT p.id),
           count(DISTINCT r.payment_id),
           (SELECT count(*) FROM no_sales n JOIN drawers o ON o.id = n.drawer_id
             WHERE n.cashier_id = d.cashier_id
               AND date_trunc('month', o.business_day) = date_trunc('month', min(p.business_day)))
      FROM payments p JOIN payment_tenders t ON t.payment_id = p.id JOIN drawers d ON d.id = t.drawer_id
      LEFT JOIN payment_reversals r ON r.payment_id = p.id AND r.kind IN ('void', 'correction')
     WHERE p.business_day BETWEEN date_trunc('month', CAST(:since AS date)) AND :until
     GROUP BY 1, 2 ORDER BY 2, 1""")
_VOIDS = text(f"""
    SELECT r.payment_id, min(d.cashier_id), min(r.actor_id), p.paid_at, min(r.at),
           coalesce(sum(r.amount_cents) FILTER (WHERE t.kind = 'cash'), 0)::bigint
      FROM payment_reversals r JOIN payment_tenders t ON t.id = r.tender_id JOIN drawers d ON d.id = t.drawer_id
      JOIN payments p ON p.id = r.payment_id
     WHERE r.kind = 'void' AND {_DAY.format("r.at")}
     GROUP BY r.payment_id, p.paid_at ORDER BY min(r.at), r.payment_id""")  # noqa: S608
_REPRINTS = text(f"""
    SELECT p.id, e.details ->> 'receipt', max(e.at), max(e.actor_id), v.at, v.actor_id, v.cashier_id,
           p.amount_cents + p.fee_cents
      FROM (SELECT r.payment_id, min(r.at) AS at, min(r.actor_id) AS actor_id,
                   coalesce(min(d.cashier_id), min(r.actor_id)) AS cashier_id
              FROM payment_reversals r JOIN payment_tenders t ON t.id = r.tender_id
              LEFT JOIN drawers d ON d.id = t.drawer_id
             WHERE r.kind IN ('void', 'correction') AND {_DAY.format("r.at")} GROUP BY r.payment_id) AS v
      JOIN payments p ON p.id = v.payment_id JOIN receipts c ON c.payment_id = p.id
      JOIN audit_entries e ON e.act IN ('receipt-reprinted', 'receipt-sent-again') AND e.at <= v.at
       AND e.details ->> 'receipt' = c.series || '-' || c.year || '-' || lpad(c.number::text, 6, '0')
     WHERE e.actor_id IS NOT NULL
     GROUP BY p.id, e.details ->> 'receipt', v.at, v.actor_id, v.cashier_id ORDER BY v.at, p.id""")  # noqa: S608
_OWN = text(f"""
    WITH near AS (
      SELECT DISTINCT ON (i.actor_id, a.id) i.actor_id, a.id AS account_id, i.relation,
             CASE WHEN a.customer_id = i.customer_id THEN 'customer'
                  WHEN a.premises_id = ANY (h.premises) THEN 'premises' ELSE 'contact' END AS link,
             i.declared_at, i.ended_at
        FROM declared_interests i JOIN customers c ON c.id = i.customer_id
       CROSS JOIN LATERAL (SELECT array_agg(x.premises_id) AS premises FROM customer_accounts x
                            WHERE x.customer_id = i.customer_id AND x.premises_id IS NOT NULL) AS h
        JOIN customers o ON o.id = c.id OR (c.phone <> '' AND o.phone = c.phone)
             OR (c.email <> '' AND lower(o.email) = lower(c.email))
             OR EXISTS (SELECT FROM customer_accounts y
                         WHERE y.customer_id = o.id AND y.premises_id = ANY (h.premises))
        JOIN customer_accounts a ON a.customer_id = o.id
         AND (o.id = c.id OR a.premises_id = ANY (h.premises) OR (c.phone <> '' AND o.phone = c.phone)
              OR (c.email <> '' AND lower(o.email) = lower(c.email)))
       ORDER BY i.actor_id, a.id, 4),
    work AS (
      SELECT d.cashier_id AS actor_id, 'payment' AS act, p.id AS act_id, o.customer_account_id AS account_id,
             p.paid_at AS at
        FROM payments p JOIN payment_tenders t ON t.payment_id = p.id JOIN drawers d ON d.id = t.drawer_id
        JOIN postings o ON o.journal_id = p.journal_id AND o.customer_account_id IS NOT NULL
       WHERE p.business_day BETWEEN :since AND :until
         AND d.cashier_id IN (SELECT actor_id FROM declared_interests)
       UNION
      SELECT p.proposed_by, 'proposal', p.id, x.customer_account_id, p.proposed_at
        FROM proposals p JOIN proposal_accounts x ON x.proposal_id = p.id
       WHERE p.proposed_by IN (SELECT actor_id FROM declared_interests) AND {_DAY.format("p.proposed_at")}
       UNION
      SELECT d.decided_by, 'decision', d.proposal_id, x.customer_account_id, d.decided_at
        FROM proposal_decisions d JOIN proposal_accounts x ON x.proposal_id = d.proposal_id
       WHERE d.verdict IN ('approved', 'rejected')
         AND d.decided_by IN (SELECT actor_id FROM declared_interests) AND {_DAY.format("d.decided_at")})
    SELECT w.actor_id, w.act, w.act_id, w.account_id, w.at, n.relation, n.link
      FROM work w JOIN near n ON n.actor_id = w.actor_id AND n.account_id = w.account_id
     WHERE n.ended_at IS NULL OR n.ended_at > w.at ORDER BY w.at, w.act, w.act_id, w.account_id""")  # noqa: S608
_GAPS = text("""
    WITH holed AS (
      SELECT s.series, s.year, s.last_number FROM receipt_series s
       WHERE s.year >= extract(year FROM CAST(:since AS date)) AND s.last_number > (
             SELECT count(*) FROM receipts r WHERE r.series = s.series AND r.year = s.year)),
    missing AS (
      SELECT h.series, h.year, n, n - row_number() OVER (PARTITION BY h.series, h.year ORDER BY n) AS island
        FROM holed h CROSS JOIN LATERAL generate_series(1, h.last_number) AS n
       WHERE NOT EXISTS (SELECT FROM receipts r WHERE r.series = h.series AND r.year = h.year AND r.number = n))
    SELECT series, year, min(n), max(n), CAST(:until AS date) FROM missing GROUP BY series, year, island
     ORDER BY 1, 2, 3""")
_CHECKS = text("""
    SELECT p.id, d.cashier_id, t.amount_cents, p.paid_at
      FROM payment_tenders t JOIN drawers d ON d.id = t.drawer_id JOIN payments p ON p.id = t.payment_id
     WHERE t.kind IN ('check', 'money_order') AND p.business_day BETWEEN :since AND :until
     ORDER BY p.paid_at, t.id""")
_DONE = text(f"""
    SELECT d.actor_id, d.act, d.act_id, d.at FROM (
      SELECT p.actor_id, 'payment' AS act, p.id AS act_id, p.paid_at AS at FROM payments p
       WHERE p.business_day BETWEEN :since AND :until
         AND EXISTS (SELECT FROM payment_tenders t WHERE t.payment_id = p.id)
       UNION ALL SELECT r.actor_id, 'reversal', r.id, r.at FROM payment_reversals r
       WHERE r.kind <> 'returned' AND {_DAY.format("r.at")}
       UNION ALL SELECT p.proposed_by, 'proposal', p.id, p.proposed_at FROM proposals p
       WHERE p.act NOT IN ('city-release', 'merger') AND {_DAY.format("p.proposed_at")}
       UNION ALL SELECT m.actor_id, 'movement', m.id, m.at FROM drawer_movements m WHERE {_DAY.format("m.at")}) AS d
      JOIN actors a ON a.id = d.actor_id AND a.kind = 'staff' ORDER BY d.at, d.act, d.act_id""")  # noqa: S608


def collect(session: Session, since: date, until: date, zone: str) -> Facts:
    """All facts of these days (both included), in days of the city's time zone."""
    asked: Mapping[str, object] = {"since": since, "until": until, "zone": zone}

    def rows(statement: Any) -> list[Any]:
        return list(session.execute(statement, asked))

    return Facts(
        cash=tuple(f.CashTaken(id_, account, Money(cents), at, who) for id_, account, cents, at, who in rows(_CASH)),
        less=tuple(
            f.LessAsked(id_, account, Money(cents), at, tuple(people))
            for id_, account, cents, at, people in rows(_LESS)
        ),
        counts=tuple(
            f.Counted(id_, drawer, who, on, Money(cash), Money(checks))
            for id_, drawer, who, on, cash, checks in rows(_COUNTS)
        ),
        sales=tuple(f.SaleInDrawer(drawer, payment, Money(cash)) for drawer, payment, cash in rows(_SALES)),
        months=tuple(f.Month(*row) for row in rows(_MONTHS)),
        voids=tuple(
            f.Voided(payment, who, by, taken, at, Money(cents)) for payment, who, by, taken, at, cents in rows(_VOIDS)
        ),
        reprints=tuple(_reprinted(*row) for row in rows(_REPRINTS)),
        own=tuple(f.WorkForOneself(*row) for row in rows(_OWN)),
        gaps=tuple(f.Gap(*row) for row in rows(_GAPS)),
        checks=tuple(f.CheckTaken(id_, who, Money(cents), at) for id_, who, cents, at in rows(_CHECKS)),
        done=tuple(f.Done(*row) for row in rows(_DONE)),
    )


def _reprinted(payment: int, receipt: str, at: Any, by: int, *undone: Any) -> f.Reprinted:
    undone_at, undone_by, cashier, cents = undone
    return f.Reprinted(payment, receipt, at, by, undone_at, undone_by, cashier, Money(cents))
