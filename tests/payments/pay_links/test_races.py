"""A link is paid on a telephone while the clerk goes on, and two links for one bill: paid once, or knowingly."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from sqlalchemy import text

from payments.attempts.rules import State
from payments.checkout import service as checkout
from payments.checkout.service import Leaving, MoneyOnItsWay
from payments.sales import service as sales
from payments.sales.rules import PaidMeanwhile
from payments.sales.service import Taken
from payments.settlements.service import settle
from tests.concurrency.threads import together
from tests.factories.links import BILL, LinkCounter, link_counter
from tests.portal.scene import Scene
from tests.sandbox_server import pay_hosted_page


@pytest.fixture
def counter(scene: Scene) -> LinkCounter:
    return link_counter(scene)


def _interlock_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sales, "money_on_its_way", lambda *given: {})
    monkeypatch.setattr(sales, "check_owed", lambda *given: None)


def test_the_clerk_who_takes_the_rest_as_the_link_is_paid_is_told(counter: LinkCounter) -> None:
    """Before it is in the books money is on its way, and after that less is owed than the screen said."""
    pay_hosted_page(counter.goes_on(counter.link()).url)
    settled, taken = together([counter.settles(), counter.sale()])
    assert settled is State.SUCCEEDED
    assert type(taken) in {MoneyOnItsWay, PaidMeanwhile}, taken
    assert counter.stands() == (0, 0, 1)


def test_without_the_interlock_the_bill_is_paid_twice(counter: LinkCounter, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: both are taken, in whichever order, and the customer has the second amount as credit."""
    _interlock_left_out(monkeypatch)
    pay_hosted_page(counter.goes_on(counter.link()).url)
    settled, taken = together([counter.settles(), counter.sale()])
    assert (settled, type(taken)) == (State.SUCCEEDED, Taken)
    assert counter.stands() == (0, BILL.cents, 2)


def test_a_link_that_was_paid_before_the_clerk_pressed_is_not_paid_again(counter: LinkCounter) -> None:
    press = counter.sale()
    pay_hosted_page(counter.goes_on(counter.link()).url)
    assert counter.settles()() is State.SUCCEEDED
    with pytest.raises(PaidMeanwhile):
        press()
    assert counter.stands() == (0, 0, 1)
    assert counter.scene.scalar("SELECT state FROM sales") == "open"


def test_knowingly_both_are_taken_and_the_second_is_named(counter: LinkCounter) -> None:
    """Money that has moved is never refused: who was told may take cash all the same, and the card is credit."""
    url = counter.goes_on(counter.link()).url
    assert isinstance(counter.sale(counter.on_its_way())(), Taken)
    pay_hosted_page(url)
    assert counter.settles()() is State.SUCCEEDED
    assert counter.stands() == (0, BILL.cents, 2)
    assert counter.lines() == ["second-payment"]


def test_of_two_links_for_one_bill_the_second_is_told(counter: LinkCounter) -> None:
    first, second = counter.link(), counter.link()
    counter.goes_on(first)
    with pytest.raises(MoneyOnItsWay):
        counter.goes_on(second)
    assert counter.scene.scalar("SELECT count(*) FROM attempts") == 1


def _nobody_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """The accounts are not locked, and both have read that nothing is on its way before either has promised."""
    gate, told = threading.Barrier(2), checkout.told_of

    def both_here(*given: Any) -> Any:
        found = told(*given)
        gate.wait(timeout=20)
        return found

    monkeypatch.setattr(checkout, "told_of", both_here)
    monkeypatch.setattr(checkout, "_LOCK_ACCOUNTS", text("SELECT CAST(:basket AS bigint)"))


def test_of_two_telephones_in_one_moment_the_second_is_told(counter: LinkCounter) -> None:
    links = [counter.link(), counter.link()]
    gone = together([lambda token=token: counter.goes_on(token) for token in links])  # type: ignore[misc]
    assert {type(one) for one in gone} == {Leaving, MoneyOnItsWay}, gone
    assert counter.scene.scalar("SELECT count(*) FROM attempts") == 1


def test_without_the_lock_both_pay_and_the_rest_is_credit_with_a_line(
    counter: LinkCounter, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control, and what holds even then: money that moved is kept, and named."""
    links = [counter.link(), counter.link()]
    with monkeypatch.context() as patched:
        _nobody_waits(patched)
        gone = together([lambda token=token: counter.goes_on(token) for token in links])  # type: ignore[misc]
    assert [type(one) for one in gone] == [Leaving, Leaving], gone
    for one in gone:
        pay_hosted_page(one.url)  # type: ignore[union-attr]
    attempts = [row.id for row in counter.scene.rows("SELECT id FROM attempts ORDER BY id")]
    desk = counter.scene.wired.desk()
    acts = [lambda attempt=attempt: settle(desk, attempt) for attempt in attempts for _ in range(2)]  # type: ignore[misc]
    assert together(acts) == [State.SUCCEEDED] * 4
    assert counter.stands() == (0, BILL.cents, 2)
    assert counter.lines() == ["second-payment"]


def test_two_who_go_on_with_one_link_share_one_page(counter: LinkCounter) -> None:
    token = counter.link()
    gone = together([lambda: counter.goes_on(token)] * 3)
    assert len({one.url for one in gone if isinstance(one, Leaving)}) == 1, gone
    assert counter.scene.scalar("SELECT count(*) FROM attempts WHERE state IN ('open', 'sending')") == 1
