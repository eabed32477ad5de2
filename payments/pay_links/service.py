"""Send a link, go on to pay with it, cancel it. One link is one basket: it is paid once, whoever opens it."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from accounts import audit
from accounts.actors.service import SYSTEM, actor_id
from accounts.charges.queries import open_charges
from accounts.charges.rules import standing
from accounts.cities.returns import PayLinkPolicy
from accounts.clock import Clock
from accounts.customer_accounts.access import seen_account
from accounts.database import Sessions, reading, transaction
from accounts.errors import Conflict, NotFound
from accounts.money import Money
from accounts.outbox import SOMEBODY_WAITS, announce
from accounts.staff.rules import Authority, Permission
from payments.attempts.models import Attempt
from payments.attempts.queries import live_attempts
from payments.attempts.rules import LIVE, State
from payments.baskets.models import Basket, BasketLine
from payments.baskets.queries import basket as basket_of
from payments.baskets.rules import Bounds, basket_total
from payments.baskets.rules import digest as basket_digest
from payments.baskets.service import check_amount
from payments.checkout import service as checkout
from payments.checkout.service import Leaving, Rules, Start
from payments.pay_links.models import PayLink, PayLinkLine
from payments.pay_links.rules import (
    Asked,
    Channel,
    LinkCanceled,
    LinkOver,
    LinkPaid,
    basket_token,
    checked,
    digest,
)
from payments.sales.models import Sale
from payments.settlements.service import Desk

RulesFor = Callable[[Money], Rules]
"""The city's part of paying an amount by card today."""


@dataclass(frozen=True)
class NewLink:
    """What is to be asked for, of whom. ``sealed`` holds the token and the whole address, for who holds the key."""

    form_key: str
    token: str
    sealed: str
    channel: Channel
    to_masked: str
    language: str
    lines: tuple[Asked, ...]
    sale_id: int | None = None


@dataclass(frozen=True)
class Opening:
    """Somebody goes on to pay. ``quoted_total`` is what the page showed, fee included."""

    token: str
    base_url: str
    quoted_total: Money
    email: str = ""
    """Where the receipt goes: the address that the link was mailed to."""
    told: frozenset[int] = frozenset()
    surplus: str = ""


def new_token() -> str:
    """24 random bytes: what is in the link, and nowhere else."""
    return secrets.token_urlsafe(24)


def send(
    sessions: Sessions, by: Authority, new: NewLink, policy: PayLinkPolicy, bounds: Bounds, *, clock: Clock
) -> int:
    """Use case: make a link and have it sent; its id. The same form again is the same link.

    Raises ``NotAllowed``, ``NotFound`` for an account that is not for them, ``NothingAsked``, ``TooManyAsked``,
    ``AskedTwice``, ``TooLittle``, ``TooMuch``.
    """
    by.must(Permission.WINDOW_TAKE)
    lines, now = checked(new.lines, policy.most_accounts), clock.now()
    with transaction(sessions) as session:
        for line in lines:
            seen_account(session, by, line.account_id)
            owed = standing(open_charges(session, [line.account_id]), clock.today())
            check_amount(line.amount, owed, bounds)
        if new.sale_id is not None and session.get(Sale, new.sale_id) is None:
            raise NotFound(f"no sale {new.sale_id}")
        row = {
            "form_key": new.form_key, "token_sha256": digest(new.token), "sealed": new.sealed,
            "channel": new.channel, "to_masked": new.to_masked, "language": new.language, "sender_id": by.actor_id,
            "sale_id": new.sale_id, "created_at": now, "expires_at": now + policy.life,
        }  # fmt: skip
        statement = insert(PayLink).values(row).on_conflict_do_nothing(index_elements=[PayLink.form_key])
        link_id = session.scalar(statement.returning(PayLink.id))
        if link_id is None:
            return session.scalars(select(PayLink.id).where(PayLink.form_key == new.form_key)).one()
        session.add_all(
            PayLinkLine(pay_link_id=link_id, customer_account_id=line.account_id, amount_cents=line.amount)
            for line in lines
        )
        for line in lines:
            audit.record(
                session, "pay-link-sent", subject=("account", line.account_id), actor_id=by.actor_id,
                pay_link=link_id, channel=new.channel, to=new.to_masked, amount_cents=line.amount.cents,
            )  # fmt: skip
        if new.channel != "qr":
            announce(session, "pay_link_sent", priority=SOMEBODY_WAITS, pay_link_id=link_id)
        return int(link_id)


def note_opening(sessions: Sessions, token: str, *, clock: Clock) -> None:
    """Use case: somebody looked at the page of the link; the first time is kept."""
    with transaction(sessions) as session:
        found = session.scalar(select(PayLink).where(PayLink.token_sha256 == digest(token)).with_for_update())
        if found is not None and found.opened_at is None:
            found.opened_at = clock.now()


def go_on(desk: Desk, opening: Opening, rules_for: RulesFor) -> Leaving:
    """Use case: leave for the payment page. However often and from wherever: the same promise, the same page.

    Raises :class:`LinkOver`, :class:`LinkCanceled`, :class:`LinkPaid` (with the token of what paid it), ``NotFound``,
    and what :func:`payments.checkout.service.start` raises.
    """
    with transaction(desk.sessions) as session:
        link = _usable(session, desk, opening.token, lock=True)
        _fill_basket(session, link, opening.token)
        system, language = actor_id(session, SYSTEM), link.language
    with reading(desk.sessions) as session:
        accounts = basket_of(session, basket_token(opening.token), desk.clock.today(), desk.clock.now())
    command = Start(
        basket_token=basket_token(opening.token),
        language=language,  # the link's, not the page's: who opens it in another language finds the same promise
        email=opening.email,
        base_url=opening.base_url,
        quoted_total=opening.quoted_total,
        actor_id=system,
        told=opening.told,
        surplus=opening.surplus,
    )
    leaving = checkout.start(desk, command, rules_for(basket_total(accounts)))
    _still_alone(desk, opening.token, leaving)
    return leaving


def cancel(desk: Desk, by: Authority, link_id: int) -> State | None:
    """Use case: nobody may pay by this link any more; its page at the processor is closed.

    What is paid stays paid: the state of the newest attempt says so. Where the processor could not be heard
    (``GatewayError``), the link is canceled and this may be done again, until its page is closed.
    Raises ``NotAllowed``, ``NotFound``, :class:`LinkPaid`, :class:`LinkCanceled`.
    """
    by.must(Permission.WINDOW_TAKE)
    with transaction(desk.sessions) as session:
        link = session.scalar(select(PayLink).where(PayLink.id == link_id).with_for_update())
        if link is None:
            raise NotFound(f"no link {link_id}")
        _not_paid(session, link)
        live = live_attempts(session, link.basket_id) if link.basket_id else []
        if link.canceled_at is not None and not live:
            raise LinkCanceled(f"link {link_id} was canceled")
        lines = session.scalars(select(PayLinkLine).where(PayLinkLine.pay_link_id == link_id)).all()
        for line in lines:
            seen_account(session, by, line.customer_account_id)
        if link.canceled_at is None:
            link.canceled_at, link.canceled_by = desk.clock.now(), by.actor_id
        for line in lines:
            audit.record(
                session, "pay-link-canceled", subject=("account", line.customer_account_id), actor_id=by.actor_id,
                pay_link=link_id,
            )  # fmt: skip
    state = None
    for attempt in live:
        state = checkout.give_up(desk, attempt.token)
    return state


def _usable(session: Session, desk: Desk, token: str, *, lock: bool = False) -> PayLink:
    statement = select(PayLink).where(PayLink.token_sha256 == digest(token))
    link = session.scalar(statement.with_for_update() if lock else statement)
    if link is None:
        raise NotFound("no such link")
    _not_paid(session, link)
    if link.canceled_at is not None:
        raise LinkCanceled(f"link {link.id} was canceled")
    if link.expires_at <= desk.clock.now():
        raise LinkOver(f"link {link.id} ended at {link.expires_at}")
    return link


def _not_paid(session: Session, link: PayLink) -> None:
    if link.basket_id is None:
        return
    paid = session.scalar(
        select(Attempt.token).where(Attempt.basket_id == link.basket_id, Attempt.state == State.SUCCEEDED)
    )
    if paid is not None:
        raise LinkPaid(f"link {link.id} was paid", token=paid)


def _fill_basket(session: Session, link: PayLink, token: str) -> None:
    """The link's own basket, the first time that somebody goes on; its amounts are the link's."""
    if link.basket_id is not None:
        return
    made = insert(Basket).values(token_sha256=basket_digest(basket_token(token))).returning(Basket.id)
    link.basket_id = session.scalars(made).one()
    lines = session.scalars(select(PayLinkLine).where(PayLinkLine.pay_link_id == link.id).order_by(PayLinkLine.id))
    session.add_all(
        BasketLine(
            basket_id=link.basket_id,
            customer_account_id=line.customer_account_id,
            choice="other",
            other_cents=line.amount_cents,
        )
        for line in lines
    )


def _still_alone(desk: Desk, token: str, leaving: Leaving) -> None:
    """Before anybody is shown a page: the link was not paid or canceled while it was being opened, and no other
    page of it can be paid. Else this one is closed again."""
    try:
        with reading(desk.sessions) as session:
            _alone(session, _usable(session, desk, token), leaving.token)
    except Conflict as refusal:
        if refusal.facts.get("token") == leaving.token:
            return
        checkout.give_up(desk, leaving.token)
        raise


def _alone(session: Session, link: PayLink, attempt_token: str) -> None:
    other = select(Attempt.id).where(
        Attempt.basket_id == link.basket_id, Attempt.token != attempt_token, Attempt.state.in_(LIVE)
    )
    if session.scalar(other.limit(1)) is not None:
        raise Conflict("another page of this link is open")
