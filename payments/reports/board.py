"""The window of today at a glance, for who reviews drawers: one statement, however much there is.

What a drawer should hold is never told to the cent: a supervisor may have to count it. Cash is told in whole hundreds
of dollars, and not at all of a drawer that is one's own or whose count is under way.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from accounts.cities.rules import City
from accounts.money import Money

_STEP = 100_00
_MOST_DRAWERS = 60
_BOARD = text("""
    WITH open AS (
      SELECT d.id, d.till, d.kind, d.state, d.cashier_id, a.display_name AS cashier, d.opened_at, d.counted_at,
             d.float_cents + coalesce((SELECT sum(t.amount_cents) FROM payment_tenders t
                WHERE t.drawer_id = d.id AND t.kind = 'cash' AND NOT EXISTS (
                      SELECT FROM payment_reversals r WHERE r.tender_id = t.id AND r.kind = 'void')), 0)
               + coalesce((SELECT sum(m.cash_cents) FROM drawer_movements m WHERE m.drawer_id = d.id), 0) AS cash,
             EXISTS (SELECT FROM drawer_counts n WHERE n.drawer_id = d.id) AS was_counted,
             EXISTS (SELECT FROM drawer_counts n WHERE n.drawer_id = d.id
                        AND NOT EXISTS (SELECT FROM drawer_verdicts v WHERE v.count_id = n.id)) AS waits
        FROM drawers d JOIN actors a ON a.id = d.cashier_id WHERE d.state <> 'closed'
       ORDER BY d.opened_at, d.id LIMIT :most),
    vault AS (
      SELECT count(*) AS waiting, coalesce(sum(v.cash_cents + v.checks_cents), 0)::bigint AS cents,
             min(v.made_at) AS oldest
        FROM vault_batches v
       WHERE v.cash_cents + v.checks_cents > 0 AND NOT EXISTS (
             SELECT FROM bank_deposit_batches b JOIN bank_deposits d ON d.id = b.deposit_id AND d.state = 'sealed'
              WHERE b.batch_id = v.id AND b.kind = 'bag' AND b.is_live)),
    bags AS (
      SELECT b.cash_cents + b.checks_cents AS cents, l.left_at,
             (SELECT min(v.made_at) FROM bank_deposit_batches p JOIN vault_batches v ON v.id = p.batch_id
               WHERE p.deposit_id = b.id) AS made_at
        FROM bank_deposits b CROSS JOIN LATERAL (
             SELECT min(h.at) AS left_at FROM bank_deposit_handovers h
              WHERE h.deposit_id = b.id AND h.to_kind IN ('courier', 'bank')) AS l
       WHERE b.kind = 'bag' AND b.state = 'sealed' AND NOT EXISTS (
             SELECT FROM bank_matched_journals m WHERE m.journal_id = b.journal_id)),
    transit AS (
      SELECT count(*) FILTER (WHERE left_at IS NULL) AS here, count(left_at) AS waiting,
             coalesce(sum(cents) FILTER (WHERE left_at IS NULL), 0)::bigint AS here_cents,
             coalesce(sum(cents) FILTER (WHERE left_at IS NOT NULL), 0)::bigint AS cents,
             min(made_at) FILTER (WHERE left_at IS NULL) AS here_oldest, min(left_at) AS oldest
        FROM bags),
    suspense AS (
      SELECT count(*) AS waiting, min(p.paid_at) AS oldest, coalesce(sum(i.cents - i.gone), 0)::bigint AS cents
        FROM (SELECT n.payment_id, sum(n.amount_cents)::bigint AS cents, coalesce((
                     SELECT sum(CASE WHEN x.undoes_id IS NULL THEN x.amount_cents ELSE -x.amount_cents END)
                       FROM identifications x WHERE x.payment_id = n.payment_id), 0)::bigint AS gone
                FROM payment_items n WHERE n.code = 'suspense' AND NOT EXISTS (
                     SELECT FROM payment_reversals r WHERE r.payment_id = n.payment_id)
               GROUP BY n.payment_id) AS i JOIN payments p ON p.id = i.payment_id WHERE i.cents > i.gone)
    SELECT coalesce((SELECT jsonb_agg(to_jsonb(o) ORDER BY o.opened_at, o.id) FROM open o), '[]') AS drawers,
           (SELECT count(*) FROM sales WHERE state = 'parked') AS parked,
           (SELECT min(touched_at) FROM sales WHERE state = 'parked') AS parked_oldest,
           vault.waiting AS vault, vault.cents AS vault_cents, vault.oldest AS vault_oldest,
           transit.here AS sealed, transit.here_cents AS sealed_cents, transit.here_oldest AS sealed_oldest,
           transit.waiting AS transit, transit.cents AS transit_cents, transit.oldest AS transit_oldest,
           (SELECT count(DISTINCT payment_id) FROM payment_reversals
             WHERE kind = 'void' AND at >= :midnight) AS voids,
           (SELECT coalesce(sum(amount_cents), 0)::bigint FROM payment_reversals
             WHERE kind = 'void' AND at >= :midnight) AS voids_cents,
           (SELECT count(*) FROM sale_overrides WHERE granted_at >= :midnight) AS overrides,
           (SELECT count(*) FROM no_sales WHERE at >= :midnight) AS no_sales,
           suspense.waiting AS suspense, suspense.cents AS suspense_cents, suspense.oldest AS suspense_oldest,
           (SELECT count(*) FROM mail_bundles WHERE remittances > 0 AND drawer_id IS NULL) AS mail,
           (SELECT min(received_at) FROM mail_bundles WHERE remittances > 0 AND drawer_id IS NULL) AS mail_oldest,
           (SELECT count(*) FROM returned_payments WHERE at >= :midnight - interval '7 days') AS returned,
           (SELECT count(*) FROM findings f WHERE :me <> ALL (f.subjects) AND NOT EXISTS (
                   SELECT FROM finding_outcomes x WHERE x.finding_id = f.id AND x.verdict = 'explained')) AS findings,
           (SELECT min(f.found_at) FROM findings f WHERE :me <> ALL (f.subjects) AND NOT EXISTS (
                   SELECT FROM finding_outcomes x WHERE x.finding_id = f.id AND x.verdict = 'explained'))
             AS findings_oldest
      FROM vault, transit, suspense""")


@dataclass(frozen=True)
class DrawerNow:
    """A drawer that is not closed. ``cash`` is a whole number of hundred dollars at or below what is in it, and none
    where this reader may not know it."""

    id: int
    till: str
    kind: str
    state: str
    cashier: str
    opened_at: datetime
    cash: Money | None
    level: str
    """``stop`` and ``warn`` above the city's limits, else empty; empty where ``cash`` is none."""
    waits: str
    """``float`` for a second count of its float, ``verdict`` for its count to be accepted, ``recount``; or empty."""


@dataclass(frozen=True)
class Queue:
    """How many wait, how much that is, and since when the oldest does."""

    count: int
    amount: Money | None = None
    oldest: datetime | None = None


@dataclass(frozen=True)
class Board:
    """All of it."""

    drawers: tuple[DrawerNow, ...]
    parked: Queue
    vault: Queue
    sealed: Queue
    """Sealed bags that nobody has carried away. The oldest is told from when its money came into the vault."""
    transit: Queue
    voids: Queue
    overrides: int
    no_sales: int
    """Drawers opened without a sale today."""
    suspense: Queue
    mail: Queue
    returned: int
    findings: Queue


def board(session: Session, city: City, actor_id: int, today: date, midnight: datetime) -> Board:
    """The board for one reader. One statement."""
    row = session.execute(_BOARD, {"most": _MOST_DRAWERS, "midnight": midnight, "me": actor_id}).one()
    policy = city.cash_policy(today)
    return Board(
        drawers=tuple(_drawer(one, actor_id, policy.warn, policy.stop) for one in row.drawers),
        parked=Queue(row.parked, None, row.parked_oldest),
        vault=Queue(row.vault, Money(row.vault_cents), row.vault_oldest),
        sealed=Queue(row.sealed, Money(row.sealed_cents), row.sealed_oldest),
        transit=Queue(row.transit, Money(row.transit_cents), row.transit_oldest),
        voids=Queue(row.voids, Money(row.voids_cents)),
        overrides=row.overrides,
        no_sales=row.no_sales,
        suspense=Queue(row.suspense, Money(row.suspense_cents), row.suspense_oldest),
        mail=Queue(row.mail, None, row.mail_oldest),
        returned=row.returned,
        findings=Queue(row.findings, None, row.findings_oldest),
    )


def _drawer(row: dict[str, object], actor_id: int, warn: Money, stop: Money) -> DrawerNow:
    state, cash = str(row["state"]), Money(int(str(row["cash"])))
    is_told = state == "open" and row["cashier_id"] != actor_id and not row["was_counted"]
    level = "stop" if cash > stop else "warn" if cash > warn else ""
    return DrawerNow(
        id=int(str(row["id"])),
        till=str(row["till"]),
        kind=str(row["kind"]),
        state=state,
        cashier=str(row["cashier"]),
        opened_at=datetime.fromisoformat(str(row["opened_at"])),
        cash=about(cash) if is_told else None,
        level=level if is_told else "",
        waits="float" if state == "float" else "verdict" if row["waits"] else "recount" if row["was_counted"] else "",
    )


def about(cash: Money) -> Money:
    """Whole hundreds of dollars, at or below: enough to send somebody for it, too little to count by."""
    return Money(cash.cents // _STEP * _STEP)
