"""An amount was typed, then somebody else paid the same: the guest is told before anything is promised."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from accounts.money import Money
from payments.baskets.queries import basket
from payments.baskets.rules import basket_total, surplus_key
from payments.baskets.service import Choice, LessIsOwed, TooMuch, choose, new_token, put
from payments.checkout import service as checkout
from payments.checkout.service import Leaving, Start
from payments.sales.service import Taken
from payments.terms import bounds_of, checkout_rules
from tests.concurrency.threads import together
from tests.factories.links import BILL, LinkCounter, link_counter
from tests.page_client import PageClient
from tests.portal.scene import Scene, put_many
from tests.sandbox_server import pay_hosted_page

WORDS = {
    "en": ("Go to the payment page", "Less is owed now than you are about to pay.", "owes nothing",
           "If you go on, $60.00 stays as credit for later bills."),
    "es": ("Ir a la página de pago", "Ahora se debe menos de lo que usted va a pagar.", "no debe nada",
           "Si continúa, $60.00 queda como crédito para facturas futuras."),
}  # fmt: skip


@pytest.fixture
def counter(scene: Scene) -> LinkCounter:
    return link_counter(scene)


def typed(counter: LinkCounter, guest: PageClient, amount: Money) -> None:
    """Another amount of the account is in the guest's basket."""
    scene, bounds = counter.scene, bounds_of(counter.scene.city)
    put_many(scene, guest, [counter.known])
    choice = Choice("other", amount)
    choose(scene.sessions, "a token for tests", counter.known.id, choice, bounds=bounds, today=scene.today)


def attempts(counter: LinkCounter) -> int:
    return int(counter.scene.scalar("SELECT count(*) FROM attempts"))


@pytest.mark.parametrize("lang", ["en", "es"])
def test_paid_at_the_window_after_it_was_typed(counter: LinkCounter, lang: str) -> None:
    button, refused, owes, credit = WORDS[lang]
    guest = counter.scene.guest(lang=lang)
    typed(counter, guest, BILL)
    page = guest.get("/basket")
    assert owes not in page.text
    assert isinstance(counter.presses()(), Taken)
    page = guest.submit(button, expect=409, budget=60)
    assert page.errors[0].startswith(refused)
    assert owes in page.text
    assert credit in page.text
    assert attempts(counter) == 0
    guest.submit(button, budget=60)
    assert attempts(counter) == 1, "told in words, they may leave it as credit"


def test_less_is_owed_but_something_is(counter: LinkCounter) -> None:
    guest = counter.scene.guest()
    typed(counter, guest, Money(50_00))
    guest.get("/basket")
    assert isinstance(counter.presses(amount=Money(40_00))(), Taken)
    page = guest.submit(WORDS["en"][0], expect=409, budget=60)
    assert "owes less" in page.text
    assert "You are about to pay $50.00. What is owed is $20.00. If you go on, $30.00 stays as credit" in page.text
    assert attempts(counter) == 0


def test_what_was_typed_as_credit_is_said_on_the_page_and_asked_once(counter: LinkCounter) -> None:
    guest = counter.scene.guest()
    typed(counter, guest, Money(100_00))
    assert "If you go on, $40.00 stays as credit" in guest.get("/basket").text
    guest.submit(WORDS["en"][0], budget=60)
    assert attempts(counter) == 1


def test_a_link_to_pay_says_it_too(counter: LinkCounter) -> None:
    """A bill that was lowered after the link was sent; the link itself is not withdrawn for that."""
    token, guest = counter.link(Money(50_00)), counter.scene.guest()
    guest.get(f"/l/{token}")
    counter.sale(amount=Money(40_00))()
    page = guest.submit(WORDS["en"][0], expect=409, budget=60)
    assert page.errors[0].startswith(WORDS["en"][1])
    assert "If you go on, $30.00 stays as credit" in page.text
    assert attempts(counter) == 0


def start_of(counter: LinkCounter, cents: int, *, keeps_credit: bool = True) -> Callable[[], Leaving]:
    """The button of the basket's page, as the page stands now."""
    scene, token = counter.scene, new_token()
    bounds = bounds_of(scene.wired.city().city)
    put(scene.sessions, token, counter.known.id, bounds=bounds)
    choose(scene.sessions, token, counter.known.id, Choice("other", Money(cents)), bounds=bounds, today=scene.today)
    with scene.sessions() as session:
        shown = basket(session, token, scene.today, scene.clock.now())
    due = basket_total(shown)
    rules = replace(checkout_rules(scene.wired.city(), due, scene.today), keeps_credit=keeps_credit)
    actor = counter.window.rosa.actor_id
    seen = surplus_key(one.surplus for one in shown)
    command = Start(token, "en", "", "http://localhost", due + rules.fee.amount, actor, surplus=seen)
    return lambda: checkout.start(scene.wired.desk(), command, rules)


def test_where_no_credit_is_kept_nothing_above_is_promised(counter: LinkCounter) -> None:
    with pytest.raises(TooMuch) as refused:
        start_of(counter, 100_00, keeps_credit=False)()
    assert refused.value.facts["most"] == BILL
    assert attempts(counter) == 0


def test_typed_and_taken_in_one_moment(counter: LinkCounter) -> None:
    """Whoever is first under the account's lock: the other is told. Never both, unawares."""
    left, taken = together([start_of(counter, BILL.cents), counter.sale()])
    assert isinstance(left, Leaving) != isinstance(taken, Taken), (left, taken)
    if isinstance(taken, Taken):
        assert isinstance(left, LessIsOwed), left
        assert attempts(counter) == 0


def test_without_weighing_again_the_bill_is_paid_twice(counter: LinkCounter, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: the basket was shown before the sale, and started after it."""
    guest = counter.scene.guest()
    typed(counter, guest, BILL)
    guest.get("/basket")
    assert isinstance(counter.presses()(), Taken)
    monkeypatch.setattr("payments.checkout.service.check_surplus", lambda *_given, **_named: None)
    page = guest.submit(WORDS["en"][0], budget=60)
    pay_hosted_page(page.location)
    counter.settles()()
    assert counter.stands() == (0, BILL.cents, 2)
