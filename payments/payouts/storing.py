"""Steps that keep what the processor said, many rows in one statement."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select, text, update
from sqlalchemy.orm import Session

from accounts.exceptions.service import NewException
from payments.gateway.payouts import MovementTruth, PayoutTruth
from payments.payouts.models import Payout
from payments.payouts.rules import Booking, Known, Why, is_own, next_status

_NEW_PAYOUT = text("""
    INSERT INTO payouts (id, amount_cents, currency, status, automatic, reconciliation_status, created_at,
                         arrival_on, trace_id, statement_descriptor, failure_code, read_at)
    VALUES (:id, :cents, :currency, :status, :automatic, :reconciliation_status, :created_at, :arrival_on,
            :trace_id, :statement_descriptor, :failure_code, :read_at)
        ON CONFLICT (id) DO NOTHING""")
_NEW_MOVEMENTS = text("""
    INSERT INTO payout_movements AS known (
           id, type, reporting_category, amount_cents, fee_cents, net_cents, currency, created_at, available_on,
           source_id, charge_id, payment_intent_id, payout_id)
    SELECT x.id, x.type, x.reporting_category, x.amount_cents, x.fee_cents, x.net_cents, x.currency, x.created_at,
           x.available_on, x.source_id, x.charge_id, x.payment_intent_id, x.payout_id
      FROM jsonb_to_recordset(CAST(:movements AS jsonb)) AS x (
           id text, type text, reporting_category text, amount_cents bigint, fee_cents bigint, net_cents bigint,
           currency text, created_at timestamptz, available_on date, source_id text, charge_id text,
           payment_intent_id text, payout_id text)
     ORDER BY x.id
        ON CONFLICT (id) DO UPDATE SET payout_id = excluded.payout_id
     WHERE known.payout_id IS NULL AND excluded.payout_id IS NOT NULL""")
_NEW_BOOKINGS = text("""
    INSERT INTO payout_bookings (journal_id, movement_id, place, payout_id, amount_cents, fee_cents)
    SELECT :journal, x.movement_id, x.place, :payout, x.amount_cents, x.fee_cents
      FROM jsonb_to_recordset(CAST(:bookings AS jsonb)) AS x (
           movement_id text, place text, amount_cents bigint, fee_cents bigint)""")


def keep_payout(session: Session, truth: PayoutTruth, asked_at: datetime) -> Payout:
    """Step: store a payout or what is new about it, and lock it until commit. An older answer changes nothing.

    Raises :class:`~payments.payouts.rules.UnknownStatus`.
    """
    session.execute(_NEW_PAYOUT, _payout_row(truth, asked_at, next_status(truth.status, truth.status)))
    kept = locked(session, truth.id)
    if asked_at < kept.read_at:
        return kept
    session.execute(
        update(Payout)
        .where(Payout.id == truth.id)
        .values(
            status=next_status(kept.status, truth.status),
            reconciliation_status=truth.reconciliation_status,
            trace_id=truth.trace_id or kept.trace_id,
            failure_code=truth.failure_code or kept.failure_code,
            arrival_on=truth.arrival_on,
            read_at=asked_at,
        )
        .execution_options(synchronize_session=False)
    )
    session.refresh(kept)
    return kept


def locked(session: Session, payout_id: str) -> Payout:
    """Step: the payout as it stands, locked until commit: readers of the same payout take turns."""
    return session.scalars(
        select(Payout).where(Payout.id == payout_id).with_for_update().execution_options(populate_existing=True)
    ).one()


def keep_movements(session: Session, movements: Sequence[MovementTruth], payout_id: str | None = None) -> None:
    """Step: store movements that are new, and which payout took them out, where that is new."""
    rows = [
        {
            "id": movement.id,
            "type": movement.type,
            "reporting_category": movement.reporting_category,
            "amount_cents": movement.amount.cents,
            "fee_cents": movement.fee.cents,
            "net_cents": movement.net.cents,
            "currency": movement.currency,
            "created_at": movement.created_at.isoformat(),
            "available_on": movement.available_on.isoformat(),
            "source_id": movement.source_id,
            "charge_id": movement.charge_id,
            "payment_intent_id": movement.payment_intent_id,
            "payout_id": _taken_by(movement, payout_id),
        }
        for movement in movements
    ]
    if rows:
        session.execute(_NEW_MOVEMENTS, {"movements": json.dumps(rows)})


def keep_bookings(session: Session, journal_id: int, payout_id: str, bookings: Sequence[Booking]) -> None:
    """Step: what a journal did with each movement."""
    rows = [
        {
            "movement_id": booking.movement_id,
            "place": booking.place.value,
            "amount_cents": booking.amount.cents,
            "fee_cents": booking.fee.cents,
        }
        for booking in bookings
    ]
    session.execute(_NEW_BOOKINGS, {"journal": journal_id, "payout": payout_id, "bookings": json.dumps(rows)})


def unexplained(payout_id: str, made_of: Sequence[Known], bookings: Sequence[Booking]) -> list[NewException]:
    """An exception line for each movement in suspense; an orphan's is that of its payment intent."""
    known = {movement.id: movement for movement in _flat(made_of)}
    return [_exception(payout_id, known[booking.movement_id], booking.why) for booking in bookings if booking.why]


def _flat(made_of: Sequence[Known]) -> list[Known]:
    return [part for movement in made_of for part in (movement, *_flat(movement.made_of))]


def _exception(payout_id: str, movement: Known, why: Why) -> NewException:
    evidence: dict[str, object] = {
        "payout": payout_id,
        "movement": movement.id,
        "type": movement.type,
        "source": movement.source_id,
        "payment_intent": movement.payment_intent_id,
        "amount_cents": movement.amount.cents,
        "fee_cents": movement.fee.cents,
        "why": why.value,
    }
    if why is Why.ORPHAN and movement.payment_intent_id:
        return orphan(movement.payment_intent_id, evidence)
    return unknown_movement(movement.id, evidence)


def orphan(payment_intent_id: str, evidence: dict[str, object]) -> NewException:
    """A charge of the processor's whose payment is not in the books; the sweep names such with the same line."""
    return NewException(
        "orphan", payment_intent_id, evidence,
        "Find out at the processor whose payment this is, then settle its attempt or refund it.",
    )  # fmt: skip


def unknown_movement(movement_id: str, evidence: dict[str, object]) -> NewException:
    """A movement that nobody knows how to book."""
    return NewException(
        "payout-unknown-movement", movement_id, evidence,
        "Paid out, it stands in the processor's suspense account: find out what it is, and book it from there.",
    )  # fmt: skip


def _taken_by(movement: MovementTruth, payout_id: str | None) -> str | None:
    """A payout takes out its movements and its own withdrawal, but not its own return: that is a later payout's."""
    if payout_id is None or (is_own(payout_id, movement.type, movement.source_id) and movement.type != "payout"):
        return None
    return payout_id


def _payout_row(truth: PayoutTruth, asked_at: datetime, status: str) -> dict[str, object]:
    return {
        "id": truth.id,
        "cents": truth.amount.cents,
        "currency": truth.currency,
        "status": status,
        "automatic": truth.automatic,
        "reconciliation_status": truth.reconciliation_status,
        "created_at": truth.created_at,
        "arrival_on": truth.arrival_on,
        "trace_id": truth.trace_id,
        "statement_descriptor": truth.statement_descriptor,
        "failure_code": truth.failure_code,
        "read_at": asked_at,
    }
