"""Use cases of going to pay: ``start``, ``resume``, ``give_up``. Two short transactions around each network call."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from accounts import kill_points
from accounts.charges.rules import AllocationOrder
from accounts.database import reading, transaction
from accounts.errors import Conflict, DomainError, NotFound
from accounts.exceptions.service import open_exception
from accounts.money import Money
from payments.attempts import service as attempts
from payments.attempts.identifiers import new_attempt_id
from payments.attempts.models import Attempt
from payments.attempts.queries import live_attempts, promise
from payments.attempts.rules import KEY_LIFE, LIVE, PAGE_LIFE, Event, LiveAttempt, Quote, State, reusable
from payments.baskets.models import Basket
from payments.baskets.queries import basket
from payments.baskets.rules import BasketAccount, basket_total, digest, told_of
from payments.baskets.service import check_surplus
from payments.checkout.rules import Page, page_lines, page_request, quote_lines
from payments.gateway.base import Busy, KeyConflict, Refused, Unheard
from payments.settlements.service import Desk, record_truth, settle

_LOCK_ACCOUNTS = text("""
    SELECT id FROM customer_accounts
     WHERE id IN (SELECT customer_account_id FROM basket_lines WHERE basket_id = :basket)
     ORDER BY id FOR NO KEY UPDATE""")
"""Between reading what is owed and promising to pay it nobody else promises or takes the same."""


class EmptyBasket(DomainError):
    """There is nothing in the basket that costs anything."""


class PaymentNotSent(DomainError):
    """The processor's page could not be opened. No money moved. ``token`` resumes the same attempt."""


@dataclass(frozen=True)
class FeeQuote:
    """The service fee for a basket total: amount, and the terms that are frozen with the attempt."""

    amount: Money
    terms: Mapping[str, object]
    name: Mapping[str, str]


@dataclass(frozen=True)
class Start:
    """A person leaves to pay what is in their basket."""

    basket_token: str
    language: str
    email: str
    base_url: str
    quoted_total: Money
    """What the page showed, fee included; if the basket has changed since, nothing is started."""
    actor_id: int
    channel: str = "web"
    told: frozenset[int] = frozenset()
    """Pending payments that the page named; the person goes on knowing of them."""
    surplus: str = ""
    """What the page said of amounts above what is owed (``baskets.rules.surplus_key``)."""


@dataclass(frozen=True)
class Rules:
    """The city's part: fee by amount, allocation order and names of lines on the processor's page."""

    release_id: int
    order: AllocationOrder
    line_names: Mapping[str, Mapping[str, str]]
    credit_lines: Mapping[str, str]
    descriptor: str
    fee: FeeQuote
    keeps_credit: bool = True


@dataclass(frozen=True)
class Leaving:
    """Where to send the person, and our own link to the attempt."""

    token: str
    url: str


class Replaced(Conflict):
    """Another tab changed the basket while this page was being opened; the page was closed again."""


class QuoteChanged(Conflict):
    """The amount is not what the page showed any more; show it again before anything is promised."""


class MoneyOnItsWay(Conflict):
    """Somebody else has begun to pay for the same since the page was shown; name it first."""


def start(desk: Desk, command: Start, rules: Rules) -> Leaving:
    """Use case: promise what is in the basket and open the processor's page for it.

    The same promise twice (double click, two tabs, back button) leads to the same page. Another promise from the
    same basket closes the older page first; if that one turns out to be paid, it is settled and shown instead.
    Raises :class:`EmptyBasket`, :class:`QuoteChanged`, ``LessIsOwed``, ``TooMuch``, :class:`MoneyOnItsWay`,
    :class:`PaymentNotSent`.
    """
    for stale in _stale_attempts(desk, command, rules):
        if _close(desk, stale.attempt_id, stale.token, stale.session_id) is State.SUCCEEDED:
            return Leaving(stale.token, f"{command.base_url}/payments/{stale.token}")
    with transaction(desk.sessions) as session:
        attempt_id, token = _promise(session, desk, command, rules)
    kill_points.reached("K1")
    return Leaving(token, send(desk, attempt_id))


def send(desk: Desk, attempt_id: str) -> str:
    """Use case: (again) ask for the attempt's page with its own key and frozen request; the page's address.

    Raises :class:`PaymentNotSent`, or :class:`Replaced` when another tab changed the basket in the meantime.
    """
    with reading(desk.sessions) as session:
        attempt = attempts.promised(session, attempt_id)
        url, token = attempt.session_url, attempt.token
        request, key = dict(attempt.request), attempt.idempotency_key
    if url:
        return url
    try:
        page = desk.gateway.open_page(request, key)
    except KeyConflict as error:
        _name_key_conflict(desk, attempt_id, key)
        raise PaymentNotSent("the processor knows this key for another request", token=token) from error
    except Refused as error:
        _note(desk, attempt_id, Event.REFUSED, {"code": str(error.facts.get("code"))})
        raise PaymentNotSent("the processor refused the request", token=token) from error
    except (Unheard, Busy) as error:
        _note(desk, attempt_id, Event.UNHEARD, {"error": type(error).__name__})
        raise PaymentNotSent("the processor was not heard", token=token) from error
    kill_points.reached("K2")
    with transaction(desk.sessions) as session:
        state = attempts.note_page(session, attempt_id, page.session_id, page.url, desk.clock.now())
        promised = promise(session, attempt_id, desk.environment, livemode=desk.livemode)
    if state not in LIVE and promised is not None:
        # Closed while its page was being opened: nobody may pay on that page any more.
        record_truth(desk, promised, desk.gateway.expire(page.session_id))
        raise Replaced(token=token)
    return page.url


def resume(desk: Desk, token: str) -> Leaving:
    """Use case: go on with an interrupted payment by its own link; never a second charge.

    Raises :class:`Conflict` when the attempt is over, :class:`NotFound` for an unknown link.
    """
    with reading(desk.sessions) as session:
        attempt = session.execute(
            select(Attempt.id, func.coalesce(Attempt.sent_at, Attempt.created_at)).where(Attempt.token == token)
        ).one_or_none()
    if attempt is None:
        raise NotFound("no such payment")
    attempt_id, sent_at = attempt
    state = settle(desk, attempt_id)
    key_is_fresh = desk.clock.now() - sent_at < KEY_LIFE
    if state not in (State.OPEN, State.SENDING, State.UNKNOWN) or not key_is_fresh:
        raise Conflict("this payment is over", state=state.value)
    return Leaving(token, send(desk, attempt_id))


def give_up(desk: Desk, token: str) -> State:
    """Use case: the person wants to change something: close the page so that it cannot be paid any more."""
    with reading(desk.sessions) as session:
        attempt = session.scalar(select(Attempt).where(Attempt.token == token))
        if attempt is None:
            raise NotFound("no such payment")
        if attempt.state not in LIVE or attempt.session_id is None:
            return attempt.state
        session_id = attempt.session_id
        promised = promise(session, attempt.id, desk.environment, livemode=desk.livemode)
    if promised is None:
        raise NotFound("no such payment")
    return record_truth(desk, promised, desk.gateway.expire(session_id))


def withdraw(desk: Desk, attempt_id: str) -> State:
    """Use case: another payment takes its place: close its page, or learn that it was paid. Where it stands now.

    One whose page was never heard of is over too: nobody has its address, and whoever is opening it closes it.
    Raises ``NotFound``, ``GatewayError``.
    """
    with reading(desk.sessions) as session:
        attempt = attempts.promised(session, attempt_id)
        if attempt.state not in LIVE:
            return attempt.state
        token, session_id = attempt.token, attempt.session_id
    return _close(desk, attempt_id, token, session_id)


def _stale_attempts(desk: Desk, command: Start, rules: Rules) -> list[LiveAttempt]:
    with reading(desk.sessions) as session:
        basket_id = _basket_id(session, command.basket_token)
        quote, _ = _quote(session, desk, command, rules)
        live = live_attempts(session, basket_id) if basket_id else []
    same = reusable(live, quote, desk.clock.now())
    return [attempt for attempt in live if attempt is not same]


def _close(desk: Desk, attempt_id: str, token: str, session_id: str | None) -> State:
    """Close the page of an older promise, or learn that it was paid."""
    if session_id is not None:
        return give_up(desk, token)
    with transaction(desk.sessions) as session:
        if attempts.promised(session, attempt_id).session_id is None:
            evidence = {"reason": "replaced before its page was opened"}
            return attempts.move(session, attempt_id, Event.EXPIRED, evidence)
    return give_up(desk, token)


def _promise(session: Session, desk: Desk, command: Start, rules: Rules) -> tuple[str, str]:
    basket_id = _basket_id(session, command.basket_token, lock=True)
    session.execute(_LOCK_ACCOUNTS, {"basket": basket_id})
    quote, accounts = _quote(session, desk, command, rules)
    if basket_id is None or not quote.lines:
        raise EmptyBasket()
    if basket_total(accounts) + rules.fee.amount != command.quoted_total:
        raise QuoteChanged("the basket is not what the page showed")
    check_surplus(accounts, command.surplus, keeps_credit=rules.keeps_credit)
    now = desk.clock.now()
    same = reusable(live_attempts(session, basket_id), quote, now)
    if same is not None:
        return same.attempt_id, same.token
    told = told_of(accounts)
    if {one["pending"] for one in told} - command.told:
        raise MoneyOnItsWay("another payment for the same charges has begun")
    attempt_id, token = new_attempt_id(now), secrets.token_urlsafe(24)
    page = Page(
        attempt_id, token, command.base_url, desk.environment, command.channel, rules.descriptor, now + PAGE_LIFE
    )
    attempts.create(
        session,
        attempts.NewAttempt(
            attempt_id=attempt_id,
            token=token,
            basket_id=basket_id,
            actor_id=command.actor_id,
            quote=quote,
            fee_terms=rules.fee.terms,
            policy=_frozen(rules.order),
            city_release_id=rules.release_id,
            request=page_request(page, quote, _page_lines(quote, accounts, rules)),
            now=now,
            expires_at=page.expires_at,
            told=told,
        ),
    )
    return attempt_id, token


def _page_lines(quote: Quote, accounts: tuple[BasketAccount, ...], rules: Rules) -> list[tuple[str, Money]]:
    names = {line: name[quote.language] for line, name in rules.line_names.items()}
    lines = page_lines(accounts, rules.order, names, rules.credit_lines)
    return [*lines, (rules.fee.name[quote.language], quote.fee)] if quote.fee else lines


def _frozen(order: AllocationOrder) -> dict[str, object]:
    return {"version": order.version, "ranks": [list(rank) for rank in order.ranks], "authority": order.authority}


def _quote(session: Session, desk: Desk, command: Start, rules: Rules) -> tuple[Quote, tuple[BasketAccount, ...]]:
    accounts = basket(session, command.basket_token, desk.clock.today(), desk.clock.now())
    return Quote(quote_lines(accounts), rules.fee.amount, command.language, command.email), accounts


def _basket_id(session: Session, token: str, *, lock: bool = False) -> int | None:
    statement = select(Basket.id).where(Basket.token_sha256 == digest(token))
    return session.scalar(statement.with_for_update() if lock else statement)


def _name_key_conflict(desk: Desk, attempt_id: str, key: str) -> None:
    """What was sent first under this key is not known: a page may exist. Asked for by the sweep, never sent again."""
    with transaction(desk.sessions) as session:
        attempts.move(session, attempt_id, Event.UNHEARD, {"error": "key conflict"})
        open_exception(
            session,
            "key-conflict",
            attempt_id,
            {"attempt": attempt_id, "key": key},
            "The processor has another request under this key. Look there for a payment of this attempt.",
        )


def _note(desk: Desk, attempt_id: str, event: Event, evidence: Mapping[str, object]) -> None:
    with transaction(desk.sessions) as session:
        attempts.move(session, attempt_id, event, evidence)
