"""Money in suspense goes to whom it belongs, once, dated as it was paid; and back, by an act of its own."""

from __future__ import annotations

from datetime import timedelta

import pytest

from accounts.approvals.rules import WorldChanged
from accounts.approvals.service import Done, Proposed
from accounts.database import reading
from accounts.errors import DomainError, NotFound, SamePerson
from accounts.money import ZERO, Money
from accounts.staff.rules import Authority, NotAllowed
from payments.moves.queries import holdings
from payments.moves.rules import CreditSpent, Move
from payments.suspense import queries
from payments.suspense.rules import AlreadyTakenBack, Clue, Identify, MoreThanInSuspense, NotInSuspense
from tests.concurrency.threads import together
from tests.factories.desk import Desk
from tests.factories.unknown import unknown


@pytest.fixture
def clerk(desk: Desk) -> Authority:
    return desk.person("clara", "clerk")


@pytest.fixture
def supervisor(desk: Desk) -> Authority:
    return desk.person("sofia", "supervisor")


def suspense(desk: Desk) -> int:
    return -desk.balances().get(desk.ruling.city.roles.suspense, 0)


def to(payment: int, account: int, cents: int, **more: object) -> Identify:
    return Identify(payment_id=payment, outcome="account", account_id=account, amount_cents=cents, **more)  # type: ignore[arg-type]


def sender(payment: int, cents: int, **more: object) -> Identify:
    return Identify(payment_id=payment, outcome="sender", amount_cents=cents, **more)  # type: ignore[arg-type]


def test_money_is_identified_by_two_and_counts_from_the_day_on_which_it_was_paid(
    desk: Desk, clerk: Authority, supervisor: Authority
) -> None:
    account = desk.account("utility", ("water", "service", 60_00), ("sewer", "service", 30_00))
    paid = unknown(desk, 100_00, Clue("J. Smith", "thanks"), on=desk.today - timedelta(days=3))
    assert suspense(desk) == 100_00
    proposal = desk.waits(clerk, to(paid.payment_id, account, 100_00))
    done = desk.approve(supervisor, proposal)
    assert ([left for _, _, left in desk.charges(account)], desk.credit(account)) == ([0, 0], 10_00)
    assert suspense(desk) == 0
    ((kind, on, day),) = desk.rows(
        "SELECT kind, effective_on, business_day FROM journals WHERE id = :id", id=done.outcome["journal_id"]
    )
    assert (kind, on, day) == ("identification", desk.today - timedelta(days=3), desk.today)
    with reading(desk.sessions) as session:
        (held,) = holdings(session, paid.payment_id)
        assert queries.queue(session, desk.ruling.city.roles.suspense) == []
    assert (held.account_id, held.total) == (account, Money(100_00))


def test_a_part_goes_to_one_a_part_to_another_and_the_rest_back_to_the_sender(
    desk: Desk, supervisor: Authority
) -> None:
    one, other = desk.account("utility", ("water", "service", 60_00)), desk.account("license")
    paid = unknown(desk, 90_00, known={one: Money(10_00)})
    for command in (
        to(paid.payment_id, one, 50_00),
        to(paid.payment_id, other, 15_00),
        sender(paid.payment_id, 25_00),
    ):
        assert isinstance(desk.propose(supervisor, command), Done)
    assert [left for _, _, left in desk.charges(one)] == [0]
    assert desk.credit(other) == 15_00
    assert suspense(desk) == 0
    assert desk.balances()[desk.ruling.city.roles.refunds_payable] == -25_00


def test_what_was_identified_is_taken_back_once(desk: Desk, supervisor: Authority) -> None:
    account = desk.account("utility", ("water", "service", 60_00))
    paid = unknown(desk, 80_00)
    found = desk.propose(supervisor, to(paid.payment_id, account, 80_00)).outcome["identification_id"]
    desk.propose(supervisor, to(paid.payment_id, account, 80_00, undoes_id=found))
    assert ([left for _, _, left in desk.charges(account)], desk.credit(account)) == ([60_00], 0)
    assert suspense(desk) == 80_00
    before = desk.books()
    with pytest.raises(AlreadyTakenBack):
        desk.propose(supervisor, to(paid.payment_id, account, 80_00, undoes_id=found))
    assert desk.books() == before
    back = desk.propose(supervisor, sender(paid.payment_id, 80_00)).outcome["identification_id"]
    desk.propose(supervisor, sender(paid.payment_id, 80_00, undoes_id=back))
    assert suspense(desk) == 80_00


def test_credit_that_was_spent_is_not_taken_back(desk: Desk, supervisor: Authority) -> None:
    account = desk.account("utility")
    paid = unknown(desk, 80_00)
    found = desk.propose(supervisor, to(paid.payment_id, account, 80_00)).outcome["identification_id"]
    other = desk.account("utility")
    desk.done(desk.person("clara", "clerk"), desk.person("fay", "finance"), Move(
        payment_id=paid.payment_id, from_account_id=account, to_account_id=other, amount_cents=80_00,
    ))  # fmt: skip
    assert desk.credit(other) == 80_00
    before = desk.books()
    with pytest.raises(DomainError) as refused:
        desk.propose(supervisor, to(paid.payment_id, account, 80_00, undoes_id=found))
    assert type(refused.value).__name__ in {"CreditSpent", "MoreThanThere"}
    assert issubclass(CreditSpent, DomainError)
    assert desk.books() == before


@pytest.mark.parametrize(("cents", "refusal"), [(80_01, MoreThanInSuspense), (1_000_000_00, MoreThanInSuspense)])
def test_no_more_than_there_is(desk: Desk, supervisor: Authority, cents: int, refusal: type[DomainError]) -> None:
    account, paid = desk.account("utility"), unknown(desk, 80_00)
    before = desk.books()
    with pytest.raises(refusal):
        desk.propose(supervisor, to(paid.payment_id, account, cents))
    assert desk.books() == before


def test_a_payment_without_suspense_and_one_that_is_not_there(desk: Desk, supervisor: Authority) -> None:
    account = desk.account("utility", ("water", "service", 60_00))
    paid = desk.pay({account: Money(10_00)})
    before = desk.books()
    with pytest.raises(NotInSuspense):
        desk.propose(supervisor, to(paid.payment_id, account, 1_00))
    with pytest.raises(NotFound):
        desk.propose(supervisor, to(999_999, account, 1_00))
    assert desk.books() == before


def test_who_may_and_who_decides(desk: Desk, clerk: Authority, supervisor: Authority) -> None:
    account, paid = desk.account("utility"), unknown(desk, 80_00)
    before = desk.books()
    with pytest.raises(NotAllowed):
        desk.propose(desk.person("carl", "cashier"), to(paid.payment_id, account, 80_00))
    assert desk.books() == before
    large = unknown(desk, 600_00)
    proposal = desk.propose(supervisor, to(large.payment_id, account, 600_00))
    assert isinstance(proposal, Proposed)
    with pytest.raises(SamePerson):
        desk.approve(supervisor, proposal.proposal_id)
    with pytest.raises(NotAllowed):
        desk.approve(clerk, proposal.proposal_id)
    assert suspense(desk) == 680_00


def test_two_people_identify_the_same_money_and_one_is_told(desk: Desk) -> None:
    accounts = [desk.account("utility"), desk.account("utility")]
    paid = unknown(desk, 80_00)
    people = [desk.person("sofia", "supervisor"), desk.person("sam", "supervisor")]
    outcomes = together(
        [
            lambda by=by, account=account: desk.propose(by, to(paid.payment_id, account, 80_00))  # type: ignore[misc]
            for by, account in zip(people, accounts, strict=True)
        ]
    )
    refused = [one for one in outcomes if isinstance(one, Exception)]
    assert [type(one) for one in refused] == [NotInSuspense]
    assert sorted(desk.credit(account) for account in accounts) == [0, 80_00]
    assert suspense(desk) == 0


def test_the_second_person_of_a_proposal_that_somebody_overtook_is_told(
    desk: Desk, clerk: Authority, supervisor: Authority
) -> None:
    one, other, paid = desk.account("utility"), desk.account("utility"), unknown(desk, 80_00)
    proposal = desk.waits(clerk, to(paid.payment_id, one, 80_00))
    desk.propose(supervisor, to(paid.payment_id, other, 30_00))
    with pytest.raises(WorldChanged):
        desk.approve(supervisor, proposal)
    assert (desk.credit(one), desk.credit(other), suspense(desk)) == (0, 30_00, 50_00)


def test_the_queue_is_by_age_and_holds_what_is_left(desk: Desk, supervisor: Authority) -> None:
    account = desk.account("utility")
    first, second = unknown(desk, 80_00, Clue("Ann Lee")), unknown(desk, 20_00)
    desk.propose(supervisor, to(first.payment_id, account, 30_00))
    code = desk.ruling.city.roles.suspense
    with reading(desk.sessions) as session:
        rows = queries.queue(session, code)
        assert [(row.payment_id, row.left, row.amount) for row in rows] == [
            (first.payment_id, Money(50_00), Money(80_00)), (second.payment_id, Money(20_00), Money(20_00)),
        ]  # fmt: skip
        assert rows[0].clue.payer == "Ann Lee"
        assert [row.payment_id for row in queries.queue(session, code, after=first.payment_id)] == [second.payment_id]
        assert queries.standing(session, first.payment_id, code) == Money(50_00)
        assert queries.standing(session, second.payment_id, code) > ZERO
