"""A payment taken back: whole or by a tender, from wherever its money is now, never twice, never by who took it."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.approvals.service import Done, Proposed
from accounts.database import reading, transaction
from accounts.errors import SamePerson
from accounts.ledger.rules import Source
from accounts.money import Money
from payments.drawers import verdicts
from payments.drawers.rules import CountIsStale
from payments.moves.rules import Move
from payments.reversals import queries
from payments.reversals.rules import RETURNED, AlreadyTakenBack, NotAtTheWindow, TookTheMoney, Void
from payments.reversals.service import Reason, take_back, weigh_back
from payments.sales.drafts import ItemLine
from payments.terms import reversal_terms
from tests.concurrency.threads import together
from tests.factories.window import Window, cash, check, terminal


def owing(window: Window, cents: int = 100_00) -> int:
    return window.desk.account("utility", ("water", "service", cents))


def opens(window: Window, account: int) -> list[int]:
    return [left for _, _, left in window.desk.charges(account)]


def returned(window: Window, payment: int, tender: str, key: str = "1") -> int:
    """The bank sends a tender of a payment back."""
    terms = reversal_terms(window.desk.ruling.city)
    with transaction(window.desk.sessions) as session:
        ids = [one.id for one in queries.taken_payment(session, payment).tenders if one.kind == tender]
        found = weigh_back(session, terms, payment, tender_ids=ids, kind=RETURNED, today=window.desk.today)
        why = Reason(
            Source("returned", f"{payment}:{key}", "post"), "returned-payment", window.sofia.actor_id, "NSF",
            window.desk.clock.now(), window.desk.today,
        )  # fmt: skip
        return take_back(session, terms, found, why)


def test_a_void_gives_the_money_back_out_of_its_open_drawer_and_mirrors_the_entry(window: Window) -> None:
    account, drawer = owing(window), window.open()
    before = window.desk.balances()
    taken = window.take(drawer, window.draft({account: 100_00}, [cash(60_00), terminal(40_00)]))
    done = window.desk.propose(window.sofia, Void(payment_id=taken.payment_id), "wrong account")
    assert isinstance(done, Done)
    assert window.desk.balances() == before
    assert opens(window, account) == [100_00]
    assert window.desk.rows("SELECT count(*) FROM journals WHERE reverses_id IS NOT NULL") == [(1,)]
    count = window.counted(drawer)
    assert count.found.expected_cash == Money(200_00)
    assert count.found.expected_terminal == Money(0)


def test_after_the_count_the_entry_is_reversed_and_the_city_owes_the_money(window: Window) -> None:
    account, drawer = owing(window), window.open()
    taken = window.take(drawer, window.draft({account: 100_00}))
    window.close(drawer)
    window.desk.propose(window.sofia, Void(payment_id=taken.payment_id), "paid twice")
    balances = window.desk.balances()
    assert (balances["990-1015"], balances["990-2080"]) == (100_00, -100_00)
    assert opens(window, account) == [100_00]
    assert window.desk.rows("SELECT kind, drawer_id FROM payment_reversals") == [("correction", None)]


def test_a_cashier_asks_for_a_void_and_never_does_it(window: Window) -> None:
    taken = window.take(window.open(), window.draft({owing(window): 100_00}))
    command = Void(payment_id=taken.payment_id)
    asked = window.desk.propose(window.rosa, command)
    assert isinstance(asked, Proposed)
    before = window.desk.books()
    with pytest.raises(SamePerson):
        window.desk.approve(window.desk.person("rosa", "supervisor"), asked.proposal_id)
    assert window.desk.books() == before
    window.desk.approve(window.sofia, asked.proposal_id)
    with pytest.raises(AlreadyTakenBack):
        window.desk.propose(window.sofia, command)


def test_a_supervisor_who_took_the_money_does_not_void_it(window: Window) -> None:
    taken = window.take(window.open(), window.draft({owing(window): 100_00}))
    before = window.desk.books()
    with pytest.raises(TookTheMoney):
        window.desk.propose(window.desk.person("rosa", "supervisor"), Void(payment_id=taken.payment_id))
    assert window.desk.books() == before


def test_what_no_person_took_is_not_voided(window: Window) -> None:
    paid = window.desk.pay({owing(window): Money(10_00)})
    with pytest.raises(NotAtTheWindow):
        window.desk.propose(window.sofia, Void(payment_id=paid.payment_id))


def test_a_returned_check_of_a_split_payment_reopens_its_part_alone(window: Window) -> None:
    first, second, drawer = owing(window, 50_00), owing(window, 50_00), window.open()
    draft = window.draft(
        {first: 50_00, second: 50_00}, [cash(41_50), check(60_00)], [ItemLine("copy", 6, Money(1_50))]
    )
    taken = window.take(drawer, draft)
    window.close(drawer)
    returned(window, taken.payment_id, "check")
    assert (opens(window, first), opens(window, second)) == ([10_00], [50_00])
    assert window.desk.balances()["990-1010"] == -60_00
    with pytest.raises(AlreadyTakenBack):
        returned(window, taken.payment_id, "check", "2")
    window.desk.propose(window.sofia, Void(payment_id=taken.payment_id), "the cash too")
    assert (opens(window, first), opens(window, second)) == ([50_00], [50_00])
    assert "100-4600" not in window.desk.balances()
    with reading(window.desk.sessions) as session:
        assert queries.taken_payment(session, taken.payment_id).tenders == ()


def test_money_that_was_moved_is_taken_back_from_where_it_is(window: Window) -> None:
    wrong, right, drawer = owing(window), owing(window), window.open()
    taken = window.take(drawer, window.draft({wrong: 100_00}, [check(100_00)]))
    clerk = window.desk.person("clara", "clerk")
    move = Move(payment_id=taken.payment_id, from_account_id=wrong, to_account_id=right, amount_cents=70_00)
    window.desk.done(clerk, window.sofia, move)
    returned(window, taken.payment_id, "check")
    assert (opens(window, wrong), opens(window, right)) == ([100_00], [100_00])


def test_of_two_who_take_a_payment_back_at_once_one_does(window: Window) -> None:
    account = owing(window)
    taken = window.take(window.open(), window.draft({account: 100_00}, [check(100_00)]))
    silvia = window.desk.person("silvia", "supervisor")
    outcomes = together([
        lambda: window.desk.propose(window.sofia, Void(payment_id=taken.payment_id)),
        lambda: window.desk.propose(silvia, Void(payment_id=taken.payment_id)),
        lambda: returned(window, taken.payment_id, "check"),
    ])  # fmt: skip
    assert len([one for one in outcomes if isinstance(one, Exception)]) == 2, outcomes
    assert window.desk.rows("SELECT count(*) FROM payment_reversals") == [(1,)]
    assert opens(window, account) == [100_00]


def test_a_void_and_a_count_at_once_are_one_before_the_other(window: Window) -> None:
    drawer = window.open()
    taken = window.take(drawer, window.draft({owing(window): 100_00}))
    outcomes = together([
        lambda: window.desk.propose(window.sofia, Void(payment_id=taken.payment_id)),
        lambda: window.counted(drawer),
    ])  # fmt: skip
    assert not [one for one in outcomes if isinstance(one, Exception)]
    assert window.desk.rows("SELECT kind FROM payment_reversals") == [("void",)]
    ((count, expected),) = window.desk.rows("SELECT id, (expected ->> 'cash')::bigint FROM drawer_counts")
    if expected == 300_00:  # counted first: the count is stale, and says so
        with pytest.raises(CountIsStale):
            verdicts.accept(window.cash, window.sofia, count, "as found")
    else:
        assert verdicts.accept(window.cash, window.sofia, count, "as found")


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    owed=st.lists(st.integers(1_00, 90_00), min_size=1, max_size=3),
    shape=st.tuples(st.integers(0, 20_00), st.integers(0, 8), st.integers(1, 99), st.integers(0, 100)),
)
def test_whatever_a_payment_was_made_of_taking_its_tenders_back_leaves_nothing_of_it(
    window: Window, owed: list[int], shape: tuple[int, int, int, int]
) -> None:
    """Any order of accounts, overpayment, items and a move: first the check comes back, then the rest is voided."""
    extra, copies, cut, moved = shape
    accounts = {owing(window, cents): cents for cents in owed}
    other = owing(window, 5_00)
    drawer = window.open(till="T3")
    before = window.desk.balances()
    first = next(iter(accounts))
    paid = {**accounts, first: accounts[first] + extra}
    items = [ItemLine("copy", copies, Money(25 * copies))] if copies else []
    due = sum(paid.values()) + 25 * copies
    by_check = max(due * cut // 100, 1)
    tenders = [check(by_check), *([cash(due - by_check)] if due > by_check else [])]
    taken = window.take(drawer, window.draft(paid, tenders, items))
    if part := paid[first] * moved // 100:
        clerk = window.desk.person("clara", "clerk")
        move = Move(payment_id=taken.payment_id, from_account_id=first, to_account_id=other, amount_cents=part)
        window.desk.done(clerk, window.sofia, move)
    returned(window, taken.payment_id, "check")
    if due > by_check:
        window.desk.propose(window.sofia, Void(payment_id=taken.payment_id))
    after = window.desk.balances()
    assert after.pop("990-1010") - before.pop("990-1010", 0) == -by_check
    assert after.pop("990-1015") - before.pop("990-1015", 0) == by_check
    assert after == before
    assert [opens(window, account) for account in accounts] == [[cents] for cents in accounts.values()]
    window.close(drawer)
