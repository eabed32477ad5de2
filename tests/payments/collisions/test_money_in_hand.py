"""A check in the mail, or a paper receipt, while the same bill may be paid online: who writes it down knows first."""

from __future__ import annotations

import pytest

from accounts.errors import DomainError
from accounts.money import Money
from payments.attempts.rules import State
from payments.checkout.service import Leaving
from payments.collisions.rules import PageStillOpen, PaidOnline, Warned
from payments.drawers.rules import NotYourDrawer
from payments.mail_batches.entering import enter
from payments.mail_batches.rules import Remittance
from payments.manual_receipts import service as paper
from payments.manual_receipts.rules import NotInTheBook
from payments.manual_receipts.service import Written
from payments.pay_links.rules import LinkCanceled
from tests.concurrency.threads import together
from tests.factories.in_hand import Hand, Posts
from tests.factories.links import BILL, LinkCounter
from tests.sandbox_server import pay_hosted_page

EXPIRE, TRIES = "/expire", 2
ACTS = ("pay-link-canceled", "online-payment-withdrawn", "sale-beside-open-page", "taken-after-paid-online")
PAID_ONCE, PAID_TWICE = (0, 0, 1), (0, BILL.cents, 2)


@pytest.fixture
def hand(counter: LinkCounter) -> Hand:
    return Hand(counter)


@pytest.fixture(params=["by_mail", "on_paper"])
def posts(request: pytest.FixtureRequest, hand: Hand) -> Posts:
    way: Posts = getattr(hand, request.param)
    return way


def attempt(counter: LinkCounter) -> str:
    return str(counter.scene.scalar("SELECT id FROM attempts"))


def canceled(counter: LinkCounter) -> int:
    return int(counter.scene.scalar("SELECT count(*) FROM pay_links WHERE canceled_at IS NOT NULL"))


def test_a_link_that_nobody_opened_is_withdrawn_with_it(counter: LinkCounter, posts: Posts) -> None:
    token = counter.link()
    posts()()
    with pytest.raises(LinkCanceled):
        counter.goes_on(token)
    assert (counter.stands(), counter.acts(*ACTS)) == (PAID_ONCE, ["pay-link-canceled"])


def test_the_page_is_closed_at_the_processor_before_the_money_is_posted(counter: LinkCounter, posts: Posts) -> None:
    url = counter.goes_on(counter.link()).url
    entered = posts()()
    assert (entered.closed, entered.is_coming) == (True, False)  # type: ignore[attr-defined]
    with pytest.raises(Exception, match=r"expired|no form"):
        pay_hosted_page(url)
    assert (counter.stands(), counter.lines(), canceled(counter)) == (PAID_ONCE, [], 1)
    assert sorted(counter.acts(*ACTS)) == ["online-payment-withdrawn", "pay-link-canceled"]


def test_what_was_just_paid_online_is_named_and_entered_only_knowingly(counter: LinkCounter, posts: Posts) -> None:
    """Sent again without the tick, it is named again: that the payment is in the books by now hides nothing."""
    pay_hosted_page(counter.goes_on(counter.link()).url)
    with pytest.raises(PaidOnline) as refused:
        posts()()
    named = frozenset(refused.value.attempts)
    assert (named, refused.value.facts["amount"]) == ({attempt(counter)}, BILL)
    with pytest.raises(PaidOnline):
        posts(warned=Warned(named))()
    assert (counter.stands(), counter.lines(), counter.acts(*ACTS)) == (PAID_ONCE, [], [])
    posts(warned=Warned(named, goes_on=True))()
    assert (counter.stands(), counter.lines()) == (PAID_TWICE, ["second-payment"])
    assert counter.acts(*ACTS) == ["taken-after-paid-online"]


def test_a_processor_that_does_not_answer_is_named_first(counter: LinkCounter, posts: Posts) -> None:
    url = counter.goes_on(counter.link()).url
    for warned in (Warned(), Warned(frozenset({attempt(counter)})), Warned(frozenset({"another"}), goes_on=True)):
        counter.scene.sandbox.fault("before", match=EXPIRE, count=TRIES)
        with pytest.raises(PageStillOpen):
            posts(warned=warned)()
    assert (counter.stands(), canceled(counter), counter.acts(*ACTS)) == ((BILL.cents, 0, 0), 0, [])
    counter.scene.sandbox.fault("before", match=EXPIRE, count=TRIES)
    entered = posts(warned=Warned(frozenset({attempt(counter)}), goes_on=True))()
    assert entered.is_coming  # type: ignore[attr-defined]
    assert (counter.stands(), counter.acts(*ACTS)) == (PAID_ONCE, ["sale-beside-open-page"])
    pay_hosted_page(url)
    assert counter.settles()() is State.SUCCEEDED
    assert (counter.stands(), counter.lines()) == (PAID_TWICE, ["second-payment"])


def test_one_that_was_known_to_stay_open_and_turns_out_paid_is_not_asked_about_again(
    counter: LinkCounter, posts: Posts
) -> None:
    pay_hosted_page(counter.goes_on(counter.link()).url)
    posts(warned=Warned(frozenset({attempt(counter)}), goes_on=True))()
    assert (counter.stands(), counter.lines()) == (PAID_TWICE, ["second-payment"])
    assert counter.acts(*ACTS) == ["taken-after-paid-online"]


def test_a_payment_for_the_rest_stands_and_is_told_of(counter: LinkCounter, posts: Posts) -> None:
    url = counter.goes_on(counter.link(Money(20_00)), amount=Money(20_00)).url
    entered = posts(Money(40_00))()
    assert (entered.closed, entered.is_coming) == (False, True)  # type: ignore[attr-defined]
    pay_hosted_page(url)
    assert counter.settles()() is State.SUCCEEDED
    assert (counter.stands(), counter.lines()) == ((0, 0, 2), [])


def test_nothing_is_closed_for_what_is_refused(counter: LinkCounter, hand: Hand) -> None:
    url = counter.goes_on(counter.link()).url
    window, wired, account = counter.window, counter.scene.wired, counter.known.id
    hand.by_mail()
    hand.on_paper()
    envelope = Remittance("another's", "check", BILL, ((account, BILL),), "77", "River Bank")
    beyond = Written(901, wired.clock.today(), window.draft({account: BILL.cents}))
    with pytest.raises(NotYourDrawer):
        enter(wired.mail_desk(), window.rosa, hand.bundle, envelope)
    with pytest.raises(NotInTheBook):
        paper.enter(wired.counter(), window.rosa, hand.book, counter.drawer, beyond)
    assert (counter.scene.scalar("SELECT state FROM attempts"), canceled(counter)) == ("open", 0)
    assert counter.scene.scalar("SELECT count(*) FROM sales") == 0
    pay_hosted_page(url)
    assert counter.settles()() is State.SUCCEEDED
    assert counter.stands() == PAID_ONCE


def test_paid_and_entered_in_one_moment_it_is_one_payment(counter: LinkCounter, posts: Posts) -> None:
    url = counter.goes_on(counter.link()).url
    paid, entered = together([lambda: pay_hosted_page(url), posts()])
    assert isinstance(paid, str) == isinstance(entered, PaidOnline), (paid, entered)
    counter.settles()()
    assert (counter.stands(), counter.lines()) == (PAID_ONCE, [])


def test_going_on_by_the_link_as_it_is_entered_leads_nowhere_or_is_closed(counter: LinkCounter, posts: Posts) -> None:
    """The money is here: it is entered in any case, and no page is left on which the same could be paid."""
    token = counter.link()
    gone, entered = together([lambda: counter.goes_on(token), posts()])
    assert not isinstance(entered, Exception), entered
    assert isinstance(gone, Leaving | LinkCanceled | DomainError), gone
    assert counter.scene.scalar("SELECT count(*) FROM attempts WHERE state IN ('open', 'sending')") == 0
    assert (counter.stands(), counter.lines(), canceled(counter)) == (PAID_ONCE, [], 1)


def test_without_closing_anything_the_bill_is_paid_twice(
    counter: LinkCounter, posts: Posts, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: as it was before pages were closed for it."""
    token = counter.link()
    monkeypatch.setattr("payments.collisions.service.in_the_way", lambda *_given: ())
    posts()()
    pay_hosted_page(counter.goes_on(token).url)
    assert counter.settles()() is State.SUCCEEDED
    assert counter.stands() == PAID_TWICE
