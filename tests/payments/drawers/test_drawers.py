"""A drawer from its float to its accepted count: by two people at each end, and every cent somewhere."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from accounts.database import reading, transaction
from accounts.errors import DomainError, SamePerson
from accounts.ledger.rules import check_balance
from accounts.money import ZERO, Money
from accounts.staff.rules import NotAllowed
from payments.drawers import queries, service, verdicts
from payments.drawers.rules import (
    CashTerms,
    ChecksDiffer,
    Counted,
    CountIsStale,
    DifferenceNotExplained,
    DrawerNotOpen,
    FloatNotRight,
    FloatsDiffer,
    Found,
    NotCounted,
    NothingCounted,
    NotYourDrawer,
    OneDrawerEach,
    ReasonNeeded,
    TillInUse,
    UnknownDenomination,
    over_short,
)
from payments.reversals.rules import Void
from tests.concurrency.threads import together
from tests.factories.window import FLOAT, Window, check, pennies, terminal

STATE = "SELECT state, version FROM drawers ORDER BY id"
TERMS = CashTerms("hand", "terminal", "change", "over", "100", "990", "due", {"100": "claim"})
CENTS = st.integers(0, 500_000)


def state(window: Window) -> tuple[object, ...]:
    desk = window.desk
    counts = [desk.rows(f"SELECT count(*) FROM {name}") for name in
              ("drawer_counts", "drawer_verdicts", "drawer_movements", "vault_batches", "journals")]  # fmt: skip
    return (desk.rows(STATE), counts, desk.balances())


def owing(window: Window, cents: int = 100_00) -> int:
    return window.desk.account("utility", ("water", "service", cents))


def test_a_drawer_is_open_only_after_a_second_person_counted_its_float(window: Window) -> None:
    drawer = service.open_drawer(window.cash, window.rosa, "T1", "C1", FLOAT)
    assert window.desk.rows("SELECT state FROM drawers") == [("float",)]
    before = state(window)
    with pytest.raises(SamePerson):
        service.verify_float(window.cash, window.rosa, drawer, FLOAT)
    with pytest.raises(FloatsDiffer):
        service.verify_float(window.cash, window.tomas, drawer, {**FLOAT, 100: 19})
    assert state(window) == before
    service.verify_float(window.cash, window.tomas, drawer, FLOAT)
    assert window.desk.rows("SELECT state FROM drawers") == [("open",)]


@pytest.mark.parametrize(
    ("denominations", "refusal"),
    [({**FLOAT, 100: 19}, FloatNotRight), ({}, FloatNotRight), ({3: 1}, UnknownDenomination),
     ({100: -1}, UnknownDenomination), ({100: 100_001}, UnknownDenomination)],
)  # fmt: skip
def test_a_float_is_what_a_drawer_begins_with(
    window: Window, denominations: dict[int, int], refusal: type[DomainError]
) -> None:
    before = state(window)
    with pytest.raises(refusal):
        service.open_drawer(window.cash, window.rosa, "T1", "C1", denominations)
    assert state(window) == before


def test_a_till_has_one_drawer_and_a_cashier_one_till(window: Window) -> None:
    window.open()
    before = state(window)
    with pytest.raises(TillInUse):
        service.open_drawer(window.cash, window.tomas, "T1", "C1", FLOAT)
    with pytest.raises(OneDrawerEach):
        service.open_drawer(window.cash, window.rosa, "T2", "C2", FLOAT)
    with pytest.raises(NotAllowed):
        service.open_drawer(window.cash, window.desk.person("axel", "auditor"), "T2", "C2", FLOAT)
    assert state(window) == before


def test_a_count_that_fits_closes_the_drawer_and_all_of_its_takings_are_in_the_vault(window: Window) -> None:
    account = owing(window)
    drawer = window.open()
    window.take(
        drawer,
        window.draft({account: 100_00}, [check(40_00), terminal(25_00), *window.draft({account: 35_00}).tenders]),
    )
    batch = window.close(drawer)
    assert window.desk.rows("SELECT state FROM drawers") == [("closed",)]
    assert window.desk.rows(
        "SELECT id, cash_cents, checks_cents, checks_count, terminal_cents FROM vault_batches"
    ) == [(batch, 35_00, 40_00, 1, 25_00)]
    assert window.desk.balances()["990-1015"] == 75_00
    assert window.desk.balances()["990-1030"] == 25_00
    assert "100-4900" not in window.desk.balances()


@pytest.mark.parametrize(("off", "change_fund"), [(7_50, 0), (-20_00, 0), (-250_00, -150_00)])
def test_over_and_short_are_posted_with_a_reason_and_the_float_stays_apart(
    window: Window, off: int, change_fund: int
) -> None:
    drawer = window.open()
    window.take(drawer, window.draft({owing(window): 100_00}))
    count = window.counted(drawer, off=off)
    before = state(window)
    with pytest.raises(DifferenceNotExplained):
        verdicts.accept(window.cash, window.sofia, count.id)
    assert state(window) == before
    verdicts.accept(window.cash, window.sofia, count.id, "counted twice")
    balances = window.desk.balances()
    assert balances["100-4900"] == -off
    assert balances.get("990-1016", 0) == change_fund
    assert balances.get("990-1015", 0) == max(100_00 + off, 0)
    assert window.desk.rows("SELECT cash_cents FROM vault_batches") == [(max(100_00 + off, 0),)]


def test_over_in_one_tender_and_short_in_another_are_never_netted(window: Window) -> None:
    account = owing(window)
    drawer = window.open()
    window.take(drawer, window.draft({account: 80_00}, [terminal(30_00), *window.draft({account: 50_00}).tenders]))
    found = Counted(pennies(240_00), terminal=Money(40_00))
    count = service.count(window.cash, window.rosa, drawer, found)
    verdicts.accept(window.cash, window.sofia, count.id, "a ten was taken for a slip")
    assert window.desk.rows("SELECT effect FROM source_effects WHERE source_kind = 'drawer_count' ORDER BY 1") == [
        ("cash",), ("terminal",)
    ]  # fmt: skip
    assert window.desk.rows("SELECT cash_cents, terminal_cents FROM vault_batches") == [(40_00, 40_00)]


def test_a_missing_check_is_found_or_its_sale_voided_before_a_count_is_accepted(window: Window) -> None:
    account = owing(window)
    drawer = window.open()
    taken = window.take(drawer, window.draft({account: 40_00}, [check(40_00)]))
    count = window.counted(drawer, checks_off=-40_00)
    before = state(window)
    with pytest.raises(ChecksDiffer):
        verdicts.accept(window.cash, window.sofia, count.id, "it is not there")
    assert state(window) == before
    window.desk.propose(window.sofia, Void(payment_id=taken.payment_id), "the check was lost")
    before = state(window)
    with pytest.raises(CountIsStale):
        verdicts.accept(window.cash, window.sofia, count.id, "it was voided")
    assert state(window) == before
    verdicts.reject(window.cash, window.sofia, count.id, "one sale was voided")
    assert window.close(drawer)


def test_nobody_accepts_what_they_counted_or_took(window: Window) -> None:
    drawer = window.open()
    count = window.counted(drawer)
    before = state(window)
    both = window.desk.person("rosa", "supervisor")
    with pytest.raises(SamePerson):
        verdicts.accept(window.cash, both, count.id)
    with pytest.raises(NotAllowed):
        verdicts.accept(window.cash, window.tomas, count.id)
    with pytest.raises(ReasonNeeded):
        verdicts.reject(window.cash, window.sofia, count.id, " ")
    assert state(window) == before


def test_a_rejected_count_is_counted_again_and_the_first_stays_on_record(window: Window) -> None:
    drawer = window.open()
    window.take(drawer, window.draft({owing(window): 100_00}))
    first = window.counted(drawer, off=-30_00)
    with pytest.raises(DrawerNotOpen):
        window.counted(drawer)
    verdicts.reject(window.cash, window.sofia, first.id, "count the twenties again")
    with pytest.raises(NotCounted):
        verdicts.accept(window.cash, window.sofia, first.id, "after all")
    second = window.counted(drawer)
    verdicts.accept(window.cash, window.sofia, second.id)
    assert window.desk.rows("SELECT number, cash_cents FROM drawer_counts ORDER BY 1") == [(1, 270_00), (2, 300_00)]


def test_drops_pickups_and_change_move_cash_and_say_nothing_of_the_rest(window: Window) -> None:
    account = owing(window, 900_00)
    drawer = window.open()
    window.take(drawer, window.draft({account: 900_00}))
    service.drop(window.cash, window.rosa, drawer, {10000: 4})
    service.pick_up(window.cash, window.sofia, drawer, {5000: 2}, "too much for the day")
    service.bring_change(window.cash, window.sofia, drawer, {100: 40})
    with reading(window.desk.sessions) as session:
        holds = queries.contents(session, [drawer])[drawer]
    assert (holds.cash, holds.takings) == (Money(200_00 + 40_00 + 400_00), Money(400_00))
    before = state(window)
    with pytest.raises(NotYourDrawer):
        service.drop(window.cash, window.tomas, drawer, {100: 1})
    with pytest.raises(ReasonNeeded):
        service.pick_up(window.cash, window.sofia, drawer, {100: 1}, "")
    with pytest.raises(NothingCounted):
        service.drop(window.cash, window.rosa, drawer, {})
    assert state(window) == before
    window.close(drawer)
    assert window.desk.rows("SELECT sum(cash_cents)::bigint FROM vault_batches") == [(900_00,)]
    assert window.desk.balances()["990-1015"] == 900_00


def test_a_closed_drawer_is_frozen_whoever_asks(window: Window) -> None:
    drawer = window.open()
    window.close(drawer)
    for statement in (
        f"UPDATE drawers SET state = 'open' WHERE id = {drawer}",
        f"""INSERT INTO drawer_movements (drawer_id, kind, cash_cents, denominations, actor_id, at)
            VALUES ({drawer}, 'drop', -100, '{{}}', {window.rosa.actor_id}, now())""",
    ):
        with pytest.raises(DBAPIError, match=r"open|closed"), transaction(window.desk.sessions) as session:
            session.execute(text(statement))
    with pytest.raises(DrawerNotOpen):
        window.take(drawer, window.draft({owing(window): 1_00}))


def test_of_two_who_accept_a_count_at_once_one_does(window: Window) -> None:
    drawer = window.open()
    window.take(drawer, window.draft({owing(window): 100_00}))
    count = window.counted(drawer, off=-20_00)
    other = window.desk.person("silvia", "supervisor")
    outcomes = together(
        [lambda who=who: verdicts.accept(window.cash, who, count.id, "short") for who in (window.sofia, other)]
    )
    assert sorted(type(outcome) for outcome in outcomes if isinstance(outcome, Exception)) == [NotCounted]
    assert window.desk.balances()["100-4900"] == 20_00


def test_a_sale_and_a_count_at_once_are_one_before_the_other(window: Window) -> None:
    """Whichever is first: what the count expected is what was taken into the drawer before it."""
    account = owing(window, 100_00)
    drawer = window.open()
    sale = window.draft({account: 100_00})
    found = Counted(pennies(200_00))
    outcomes = together(
        [lambda: window.take(drawer, sale), lambda: service.count(window.cash, window.rosa, drawer, found)]
    )
    taken = not isinstance(outcomes[0], Exception)
    ((expected,),) = window.desk.rows("SELECT (expected ->> 'cash')::bigint FROM drawer_counts")
    assert expected == (300_00 if taken else 200_00)
    assert window.desk.rows("SELECT count(*) FROM payments") == [(int(taken),)]


@given(st.tuples(*[CENTS] * 7))
def test_the_journals_of_a_count_make_the_books_say_what_was_found(cents: tuple[int, ...]) -> None:
    own, takings, cash, checks, listed, slips, slip = cents
    found = Found(
        Money(cash), Money(own), Money(own + takings), Money(listed), Money(checks), Money(slip), Money(slips)
    )
    on = {"hand": takings + checks, "terminal": slips, "change": own, "over": 0}
    for lines in over_short(found, TERMS).values():
        check_balance(lines)
        for line in lines:
            on[line.code] = on.get(line.code, 0) + line.amount.cents
    assert on["hand"] == found.takings.cents + listed
    assert on["terminal"] == slip
    assert on["change"] == own - found.missing_of_float.cents
    assert found.takings + Money(own) - found.missing_of_float == Money(cash)
    total = found.difference.cash + found.difference.checks + found.difference.terminal
    assert on["over"] == -total.cents
    assert found.difference.is_none == (total == ZERO and not over_short(found, TERMS))
