"""A run from its draft to its posted bills: what it holds, who may let it go, and that each bill is there once."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from accounts.billing_runs import drafting, posting, service
from accounts.billing_runs.rules import (
    NothingToBill,
    NotInThatState,
    OwnRun,
    PeriodNotOver,
    RunChanged,
    StillHeld,
)
from accounts.database import transaction
from accounts.money import Money
from accounts.staff.rules import NotAllowed, Permission
from tests.accounts.assessments.city import BILL_DATE, charges_of
from tests.accounts.billing_runs.offices import NOW, TOTAL, Office

WATER_ONLY = {"water": ("water-fixed+water-usage", 1)}


def test_a_run_from_draft_to_posted(office: Office) -> None:
    first, second = office.house(1), office.house(2)
    run = office.draft()
    assert office.state(run) == "draft"
    assert office.rows("SELECT count(*) FROM bills") == [(0,)]
    assert office.total(run) == TOTAL + TOTAL
    assert office.rows(
        "SELECT revenue_line, fund, lines, amount_cents FROM billing_totals WHERE run_id = :run ORDER BY 1", run=run
    ) == [
        ("refuse", "530", 2, 2 * 55_65), ("sewer", "520", 2, 2 * 57_60), ("storm", "540", 2, 2 * 4_35),
        ("water", "510", 4, 2 * (27_60 + 38_64)),
    ]  # fmt: skip
    office.through(run)
    assert office.state(run) == "posted"
    assert [charge.amount_cents for charge in charges_of(office.sessions, first)] == [
        Money(cents) for cents in (27_60, 38_64, 57_60, 55_65, 4_35)
    ]
    bill = office.item(run, second).bill_id
    assert {charge.bill_id for charge in charges_of(office.sessions, second)} == {bill}
    assert office.rows("SELECT kind, effective_on FROM journals") == [("bill-run", BILL_DATE)]
    facts = office.rows(
        "SELECT args ->> 'bill_id' FROM procrastinate_jobs WHERE task_name = 'bill_issued' ORDER BY 1"
    )
    assert len(facts) == 2
    posting.post(office.sessions, run, NOW)
    assert office.rows("SELECT count(*) FROM bills") == [(2,)]


def test_a_draft_that_was_cut_goes_on_and_takes_each_account_once(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    accounts = [office.house(number) for number in range(1, 6)]
    monkeypatch.setattr(drafting, "BATCH", 2)
    run = office.make()

    class Cut(Exception):
        pass

    def cut(done: int, of: int) -> None:
        del of
        if done == 2:
            raise Cut

    with pytest.raises(Cut):
        drafting.go_on(office.sessions, run, NOW, progress=cut)
    assert office.rows("SELECT count(*) FROM billing_items") == [(2,)]
    seen: list[tuple[int, int]] = []
    drafting.go_on(office.sessions, run, NOW, progress=lambda done, of: seen.append((done, of)))
    assert seen == [(4, 5), (5, 5)]
    assert [row[0] for row in office.rows("SELECT customer_account_id FROM billing_items ORDER BY 1")] == accounts
    drafting.go_on(office.sessions, run, NOW)
    assert office.total(run) == Money(5 * TOTAL.cents)


def test_an_account_stands_in_one_run_for_a_period_and_is_not_billed_twice(office: Office) -> None:
    account = office.house()
    first, second = office.draft(), office.draft()
    assert office.rows("SELECT run_id FROM billing_items") == [(first,)]
    with pytest.raises(NothingToBill):
        office.review(second)
    service.cancel(office.sessions, office.maker, first, now=NOW)
    third = office.draft()
    assert office.item(third, account).state == "ready"
    office.through(third)
    with pytest.raises(NothingToBill):
        office.review(office.draft())
    assert office.rows("SELECT count(*) FROM bills") == [(1,)]


def test_who_was_billed_elsewhere_meanwhile_is_left_out(office: Office) -> None:
    account, other = office.house(1), office.house(2)
    run = office.draft()
    office.execute(
        """INSERT INTO bills (customer_account_id, number, period_from, period_to, billed_on, due_on, delinquent_on,
                              source_system, source_key)
           SELECT :account, 'by another', period_from, period_to, bill_date, due_on, delinquent_on, 'ventanilla',
                  CAST(:account AS text) || ':' || period_to FROM billing_runs""",
        account=account,
    )
    office.through(run)
    assert (office.item(run, account).state, office.item(run, account).resolution) == ("left_out", "elsewhere")
    assert office.item(run, other).state == "posted"
    assert office.total(run) == TOTAL
    assert office.rows("SELECT count(*) FROM bills") == [(2,)]


def test_only_accounts_of_ours_in_the_cycle_are_billed(office: Office) -> None:
    ours, external, elsewhere = office.house(1), office.house(2), office.house(3)
    office.execute("UPDATE customer_accounts SET system_of_record = 'external' WHERE id = :id", id=external)
    office.execute("UPDATE utility_accounts SET cycle = '2' WHERE customer_account_id = :id", id=elsewhere)
    run = office.draft("1")
    assert office.rows("SELECT customer_account_id FROM billing_items WHERE run_id = :run", run=run) == [(ours,)]


def test_the_three_steps_have_three_refusals(office: Office) -> None:
    office.house()
    run = office.draft()
    total, nobody = office.total(run), office.person("nina")
    both = replace(office.maker, permissions=frozenset({Permission.BILLS_RUN, Permission.BILLS_APPROVE}))
    for refusal, act in (
        (NotAllowed, lambda: service.review(office.sessions, nobody, run, seen=total, now=NOW)),
        (NotInThatState, lambda: service.approve(office.sessions, office.checker, run, seen=total, now=NOW)),
        (NotInThatState, lambda: posting.post(office.sessions, run, NOW)),
        (RunChanged, lambda: service.review(office.sessions, office.maker, run, seen=Money(1), now=NOW)),
    ):
        before = office.books()
        with pytest.raises(refusal):
            act()
        assert office.books() == before
    office.review(run)
    for refusal, act in (
        (OwnRun, lambda: service.approve(office.sessions, both, run, seen=total, now=NOW)),
        (NotAllowed, lambda: service.approve(office.sessions, office.maker, run, seen=total, now=NOW)),
        (RunChanged, lambda: service.approve(office.sessions, office.checker, run, seen=Money(1), now=NOW)),
        (NotInThatState, lambda: posting.post(office.sessions, run, NOW)),
    ):
        before = office.books()
        with pytest.raises(refusal):
            act()
        assert office.books() == before
    assert office.rows("SELECT details ->> 'why' FROM audit_entries WHERE act = 'decision-refused'") == [("OwnRun",)]


def test_the_database_knows_that_two_people_are_needed(office: Office) -> None:
    office.house()
    run = office.draft()
    office.review(run)
    with pytest.raises(IntegrityError, match="approved_by_another"), transaction(office.sessions) as session:
        session.execute(
            text("UPDATE billing_runs SET approved_by = made_by, state = 'approved' WHERE id = :run"), {"run": run}
        )
    with pytest.raises(IntegrityError, match="posted_when_approved"), transaction(office.sessions) as session:
        session.execute(text("UPDATE billing_runs SET state = 'posted' WHERE id = :run"), {"run": run})


def test_a_run_goes_back_to_work_and_held_bills_stop_a_review(office: Office) -> None:
    office.house(1)
    office.used(2, 90)
    run = office.draft()
    with pytest.raises(StillHeld) as still:
        office.review(run)
    assert still.value.facts["held"] == 1
    office.execute("UPDATE billing_items SET state = 'left_out' WHERE state = 'held'")
    office.review(run)
    service.reopen(office.sessions, office.maker, run)
    assert office.state(run) == "draft"
    assert office.rows("SELECT reviewed_by FROM billing_runs") == [(None,)]


def test_no_run_before_its_period_is_over(office: Office) -> None:
    office.house()
    before = office.books()
    with pytest.raises(PeriodNotOver):
        drafting.make(office.sessions, office.ruling, office.maker, cycle="", bill_date=BILL_DATE,
                      today=BILL_DATE - timedelta(days=1), now=NOW)  # fmt: skip
    assert office.books() == before


def test_a_house_without_anything_to_bill_is_in_no_run(office: Office) -> None:
    office.house(1, services=WATER_ONLY, since=date(2026, 12, 1))
    run = office.draft()
    assert office.rows("SELECT count(*) FROM billing_items") == [(0,)]
    assert office.state(run) == "draft"
