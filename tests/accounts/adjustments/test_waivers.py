"""Fees and penalties forgiven: how much, how often, by whom, and what it does to money that had met them."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from accounts.adjustments import queries
from accounts.adjustments.commands import Adjust, TakeBack, Waive
from accounts.adjustments.rules import MoreThanAsked, NoSuchReason, NotWaivable, WaivedBefore
from accounts.approvals import queries as approvals
from accounts.approvals.rules import WorldChanged
from accounts.approvals.service import Done
from accounts.assessments.rules import NotOurs
from accounts.database import reading, transaction
from accounts.errors import DomainError, NotFound, SamePerson
from accounts.money import Money
from accounts.staff.rules import Authority, NotAllowed, OverLimit
from tests.factories.desk import Desk

PENALTY = ("utility-fees", "penalty", 20_00)


@pytest.fixture
def clerk(desk: Desk) -> Authority:
    return desk.person("clara", "clerk")


@pytest.fixture
def supervisor(desk: Desk) -> Authority:
    return desk.person("sofia", "supervisor")


@pytest.fixture
def late(desk: Desk) -> tuple[int, int]:
    """An account that owes water and a penalty; its id, and the penalty's."""
    account = desk.account("utility", ("water", "service", 100_00), PENALTY)
    return account, desk.charges(account)[1][0]


def waive(charge: int, cents: int, **more: object) -> Waive:
    return Waive.model_validate({"charge_id": charge, "amount_cents": cents, "reason_code": "first-time", **more})


def test_a_clerk_forgives_a_small_penalty_alone(desk: Desk, clerk: Authority, late: tuple[int, int]) -> None:
    account, penalty = late
    done = desk.propose(clerk, waive(penalty, 20_00))
    assert isinstance(done, Done)
    assert done.effect == Money(-20_00)
    assert [row[1:] for row in desk.charges(account)] == [(100_00, 100_00), (0, 0)]
    assert desk.balances() == {"510-1200": 100_00, "510-4100": -100_00}
    with reading(desk.sessions) as session:
        (made,) = queries.adjustments_of(session, [penalty])
    assert (made.act, made.reason, made.words, made.maker, made.checker) == (
        "waiver", "first-time", "as they asked", "staff:clara", "",
    )  # fmt: skip
    assert desk.rows("SELECT kind, memo FROM journals ORDER BY id DESC LIMIT 1") == [("waiver", "first-time")]


def test_a_part_may_be_forgiven(desk: Desk, clerk: Authority, late: tuple[int, int]) -> None:
    account, penalty = late
    desk.propose(clerk, waive(penalty, 5_00))
    assert desk.charges(account)[1][1:] == (15_00, 15_00)


def test_what_was_paid_already_becomes_credit(desk: Desk, clerk: Authority, late: tuple[int, int]) -> None:
    account, penalty = late
    desk.pay({account: Money(112_00)})
    done = desk.propose(clerk, waive(penalty, 20_00))
    assert done.outcome["credited_cents"] == 12_00
    assert (desk.charges(account)[1][1:], desk.credit(account)) == ((0, 0), 12_00)
    laid = desk.rows("SELECT amount_cents, policy FROM allocations WHERE charge_id = :id ORDER BY id", id=penalty)
    assert laid == [(12_00, "2020-1"), (-12_00, "taken-back")]


def test_a_license_penalty_that_was_paid_becomes_credit_in_its_own_fund(desk: Desk, supervisor: Authority) -> None:
    account = desk.account("license", ("license-penalties", "penalty", 30_00))
    desk.pay({account: Money(30_00)})
    desk.propose(supervisor, waive(desk.charges(account)[0][0], 30_00))
    assert desk.balances() == {"100-1000": 30_00, "100-2200": -30_00, "990-1015": 30_00, "990-2010": -30_00}


def test_rule_5_above_a_clerks_limit_a_waiver_is_escalated(
    desk: Desk, clerk: Authority, supervisor: Authority
) -> None:
    """Clerks process inside set limits; a lead or senior handles escalations; above that it goes on to finance."""
    account = desk.account("utility", ("utility-fees", "fee", 900_00))
    ((charge, _, _),) = desk.charges(account)
    proposal = desk.waits(clerk, waive(charge, 600_00))
    before = desk.books()
    with reading(desk.sessions) as session:
        (seen,) = approvals.inbox(session, supervisor).proposals
        assert [h.value for h in seen.hindrances] == ["over-limit"]
    for by, refusal in ((clerk, SamePerson), (desk.person("otto", "clerk"), NotAllowed), (supervisor, OverLimit)):
        with pytest.raises(refusal):
            desk.approve(by, proposal)
    assert desk.books() == before
    desk.approve(desk.person("fred", "finance"), proposal)
    assert desk.charges(account)[0][1:] == (300_00, 300_00)


def test_rule_2_a_clerk_never_approves_the_own_waiver(desk: Desk, late: tuple[int, int]) -> None:
    """Not even with the rights of a second person."""
    both = desk.person("sofia", "supervisor")
    proposal = desk.waits(both, waive(_bigger(desk, late[0]), 150_00))
    before = desk.books()
    with pytest.raises(SamePerson):
        desk.approve(both, proposal)
    assert desk.books() == before


def _bigger(desk: Desk, account: int) -> int:
    with transaction(desk.sessions) as session:
        return desk.charge(session, account, ("utility-fees", "fee", 200_00))[0]


def _again(desk: Desk, account: int, days: int) -> int:
    desk.clock.advance(days=days)
    with transaction(desk.sessions) as session:
        return desk.charge(session, account, PENALTY)[0]


def test_once_in_twelve_months_and_then_again(desk: Desk, clerk: Authority, late: tuple[int, int]) -> None:
    account, penalty = late
    desk.propose(clerk, waive(penalty, 20_00))
    first, second = desk.today, _again(desk, account, 300)
    before = desk.books()
    with pytest.raises(WaivedBefore) as caught:
        desk.propose(clerk, waive(second, 20_00))
    assert caught.value.facts == {"on": first, "times": 1, "months": 12, "may_be_asked": True, "kind": "penalty"}
    assert desk.books() == before
    desk.clock.advance(days=66)
    assert isinstance(desk.propose(clerk, waive(second, 20_00)), Done)


def test_a_fee_and_a_penalty_are_counted_apart(desk: Desk, clerk: Authority, late: tuple[int, int]) -> None:
    account, penalty = late
    with transaction(desk.sessions) as session:
        (fee,) = desk.charge(session, account, ("utility-fees", "fee", 25_00))
    for charge, cents in ((penalty, 20_00), (fee, 25_00)):
        assert isinstance(desk.propose(clerk, waive(charge, cents)), Done)


def test_rule_5_a_limit_is_not_passed_in_pieces(desk: Desk, clerk: Authority) -> None:
    """A clerk who may forgive $25.00 alone does not forgive $200.00 in eight parts."""
    account = desk.account("utility", ("utility-fees", "fee", 200_00))
    ((charge, _, _),) = desk.charges(account)
    desk.propose(clerk, waive(charge, 25_00))
    before = desk.books()
    with pytest.raises(WaivedBefore):
        desk.propose(clerk, waive(charge, 25_00))
    assert desk.books() == before
    assert desk.waits(clerk, waive(charge, 25_00, beyond_count=True))


def test_beyond_the_count_a_second_person_decides_whatever_the_amount(
    desk: Desk, clerk: Authority, supervisor: Authority, late: tuple[int, int]
) -> None:
    account, penalty = late
    desk.propose(clerk, waive(penalty, 20_00))
    second = _again(desk, account, 30)
    proposal = desk.waits(clerk, waive(second, 1_00, beyond_count=True))
    with reading(desk.sessions) as session:
        assert approvals.proposal(session, proposal, supervisor).evidence.asks_second == ("beyond-count",)
    desk.approve(supervisor, proposal)
    assert desk.charges(account)[2][1:] == (19_00, 19_00)


def test_a_waiver_that_was_taken_back_does_not_count(
    desk: Desk, clerk: Authority, supervisor: Authority, late: tuple[int, int]
) -> None:
    account, penalty = late
    done = desk.propose(clerk, waive(penalty, 20_00))
    (made,) = done.outcome["adjustment_ids"]
    desk.done(clerk, supervisor, Adjust(by=TakeBack(adjustment_id=made)))
    assert desk.charges(account)[1][1:] == (20_00, 20_00)
    second = _again(desk, account, 5)
    assert isinstance(desk.propose(clerk, waive(second, 20_00)), Done)


def test_a_waiver_given_meanwhile_makes_one_that_waits_stale(
    desk: Desk, clerk: Authority, supervisor: Authority, late: tuple[int, int]
) -> None:
    """Two penalties, two requests within the count: the second approval does not overlook the first waiver."""
    account, penalty = late
    with transaction(desk.sessions) as session:
        (big,) = desk.charge(session, account, ("utility-fees", "penalty", 200_00))
    waiting = desk.waits(clerk, waive(big, 150_00))
    desk.propose(clerk, waive(penalty, 20_00))
    before = desk.books()
    with pytest.raises(WorldChanged) as caught:
        desk.approve(supervisor, waiting)
    assert caught.value.facts["changed"] == {"forgiven before": ("", desk.today.isoformat())}
    assert {**desk.books(), "proposal_decisions": None} == {**before, "proposal_decisions": None}


REFUSALS: list[tuple[str, Callable[[Desk, int], Waive], type[DomainError]]] = [
    ("more than it asks", lambda desk, account: waive(desk.charges(account)[1][0], 20_01), MoreThanAsked),
    ("a service", lambda desk, account: waive(desk.charges(account)[0][0], 1_00), NotWaivable),
    ("no such reason", lambda desk, account: waive(desk.charges(account)[1][0], 1_00, reason_code="x"), NoSuchReason),
    ("no such charge", lambda desk, account: waive(9_999, 1_00), NotFound),
]


@pytest.mark.parametrize(("command", "refusal"), [r[1:] for r in REFUSALS], ids=[r[0] for r in REFUSALS])
def test_what_is_not_forgiven_changes_nothing(
    desk: Desk, clerk: Authority, late: tuple[int, int], command: Callable[[Desk, int], Waive],
    refusal: type[DomainError],
) -> None:  # fmt: skip
    asked, before = command(desk, late[0]), desk.books()
    with pytest.raises(refusal):
        desk.propose(clerk, asked)
    assert desk.books() == before


@pytest.mark.parametrize(
    ("kind", "line", "refusal"),
    [
        ("utility", "utility-deposit", NotWaivable),
        ("license", "state-disability-fee", NotWaivable),
        ("citation", "parking", NotOurs),
    ],
)
def test_money_that_is_not_the_citys_is_not_forgiven(
    desk: Desk, clerk: Authority, kind: str, line: str, refusal: type[DomainError]
) -> None:
    account = desk.account(kind, (line, "fee", 10_00))
    before = desk.books()
    with pytest.raises(refusal):
        desk.propose(clerk, waive(desk.charges(account)[0][0], 10_00))
    assert desk.books() == before


def test_under_an_older_policy_nobody_goes_beyond(desk: Desk, clerk: Authority, late: tuple[int, int]) -> None:
    """Effective-dated: in 2023 once in six months, and never more."""
    account, penalty = late
    desk.clock.advance(days=-1_200)
    desk.propose(clerk, waive(penalty, 20_00))
    second = _again(desk, account, 150)
    with pytest.raises(WaivedBefore) as caught:
        desk.propose(clerk, waive(second, 20_00, beyond_count=True))
    assert (caught.value.facts["months"], caught.value.facts["may_be_asked"]) == (6, False)
    desk.clock.advance(days=40)
    assert isinstance(desk.propose(clerk, waive(second, 20_00)), Done)
