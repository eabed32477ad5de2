"""Take a sale, and close what would pay the same online before it: no resident pays a bill twice unawares.

The order is what makes it safe. First the sale is weighed, so that nothing is closed for one that is refused; then
each page is closed at the processor, with no transaction open; only then, in one transaction, are the links withdrawn
and the sale taken. Whoever begins to pay between the two is told of, for the sale asks anew under its locks.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from accounts import audit, kill_points
from accounts.database import reading, transaction
from accounts.errors import NotFound
from accounts.money import Money, total
from accounts.staff.rules import Authority
from payments.attempts.rules import LIVE, State
from payments.checkout import service as checkout
from payments.collisions.queries import in_the_way
from payments.collisions.rules import PageStillOpen, PaidOnline, Promised
from payments.gateway.base import GatewayError
from payments.pay_links.models import PayLink, PayLinkLine
from payments.sales import service as sales
from payments.sales.held import must_sell
from payments.sales.queries import sale_by_id
from payments.sales.service import SaleDesk, Take, Taken
from payments.settlements.service import Desk


@dataclass(frozen=True)
class Counter:
    """What selling needs, and what the same bill's payment page is closed with."""

    sale: SaleDesk
    online: Desk


def take(counter: Counter, by: Authority, command: Take, *, knowing: Collection[str] = ()) -> Taken:
    """Use case: :func:`payments.sales.service.take`, after closing what would be paid online for the same.

    ``knowing`` names attempts whose page the cashier knows could not be closed: the sale is taken beside them, and
    the audit says so. Raises what taking raises; :class:`PaidOnline` where the processor says that it was paid there;
    :class:`PageStillOpen` where it did not answer. Then nothing is taken, and no link is withdrawn.
    """
    sold = _sold(counter, command.sale_id)
    with reading(counter.sale.sessions) as session:
        found = in_the_way(session, sold, counter.sale.clock.now())
    if not found:
        return sales.take(counter.sale, by, command)
    must_sell(by)
    with transaction(counter.sale.sessions) as session:
        before = sales.check_step(session, counter.sale, by, command)
    if before is not None:
        return before
    beside = _close_pages(counter.online, found, frozenset(knowing))
    kill_points.reached("collisions.closed")
    with transaction(counter.sale.sessions) as session:
        _withdraw(session, counter, by, command, [one for one in found if one.attempt_id not in beside])
        taken = sales.take_step(session, counter.sale, by, command)
        for one in (one for one in found if one.attempt_id in beside):
            _note(session, "sale-beside-open-page", by, command, one)
        kill_points.reached("sales.posted")
    kill_points.reached("sales.taken")
    return taken


def _sold(counter: Counter, sale_id: int) -> dict[int, Money]:
    with reading(counter.sale.sessions) as session:
        view = sale_by_id(session, sale_id)
    if view is None:
        raise NotFound(f"no sale {sale_id}")
    return {} if view.receipt_id else {line.customer_account_id: line.amount for line in view.draft.accounts}


def _close_pages(desk: Desk, found: Sequence[Promised], knowing: frozenset[str]) -> frozenset[str]:
    """Close each page; the attempts whose page may still be paid, all of them known of."""
    still_open = set()
    for attempt_id in dict.fromkeys(one.attempt_id for one in found if one.attempt_id):
        try:
            state = checkout.withdraw(desk, attempt_id)
        except GatewayError:
            state = State.UNKNOWN
        if state is State.SUCCEEDED:
            amount = total(one.amount for one in found if one.attempt_id == attempt_id)
            raise PaidOnline(f"attempt {attempt_id} was paid", amount=amount)
        if state in LIVE:
            still_open.add(attempt_id)
    if still_open - knowing:
        raise PageStillOpen(still_open)
    return frozenset(still_open)


def _withdraw(session: Session, counter: Counter, by: Authority, command: Take, closed: Sequence[Promised]) -> None:
    """The links are canceled with the sale, or not at all. Locked before the accounts, as going on by a link does."""
    link_ids = sorted({one.link_id for one in closed if one.link_id is not None})
    links = session.scalars(select(PayLink).where(PayLink.id.in_(link_ids)).order_by(PayLink.id).with_for_update())
    for link in links:
        if link.canceled_at is None:
            link.canceled_at, link.canceled_by = counter.sale.clock.now(), by.actor_id
    session.flush()
    for line in session.scalars(select(PayLinkLine).where(PayLinkLine.pay_link_id.in_(link_ids))):
        audit.record(
            session, "pay-link-canceled", subject=("account", line.customer_account_id), actor_id=by.actor_id,
            pay_link=line.pay_link_id, sale=command.sale_id,
        )  # fmt: skip
    for one in (one for one in closed if one.attempt_id):
        _note(session, "online-payment-withdrawn", by, command, one)


def _note(session: Session, act: str, by: Authority, command: Take, one: Promised) -> None:
    audit.record(
        session, act, subject=("account", one.account_id), actor_id=by.actor_id, attempt=one.attempt_id,
        sale=command.sale_id, amount_cents=one.amount.cents,
    )  # fmt: skip
