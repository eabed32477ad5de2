"""Use cases of the basket: put an account in, choose its amount, take it out."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import date

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from accounts.charges.queries import open_charges
from accounts.charges.rules import Standing, standing
from accounts.database import Sessions, transaction
from accounts.errors import Conflict, DomainError, NotFound
from accounts.money import ZERO, Money
from payments.baskets.models import Basket, BasketLine
from payments.baskets.rules import BasketAccount, Bounds, Choice, digest, surplus_key


class BasketFull(DomainError):
    """More accounts than one payment takes."""


class NothingToPay(DomainError):
    """The amount chosen comes to nothing."""


class TooLittle(DomainError):
    """Less than the city takes at once: ``facts["least"]``."""


class LessIsOwed(Conflict):
    """Less is owed now than was typed, and no page has said so yet: the rest would become credit."""


class TooMuch(DomainError):
    """More than the city takes at once, or more than is owed where it keeps no credit: ``facts["most"]``."""


def new_token() -> str:
    """A token that cannot be guessed; the browser's cookie is its only copy."""
    return secrets.token_urlsafe(24)


def put(sessions: Sessions, token: str, customer_account_id: int, *, bounds: Bounds) -> None:
    """Use case: put an account that was proven into the basket, for its whole balance; again changes nothing.

    Raises :class:`BasketFull`: nothing was changed.
    """
    with transaction(sessions) as session:
        basket_id = _basket(session, token)
        others = select(func.count()).where(
            BasketLine.basket_id == basket_id, BasketLine.customer_account_id != customer_account_id
        )
        if (session.scalar(others) or 0) >= bounds.most_accounts:
            raise BasketFull(most=bounds.most_accounts)
        session.execute(
            insert(BasketLine)
            .values(basket_id=basket_id, customer_account_id=customer_account_id, choice="total")
            .on_conflict_do_nothing()
        )


def put_all(sessions: Sessions, token: str, customer_account_ids: Sequence[int], *, bounds: Bounds) -> int:
    """Use case: put these accounts into the basket for their whole balance, those that owe nothing left out; how many
    are in it now. One that is in keeps its amount.

    Raises :class:`NothingToPay`, :class:`BasketFull`: nothing was changed.
    """
    with transaction(sessions) as session:
        owing = dict.fromkeys(charge.customer_account_id for charge in open_charges(session, customer_account_ids))
        if not owing:
            raise NothingToPay()
        basket_id = _basket(session, token)
        lines = [{"basket_id": basket_id, "customer_account_id": one, "choice": "total"} for one in owing]
        session.execute(insert(BasketLine).values(lines).on_conflict_do_nothing())
        count = session.scalar(select(func.count()).where(BasketLine.basket_id == basket_id)) or 0
        if count > bounds.most_accounts:
            raise BasketFull(most=bounds.most_accounts)
        return count


def choose(
    sessions: Sessions, token: str, customer_account_id: int, chosen: Choice, *, bounds: Bounds, today: date
) -> None:
    """Use case: choose how much of an account to pay. More than its balance becomes credit, where the city keeps any.

    Raises :class:`NothingToPay`, :class:`TooLittle`, :class:`TooMuch`: nothing was changed.
    """
    with transaction(sessions) as session:
        line = _line(session, token, customer_account_id)
        owed = standing(open_charges(session, [customer_account_id]), today)
        check_amount(chosen.amount(owed), owed, bounds)
        line.choice, line.other_cents = chosen.kind, chosen.other if chosen.kind == "other" else None


def take_out(sessions: Sessions, token: str, customer_account_id: int) -> None:
    """Use case: take an account out; nothing happens if it is not in."""
    with transaction(sessions) as session:
        basket = select(Basket.id).where(Basket.token_sha256 == digest(token)).scalar_subquery()
        session.execute(
            delete(BasketLine).where(
                BasketLine.basket_id == basket, BasketLine.customer_account_id == customer_account_id
            )
        )


def check_amount(amount: Money, owed: Standing, bounds: Bounds) -> None:
    """Step: raises :class:`NothingToPay`, :class:`TooLittle`, :class:`TooMuch` for what the city does not take."""
    if amount <= ZERO:
        raise NothingToPay()
    if amount < min(bounds.least, owed.total or bounds.least):
        raise TooLittle(least=bounds.least)
    most = bounds.most if bounds.overpayment_allowed else min(bounds.most, owed.total)
    if amount > most:
        raise TooMuch(most=most)


def check_surplus(accounts: Sequence[BasketAccount], seen: str, *, keeps_credit: bool) -> None:
    """Step: an amount may have been typed before somebody else paid the same. Raises :class:`LessIsOwed` where more
    would be paid than is owed and no page has said by how much (``seen``), :class:`TooMuch` where no credit is kept.
    """
    key = surplus_key(account.surplus for account in accounts)
    if not keeps_credit and key:
        raise TooMuch(most=next(account.standing.total for account in accounts if account.surplus.over))
    if key not in {"", seen}:
        raise LessIsOwed("less is owed than would be paid")


def _basket(session: Session, token: str) -> int:
    statement = insert(Basket).values(token_sha256=digest(token))
    statement = statement.on_conflict_do_update(
        index_elements=[Basket.token_sha256], set_={Basket.touched_at: func.now()}
    )
    return session.execute(statement.returning(Basket.id)).scalar_one()


def _line(session: Session, token: str, customer_account_id: int) -> BasketLine:
    line = session.scalar(
        select(BasketLine)
        .join(Basket, Basket.id == BasketLine.basket_id)
        .where(Basket.token_sha256 == digest(token), BasketLine.customer_account_id == customer_account_id)
        .with_for_update(of=BasketLine)
    )
    if line is None:
        raise NotFound("no such account in this basket")
    return line
