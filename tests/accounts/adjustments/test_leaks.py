"""A leak is credited by the city's policy, from what the bills' own workings say; nobody types usage."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from accounts.adjustments.commands import Adjust, ByLeak, LeakingCharge, TakeBack
from accounts.adjustments.leaks import LeakNotGiven, NotMetered
from accounts.adjustments.rules import LeakOfOneAccount
from accounts.approvals import queries as approvals
from accounts.charges.models import Charge
from accounts.database import reading
from accounts.errors import DomainError
from accounts.money import Money
from accounts.staff.rules import Authority
from tests.accounts.assessments.city import BILL_DATE, charges_of, house
from tests.factories.bills import bill_all
from tests.factories.desk import Desk

READS = {date(2026, 8, 13): 100, date(2026, 9, 12): 112, date(2026, 10, 13): 124, date(2026, 11, 12): 164}
"""Twelve hundred cubic feet in a month is usual here; the last month ran to forty."""


@pytest.fixture
def leaking(desk: Desk) -> int:
    """A house with three bills, the last of them with a leak in it."""
    account = house(desk.sessions, reads=READS)
    for month in (9, 10, 11):
        bill_all(desk.sessions, desk.ruling, BILL_DATE.replace(month=month))
    return account


@pytest.fixture
def clerk(desk: Desk) -> Authority:
    return desk.person("clara", "clerk")


@pytest.fixture
def supervisor(desk: Desk) -> Authority:
    return desk.person("sofia", "supervisor")


def usage(desk: Desk, account: int) -> list[Charge]:
    return [c for c in charges_of(desk.sessions, account) if c.working.get("rule") == "water-usage"]


def leak(*charges: int, proved: bool = True, usual: Decimal | None = None, asked_on: date | None = None) -> Adjust:
    named = tuple(LeakingCharge(charge_id=charge, usual=usual) for charge in charges)
    return Adjust(by=ByLeak(charges=named, is_repair_proved=proved, asked_on=asked_on))


def test_half_of_what_the_use_above_usual_cost_comes_back(
    desk: Desk, leaking: int, clerk: Authority, supervisor: Authority
) -> None:
    charge = usage(desk, leaking)[-1]
    proposal = desk.waits(clerk, leak(charge.id))
    with reading(desk.sessions) as session:
        seen = approvals.proposal(session, proposal, supervisor)
    # Usual by the average of a day: 24 HCF in 61 days make 12.197 in 31; half of 27.803 HCF at $3.22 is $44.76.
    assert seen.effect == Money(-44_76)
    assert sum(step.amount_cents for step in seen.evidence.steps) == -44_76
    done = desk.approve(supervisor, proposal)
    assert len(done.outcome["adjustment_ids"]) == 1
    assert desk.rows("SELECT reason FROM adjustments") == [("leak",)]
    assert usage(desk, leaking)[-1].open_cents == charge.open_cents - Money(44_76)


def test_a_request_in_time_is_not_late_because_it_was_decided_late(
    desk: Desk, leaking: int, clerk: Authority, supervisor: Authority
) -> None:
    charge = usage(desk, leaking)[-1]
    asked = leak(charge.id, asked_on=desk.today)
    waiting, unsaid = desk.waits(clerk, asked), desk.waits(clerk, leak(charge.id))
    desk.clock.advance(days=120)
    with pytest.raises(LeakNotGiven) as caught:
        desk.approve(supervisor, unsaid)
    assert [reason.code for reason in caught.value.facts["reasons"]] == ["asked_too_late"]  # type: ignore[attr-defined]
    assert desk.approve(supervisor, waiting).effect == Money(-44_76)


def test_once_in_twelve_months_for_a_property_unless_it_was_taken_back(
    desk: Desk, leaking: int, clerk: Authority, supervisor: Authority
) -> None:
    charge = usage(desk, leaking)[-1]
    (made,) = desk.done(clerk, supervisor, leak(charge.id)).outcome["adjustment_ids"]
    before = desk.books()
    with pytest.raises(LeakNotGiven) as caught:
        desk.propose(clerk, leak(charge.id))
    assert [reason.code for reason in caught.value.facts["reasons"]] == ["too_many_credits"]  # type: ignore[attr-defined]
    assert desk.books() == before
    desk.done(clerk, supervisor, Adjust(by=TakeBack(adjustment_id=made)))
    desk.done(clerk, supervisor, leak(charge.id))


def test_what_gets_no_credit_changes_nothing_and_says_why(desk: Desk, leaking: int, clerk: Authority) -> None:
    other = desk.account("utility", ("water", "service", 100_00))
    last, first = usage(desk, leaking)[-1].id, usage(desk, leaking)[0].id
    fixed = next(c.id for c in charges_of(desk.sessions, leaking) if c.working.get("rule") == "water-fixed")
    before = desk.books()
    refusals: list[tuple[Adjust, type[DomainError], str]] = [
        (leak(last, proved=False), LeakNotGiven, "no_proof_of_repair"),
        (leak(first), LeakNotGiven, "usual_use_unknown"),
        (leak(last, usual=Decimal(40)), LeakNotGiven, "not_above_usual"),
        (leak(fixed), NotMetered, ""),
        (leak(last, desk.charges(other)[0][0]), LeakOfOneAccount, ""),
        (leak(last, last), LeakOfOneAccount, ""),
    ]
    for command, refusal, code in refusals:
        with pytest.raises(refusal) as caught:
            desk.propose(clerk, command)
        reasons = caught.value.facts.get("reasons", ())
        assert [reason.code for reason in reasons] == ([code] if code else [])  # type: ignore[attr-defined]
    assert desk.books() == before
