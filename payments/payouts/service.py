"""Read payouts from the processor and post them: ask with no transaction open, keep what was said, then post once.

Everything may be done again at any time: payouts and movements are kept under the processor's own ids, a payout is
posted under (``payout``, id, ``post``), and one that was cut short is finished by the next reading.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import TypeVar

from sqlalchemy import text
from sqlalchemy.orm import Session

from accounts import audit, kill_points
from accounts.actors.service import SYSTEM, actor_id
from accounts.clock import Clock
from accounts.database import Sessions, reading, transaction
from accounts.exceptions.service import open_exception, open_exceptions
from accounts.ledger.rules import JournalDraft, Source
from accounts.ledger.service import open_business_day, post, reverse
from accounts.money import Money
from payments.gateway.base import Gateway, Refused
from payments.gateway.payouts import MovementTruth, PayoutTruth
from payments.payouts import finding, queries, storing
from payments.payouts.models import Payout, PayoutRead
from payments.payouts.rules import (
    ENDED,
    RETURNS,
    Booking,
    Known,
    Terms,
    UnknownStatus,
    by_type,
    is_ready,
    journal_lines,
    place,
    residual,
)

LOOK_BACK = timedelta(days=35)
"""How far the hourly job looks: a payout may fail five business days after it was paid, and a job may be down."""
OVERLAP = timedelta(days=2)
"""Movements are asked for again from so long before the last reading: none slips through between two readings."""
_AT_ONCE = 100
_LIVE_JOURNALS = text("""
    SELECT DISTINCT b.journal_id FROM payout_bookings b
     WHERE b.payout_id = :payout AND NOT EXISTS (SELECT FROM journals r WHERE r.reverses_id = b.journal_id)
     ORDER BY b.journal_id""")
T = TypeVar("T")


@dataclass(frozen=True)
class PayoutDesk:
    """All that reading payouts needs."""

    sessions: Sessions
    gateway: Gateway
    clock: Clock
    terms: Terms


@dataclass(frozen=True)
class ReadOut:
    """What a reading did."""

    movements: int
    payouts: int
    posted: int
    found: int

    def last_line(self) -> str:
        return (
            f"payouts: {self.payouts} looked at, {self.posted} posted; {self.movements} movements read, "
            f"{self.found} moved out of suspense"
        )


def read_payouts(desk: PayoutDesk, since: datetime) -> ReadOut:
    """Use case: keep every movement and payout since a time, and since the last reading; post what is ready.

    Raises :class:`~payments.gateway.base.GatewayError` if the processor cannot be heard: what was kept so far stays,
    and the next reading starts from the last one that was finished.
    """
    asked_at = desk.clock.now()
    with reading(desk.sessions) as session:
        last = queries.last_read(session)
    payouts_from = min(since, last) if last else since
    movements_from = min(last - OVERLAP, asked_at) if last else min(since, asked_at)
    movements = _keep_all(desk, desk.gateway.movements(movements_from), None)
    truths = list(desk.gateway.payouts(payouts_from))[::-1]
    with reading(desk.sessions) as session:
        older = queries.unfinished(session, payouts_from)
    posted = sum(read_payout(desk, payout_id) for payout_id in older)
    posted += sum(_bring_up_to_date(desk, truth, asked_at) for truth in truths)
    with transaction(desk.sessions) as session:
        found = finding.place_found(session, desk.terms, desk.clock.today())
        finding.name_strangers(session, movements_from, asked_at)
        session.add(
            PayoutRead(
                from_at=movements_from, until_at=asked_at, movements=movements, payouts=len(truths) + len(older)
            )
        )
    return ReadOut(movements, len(truths) + len(older), posted, found)


def read_payout(desk: PayoutDesk, payout_id: str) -> bool:
    """Use case: bring one payout up to date; was it posted by this call?

    Raises :class:`~payments.gateway.base.GatewayError` if the processor cannot be heard, or knows no such payout.
    """
    asked_at = desk.clock.now()
    return _bring_up_to_date(desk, desk.gateway.payout(payout_id), asked_at)


def _bring_up_to_date(
    desk: PayoutDesk, truth: PayoutTruth, asked_at: datetime, above: frozenset[str] = frozenset()
) -> bool:
    """``above`` are the payouts on whose way we are: one that came back is read before the one it came back in."""
    wants_movements = _keep(desk, truth, asked_at)
    if not wants_movements:
        return False
    _keep_all(desk, desk.gateway.movements_of(truth.id), truth.id)
    kill_points.reached("K12")
    for returned in _unread_returns(desk, truth.id) - above - {truth.id}:
        with contextlib.suppress(Refused):  # the processor knows no such payout: what came back stays unexplained
            now = desk.clock.now()
            _bring_up_to_date(desk, desk.gateway.payout(returned), now, above | {truth.id})
    with transaction(desk.sessions) as session:
        return _post(session, desk, truth.id)


def _keep(desk: PayoutDesk, truth: PayoutTruth, asked_at: datetime) -> bool:
    """Use case: keep what was said of a payout, and take back the journal of one that failed.

    Returns whether its movements are to be asked for: it is to be posted, or came back before all were known.
    """
    with transaction(desk.sessions) as session:
        try:
            kept = storing.keep_payout(session, truth, asked_at)
        except UnknownStatus:
            open_exception(
                session, "payout-unknown-status", truth.id, {"status": truth.status},
                "The processor has a new word for a payout's state: ask it what it means. Nothing was posted.",
            )  # fmt: skip
            return False
        if kept.status in ENDED:
            _take_back(session, desk, kept)
        if not kept.automatic:
            _name_manual(session, kept)
            return False
        if kept.reconciliation_status != "completed" or kept.status not in ENDED | {"paid"}:
            return False
        if kept.status in ENDED:
            return bool(residual(kept.amount_cents, queries.made_of(session, kept.id)))
        return queries.posted_journal(session, kept.id) is None


def _take_back(session: Session, desk: PayoutDesk, kept: Payout) -> None:
    """Step: reverse what a payout that failed has moved, and name it."""
    journals = list(session.scalars(_LIVE_JOURNALS, {"payout": kept.id}))
    system = actor_id(session, SYSTEM)
    for journal_id in journals:
        reverse(session, journal_id, actor_id=system, on=desk.clock.today(), memo=f"payout {kept.id} {kept.status}")
        audit.record(session, "payout.take-back", subject=("payout", kept.id), actor_id=system, journal=journal_id)
    open_exception(
        session, "payout-failed", kept.id,
        {
            "status": kept.status, "failure_code": kept.failure_code, "amount_cents": kept.amount_cents.cents,
            "arrival_on": kept.arrival_on.isoformat(), "reversed_journals": journals,
        },
        "The money is back with the processor. Check the bank account there; another payout will bring it.",
    )  # fmt: skip


def _name_manual(session: Session, kept: Payout) -> None:
    """Step: a payout that somebody asked for has no list of movements, so nothing is posted for it."""
    open_exception(
        session, "payout-manual", kept.id,
        {
            "amount_cents": kept.amount_cents.cents, "status": kept.status,
            "arrival_on": kept.arrival_on.isoformat(),
        },
        "The processor does not say what this payout is made of. Book it by hand, and let payouts be automatic.",
    )  # fmt: skip


def _unread_returns(desk: PayoutDesk, payout_id: str) -> set[str]:
    """Payouts that came back in this one and that we do not know to have ended, or not what they were made of."""
    with reading(desk.sessions) as session:
        return {
            movement.source_id
            for movement in queries.made_of(session, payout_id)
            if movement.type in RETURNS and movement.source_id.startswith("po_") and not movement.made_of
        }


def _post(session: Session, desk: PayoutDesk, payout_id: str) -> bool:
    """Step: post a payout that is ready, once; what does not fit is named and nothing is posted."""
    kept = storing.locked(session, payout_id)
    if not is_ready(kept.status, kept.reconciliation_status, automatic=kept.automatic):
        return False
    if queries.posted_journal(session, payout_id) is not None:
        return False
    made_of = queries.made_of(session, payout_id)
    off = residual(kept.amount_cents, made_of)
    if off or kept.currency != "usd":
        _name_residual(session, kept, made_of, off)
        return False
    bookings = place(made_of)
    lines = journal_lines(bookings, desk.terms)
    if not lines:
        return False
    system = actor_id(session, SYSTEM)
    day = open_business_day(session, desk.clock.today())
    draft = JournalDraft(
        kind="payout",
        source=Source("payout", payout_id, "post"),
        effective_on=min(kept.arrival_on, day),
        actor_id=system,
        lines=lines,
        memo=f"payout {payout_id}",
    )
    journal_id = post(session, draft, business_day=day)
    storing.keep_bookings(session, journal_id, payout_id, bookings)
    open_exceptions(session, storing.unexplained(payout_id, made_of, bookings))
    _audit(session, kept, journal_id, bookings, system)
    return True


def _audit(session: Session, kept: Payout, journal_id: int, bookings: tuple[Booking, ...], system: int) -> None:
    audit.record(
        session, "payout.post", subject=("payout", kept.id), actor_id=system, journal=journal_id,
        net=str(kept.amount_cents), movements=len(bookings),
    )  # fmt: skip


def _name_residual(session: Session, kept: Payout, made_of: tuple[Known, ...], off: Money) -> None:
    """Step: a payout that is not the sum of its movements, itemized by type."""
    types = {
        part.type: {"count": part.count, "amount_cents": part.amount.cents, "fee_cents": part.fee.cents}
        for part in by_type(made_of)
    }
    open_exception(
        session, "payout-residual", kept.id,
        {
            "amount_cents": kept.amount_cents.cents, "residual_cents": off.cents, "currency": kept.currency,
            "by_type": types,
        },
        "Nothing was posted. Ask the processor what else this payout holds; it is read again every hour.",
    )  # fmt: skip


def _keep_all(desk: PayoutDesk, movements: Iterator[MovementTruth], payout_id: str | None) -> int:
    """Use case: keep movements as they come, a transaction for each page, none open while the next one is asked."""
    count = 0
    for page in _pages(movements):
        with transaction(desk.sessions) as session:
            storing.keep_movements(session, page, payout_id)
        count += len(page)
    return count


def _pages(items: Iterable[T]) -> Iterator[list[T]]:
    left = iter(items)
    while page := list(islice(left, _AT_ONCE)):
        yield page
