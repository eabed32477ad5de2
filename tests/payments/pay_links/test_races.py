"""A link is paid on a telephone while the clerk goes on, and two links for one bill: paid once, or knowingly."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from accounts.money import Money
from payments.attempts.rules import State
from payments.checkout import service as checkout
from payments.checkout.service import Leaving, MoneyOnItsWay
from payments.pay_links import service
from payments.pay_links.rules import Asked
from payments.pay_links.service import NewLink, Opening
from payments.sales import service as sales
from payments.sales.rules import PaidMeanwhile
from payments.sales.service import Take, Taken
from payments.settlements.service import settle
from payments.terms import bounds_of, checkout_rules
from portal.acts import acts_under
from tests.concurrency.threads import together
from tests.factories.desk import Desk
from tests.factories.window import Window
from tests.portal.scene import Known, Scene
from tests.sandbox_server import pay_hosted_page

BILL = Money(60_00)


@dataclass
class Counter:
    """A cashier with an open drawer, an account that owes a bill, and links for it."""

    scene: Scene
    window: Window
    known: Known
    drawer: int

    def link(self) -> str:
        """Its token."""
        city, token = self.window.desk.ruling.city, service.new_token()
        new = NewLink(token[:12], token, "", "qr", "", "en", (Asked(self.known.id, BILL),))
        service.send(
            self.scene.sessions, self.window.rosa, new, city.pay_link_policy(self.scene.today), bounds_of(city),
            clock=self.scene.clock,
        )  # fmt: skip
        return token

    def goes_on(self, token: str, told: frozenset[int] = frozenset()) -> Leaving:
        def rules(amount: Money) -> checkout.Rules:
            return checkout_rules(self.window.desk.ruling, amount, self.scene.today)

        opening = Opening(token, "http://localhost", BILL + rules(BILL).fee.amount, told=told)
        return service.go_on(self.scene.wired.desk(), opening, rules)

    def sale(self, told: frozenset[int] = frozenset()) -> Callable[[], Taken]:
        """The clerk has the bill on the screen, and the cash in the hand."""
        window = self.window
        saved = window.saved(window.draft({self.known.id: BILL.cents}))
        take = Take(saved, self.drawer, told, {self.known.id: BILL})
        return lambda: sales.take(window.sale, window.rosa, take)

    def settles(self) -> Callable[[], State]:
        attempt = self.scene.scalar("SELECT id FROM attempts ORDER BY created_at DESC, id DESC LIMIT 1")
        return lambda: settle(self.scene.wired.desk(), attempt)

    def stands(self) -> tuple[int, int, int]:
        """What is owed, the credit, and how many payments there are."""
        credit = self.scene.scalar("SELECT credit_cents FROM customer_accounts WHERE id = :id", id=self.known.id)
        return self.scene.balance(self.known).cents, credit, self.scene.scalar("SELECT count(*) FROM payments")


@pytest.fixture
def counter(scene: Scene) -> Counter:
    ruling = scene.wired.city()
    window = Window(Desk(scene.sessions, ruling, acts_under(ruling), scene.clock))
    return Counter(scene, window, scene.open("utility", BILL.cents), window.open())


def _interlock_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sales, "money_on_its_way", lambda *given: {})
    monkeypatch.setattr(sales, "check_owed", lambda *given: None)


def test_the_clerk_who_takes_the_rest_as_the_link_is_paid_is_told(counter: Counter) -> None:
    """Before it is in the books money is on its way, and after that less is owed than the screen said."""
    pay_hosted_page(counter.goes_on(counter.link()).url)
    settled, taken = together([counter.settles(), counter.sale()])
    assert settled is State.SUCCEEDED
    assert type(taken) in {MoneyOnItsWay, PaidMeanwhile}, taken
    assert counter.stands() == (0, 0, 1)


def test_without_the_interlock_the_bill_is_paid_twice(counter: Counter, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: both are taken, in whichever order, and the customer has the second amount as credit."""
    _interlock_left_out(monkeypatch)
    pay_hosted_page(counter.goes_on(counter.link()).url)
    settled, taken = together([counter.settles(), counter.sale()])
    assert (settled, type(taken)) == (State.SUCCEEDED, Taken)
    assert counter.stands() == (0, BILL.cents, 2)


def test_a_link_that_was_paid_before_the_clerk_pressed_is_not_paid_again(counter: Counter) -> None:
    press = counter.sale()
    pay_hosted_page(counter.goes_on(counter.link()).url)
    assert counter.settles()() is State.SUCCEEDED
    with pytest.raises(PaidMeanwhile):
        press()
    assert counter.stands() == (0, 0, 1)
    assert counter.scene.scalar("SELECT state FROM sales") == "open"


def test_knowingly_both_are_taken_and_the_second_is_named(counter: Counter) -> None:
    """Money that has moved is never refused: who was told may take cash all the same, and the card is credit."""
    url = counter.goes_on(counter.link()).url
    pending = frozenset(row.id for row in counter.scene.rows("SELECT id FROM pending_payments"))
    assert isinstance(counter.sale(pending)(), Taken)
    pay_hosted_page(url)
    assert counter.settles()() is State.SUCCEEDED
    assert counter.stands() == (0, BILL.cents, 2)
    assert [row.kind for row in counter.scene.rows("SELECT kind FROM exception_lines")] == ["second-payment"]


def test_of_two_links_for_one_bill_the_second_is_told(counter: Counter) -> None:
    first, second = counter.link(), counter.link()
    counter.goes_on(first)
    with pytest.raises(MoneyOnItsWay):
        counter.goes_on(second)
    assert counter.scene.scalar("SELECT count(*) FROM attempts") == 1


def _both_promise(monkeypatch: pytest.MonkeyPatch) -> None:
    """Both have read that nothing is on its way before either has promised."""
    gate, told = threading.Barrier(2), checkout.told_of

    def both_here(*given: Any) -> Any:
        found = told(*given)
        gate.wait(timeout=20)
        return found

    monkeypatch.setattr(checkout, "told_of", both_here)


def test_two_links_paid_at_once_pay_the_bill_once_and_the_rest_is_credit_with_a_line(
    counter: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two telephones, two links, the same moment: nobody could be told. What moved is kept, and named."""
    links = [counter.link(), counter.link()]
    with monkeypatch.context() as patched:
        _both_promise(patched)
        gone = together([lambda token=token: counter.goes_on(token) for token in links])  # type: ignore[misc]
    assert [type(one) for one in gone] == [Leaving, Leaving], gone
    for one in gone:
        pay_hosted_page(one.url)  # type: ignore[union-attr]
    attempts = [row.id for row in counter.scene.rows("SELECT id FROM attempts ORDER BY id")]
    desk = counter.scene.wired.desk()
    acts = [lambda attempt=attempt: settle(desk, attempt) for attempt in attempts for _ in range(2)]  # type: ignore[misc]
    assert together(acts) == [State.SUCCEEDED] * 4
    assert counter.stands() == (0, BILL.cents, 2)
    assert [row.kind for row in counter.scene.rows("SELECT kind FROM exception_lines")] == ["second-payment"]


def test_two_who_go_on_with_one_link_share_one_page(counter: Counter) -> None:
    token = counter.link()
    gone = together([lambda: counter.goes_on(token)] * 3)
    assert len({one.url for one in gone if isinstance(one, Leaving)}) == 1, gone
    assert counter.scene.scalar("SELECT count(*) FROM attempts WHERE state IN ('open', 'sending')") == 1
