"""What holds a bill, and how a person works it: every kind of exception, and every way out."""

from __future__ import annotations

from datetime import date

import pytest

from accounts.billing_runs import working
from accounts.billing_runs.rules import (
    CannotAccept,
    NeedsAReason,
    NotInThatState,
    NotInThisRun,
    ReadStands,
    RunChanged,
)
from accounts.billing_runs.working import NewRead, Seen
from accounts.errors import DomainError, NotFound
from accounts.money import Money
from accounts.staff.rules import NotAllowed, Permission
from accounts.utilities.starting import BadRead
from tests.accounts.billing_runs.offices import NOW, TOTAL, YEAR, Office

AFTER = date(2026, 11, 12)


def test_each_kind_of_problem_is_held(office: Office) -> None:
    accounts = {
        "ready": office.used(1, 12),
        "high": office.used(2, 31),
        "low": office.used(3, 1),
        "zero": office.used(4, 0),
        "negative": office.house(5, reads={**YEAR, AFTER: 95}),
        "missing": office.house(6, reads={**YEAR}),
        "no-rate": office.house(7, services={"refuse": ("refuse-carts:48", 1)}),
        "turned": office.house(8, reads={date(2026, 10, 13): 99_995, AFTER: 7}),
    }
    run = office.draft()
    found = {name: (item.state, item.problems) for name, item in
             ((name, office.item(run, account)) for name, account in accounts.items())}  # fmt: skip
    assert found == {
        "ready": ("ready", []), "turned": ("ready", []),
        **{name: ("held", [name]) for name in ("high", "low", "zero", "negative", "missing", "no-rate")},
    }  # fmt: skip
    high = office.item(run, accounts["high"])
    assert (high.evidence["before"], str(high.used)) == (
        {"first": "2025-10-16", "last": "2025-11-15", "used": "10.000"}, "31.000"
    )  # fmt: skip
    assert office.item(run, accounts["no-rate"]).evidence == {"lacks": {"choice": "48"}}


def test_the_third_estimate_in_a_row_is_held(office: Office) -> None:
    reads = {date(2026, 8, 12): 80, date(2026, 9, 12): 90, date(2026, 10, 13): 100, AFTER: 110}
    twice, thrice = office.house(1, reads=reads), office.house(2, reads=reads)
    for account, since in ((twice, date(2026, 10, 1)), (thrice, date(2026, 9, 1))):
        office.execute(
            """UPDATE meter_reads SET kind = 'estimated' WHERE read_on >= :since AND meter_id IN (
                   SELECT m.id FROM meters m JOIN customer_accounts a USING (premises_id) WHERE a.id = :account)""",
            since=since, account=account,
        )  # fmt: skip
    run = office.draft()
    assert office.item(run, twice).problems == []
    assert office.item(run, thrice).problems == ["estimated"]
    assert office.item(run, thrice).evidence["estimates"] == 3


def test_a_reread_puts_a_bill_right(office: Office) -> None:
    account = office.used(1, 31)
    run = office.draft()
    assert office.total(run) == Money(0)
    assert working.reread(office.sessions, office.maker, office.seen(run, account), NewRead("M1", 112), now=NOW)
    item = office.item(run, account)
    assert (item.state, item.resolution, item.total_cents, item.worked_by) == (
        "ready", "reread", TOTAL, office.maker.actor_id,
    )  # fmt: skip
    assert office.total(run) == TOTAL
    office.through(run)
    assert office.rows("SELECT sum(amount_cents) FROM charges") == [(TOTAL.cents,)]


def test_a_reread_that_says_the_same_leaves_it_held_until_somebody_accepts(office: Office) -> None:
    account = office.used(1, 31)
    run = office.draft()
    assert not working.reread(office.sessions, office.maker, office.seen(run, account), NewRead("M1", 131), now=NOW)
    working.accept(office.sessions, office.maker, office.seen(run, account), "a leak, mended on Nov. 14", now=NOW)
    item = office.item(run, account)
    assert (item.state, item.reason, item.problems) == ("ready", "a leak, mended on Nov. 14", ["high"])
    acts = office.rows("SELECT details ->> 'how' FROM audit_entries WHERE act = 'bill-worked' ORDER BY id")
    assert acts == [("reread",), ("accept",)]


def test_a_missing_read_is_estimated(office: Office) -> None:
    account = office.house(1, reads={**YEAR})
    run = office.draft()
    assert working.estimate(office.sessions, office.maker, office.seen(run, account), NewRead("M1", 112), now=NOW)
    assert office.item(run, account).total_cents == TOTAL
    (use,) = office.item(run, account).evidence["reads"]  # type: ignore[misc, has-type]
    assert use["current"] == {"on": "2026-11-15", "value": 112, "kind": "estimated"}


def test_what_is_left_out_is_taken_up_by_a_later_run(office: Office) -> None:
    account, other = office.used(1, 0), office.used(2, 12)
    run = office.draft()
    working.leave_out(office.sessions, office.maker, office.seen(run, account), "meter is broken", now=NOW)
    office.through(run)
    assert office.total(run) == TOTAL
    again = office.draft()
    assert office.rows("SELECT customer_account_id FROM billing_items WHERE run_id = :run", run=again) == [(account,)]
    assert office.item(run, other).state == "posted"


@pytest.mark.parametrize(
    ("refusal", "act"),
    [
        (NeedsAReason, lambda o, seen: working.accept(o.sessions, o.maker, seen, "  ", now=NOW)),
        (NeedsAReason, lambda o, seen: working.leave_out(o.sessions, o.maker, seen, "", now=NOW)),
        (NotAllowed, lambda o, seen: working.accept(o.sessions, o.person("nina"), seen, "fine", now=NOW)),
        (RunChanged, lambda o, seen: working.accept(o.sessions, o.maker, Seen(seen.run_id, seen.account_id, 9), "x",
                                                    now=NOW)),
        (NotFound, lambda o, seen: working.accept(o.sessions, o.maker, Seen(seen.run_id, 999, 1), "x", now=NOW)),
        (BadRead, lambda o, seen: working.reread(o.sessions, o.maker, seen, NewRead("M1", 100_000), now=NOW)),
        (NotInThisRun, lambda o, seen: working.reread(o.sessions, o.maker, seen, NewRead("M7", 1), now=NOW)),
        (NotInThisRun, lambda o, seen: working.reread(o.sessions, o.maker, seen,
                                                      NewRead("M1", 1, date(2026, 9, 1)), now=NOW)),
        (ReadStands, lambda o, seen: working.estimate(o.sessions, o.maker, seen, NewRead("M1", 1, AFTER), now=NOW)),
    ],
)  # fmt: skip
def test_refusals_change_nothing(office: Office, refusal: type[DomainError], act) -> None:  # type: ignore[no-untyped-def]
    account = office.used(1, 31)
    run = office.draft()
    seen = office.seen(run, account)
    before = office.books()
    with pytest.raises(refusal):
        act(office, seen)
    assert office.books() == before


def test_nothing_is_accepted_where_there_is_no_bill(office: Office) -> None:
    account = office.house(1, reads={**YEAR})
    run = office.draft()
    before = office.books()
    with pytest.raises(CannotAccept):
        working.accept(office.sessions, office.maker, office.seen(run, account), "fine", now=NOW)
    assert office.books() == before


def test_a_protected_account_is_worked_by_those_who_may_see_it(office: Office) -> None:
    account = office.used(1, 31)
    office.execute("UPDATE customer_accounts SET is_protected = true WHERE id = :id", id=account)
    run = office.draft()
    with pytest.raises(NotFound):
        working.accept(office.sessions, office.maker, office.seen(run, account), "fine", now=NOW)
    may = office.person("pia", Permission.BILLS_RUN, Permission.PROTECTED_SEE)
    working.accept(office.sessions, may, office.seen(run, account), "fine", now=NOW)
    assert office.item(run, account).state == "ready"


def test_after_the_review_nothing_is_worked(office: Office) -> None:
    account = office.used(1, 12)
    run = office.draft()
    office.review(run)
    before = office.books()
    with pytest.raises(NotInThatState):
        working.leave_out(office.sessions, office.maker, office.seen(run, account), "x", now=NOW)
    assert office.books() == before
