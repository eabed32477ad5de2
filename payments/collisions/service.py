"""Post money, and close what would pay the same online before it: no resident pays a bill twice unawares.

The order is what makes it safe. First the posting is tried and undone, so that nothing is closed for one that is
refused; then each page is closed at the processor, with no transaction open; only then, in one transaction, are the
links withdrawn and the money posted. Whoever begins to pay between the two is found when that transaction begins, or
under its locks, and the round is done again.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from accounts import audit, kill_points
from accounts.database import transaction
from accounts.errors import NotFound
from accounts.exceptions.service import open_exception
from accounts.money import ZERO, Money
from accounts.staff.rules import Authority
from payments.attempts.rules import LIVE, State
from payments.baskets.queries import money_on_its_way
from payments.checkout import service as checkout
from payments.checkout.service import MoneyOnItsWay
from payments.collisions.queries import in_the_way, owed_by, paid_of
from payments.collisions.rules import NOT_WARNED, Promised, Warned, Whereabouts, must_be_known
from payments.gateway.base import GatewayError
from payments.pay_links.models import PayLink, PayLinkLine
from payments.sales import service as sales
from payments.sales.held import must_sell
from payments.sales.queries import sale_by_id
from payments.sales.service import SaleDesk, Take, Taken
from payments.settlements.service import Desk

T = TypeVar("T")
_ROUNDS = 5
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Counter:
    """What selling needs, and what the same bill's payment page is closed with."""

    sale: SaleDesk
    online: Desk


@dataclass(frozen=True)
class Taking(Generic[T]):
    """Money that is about to be posted.

    ``sold`` reads how much of it is for which account; nothing where there is nothing to post any more. ``post``
    posts it in the caller's transaction, told which pending payments are on their way. ``is_over`` says of what came
    of it that no money was posted: it had been before, or waits for somebody. ``about`` names it in the audit.
    """

    where: Whereabouts
    sold: Callable[[Session], Mapping[int, Money]]
    post: Callable[[Session, frozenset[int]], T]
    is_over: Callable[[T], bool]
    about: Mapping[str, object]


@dataclass(frozen=True)
class Once(Generic[T]):
    """What came of it. ``closed``: a page was closed for it; ``beside``: one that may still be paid is left open."""

    result: T
    closed: bool = False
    beside: bool = False


def take(counter: Counter, by: Authority, command: Take, *, knowing: Collection[str] = ()) -> Taken:
    """Use case: :func:`payments.sales.service.take`, after closing what would be paid online for the same.

    ``knowing`` names attempts whose page the cashier knows could not be closed: the sale is taken beside them, and
    the audit says so. Raises what taking raises; :class:`PaidOnline` where the processor says that it was paid there;
    :class:`PageStillOpen` where it did not answer. Then nothing is taken, and no link is withdrawn.
    """
    must_sell(by)
    taking = Taking(
        Whereabouts.OFFERED,
        sold=lambda session: _sold(session, command.sale_id),
        post=lambda session, _told: sales.take_step(session, counter.sale, by, command),
        is_over=lambda taken: taken.again,
        about={"sale": command.sale_id},
    )
    return once(counter.online, by, taking, Warned(frozenset(knowing), goes_on=bool(knowing))).result


def once(desk: Desk, by: Authority, taking: Taking[T], warned: Warned = NOT_WARNED) -> Once[T]:
    """Use case: post money, after closing what would pay the same online.

    Raises what posting raises, :class:`PaidOnline` and :class:`PageStillOpen` where somebody has to know first:
    then nothing is posted, and no link is withdrawn. What is posted knowing is in the audit; money that meets a bill
    that was paid online becomes credit, with a line in the exceptions queue. Money that the bank has, or that is in
    the books, is posted whatever the processor says.
    """
    met = _Met()
    for left in reversed(range(_ROUNDS)):
        try:
            done = _round(desk, by, taking, warned, met)
        except MoneyOnItsWay:
            if taking.where is Whereabouts.OFFERED or not left:
                raise
            continue
        if done is not None:
            return done
    raise MoneyOnItsWay("payments for the same begin again and again")


@dataclass
class _Met:
    """What was in the way so far, and how each attempt stood after its page was to be closed."""

    found: dict[tuple[str, int | None, int], Promised] = field(default_factory=dict)
    states: dict[str, State] = field(default_factory=dict)

    def add(self, promises: Sequence[Promised]) -> None:
        for one in promises:
            self.found.setdefault((one.attempt_id, None if one.attempt_id else one.link_id, one.account_id), one)

    def fresh(self, found: Sequence[Promised], paid: Sequence[Promised]) -> list[str]:
        """Attempts that were not met before, or not as paid."""
        news = [one.attempt_id for one in found if one.attempt_id and one.attempt_id not in self.states]
        news += [one.attempt_id for one in paid if self.states.get(one.attempt_id) is not State.SUCCEEDED]
        return list(dict.fromkeys(news))

    def of(self, *states: State) -> list[Promised]:
        return [one for one in self.found.values() if self.states.get(one.attempt_id) in states]

    @property
    def withdrawn(self) -> list[Promised]:
        """Links by which nobody goes on any more, and what was promised on pages that are closed."""
        kept = {*LIVE, State.SUCCEEDED}
        return [one for one in self.found.values() if not one.attempt_id or self.states[one.attempt_id] not in kept]


def _round(desk: Desk, by: Authority, taking: Taking[T], warned: Warned, met: _Met) -> Once[T] | None:
    """Post it, where nothing is in the way that was not met before; else meet that, and nothing is posted yet."""
    with transaction(desk.sessions) as session:
        told, found, paid = _look(session, desk, taking, warned.attempts | met.states.keys())
        fresh = met.fresh(found, paid)
        if not fresh:
            met.add(found)
            done = _post(session, desk, by, taking, told=told, met=met)
            kill_points.reached("collisions.posted")
    if not fresh:
        kill_points.reached("collisions.taken")
        return done
    if taking.where is not Whereabouts.BANKED:
        with transaction(desk.sessions) as session:
            before = _rehearsed(session, taking, told)
        if before is not None:
            return Once(before)
    met.add((*found, *paid))
    for attempt_id in fresh:
        met.states[attempt_id] = _closed(desk, attempt_id)
    must_be_known(taking.where, met.states, met.found.values(), warned)
    kill_points.reached("collisions.closed")
    return None


def _look(
    session: Session, desk: Desk, taking: Taking[T], named: frozenset[str]
) -> tuple[frozenset[int], tuple[Promised, ...], tuple[Promised, ...]]:
    """Pending payments, then what is in the way, and what was paid of that which was named before. In this order:
    whatever is told of without being in the way had begun before one looked what is."""
    sold, now = taking.sold(session), desk.clock.now()
    coming = money_on_its_way(session, list(sold), now) if sold and taking.where is Whereabouts.HERE else {}
    told = frozenset(one.id for ones in coming.values() for one in ones)
    return told, in_the_way(session, sold, now), paid_of(session, named, list(sold))


def _rehearsed(session: Session, taking: Taking[T], told: frozenset[int]) -> T | None:
    """Refuse what posting refuses, and keep nothing of it; what it came to, where no money was posted."""
    with session.begin_nested() as trial:
        result = taking.post(session, told)
        if taking.is_over(result):
            return result
        trial.rollback()
    return None


def _closed(desk: Desk, attempt_id: str) -> State:
    try:
        return checkout.withdraw(desk, attempt_id)
    except GatewayError as silent:
        _log.warning("The page of attempt %s could not be closed: %s", attempt_id, type(silent).__name__)
        return State.UNKNOWN


def _post(
    session: Session, desk: Desk, by: Authority, taking: Taking[T], *, told: frozenset[int], met: _Met
) -> Once[T]:
    withdrawn, beside, paid = met.withdrawn, met.of(*LIVE), met.of(State.SUCCEEDED)
    links = _locked_links(session, withdrawn)
    sold = taking.sold(session) if paid else {}
    owed = owed_by(session, list(sold)) if sold else {}
    result = taking.post(session, told)
    if taking.is_over(result):
        return Once(result)
    _withdraw(session, desk, by, taking, links)
    is_told = taking.where.is_told
    for act, promises in (
        ("online-payment-withdrawn", [one for one in withdrawn if one.attempt_id]),
        ("sale-beside-open-page" if is_told else "posted-beside-open-page", beside),
        ("taken-after-paid-online", paid if is_told else []),
    ):
        for one in promises:
            _note(session, act, by, taking, one)
    for one in paid:
        _name_second(session, one, sold[one.account_id], owed.get(one.account_id, ZERO))
    return Once(result, closed=any(one.attempt_id for one in withdrawn), beside=bool(beside))


def _locked_links(session: Session, withdrawn: Sequence[Promised]) -> list[PayLink]:
    """Locked before the accounts, as going on by a link does."""
    ids = sorted({one.link_id for one in withdrawn if one.link_id is not None})
    if not ids:
        return []
    rows = select(PayLink).where(PayLink.id.in_(ids)).order_by(PayLink.id).with_for_update()
    return [link for link in session.scalars(rows) if link.canceled_at is None]


def _withdraw(session: Session, desk: Desk, by: Authority, taking: Taking[T], links: Sequence[PayLink]) -> None:
    """The links are canceled with what is posted, or not at all."""
    if not links:
        return
    for link in links:
        link.canceled_at, link.canceled_by = desk.clock.now(), by.actor_id
    session.flush()
    ids = [link.id for link in links]
    for line in session.scalars(select(PayLinkLine).where(PayLinkLine.pay_link_id.in_(ids))):
        audit.record(
            session, "pay-link-canceled", subject=("account", line.customer_account_id), actor_id=by.actor_id,
            pay_link=line.pay_link_id, **taking.about,
        )  # fmt: skip


def _name_second(session: Session, one: Promised, amount: Money, owed: Money) -> None:
    """As settling names it where the card comes second: one line for an attempt and an account."""
    if owed < amount:
        open_exception(
            session, "second-payment", f"{one.attempt_id}:{one.account_id}",
            {"attempt": one.attempt_id, "paid_cents": amount.cents, "was_open_cents": owed.cents},
            "The rest stands as credit on the account: apply it to the next bill or refund it.",
            customer_account_id=one.account_id,
        )  # fmt: skip


def _note(session: Session, act: str, by: Authority, taking: Taking[T], one: Promised) -> None:
    audit.record(
        session, act, subject=("account", one.account_id), actor_id=by.actor_id, attempt=one.attempt_id,
        amount_cents=one.amount.cents, **taking.about,
    )  # fmt: skip


def _sold(session: Session, sale_id: int) -> dict[int, Money]:
    view = sale_by_id(session, sale_id)
    if view is None:
        raise NotFound(f"no sale {sale_id}")
    return {} if view.receipt_id else {line.customer_account_id: line.amount for line in view.draft.accounts}
