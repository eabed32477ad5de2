"""Payouts as people and jobs look at them; every read costs the same number of statements, whatever it finds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from accounts.errors import NotFound
from accounts.exceptions.rules import STRANGE_MONEY
from accounts.money import Money
from payments.payouts.rules import RETURNS, Known, OfType, by_type, is_own, residual

STRANGE = ", ".join(f"'{kind}'" for kind in STRANGE_MONEY)
"""Kinds of exception lines that name money at the processor which is not in the books."""
LIVE = "NOT EXISTS (SELECT FROM journals r WHERE r.reverses_id = b.journal_id)"
"""Of a booking ``b``: its journal stands."""
PAID = """(SELECT p.amount_cents + p.fee_cents FROM payments p
            WHERE p.tender_reference = m.payment_intent_id AND m.payment_intent_id <> ''
              AND p.tender IN ('card', 'bank_debit')
              AND NOT EXISTS (SELECT FROM journals r WHERE r.reverses_id = p.journal_id) LIMIT 1)"""
"""Of a movement ``m``: what the books have for its payment intent, fee included."""
_TAKEN = f"""EXISTS (SELECT FROM payout_movements o JOIN payout_bookings b ON b.movement_id = o.id
                      WHERE o.payment_intent_id = m.payment_intent_id AND m.payment_intent_id <> ''
                        AND b.place = 'clearing' AND b.amount_cents > 0 AND {LIVE})"""
_MOVEMENTS = text(f"""
    SELECT m.id, m.type, m.amount_cents, m.fee_cents, m.source_id, m.payment_intent_id, {PAID} AS paid,
           {_TAKEN} AS is_taken
      FROM payout_movements m WHERE m.payout_id = :payout ORDER BY m.created_at, m.id""")  # noqa: S608
_POSTED = text("""
    SELECT s.journal_id FROM source_effects s
     WHERE s.source_kind = 'payout' AND s.source_id = :payout AND s.effect = 'post'""")
_LAST_READ = text("SELECT max(until_at) FROM payout_reads")
_UNFINISHED = text("""
    SELECT p.id FROM payouts p
     WHERE p.created_at < :before
       AND (p.status IN ('pending', 'in_transit')
            OR p.status = 'paid' AND p.automatic AND NOT EXISTS (
               SELECT FROM source_effects s
                WHERE s.source_kind = 'payout' AND s.source_id = p.id AND s.effect = 'post'))
     ORDER BY p.created_at, p.id""")
_LISTED = text(f"""
    SELECT p.id, p.status, p.automatic, p.reconciliation_status, p.created_at, p.arrival_on, p.amount_cents AS net,
           p.trace_id, p.failure_code, coalesce(m.gross, 0) AS gross, coalesce(m.fees, 0) AS fees,
           p.amount_cents - coalesce(m.net, 0) AS residual, s.journal_id AS journal, v.id AS reversal,
           coalesce(b.suspense, 0) AS suspense,
           array(SELECT DISTINCT x.kind FROM exception_lines x
                  WHERE x.closed_at IS NULL
                    AND (x.subject = p.id AND x.kind LIKE 'payout-%'
                         OR x.kind = 'payout-unknown-movement' AND x.subject IN (
                            SELECT n.id FROM payout_movements n WHERE n.payout_id = p.id)
                         OR x.kind IN ({STRANGE}) AND x.subject IN (
                            SELECT n.payment_intent_id FROM payout_movements n WHERE n.payout_id = p.id))
                  ORDER BY x.kind) AS problems
      FROM (SELECT * FROM payouts WHERE CAST(:id AS text) IS NULL OR id = :id
             ORDER BY created_at DESC, id LIMIT :most) p
      LEFT JOIN LATERAL (
            SELECT sum(o.amount_cents)::bigint AS gross, sum(o.fee_cents)::bigint AS fees,
                   sum(o.net_cents)::bigint AS net
              FROM payout_movements o
             WHERE o.payout_id = p.id
               AND NOT (o.source_id = p.id AND o.type IN ('payout', 'payout_failure', 'payout_cancel'))) m ON true
      LEFT JOIN source_effects s ON s.source_kind = 'payout' AND s.source_id = p.id AND s.effect = 'post'
      LEFT JOIN journals v ON v.reverses_id = s.journal_id
      LEFT JOIN LATERAL (
            SELECT sum(b.amount_cents)::bigint AS suspense FROM payout_bookings b
             WHERE b.payout_id = p.id AND b.place = 'suspense' AND {LIVE}) b ON true
     ORDER BY p.created_at DESC, p.id""")  # noqa: S608
_IN_SUSPENSE = text(f"""
    SELECT m.id, m.type, m.source_id, m.payment_intent_id, sum(b.amount_cents)::bigint AS cents
      FROM payout_bookings b JOIN payout_movements m ON m.id = b.movement_id
     WHERE b.payout_id = :payout AND b.place = 'suspense' AND {LIVE}
     GROUP BY m.id HAVING sum(b.amount_cents) <> 0 ORDER BY m.id""")  # noqa: S608


@dataclass(frozen=True)
class PayoutLine:
    """A payout in a list. ``gross`` less ``fees`` and with ``residual`` is ``net``, what the bank gets."""

    id: str
    status: str
    automatic: bool
    reconciliation_status: str
    created_at: datetime
    arrival_on: date
    net: Money
    gross: Money
    fees: Money
    residual: Money
    suspense: Money
    journal_id: int | None
    reversal_id: int | None
    trace_id: str
    failure_code: str
    problems: tuple[str, ...]


@dataclass(frozen=True)
class Unexplained:
    """A movement whose amount is in suspense."""

    movement_id: str
    type: str
    source_id: str
    payment_intent_id: str
    amount: Money


@dataclass(frozen=True)
class PayoutDetails:
    """One payout: its sum by type, and what of it is in suspense."""

    line: PayoutLine
    types: tuple[OfType, ...]
    suspense: tuple[Unexplained, ...]


def payouts(session: Session, most: int = 50) -> list[PayoutLine]:
    """The newest payouts, newest first."""
    return [_line(row) for row in session.execute(_LISTED, {"id": None, "most": most})]


def payout(session: Session, payout_id: str) -> PayoutDetails:
    """One payout; raises :class:`~accounts.errors.NotFound`."""
    row = session.execute(_LISTED, {"id": payout_id, "most": 1}).one_or_none()
    if row is None:
        raise NotFound(f"no payout {payout_id} has been read")
    suspense = tuple(
        Unexplained(r.id, r.type, r.source_id, r.payment_intent_id, Money(r.cents))
        for r in session.execute(_IN_SUSPENSE, {"payout": payout_id})
    )
    return PayoutDetails(_line(row), by_type(_movements(session, payout_id)), suspense)


def made_of(session: Session, payout_id: str, _above: frozenset[str] = frozenset()) -> tuple[Known, ...]:
    """What a payout is made of, its own withdrawal left out; a payout that came back in it with its movements.

    One statement, and three more for each payout that came back.
    """
    return tuple(
        replace(movement, made_of=_returned(session, movement, _above | {payout_id}))
        if movement.type in RETURNS
        else movement
        for movement in _movements(session, payout_id)
    )


def _returned(session: Session, movement: Known, above: frozenset[str]) -> tuple[Known, ...]:
    """The movements of the payout that a return brings back; none unless all of them are known."""
    if movement.source_id in above:
        return ()
    ended = session.execute(
        text("SELECT amount_cents FROM payouts WHERE id = :id AND status IN ('failed', 'canceled')"),
        {"id": movement.source_id},
    ).scalar()
    parts = made_of(session, movement.source_id, above) if ended is not None else ()
    return () if ended is None or residual(Money(ended), parts) else parts


def posted_journal(session: Session, payout_id: str) -> int | None:
    """The journal of a payout, whether it was reversed or not."""
    found: int | None = session.execute(_POSTED, {"payout": payout_id}).scalar()
    return found


def last_read(session: Session) -> datetime | None:
    """Up to when the processor has been asked for everything."""
    found: datetime | None = session.execute(_LAST_READ).scalar()
    return found


def unfinished(session: Session, before: datetime) -> list[str]:
    """Older payouts that were read but neither posted nor ended, oldest first."""
    return list(session.scalars(_UNFINISHED, {"before": before}))


def _movements(session: Session, payout_id: str) -> tuple[Known, ...]:
    rows = session.execute(_MOVEMENTS, {"payout": payout_id})
    return tuple(_known(row) for row in rows if not is_own(payout_id, row.type, row.source_id))


def _known(row: Any) -> Known:
    return Known(
        id=row.id,
        type=row.type,
        amount=Money(row.amount_cents),
        fee=Money(row.fee_cents),
        source_id=row.source_id,
        payment_intent_id=row.payment_intent_id,
        paid=None if row.paid is None else Money(row.paid),
        is_taken=row.is_taken,
    )


def _line(row: Any) -> PayoutLine:
    given: Mapping[str, Any] = row._mapping  # noqa: SLF001 - SQLAlchemy's public name for it
    amounts = {name: Money(given[name]) for name in ("net", "gross", "fees", "residual", "suspense")}
    return PayoutLine(
        id=row.id,
        status=row.status,
        automatic=row.automatic,
        reconciliation_status=row.reconciliation_status,
        created_at=row.created_at,
        arrival_on=row.arrival_on,
        journal_id=row.journal,
        reversal_id=row.reversal,
        trace_id=row.trace_id,
        failure_code=row.failure_code,
        problems=tuple(row.problems),
        **amounts,
    )
