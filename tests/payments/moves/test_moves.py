"""A misapplied payment: out of one account and into another as a pair, once, and never more than it is."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from accounts.adjustments.commands import Waive
from accounts.approvals import queries as approvals
from accounts.approvals.rules import WorldChanged
from accounts.approvals.service import Proposed
from accounts.database import reading, transaction
from accounts.errors import DomainError, NotFound, SamePerson
from accounts.ledger.service import reverse
from accounts.money import ZERO, Money
from accounts.staff.rules import Authority, NotAllowed, OverLimit
from payments.moves import queries
from payments.moves.rules import CreditSpent, MoreThanThere, Move, PaymentTakenBack, SameAccount
from payments.moves.service import Moving
from tests.concurrency.threads import together
from tests.factories.desk import Desk


@pytest.fixture
def clerk(desk: Desk) -> Authority:
    return desk.person("clara", "clerk")


@pytest.fixture
def supervisor(desk: Desk) -> Authority:
    return desk.person("sofia", "supervisor")


@pytest.fixture
def two(desk: Desk) -> tuple[int, int]:
    """Two accounts; the first owes water and sewer, the second sewer and refuse."""
    return (
        desk.account("utility", ("water", "service", 60_00), ("sewer", "service", 30_00)),
        desk.account("utility", ("sewer", "service", 45_00), ("refuse", "service", 20_00)),
    )


def move(payment: int, source: int, to: int, cents: int) -> Move:
    return Move(payment_id=payment, from_account_id=source, to_account_id=to, amount_cents=cents)


def opens(desk: Desk, account: int) -> list[int]:
    return [left for _, _, left in desk.charges(account)]


def test_a_whole_payment_is_moved_and_everything_is_as_if_it_had_met_the_other(
    desk: Desk, clerk: Authority, supervisor: Authority, two: tuple[int, int]
) -> None:
    wrong, right = two
    paid = desk.pay({wrong: Money(70_00)})
    assert opens(desk, wrong) == [0, 20_00]
    proposal = desk.waits(clerk, move(paid.payment_id, wrong, right, 70_00))
    with reading(desk.sessions) as session:
        seen = approvals.proposal(session, proposal, supervisor)
    assert seen.effect == Money(70_00)
    assert [side["owed_cents"] for side in seen.evidence.after["accounts"]] == [90_00, 0]
    assert [side["credit_cents"] for side in seen.evidence.after["accounts"]] == [0, 5_00]
    done = desk.approve(supervisor, proposal)
    assert (opens(desk, wrong), desk.credit(wrong)) == ([60_00, 30_00], 0)
    assert (opens(desk, right), desk.credit(right)) == ([0, 0], 5_00)
    assert desk.balances() == {
        "510-1000": 5_00, "510-1200": 60_00, "510-2200": -5_00, "510-4100": -60_00,
        "520-1000": 45_00, "520-1200": 30_00, "520-4100": -75_00,
        "530-1000": 20_00, "530-4100": -20_00, "990-1015": 70_00, "990-2010": -70_00,
    }  # fmt: skip
    pair = desk.rows(
        "SELECT kind, effective_on, business_day, memo FROM journals WHERE id IN (:out, :back) ORDER BY id",
        out=done.outcome["journal_out"], back=done.outcome["journal_in"],
    )  # fmt: skip
    assert pair == [(kind, desk.today, desk.today, "as they asked") for kind in ("move-out", "move-in")]
    with reading(desk.sessions) as session:
        (told,) = queries.moves_of_payment(session, paid.payment_id)
        assert queries.moves_of_account(session, right) == [told]
    assert (told.receipt_number, told.amount, told.maker, told.checker) == (
        paid.receipt_number, Money(70_00), "staff:clara", "staff:sofia",
    )  # fmt: skip


def test_a_part_is_taken_from_the_credit_first_then_from_what_was_met_last(
    desk: Desk, clerk: Authority, supervisor: Authority, two: tuple[int, int]
) -> None:
    wrong, right = two
    paid = desk.pay({wrong: Money(100_00)})
    assert desk.credit(wrong) == 10_00
    desk.done(clerk, supervisor, move(paid.payment_id, wrong, right, 15_00))
    assert (opens(desk, wrong), desk.credit(wrong)) == ([0, 5_00], 0)
    assert (opens(desk, right), desk.credit(right)) == ([30_00, 20_00], 0)
    with reading(desk.sessions) as session:
        held = {one.account_id: (one.total, one.credit) for one in queries.holdings(session, paid.payment_id)}
    assert held == {wrong: (Money(85_00), ZERO), right: (Money(15_00), ZERO)}


def test_a_move_is_undone_by_moving_back(
    desk: Desk, clerk: Authority, supervisor: Authority, two: tuple[int, int]
) -> None:
    wrong, right = two
    paid = desk.pay({wrong: Money(70_00)})
    before = (opens(desk, wrong), opens(desk, right), desk.balances())
    desk.done(clerk, supervisor, move(paid.payment_id, wrong, right, 70_00))
    desk.done(clerk, supervisor, move(paid.payment_id, right, wrong, 70_00))
    assert (opens(desk, wrong), opens(desk, right), desk.balances()) == before
    assert desk.rows("SELECT number FROM moves ORDER BY id") == [(1,), (2,)]


def test_money_is_laid_by_the_policy_of_the_day_it_was_paid(
    desk: Desk, clerk: Authority, supervisor: Authority
) -> None:
    """It happened when it was paid: charges are met by the law of that day, and both journals say that day."""
    wrong = desk.account("utility")
    right = desk.account("utility", ("storm", "service", 10_00), ("water", "service", 10_00))
    paid_on = desk.today - timedelta(days=3)
    paid = desk.pay({wrong: Money(10_00)}, on=paid_on)
    desk.clock.advance(days=9)
    done = desk.done(clerk, supervisor, move(paid.payment_id, wrong, right, 10_00))
    assert opens(desk, right) == [10_00, 0]
    days = desk.rows("SELECT effective_on, business_day FROM journals WHERE kind LIKE 'move-%'")
    assert days == [(paid_on, desk.today)] * 2
    assert desk.rows("SELECT policy FROM allocations WHERE journal_id = :id", id=done.outcome["journal_in"]) == [
        ("2020-1",)
    ]


def test_charges_reopen_with_their_age_and_both_people_are_told(
    desk: Desk, clerk: Authority, supervisor: Authority
) -> None:
    wrong, right = desk.account("utility"), desk.account("utility")
    with transaction(desk.sessions) as session:
        (old,) = desk.charge(session, wrong, ("water", "service", 40_00), days=-60)
    paid = desk.pay({wrong: Money(40_00)})
    desk.clock.advance(days=2)
    with transaction(desk.sessions) as session:
        desk.charge(session, right, ("utility-fees", "penalty", 6_00), days=20)
    proposal = desk.waits(clerk, move(paid.payment_id, wrong, right, 40_00))
    with reading(desk.sessions) as session:
        notes = {note.kind: note.facts for note in approvals.proposal(session, proposal, supervisor).evidence.notes}
    assert (notes["reopens-past-due"]["charge_id"], notes["reopens-past-due"]["cents"]) == (old, 40_00)
    assert notes["penalty-to-look-at"]["cents"] == 6_00
    due = desk.rows("SELECT due_on, delinquent_on FROM charges WHERE id = :id", id=old)
    desk.approve(supervisor, proposal)
    assert desk.rows("SELECT due_on, delinquent_on FROM charges WHERE id = :id", id=old) == due
    assert opens(desk, wrong) == [40_00]


def test_what_a_waiver_turned_into_credit_is_moved_as_credit(
    desk: Desk, clerk: Authority, supervisor: Authority
) -> None:
    wrong, right = desk.account("utility", ("utility-fees", "fee", 25_00)), desk.account("utility")
    paid = desk.pay({wrong: Money(25_00)})
    desk.propose(clerk, Waive(charge_id=desk.charges(wrong)[0][0], amount_cents=10_00, reason_code="city-error"))
    desk.done(clerk, supervisor, move(paid.payment_id, wrong, right, 25_00))
    assert (opens(desk, wrong), desk.credit(wrong), desk.credit(right)) == ([15_00], 0, 25_00)


def test_credit_that_is_gone_is_not_moved(desk: Desk, clerk: Authority, two: tuple[int, int]) -> None:
    """Two payments, both credit; the credit of one was used up by the move of the other."""
    wrong, right = desk.account("utility"), two[1]
    first = desk.pay({wrong: Money(10_00)})
    with transaction(desk.sessions) as session:  # as a refund will: less credit than was paid
        session.execute(text("UPDATE customer_accounts SET credit_cents = 4_00 WHERE id = :id"), {"id": wrong})
    before = desk.books()
    with pytest.raises(CreditSpent) as caught:
        desk.propose(clerk, move(first.payment_id, wrong, right, 10_00))
    assert caught.value.facts == {"missing": Money(6_00)}
    assert desk.books() == before
    with transaction(desk.sessions) as session:
        session.execute(text("UPDATE customer_accounts SET credit_cents = 10_00 WHERE id = :id"), {"id": wrong})


REFUSALS: list[tuple[str, Callable[[int, int, int], Move], type[DomainError]]] = [
    ("more than there is", lambda payment, a, b: move(payment, a, b, 70_01), MoreThanThere),
    ("from an account without it", lambda payment, a, b: move(payment, b, a, 1), MoreThanThere),
    ("to the same account", lambda payment, a, b: move(payment, a, a, 1), SameAccount),
    ("no such payment", lambda payment, a, b: move(payment + 9, a, b, 1), NotFound),
    ("no such account", lambda payment, a, b: move(payment, a, b + 99, 1), NotFound),
]


@pytest.mark.parametrize(("command", "refusal"), [r[1:] for r in REFUSALS], ids=[r[0] for r in REFUSALS])
def test_what_cannot_be_moved_changes_nothing(
    desk: Desk, clerk: Authority, two: tuple[int, int], command: Callable[[int, int, int], Move],
    refusal: type[DomainError],
) -> None:  # fmt: skip
    paid = desk.pay({two[0]: Money(70_00)})
    before = desk.books()
    with pytest.raises(refusal):
        desk.propose(clerk, command(paid.payment_id, *two))
    assert desk.books() == before


def test_a_payment_that_was_reversed_is_not_moved(desk: Desk, clerk: Authority, two: tuple[int, int]) -> None:
    wrong, right = desk.account("utility"), two[1]
    paid = desk.pay({wrong: Money(5_00)})
    with transaction(desk.sessions) as session:
        reverse(session, paid.journal_id, actor_id=clerk.actor_id, on=desk.today, memo="void")
        session.execute(text("UPDATE customer_accounts SET credit_cents = 0 WHERE id = :id"), {"id": wrong})
    before = desk.books()
    with pytest.raises(PaymentTakenBack):
        desk.propose(clerk, move(paid.payment_id, wrong, right, 5_00))
    assert desk.books() == before


def test_rule_2_nobody_moves_money_without_a_second_person(desk: Desk, two: tuple[int, int]) -> None:
    paid = desk.pay({two[0]: Money(70_00)})
    makers = [desk.person(f"{role}-x", role) for role in ("clerk", "supervisor", "finance")]
    for cents, maker in enumerate(makers, start=1):
        asked = desk.propose(maker, move(paid.payment_id, *two, cents))
        assert isinstance(asked, Proposed)
        before = desk.books()
        with pytest.raises((SamePerson, NotAllowed)):
            desk.approve(maker, asked.proposal_id)
        assert desk.books() == before


def test_rule_5_above_a_supervisors_limit_finance_decides(
    desk: Desk, clerk: Authority, supervisor: Authority, two: tuple[int, int]
) -> None:
    paid = desk.pay({two[0]: Money(6_000_00)})
    proposal = desk.waits(clerk, move(paid.payment_id, *two, 5_000_01))
    before = desk.books()
    with pytest.raises(OverLimit):
        desk.approve(supervisor, proposal)
    assert desk.books() == before
    desk.approve(desk.person("fred", "finance"), proposal)


def test_two_clerks_move_the_same_payment_at_once_and_one_wins(
    desk: Desk, clerk: Authority, two: tuple[int, int]
) -> None:
    wrong, right = two
    paid = desk.pay({wrong: Money(70_00)})
    third = desk.account("utility")
    proposals = [desk.waits(clerk, move(paid.payment_id, wrong, to, 70_00)) for to in (right, third)]
    checkers = [desk.person(name, "supervisor") for name in ("sofia", "sergio")]
    outcomes = together([
        lambda by=by, proposal=proposal: desk.approve(by, proposal)  # type: ignore[misc]
        for by, proposal in zip(checkers, proposals, strict=True)
    ])  # fmt: skip
    lost = [outcome for outcome in outcomes if isinstance(outcome, Exception)]
    assert [type(error) for error in lost] == [WorldChanged]
    assert desk.rows("SELECT count(*), sum(amount_cents)::bigint FROM moves") == [(1, 70_00)]
    assert opens(desk, wrong) == [60_00, 30_00]


def test_control_without_the_lock_only_the_database_stops_the_second(
    desk: Desk, clerk: Authority, two: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The race that the lock prevents: both have read the money where it was. The number of the move stops one."""
    wrong, right = two
    paid, third = desk.pay({wrong: Money(70_00)}), desk.account("utility")
    proposals = [desk.waits(clerk, move(paid.payment_id, wrong, to, 70_00)) for to in (right, third)]
    both_have_read, weigh = threading.Barrier(2), Moving.weigh

    def slowly(self: Moving, session: Session, command: Move, today: date) -> object:
        weighed = weigh(self, session, command, today)
        both_have_read.wait(timeout=20)
        return weighed

    monkeypatch.setattr(Moving, "_lock", lambda *_: None)
    monkeypatch.setattr(Moving, "weigh", slowly)
    checkers = [desk.person(name, "supervisor") for name in ("sofia", "sergio")]
    outcomes = together([
        lambda by=by, proposal=proposal: desk.approve(by, proposal)  # type: ignore[misc]
        for by, proposal in zip(checkers, proposals, strict=True)
    ])  # fmt: skip
    lost = [outcome for outcome in outcomes if isinstance(outcome, Exception)]
    assert len(lost) == 1
    assert "uq_moves_payment_id_number" in str(lost[0])
    assert desk.rows("SELECT count(*) FROM moves") == [(1,)]
