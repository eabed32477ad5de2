"""Start and stop service at the counter, as the City of Tracy's rules have it, and what the bills say afterwards."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import text

from accounts.approvals.rules import ReasonMissing
from accounts.audit.queries import entries_of
from accounts.cities.desk import DocumentMissing, NotOnTheList, TooFarAhead, TooFarBack
from accounts.cities.rules import NotInTheCity
from accounts.clock import FixedClock
from accounts.customer_accounts.lifecycle import (
    AlreadyClosed,
    Closing,
    EndsBeforeItBegins,
    NotClosed,
    Opened,
    Opening,
    PlaceMissing,
    RoleMissing,
)
from accounts.customer_accounts.rules import bill_code, is_reference
from accounts.customer_accounts.service import Holder, Place
from accounts.customer_changes.queries import pending_changes
from accounts.customer_changes.service import apply_due_changes
from accounts.customers.rules import BadContact, Merged
from accounts.database import Sessions, reading, transaction
from accounts.errors import NotFound
from accounts.pricing.facts import NoSuchChoice
from accounts.staff.rules import NotAllowed
from accounts.utilities import opening as utilities
from accounts.utilities.models import Meter
from accounts.utilities.opening import close_utility_account, open_utility_account, reopen_utility_account
from accounts.utilities.starting import (
    AlreadyServed,
    BadMeter,
    BadRead,
    MeterElsewhere,
    MeterMissing,
    NewMeter,
    NotAService,
    ServiceWanted,
    Start,
)
from tests.accounts.assessments.city import BILL_DATE, charges_of, released
from tests.accounts.counter import person, refused
from tests.accounts.customer_changes.conftest import KEY, Counter, counter
from tests.accounts.customer_changes.test_changes import proves
from tests.accounts.customer_changes.test_sources import states
from tests.concurrency.threads import together
from tests.database import TestDatabase
from tests.factories import DAY
from tests.factories.bills import bill_all

__all__ = ["counter"]
ONE = timedelta(days=1)
ELM = Place("12 Elm Street", "Río Claro", "CA", "95399")
ANA = Holder("Ana Ruiz", last_name="Ruiz", phone="209 555 0142")
WATER = ServiceWanted("water", "water-fixed+water-usage")
ALL = (WATER, ServiceWanted("sewer", "sewer-residential"), ServiceWanted("refuse", "refuse-carts:64"),
       ServiceWanted("storm", "storm-drain"))  # fmt: skip
METER = NewMeter("M-77", dials=5)
OPENING = Opening(DAY, holder=ANA, place=ELM, role="tenant", documents=("lease",))
START = Start(ALL, meter=METER, first_read=100, cycle="1")
SOLD = ("escrow-papers",)


@pytest.fixture
def begin(counter: Counter) -> Callable[..., Opened]:
    """Open an account of Ana's at 12 Elm Street; ``start=`` and fields of the opening may be others."""

    def run(start: Start = START, **values: Any) -> Opened:
        return open_utility_account(counter.desk, counter.clerk, replace(OPENING, **values), start)

    return run


Begin = Callable[..., Opened]


def rows(sessions: Sessions, sql: str, **values: Any) -> list[tuple[Any, ...]]:
    with reading(sessions) as session:
        return [tuple(row) for row in session.execute(text(sql), values)]


def stop(counter: Counter, account_id: int, final_on: date = DAY, **values: Any) -> None:
    read = values.pop("final_read", None)
    closing = Closing(account_id, final_on, values.pop("reason", "moves to Lodi"), **values)
    close_utility_account(counter.desk, counter.clerk, closing, final_read=read)


SERVICES = "SELECT service, since_on, until_on FROM utility_services WHERE customer_account_id = :id ORDER BY id"
ROLES = "SELECT role, since_on, until_on FROM premises_roles ORDER BY id"
HEAD = "SELECT status, opened_on, closed_on, is_protected, is_restricted FROM customer_accounts WHERE id = :id"


def test_an_account_with_all_that_a_person_takes_home(sessions: Sessions, begin: Begin) -> None:
    made = begin()
    assert is_reference(made.reference)
    assert made.bill_code == bill_code(KEY, made.account_id)
    assert proves(sessions, made.account_id, "Ruiz")
    assert rows(sessions, HEAD, id=made.account_id) == [("open", DAY, None, False, False)]
    assert rows(sessions, ROLES) == [("tenant", DAY, None)]
    assert [row[0] for row in rows(sessions, SERVICES, id=made.account_id)] == ["water", "sewer", "refuse", "storm"]
    reads = "SELECT serial, read_on, value, kind FROM meters m JOIN meter_reads r ON r.meter_id = m.id"
    assert rows(sessions, reads) == [("M-77", DAY, 100, "actual")]
    assert rows(sessions, "SELECT customer_class, cycle FROM utility_accounts") == [("residential", "1")]
    with reading(sessions) as session:
        (line,) = entries_of(session, [("account", made.account_id)]).entries
    assert (line.act, line.actor, line.details["documents"]) == ("account-opened", "staff:rosa", ["lease"])
    assert made.bill_code not in str(line.details)


def test_a_known_customer_at_a_known_place(sessions: Sessions, counter: Counter, begin: Begin) -> None:
    first = begin()
    stop(counter, first.account_id, DAY)
    again = begin(
        Start(ALL), opened_on=DAY + ONE, customer_id=first.customer_id, holder=None, premises_id=first.premises_id,
        place=None,
    )  # fmt: skip
    assert (again.customer_id, again.premises_id) == (first.customer_id, first.premises_id)
    assert rows(sessions, "SELECT count(*) FROM customers") == [(1,)]
    assert rows(sessions, ROLES) == [("tenant", DAY, DAY + ONE), ("tenant", DAY + ONE, None)]


def test_who_is_protected_elsewhere_is_protected_here(sessions: Sessions, counter: Counter, begin: Begin) -> None:
    first = begin()
    with transaction(sessions) as session:
        session.execute(text("UPDATE customer_accounts SET is_protected = true, is_restricted = true"))
    chief = replace(counter, clerk=person(sessions, "supervisor", "omar"))
    opening = replace(OPENING, customer_id=first.customer_id, holder=None, place=Place("9 Oak Ave"))
    again = open_utility_account(chief.desk, chief.clerk, opening, Start(ALL[2:]))
    assert rows(sessions, HEAD, id=again.account_id)[0][3:] == (True, True)


@pytest.mark.parametrize(
    ("values", "error"),
    [
        ({"opened_on": DAY - timedelta(days=31)}, TooFarBack),
        ({"opened_on": DAY + timedelta(days=61)}, TooFarAhead),
        ({"documents": ()}, DocumentMissing),
        ({"documents": ("signed-request",)}, DocumentMissing),
        ({"documents": ("lease", "horoscope")}, NotOnTheList),
        ({"role": ""}, RoleMissing),
        ({"role": "guest"}, RoleMissing),
        ({"place": None}, PlaceMissing),
        ({"place": Place(" - ")}, PlaceMissing),
        ({"holder": None}, BadContact),
        ({"holder": Holder("")}, BadContact),
        ({"holder": Holder("Ana Ruiz", email="ana at home")}, BadContact),
        ({"holder": Holder("Ana Ruiz", language="fr")}, BadContact),
        ({"holder": None, "customer_id": 4711}, NotFound),
        ({"place": None, "premises_id": 4711}, NotFound),
        ({"start": replace(START, services=())}, NotAService),
        ({"start": replace(START, services=(WATER, WATER))}, NotAService),
        ({"start": replace(START, services=(ServiceWanted("gas", "storm-drain"),))}, NotAService),
        ({"start": replace(START, services=(ServiceWanted("water", "state-disability-fee"),))}, NotAService),
        ({"start": replace(START, services=(ServiceWanted("storm", "storm-drain", 0),))}, NotAService),
        ({"start": replace(START, services=(ServiceWanted("water", "no-such-rate"),))}, NotInTheCity),
        ({"start": replace(START, services=(ServiceWanted("refuse", "refuse-carts:17"),))}, NoSuchChoice),
        ({"start": replace(START, meter=None, first_read=None)}, MeterMissing),
        ({"start": replace(START, meter=NewMeter("M-77", size="7/16"))}, NoSuchChoice),
        ({"start": replace(START, meter=NewMeter(" "))}, BadMeter),
        ({"start": replace(START, meter=NewMeter("M-77", unit="L"))}, BadMeter),
        ({"start": replace(START, meter=NewMeter("M-77", dials=2))}, BadMeter),
        ({"start": replace(START, meter=NewMeter("M-77", multiplier=Decimal(0)))}, BadMeter),
        ({"start": replace(START, first_read=100_000)}, BadRead),
        ({"start": replace(START, first_read=-1)}, BadRead),
    ],
)
def test_what_cannot_be_opened(
    db: TestDatabase, begin: Begin, values: dict[str, Any], error: type[Exception]
) -> None:
    with refused(db, error):  # type: ignore[arg-type]
        begin(**values)


def test_one_meter_is_billed_to_one_account(db: TestDatabase, counter: Counter, begin: Begin) -> None:
    made = begin()
    with refused(db, AlreadyServed, match=made.reference):
        begin(holder=Holder("Luis Vega"))
    with refused(db, MeterElsewhere):
        begin(place=Place("9 Oak Ave"))
    carts = begin(Start(ALL[2:3]), holder=Holder("Luis Vega"))
    assert carts.premises_id == made.premises_id, "carts are nobody's alone"
    stop(counter, made.account_id, DAY)
    with refused(db, AlreadyServed):
        begin(holder=Holder("Luis Vega"), opened_on=DAY)
    begin(Start((WATER,)), holder=Holder("Luis Vega"), opened_on=DAY + ONE)


def test_control_without_taking_turns_two_are_served_by_one_meter(
    monkeypatch: pytest.MonkeyPatch, sessions: Sessions, begin: Begin
) -> None:
    place = begin(Start(ALL[2:3]), holder=Holder("The owner"), role="owner").premises_id
    both_looked, really = threading.Barrier(2), utilities._serve

    def slowly(*args: object) -> None:
        both_looked.wait(timeout=20)
        really(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(utilities, "_ONE_AT_A_TIME", text("SELECT CAST(:place AS text)"))
    monkeypatch.setattr(utilities, "_serve", slowly)
    with transaction(sessions) as session:
        session.add(Meter(premises_id=place, serial="M-1", installed_on=DAY))
    start = Start((WATER,))
    outcomes = together([lambda: begin(start, place=None, premises_id=place)] * 2)
    assert [type(outcome) for outcome in outcomes] == [Opened, Opened]


def test_of_many_who_open_at_one_place_one_does(counter: Counter, begin: Begin) -> None:
    outcomes = together([begin] * 4)
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["AlreadyServed"] * 3 + ["Opened"]


def test_who_may_not_open_or_close(db: TestDatabase, sessions: Sessions, counter: Counter, begin: Begin) -> None:
    made = begin()
    cashier = replace(counter, clerk=person(sessions, "cashier", "carl"))
    with refused(db, NotAllowed):
        open_utility_account(cashier.desk, cashier.clerk, OPENING, START)
    with refused(db, NotAllowed):
        stop(cashier, made.account_id)
    with refused(db, NotAllowed):
        reopen_utility_account(cashier.desk, cashier.clerk, made.account_id, DAY, reason="x")
    with transaction(sessions) as session:
        session.execute(text("UPDATE customer_accounts SET is_restricted = true"))
    with refused(db, NotFound):
        stop(counter, made.account_id)
    with refused(db, NotFound):
        begin(Start(ALL[2:]), customer_id=made.customer_id, holder=None)
    with transaction(sessions) as session:
        session.execute(text("UPDATE customer_accounts SET is_restricted = false"))
        session.execute(text("INSERT INTO customers (kind, name, last_name, email, phone, mailing_address, language)"
                             " VALUES ('person', 'X', '', '', '', '', 'en')"))  # fmt: skip
        session.execute(text("UPDATE customers SET merged_into = (SELECT max(id) FROM customers) WHERE id = :id"),
                        {"id": made.customer_id})  # fmt: skip
    with refused(db, Merged):
        begin(Start(ALL[2:]), customer_id=made.customer_id, holder=None)


def test_a_closing_ends_services_and_roles_and_forwards_the_mail(
    sessions: Sessions, counter: Counter, begin: Begin, clock: FixedClock
) -> None:
    made = begin()
    final = DAY + timedelta(days=13)
    stop(counter, made.account_id, final, forwarding_address=" 7 Vine  St, Lodi", documents=("signed-request",))
    assert rows(sessions, HEAD, id=made.account_id)[0][:3] == ("closed", DAY, final)
    assert {row[2] for row in rows(sessions, SERVICES, id=made.account_id)} == {final + ONE}
    assert rows(sessions, ROLES) == [("tenant", DAY, final + ONE)]
    with reading(sessions) as session:
        (change,) = pending_changes(session, made.customer_id)
        assert (change.wanted, change.effective_on) == ({"mailing_address": "7 Vine St, Lodi"}, final + ONE)
        line = entries_of(session, [("account", made.account_id)]).entries[0]
    assert (line.act, line.before, line.after, line.reason) == ("account-closed", "open", "closed", "moves to Lodi")
    clock.advance(days=14)
    apply_due_changes(counter.desk, counter.clerk.actor_id)
    assert counter.card(made.customer_id).mailing_address == "7 Vine St, Lodi"


def test_an_owner_closes_on_proof_of_sale(db: TestDatabase, counter: Counter, begin: Begin) -> None:
    made = begin(role="owner", documents=("deed",))
    with refused(db, DocumentMissing):
        stop(counter, made.account_id, documents=("signed-request",))
    stop(counter, made.account_id, documents=("signed-request", "escrow-papers"))


def test_what_cannot_be_closed(db: TestDatabase, counter: Counter, begin: Begin, clock: FixedClock) -> None:
    made = begin(opened_on=DAY)
    for values, error in (
        ({"reason": " "}, ReasonMissing), ({"final_on": DAY - ONE}, EndsBeforeItBegins),
        ({"final_on": DAY + timedelta(days=61)}, TooFarAhead), ({"documents": ("horoscope",)}, NotOnTheList),
        ({"final_read": 10**6}, BadRead), ({"forwarding_address": "x" * 300}, BadContact),
    ):  # fmt: skip
        with refused(db, error):
            stop(counter, made.account_id, **values)  # type: ignore[arg-type]
    clock.advance(days=2)
    with refused(db, TooFarBack):
        stop(counter, made.account_id, DAY + ONE)
    with refused(db, NotFound):
        stop(counter, 4711)
    stop(counter, made.account_id, DAY + ONE + ONE)
    with refused(db, AlreadyClosed):
        stop(counter, made.account_id, DAY + ONE + ONE)


def test_of_many_who_close_it_one_does(counter: Counter, begin: Begin) -> None:
    made = begin()
    outcomes = together([lambda: stop(counter, made.account_id)] * 4)
    assert sum(isinstance(outcome, AlreadyClosed) for outcome in outcomes) == 3


def test_a_role_lasts_as_long_as_the_last_account_there(sessions: Sessions, counter: Counter, begin: Begin) -> None:
    water = begin()
    carts = begin(Start(ALL[2:3]), customer_id=water.customer_id, holder=None, role="payer")
    stop(counter, water.account_id)
    assert {row[2] for row in rows(sessions, ROLES)} == {None}
    stop(counter, carts.account_id)
    assert {row[2] for row in rows(sessions, ROLES)} == {DAY + ONE}


def test_it_goes_on_without_a_gap_or_begins_anew(
    db: TestDatabase, sessions: Sessions, counter: Counter, begin: Begin, clock: FixedClock
) -> None:
    made = begin()
    with refused(db, NotClosed):
        reopen_utility_account(counter.desk, counter.clerk, made.account_id, DAY, reason="x")
    stop(counter, made.account_id)
    clock.advance(days=100)
    for on, reason, error in (
        (DAY + ONE, " ", ReasonMissing), (DAY, "x", EndsBeforeItBegins), (DAY + 3 * ONE, "x", TooFarBack),
        (clock.today() + timedelta(days=61), "x", TooFarAhead),
    ):  # fmt: skip
        with refused(db, error):
            reopen_utility_account(counter.desk, counter.clerk, made.account_id, on, reason=reason)
    reopen_utility_account(counter.desk, counter.clerk, made.account_id, DAY + ONE, reason="closed by mistake")
    assert rows(sessions, HEAD, id=made.account_id)[0][:3] == ("open", DAY, None)
    taken = rows(sessions, SERVICES, id=made.account_id)
    assert [row for row in taken if row[0] == "water"] == [("water", DAY, DAY + ONE), ("water", DAY + ONE, None)]
    assert rows(sessions, ROLES) == [("tenant", DAY, DAY + ONE), ("tenant", DAY + ONE, None)]


def test_it_cannot_go_on_where_somebody_else_is_served(db: TestDatabase, counter: Counter, begin: Begin) -> None:
    made = begin()
    stop(counter, made.account_id)
    begin(Start((WATER,)), holder=Holder("Luis Vega"), opened_on=DAY + ONE)
    with refused(db, AlreadyServed):
        reopen_utility_account(counter.desk, counter.clerk, made.account_id, DAY + ONE, reason="x")


def test_who_leaves_and_who_comes_each_pay_their_days_and_their_water(sessions: Sessions, counter: Counter) -> None:
    """One final read ends the one and begins the other; nothing is billed twice and nothing is left out."""
    ruling = released(sessions)
    clock = counter.desk.clock
    assert isinstance(clock, FixedClock)
    clock.advance(days=-13)
    final = clock.today()
    first = open_utility_account(
        counter.desk, counter.clerk, replace(OPENING, opened_on=date(2026, 10, 16)),
        replace(START, first_read=100),
    )  # fmt: skip
    stop(counter, first.account_id, final, final_read=107)
    second = open_utility_account(
        counter.desk, counter.clerk, replace(OPENING, opened_on=final + ONE, holder=Holder("Luis Vega")), Start(ALL)
    )
    with transaction(sessions) as session:
        read = "INSERT INTO meter_reads (meter_id, read_on, value, kind) SELECT id, :on, 112, 'actual' FROM meters"
        session.execute(text(read), {"on": BILL_DATE - ONE})
    outcome = bill_all(sessions, ruling, BILL_DATE)
    assert (outcome.bills, outcome.count("left_out")) == (2, 0)

    def used(account_id: int) -> str:
        (usage,) = [c for c in charges_of(sessions, account_id) if "reads" in c.working["inputs"]]  # type: ignore[operator]
        return str(usage.working["inputs"]["facts"]["usage"])  # type: ignore[index]

    assert (Decimal(used(first.account_id)), Decimal(used(second.account_id))) == (7, 5)
    of = "working -> 'inputs' -> 'period' ->>"
    storm = "FROM charges WHERE revenue_line = 'storm' ORDER BY customer_account_id"
    periods = rows(sessions, f"SELECT {of} 'first', {of} 'last' {storm}")
    assert periods == [("2026-10-16", final.isoformat()), ((final + ONE).isoformat(), "2026-11-15")]


def test_an_import_that_still_has_it_open_does_not_open_it(
    sessions: Sessions, counter: Counter, begin: Begin
) -> None:
    made = begin()
    with transaction(sessions) as session:
        session.execute(text("UPDATE customer_accounts SET source_system = 'billing'"))
    stop(counter, made.account_id)
    settled = states(sessions, made.account_id, ANA)
    assert settled.closed_here == {made.account_id}
    assert rows(sessions, HEAD, id=made.account_id)[0][:3] == ("closed", DAY, DAY)
    (other,) = states(sessions, made.account_id, ANA, status="closed", closed_on=DAY - ONE).differences
    assert (other.field, other.stated, other.ours) == ("status", f"closed {DAY - ONE}", f"closed {DAY}")
    assert states(sessions, made.account_id, ANA, status="closed", closed_on=DAY).differences == ()
    states(sessions, made.account_id, ANA)
    assert rows(sessions, HEAD, id=made.account_id)[0][0] == "open", "once it has agreed, the source leads again"
