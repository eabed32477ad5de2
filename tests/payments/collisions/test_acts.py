"""Money out of suspense, or moved to where it belongs, while the same bill may be paid online."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from accounts.approvals.rules import Command, WorldChanged
from accounts.approvals.service import Done, Proposed
from accounts.errors import SamePerson
from accounts.money import Money
from accounts.staff.rules import Authority, NotAllowed
from payments.attempts.rules import State
from payments.collisions import acts
from payments.collisions.service import Once
from payments.moves.rules import Move
from payments.pay_links.rules import LinkCanceled
from payments.suspense.rules import Identify, MoreThanInSuspense
from tests.concurrency.threads import together
from tests.factories.desk import Desk
from tests.factories.links import BILL, LinkCounter
from tests.factories.unknown import unknown
from tests.sandbox_server import pay_hosted_page

EXPIRE, TRIES = "/expire", 2
NAMES = ("pay-link-canceled", "online-payment-withdrawn", "posted-beside-open-page", "taken-after-paid-online")
OWED, PAID, PAID_TWICE = (BILL.cents, 0, 1), (0, 0, 1), (0, BILL.cents, 2)


@dataclass
class Office:
    """A payment of sixty dollars that is not where it belongs, and the people who put that right."""

    counter: LinkCounter
    payment: int = 0

    def __post_init__(self) -> None:
        self.payment = unknown(self.desk, BILL.cents).payment_id

    @property
    def desk(self) -> Desk:
        return self.counter.window.desk

    def person(self, name: str, role: str) -> Authority:
        return self.desk.person(name, role)

    def identify(self, cents: int = BILL.cents) -> Identify:
        return Identify(
            payment_id=self.payment, outcome="account", account_id=self.counter.known.id, amount_cents=cents
        )

    def propose(self, by: Authority, command: Command | None = None) -> Once[Proposed | Done]:
        desk = self.counter.scene.wired.desk()
        return acts.propose(desk, self.desk.acts, command or self.identify(), by, reason="It is theirs")

    def approve(self, by: Authority, proposal: int) -> Once[Done | WorldChanged]:
        return acts.approve(self.counter.scene.wired.desk(), self.desk.acts, proposal, by)


@pytest.fixture
def office(counter: LinkCounter) -> Office:
    return Office(counter)


@pytest.fixture(params=["alone", "by_two"])
def does(request: pytest.FixtureRequest, office: Office) -> Callable[[], object]:
    """Say whose it is: by oneself, or as the one who agrees."""
    supervisor = office.person("sofia", "supervisor")
    if request.param == "alone":
        return lambda: office.propose(supervisor)
    asked = office.propose(office.person("clara", "clerk")).result
    assert isinstance(asked, Proposed)
    return lambda: office.approve(supervisor, asked.proposal_id)


def canceled(counter: LinkCounter) -> int:
    return int(counter.scene.scalar("SELECT count(*) FROM pay_links WHERE canceled_at IS NOT NULL"))


def test_the_link_is_withdrawn_and_the_page_is_closed(counter: LinkCounter, does: Callable[[], Once[Done]]) -> None:
    token = counter.link()
    url = counter.goes_on(token).url
    done = does()
    assert (done.closed, done.beside) == (True, False)
    with pytest.raises(Exception, match=r"expired|no form"):
        pay_hosted_page(url)
    with pytest.raises(LinkCanceled):
        counter.goes_on(token)
    assert (counter.stands(), counter.lines()) == (PAID, [])
    assert sorted(counter.acts(*NAMES)) == ["online-payment-withdrawn", "pay-link-canceled"]


def test_what_was_just_paid_online_is_credit_with_a_line(counter: LinkCounter, does: Callable[[], object]) -> None:
    pay_hosted_page(counter.goes_on(counter.link()).url)
    does()
    assert (counter.stands(), counter.lines(), counter.acts(*NAMES)) == (PAID_TWICE, ["second-payment"], [])


def test_a_silent_processor_stops_nobody_and_the_audit_says_so(
    counter: LinkCounter, does: Callable[[], Once[Done]]
) -> None:
    url = counter.goes_on(counter.link()).url
    counter.scene.sandbox.fault("before", match=EXPIRE, count=TRIES)
    assert does().beside
    assert (counter.stands(), counter.acts(*NAMES)) == (PAID, ["posted-beside-open-page"])
    pay_hosted_page(url)
    assert counter.settles()() is State.SUCCEEDED
    assert (counter.stands(), counter.lines()) == (PAID_TWICE, ["second-payment"])


def test_a_payment_of_the_rest_is_left_open(counter: LinkCounter, office: Office) -> None:
    url = counter.goes_on(counter.link(Money(20_00)), amount=Money(20_00)).url
    done = office.propose(office.person("sofia", "supervisor"), office.identify(40_00))
    assert (done.closed, done.beside) == (False, False)
    pay_hosted_page(url)
    assert counter.settles()() is State.SUCCEEDED
    assert (counter.stands(), counter.lines()) == ((0, 0, 2), [])


def test_nothing_is_closed_for_what_is_refused_or_waits(counter: LinkCounter, office: Office) -> None:
    url = counter.goes_on(counter.link()).url
    clerk, supervisor = office.person("clara", "clerk"), office.person("sofia", "supervisor")
    books = office.desk.books()
    with pytest.raises(MoreThanInSuspense):
        office.propose(supervisor, office.identify(BILL.cents + 1))
    with pytest.raises(NotAllowed):
        office.propose(office.person("carl", "cashier"))
    assert office.desk.books() == books
    asked = office.propose(clerk).result
    assert isinstance(asked, Proposed)
    with pytest.raises(SamePerson):
        office.approve(clerk, asked.proposal_id)
    assert (office.desk.books(), canceled(counter)) == ({**books, "proposals": [(1,)]}, 0)
    assert (counter.scene.scalar("SELECT state FROM attempts"), counter.acts(*NAMES)) == ("open", [])
    assert counter.acts("decision-refused") == ["decision-refused"]
    pay_hosted_page(url)
    assert counter.settles()() is State.SUCCEEDED
    assert counter.stands() == (0, 0, 2)


def test_a_proposal_that_was_overtaken_ends_and_closes_nothing(counter: LinkCounter, office: Office) -> None:
    counter.goes_on(counter.link())
    asked = office.propose(office.person("clara", "clerk")).result
    other, sofia = counter.scene.open("utility", 10_00), office.person("sofia", "supervisor")
    office.propose(sofia, office.identify().model_copy(update={"account_id": other.id, "amount_cents": 10_00}))
    with pytest.raises(WorldChanged):
        office.approve(sofia, asked.proposal_id)
    assert counter.stands() == OWED
    assert (counter.scene.scalar("SELECT state FROM attempts"), canceled(counter)) == ("open", 0)
    verdicts = [
        row.verdict for row in counter.scene.rows("SELECT verdict FROM proposal_decisions ORDER BY proposal_id DESC")
    ]
    assert verdicts == ["alone", "stale"]


def test_a_payment_that_is_moved_closes_the_page_of_where_it_belongs(counter: LinkCounter, office: Office) -> None:
    wrong = counter.scene.open("utility", BILL.cents)
    paid = office.desk.pay({wrong.id: BILL}).payment_id
    move = Move(payment_id=paid, from_account_id=wrong.id, to_account_id=counter.known.id, amount_cents=BILL.cents)
    asked = office.propose(office.person("clara", "clerk"), move).result
    url = counter.goes_on(counter.link()).url
    done = office.approve(office.person("fay", "finance"), asked.proposal_id)
    with pytest.raises(Exception, match=r"expired|no form"):
        pay_hosted_page(url)
    assert (done.closed, counter.scene.balance(counter.known), counter.scene.balance(wrong)) == (True, Money(0), BILL)


def test_paid_and_identified_in_one_moment_it_is_once_or_somebody_is_told(
    counter: LinkCounter, does: Callable[[], object]
) -> None:
    url = counter.goes_on(counter.link()).url
    paid, done, again = together([lambda: pay_hosted_page(url), does, does])
    assert sum(isinstance(one, Exception) for one in (done, again)) == 1, (done, again)
    counter.settles()()
    if isinstance(paid, str):
        assert (counter.stands(), counter.lines()) == (PAID_TWICE, ["second-payment"])
    else:
        assert (counter.stands(), counter.lines()) == (PAID, [])


def test_without_closing_anything_the_bill_is_paid_twice(
    counter: LinkCounter, does: Callable[[], object], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: as it was before pages were closed for it."""
    token = counter.link()
    monkeypatch.setattr("payments.collisions.service.in_the_way", lambda *_given: ())
    does()
    pay_hosted_page(counter.goes_on(token).url)
    assert counter.settles()() is State.SUCCEEDED
    assert counter.stands() == PAID_TWICE
