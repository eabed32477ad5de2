"""The same bill at the counter and on a telephone: the page is closed first, and one of the two is paid."""

from __future__ import annotations

import pytest

from accounts.money import Money
from payments.attempts.rules import State
from payments.baskets.service import LessIsOwed
from payments.checkout.service import MoneyOnItsWay
from payments.collisions import service
from payments.collisions.rules import PageStillOpen, PaidOnline
from payments.drawers.rules import NotYourDrawer
from payments.pay_links.rules import LinkCanceled
from payments.sales.service import Take, Taken
from tests.concurrency.threads import together
from tests.factories.links import BILL, LinkCounter
from tests.portal.scene import add, leave
from tests.sandbox_server import pay_hosted_page

EXPIRE, TRIES = "/expire", 2
ACTS = ("pay-link-canceled", "online-payment-withdrawn", "sale-beside-open-page")
PAID_ONCE = (0, 0, 1)


def canceled(counter: LinkCounter) -> int:
    return int(counter.scene.scalar("SELECT count(*) FROM pay_links WHERE canceled_at IS NOT NULL"))


def test_a_link_that_nobody_opened_is_withdrawn_with_the_sale(counter: LinkCounter) -> None:
    token = counter.link()
    assert isinstance(counter.presses()(), Taken)
    with pytest.raises(LinkCanceled):
        counter.goes_on(token)
    assert (counter.stands(), canceled(counter)) == (PAID_ONCE, 1)
    assert counter.acts(*ACTS) == ["pay-link-canceled"]


def test_an_open_page_is_closed_at_the_processor_before_the_money_is_taken(counter: LinkCounter) -> None:
    url = counter.goes_on(counter.link()).url
    assert isinstance(counter.presses()(), Taken)
    with pytest.raises(Exception, match=r"expired|no form"):
        pay_hosted_page(url)
    assert counter.scene.scalar("SELECT state FROM attempts") == "expired"
    assert (counter.stands(), counter.lines(), canceled(counter)) == (PAID_ONCE, [], 1)
    assert sorted(counter.acts(*ACTS)) == ["online-payment-withdrawn", "pay-link-canceled"]


def test_the_page_of_a_guest_who_was_sent_no_link_is_closed_too(counter: LinkCounter) -> None:
    guest = counter.scene.guest()
    add(guest, counter.known)
    url = leave(guest)
    assert isinstance(counter.presses()(), Taken)
    with pytest.raises(Exception, match=r"expired|no form"):
        pay_hosted_page(url)
    assert counter.stands() == PAID_ONCE


def test_what_was_just_paid_online_is_not_taken_again(counter: LinkCounter) -> None:
    """Nobody has told us yet: the processor is asked before the money is taken."""
    pay_hosted_page(counter.goes_on(counter.link()).url)
    with pytest.raises(PaidOnline) as refused:
        counter.presses()()
    assert refused.value.facts["amount"] == BILL
    assert (counter.stands(), counter.lines()) == (PAID_ONCE, [])
    assert counter.scene.scalar("SELECT state FROM sales") == "open"


def test_a_processor_that_does_not_answer_is_named_and_the_cashier_decides(counter: LinkCounter) -> None:
    url = counter.goes_on(counter.link()).url
    counter.scene.sandbox.fault("before", match=EXPIRE, count=TRIES)
    with pytest.raises(PageStillOpen) as refused:
        counter.presses()()
    (attempt,) = refused.value.attempts
    assert (counter.stands(), canceled(counter), counter.acts(*ACTS)) == ((BILL.cents, 0, 0), 0, [])
    counter.scene.sandbox.fault("before", match=EXPIRE, count=TRIES)
    with pytest.raises(PageStillOpen):
        counter.presses(knowing=("another",))()
    counter.scene.sandbox.fault("before", match=EXPIRE, count=TRIES)
    assert isinstance(counter.presses(knowing=(attempt,))(), Taken)
    assert (counter.stands(), counter.acts(*ACTS)) == (PAID_ONCE, ["sale-beside-open-page"])
    pay_hosted_page(url)
    assert counter.settles()() is State.SUCCEEDED
    assert (counter.stands(), counter.lines()) == ((0, BILL.cents, 2), ["second-payment"])


def test_a_page_that_can_be_closed_after_all_is_closed_though_one_would_have_gone_on(counter: LinkCounter) -> None:
    counter.goes_on(counter.link())
    attempt = counter.scene.scalar("SELECT id FROM attempts")
    assert isinstance(counter.presses(knowing=(attempt,))(), Taken)
    assert counter.acts("sale-beside-open-page") == []
    assert counter.scene.scalar("SELECT state FROM attempts") == "expired"


def test_a_link_for_the_rest_of_the_sale_stands(counter: LinkCounter) -> None:
    url = counter.goes_on(counter.link(Money(20_00)), amount=Money(20_00)).url
    assert isinstance(counter.presses(amount=Money(40_00))(), Taken)
    pay_hosted_page(url)
    assert counter.settles()() is State.SUCCEEDED
    assert (counter.stands(), counter.lines(), canceled(counter)) == ((0, 0, 2), [], 0)


def test_nothing_is_closed_for_a_sale_that_is_refused(counter: LinkCounter) -> None:
    url = counter.goes_on(counter.link()).url
    with pytest.raises(MoneyOnItsWay):
        counter.presses(told=frozenset())()
    saved = counter.window.saved(counter.window.draft({counter.known.id: BILL.cents}))
    other = counter.window.open(counter.window.tomas, till="T2")
    desk = service.Counter(counter.window.sale, counter.scene.wired.desk())
    with pytest.raises(NotYourDrawer):
        service.take(desk, counter.window.rosa, Take(saved, other, counter.on_its_way()))
    assert (counter.scene.scalar("SELECT state FROM attempts"), canceled(counter)) == ("open", 0)
    pay_hosted_page(url)
    assert counter.settles()() is State.SUCCEEDED
    assert counter.stands() == PAID_ONCE


def test_a_form_sent_twice_finds_the_sale_taken_and_withdraws_nothing_more(counter: LinkCounter) -> None:
    counter.link()
    press = counter.presses()
    first = press()
    counter.link(Money(5_00))
    again = press()
    assert (again.again, again.receipt_id, canceled(counter)) == (True, first.receipt_id, 1)


def test_paid_and_taken_in_one_moment_it_is_one_payment(counter: LinkCounter) -> None:
    """Whom the processor heard first: either the page is closed and no card is charged, or nothing is taken."""
    url = counter.goes_on(counter.link()).url
    paid, taken = together([lambda: pay_hosted_page(url), counter.presses()])
    assert isinstance(paid, str) != isinstance(taken, Taken), (paid, taken)
    counter.settles()()
    assert (counter.stands(), counter.lines()) == (PAID_ONCE, [])


def test_going_on_by_the_link_as_the_money_is_taken_leads_nowhere_or_is_told(counter: LinkCounter) -> None:
    token = counter.link()
    press = counter.presses()
    gone, taken = together([lambda: counter.goes_on(token), press])
    assert isinstance(taken, Taken) == isinstance(gone, Exception), (gone, taken)
    if isinstance(taken, Taken):
        assert isinstance(gone, LinkCanceled | LessIsOwed | MoneyOnItsWay), gone
        assert counter.scene.scalar("SELECT count(*) FROM attempts WHERE state = 'open'") == 0
    else:
        assert isinstance(taken, MoneyOnItsWay), taken


def test_without_closing_anything_the_bill_is_paid_twice(counter: LinkCounter) -> None:
    """The control: what taking alone does, in each of the two orders."""
    token = counter.link()
    assert isinstance(counter.sale()(), Taken)
    pay_hosted_page(counter.goes_on(token).url)
    assert counter.settles()() is State.SUCCEEDED
    assert counter.stands() == (0, BILL.cents, 2)
