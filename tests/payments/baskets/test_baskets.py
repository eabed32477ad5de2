"""Baskets: what is in them, for whom, and how much of each account."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from accounts.charges.rules import Standing
from accounts.database import Sessions, reading, transaction
from accounts.errors import NotFound
from accounts.money import Money
from payments.baskets import service
from payments.baskets.queries import basket
from payments.baskets.rules import Bounds, Choice, digest
from payments.baskets.service import BasketFull, NothingToPay, TooLittle, TooMuch
from tests.factories import make_account, make_chart

NOW, TODAY = datetime(2026, 11, 17, 18, tzinfo=UTC), date(2026, 11, 17)
BOUNDS = Bounds(Money(1_00), Money(50_000_00), overpayment_allowed=True)
OWED = Standing(Money(100_00), Money(30_00), Money(70_00))


@pytest.fixture
def account(sessions: Sessions) -> int:
    with transaction(sessions) as session:
        make_chart(session)
        return int(make_account(session, charges=[Money(120_00)]).id)


def amounts(sessions: Sessions, token: str | None) -> list[Money]:
    with reading(sessions) as session:
        return [line.amount for line in basket(session, token, TODAY, NOW)]


@pytest.mark.parametrize(
    ("choice", "cents"),
    [
        (Choice("total"), 100_00),
        (Choice("past_due"), 30_00),
        (Choice("current"), 70_00),
        (Choice("other", Money(5_00)), 5_00),
        (Choice("other"), 0),
    ],
)
def test_what_a_choice_comes_to(choice: Choice, cents: int) -> None:
    assert choice.amount(OWED) == Money(cents)


def test_an_account_put_in_twice_is_in_once_for_its_whole_balance(sessions: Sessions, account: int) -> None:
    for _ in range(2):
        service.put(sessions, "token", account, bounds=BOUNDS)
    assert amounts(sessions, "token") == [Money(120_00)]


@pytest.mark.parametrize("token", [None, "", "Token", "token ", "somebody else's"])
def test_a_basket_opens_to_its_own_token_only(sessions: Sessions, account: int, token: str | None) -> None:
    service.put(sessions, "token", account, bounds=BOUNDS)
    assert amounts(sessions, token) == []


def test_the_token_is_not_stored(sessions: Sessions, account: int) -> None:
    service.put(sessions, "token", account, bounds=BOUNDS)
    with reading(sessions) as session:
        (kept,) = session.connection().exec_driver_sql("SELECT token_sha256 FROM baskets").scalars()
    assert bytes(kept) == digest("token")


@pytest.mark.parametrize(
    ("choice", "refusal"),
    [
        (Choice("other", Money(0)), NothingToPay),
        (Choice("past_due"), NothingToPay),
        (Choice("other", Money(99)), TooLittle),
        (Choice("other", Money(50_000_01)), TooMuch),
    ],
)
def test_a_choice_out_of_bounds_changes_nothing(
    sessions: Sessions, account: int, choice: Choice, refusal: type[Exception]
) -> None:
    service.put(sessions, "token", account, bounds=BOUNDS)
    with pytest.raises(refusal):
        service.choose(sessions, "token", account, choice, bounds=BOUNDS, today=TODAY)
    assert amounts(sessions, "token") == [Money(120_00)]


def test_only_what_is_in_the_basket_can_be_chosen(sessions: Sessions, account: int) -> None:
    with pytest.raises(NotFound):
        service.choose(sessions, "token", account, Choice("total"), bounds=BOUNDS, today=TODAY)


def test_a_basket_holds_as_many_accounts_as_one_payment_takes(sessions: Sessions, account: int) -> None:
    bounds = replace(BOUNDS, most_accounts=1)
    with transaction(sessions) as session:
        other = int(make_account(session).id)
    service.put(sessions, "token", account, bounds=bounds)
    with pytest.raises(BasketFull):
        service.put(sessions, "token", other, bounds=bounds)
    service.put(sessions, "token", account, bounds=bounds)


def test_taking_out_touches_no_other_basket(sessions: Sessions, account: int) -> None:
    service.put(sessions, "mine", account, bounds=BOUNDS)
    service.put(sessions, "yours", account, bounds=BOUNDS)
    service.take_out(sessions, "mine", account)
    service.take_out(sessions, "mine", account)
    assert (amounts(sessions, "mine"), amounts(sessions, "yours")) == ([], [Money(120_00)])


def test_all_that_owe_go_in_at_once_and_what_owes_nothing_stays_out(sessions: Sessions, account: int) -> None:
    with transaction(sessions) as session:
        others = [make_account(session, charges=[Money(10_00)] if owes else []).id for owes in (True, False, True)]
    service.put(sessions, "token", account, bounds=BOUNDS)
    service.choose(sessions, "token", account, Choice("other", Money(5_00)), bounds=BOUNDS, today=TODAY)
    assert service.put_all(sessions, "token", [*others, account], bounds=BOUNDS) == 3
    assert amounts(sessions, "token") == [Money(5_00), Money(10_00), Money(10_00)], "what was chosen stays chosen"


def test_more_than_fit_go_in_not_at_all(sessions: Sessions, account: int) -> None:
    with transaction(sessions) as session:
        others = [make_account(session, charges=[Money(10_00)]).id for _ in range(2)]
        nothing = make_account(session, charges=[]).id
    service.put(sessions, "token", account, bounds=BOUNDS)
    for asked, refusal in (([*others, account], BasketFull), ([nothing], NothingToPay), ([], NothingToPay)):
        with pytest.raises(refusal):
            service.put_all(sessions, "token", asked, bounds=replace(BOUNDS, most_accounts=2))
        assert amounts(sessions, "token") == [Money(120_00)]
