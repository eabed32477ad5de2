"""A check that came back: out of wherever its money is, its old age, one fee, a flag; once, never silently less."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from accounts.actors.service import actor_id
from accounts.cash_only.queries import flagged
from accounts.charges.queries import open_charges
from accounts.charges.rules import by_age
from accounts.database import reading, transaction
from accounts.errors import DomainError, NotFound
from accounts.money import Money
from accounts.pricing.rules import recompute
from accounts.staff.rules import NotAllowed
from accounts.utilities.service import assess_penalties
from payments.moves.queries import holdings
from payments.moves.rules import Move
from payments.returned_payments import finding, queries, rules, service
from payments.returned_payments.finding import Criteria
from payments.returned_payments.rules import (
    AgainTooLate,
    AgainTooOften,
    DayNotPossible,
    LookedElsewhere,
    MissingMoney,
    NoSuchReturn,
    NotAgain,
    NotReturnable,
    Return,
    StillHere,
)
from payments.reversals.rules import AlreadyTakenBack, Void
from payments.sales.drafts import ItemLine
from tests.accounts.counter import refused
from tests.concurrency.threads import together
from tests.database import TestDatabase
from tests.factories.window import Window, cash, check
from tests.payments.returned_payments.returning import (
    clerk_of,
    desk_of,
    looked,
    opens,
    owing,
    paid,
    post,
    told,
)

ALL = {"sees_protected": True, "sees_restricted": True}
BANK, ON_HAND = "990-1010", "990-1015"


def test_the_check_of_a_split_payment_comes_back_with_a_fee_that_recomputes(window: Window) -> None:
    account = owing(window)
    tender = paid(window, {account: 100_00}, [cash(60_00), check(40_00)])
    before = window.desk.balances()
    found = looked(window, tender)
    assert [(s.charge.due_on, s.amount) for s in found.plan.outcomes[0].allocated.shares] == [
        (window.desk.today + timedelta(days=20), Money(40_00))
    ]
    assert found.fee is not None
    assert (found.fee.line.amount, found.flags, found.is_late) == (Money(25_00), (), False)
    assert window.desk.balances() == before, "a look changes nothing"
    done = post(window, tender)
    assert opens(window, account) == [40_00, 25_00]
    after = window.desk.balances()
    assert after[BANK] - before.get(BANK, 0) == -40_00
    assert after[ON_HAND] == before[ON_HAND]
    ((kind, due, code, release, cents),) = window.desk.rows(
        "SELECT kind, due_on, working ->> 'rule', city_release_id, amount_cents FROM charges WHERE kind = 'fee'"
    )
    assert (kind, due, code) == ("fee", window.desk.today + timedelta(days=15), "returned-payment")
    assert release == window.desk.ruling.release_id
    ((working,),) = window.desk.rows("SELECT working FROM charges WHERE kind = 'fee'")
    assert recompute(working, window.desk.ruling.city.rate(code)).amount == Money(cents)
    with reading(window.desk.sessions) as session:
        view = queries.returned(session, done.id, **ALL)
        (part,) = queries.parts(session, done.id)
        (again,) = queries.reopened(session, view.journal_id)
    assert (view.reason, view.amount, view.fee, view.earlier, view.reference) == (
        "NSF", Money(40_00), Money(25_00), 0, "1042",
    )  # fmt: skip
    assert (part.account_id, part.amount, part.flag_id) == (account, Money(40_00), None)
    assert (again.account_id, again.amount, again.open) == (account, Money(40_00), Money(40_00))
    facts = window.desk.rows("SELECT args FROM procrastinate_jobs WHERE task_name = 'payment_returned'")
    assert facts[0][0]["returned_payment_id"] == done.id


def test_the_reopened_charge_keeps_its_age_and_earns_no_second_penalty_for_the_same_lateness(window: Window) -> None:
    desk = window.desk
    account = owing(window, 80_00, days=-40)
    with transaction(desk.sessions) as session:
        system = actor_id(session, "system")
    assess_penalties(desk.sessions, desk.ruling, desk.today, system)
    charges = desk.rows("SELECT kind, due_on, delinquent_on, amount_cents FROM charges ORDER BY id")
    penalties = [row for row in charges if row[0] == "penalty"]
    assert penalties, "it was late"
    owed = sum(opens(window, account))
    tender = paid(window, {account: owed})
    with reading(desk.sessions) as session:
        assert by_age(open_charges(session, [account]), desk.today).total == Money(0)
    post(window, tender)
    assert desk.rows("SELECT kind, due_on, delinquent_on, amount_cents FROM charges ORDER BY id")[:-1] == charges
    with reading(desk.sessions) as session:
        ages = by_age(open_charges(session, [account]), desk.today)
    assert ages.to_60 >= Money(80_00), "due forty days ago, as before it was paid"
    assess_penalties(desk.sessions, desk.ruling, desk.today, system)
    assert len(desk.rows("SELECT 1 FROM charges WHERE kind = 'penalty'")) == len(penalties)


def test_what_a_bad_check_had_paid_in_time_is_late_after_all(window: Window) -> None:
    """The penalty rule sees the old dates: the payer is not better off than somebody who did not pay."""
    desk = window.desk
    account = owing(window, 80_00, days=-40)
    tender = paid(window, {account: 80_00})
    with transaction(desk.sessions) as session:
        system = actor_id(session, "system")
    assert assess_penalties(desk.sessions, desk.ruling, desk.today, system).charges == 0
    post(window, tender)
    assert assess_penalties(desk.sessions, desk.ruling, desk.today, system).charges >= 1


def test_the_second_costs_more_and_is_paid_in_cash_from_then_on(window: Window) -> None:
    account, other = owing(window), owing(window, 30_00)
    first, second = paid(window, {account: 50_00}), paid(window, {account: 50_00, other: 30_00})
    post(window, first)
    found = looked(window, second)
    assert found.fee is not None
    assert (found.earlier, found.fee.line.amount, found.fee.account_id) == (1, Money(35_00), account)
    assert [(one[0], one[2].returns) for one in found.flags] == [(account, 2)]
    post(window, second)
    with reading(window.desk.sessions) as session:
        flags = flagged(session, [account, other], window.desk.today)
    assert list(flags) == [account]
    assert flags[account].until_on == date(window.desk.today.year + 1, window.desk.today.month, window.desk.today.day)
    assert window.desk.rows("SELECT count(*) FROM charges WHERE kind = 'fee'") == [(2,)]


@pytest.mark.parametrize(
    ("kind", "reason", "fee", "why"),
    [("utility", "R10", 0, "reason"), ("license", "NSF", 25_00, ""), ("citation", "NSF", 0, "line")],
)
def test_a_fee_only_where_the_payer_did_wrong_and_we_assess(
    window: Window, kind: str, reason: str, fee: int, why: str
) -> None:
    account = owing(window, 90_00, kind)
    post(window, paid(window, {account: 90_00}), reason)
    assert window.desk.rows("SELECT fee_cents, no_fee FROM returned_payments") == [(fee, why)]
    assert sum(opens(window, account)) == 90_00 + fee


def test_items_come_back_too_and_a_sale_of_items_alone_has_nobody_to_charge(window: Window) -> None:
    before = window.desk.balances()
    post(window, paid(window, {}, [check(10_00)], [ItemLine("copy", 40, Money(10_00))]))
    after = window.desk.balances()
    assert {code: cents - before.get(code, 0) for code, cents in after.items() if cents != before.get(code, 0)} == {
        BANK: -10_00, ON_HAND: 10_00,
    }  # fmt: skip
    assert window.desk.rows("SELECT fee_cents, no_fee FROM returned_payments") == [(0, "account")]


def test_money_that_was_moved_comes_back_from_where_it_is(window: Window) -> None:
    wrong, right = owing(window), owing(window)
    tender = paid(window, {wrong: 100_00})
    ((payment,),) = window.desk.rows("SELECT payment_id FROM payment_tenders WHERE id = :id", id=tender)
    move = Move(payment_id=payment, from_account_id=wrong, to_account_id=right, amount_cents=70_00)
    window.desk.done(clerk_of(window), window.sofia, move)
    post(window, tender)
    assert (opens(window, wrong), opens(window, right)) == ([100_00], [100_00, 25_00])
    assert window.desk.rows("SELECT customer_account_id, amount_cents FROM returned_accounts ORDER BY 1") == [
        (wrong, 30_00), (right, 70_00),
    ]  # fmt: skip


def test_what_is_gone_is_named_and_nothing_is_posted(window: Window, db: TestDatabase) -> None:
    account = window.desk.account("utility")
    tender = paid(window, {account: 40_00})
    seen = looked(window, tender).seen
    with db.owner.begin() as connection:  # as a refund will: less credit than was paid
        connection.execute(text("UPDATE customer_accounts SET credit_cents = 1500 WHERE id = :id"), {"id": account})
    before = window.desk.books()
    with pytest.raises(MissingMoney) as caught:
        service.post(desk_of(window), clerk_of(window), told(window, tender), seen)
    assert caught.value.facts["missing"] == Money(25_00)
    assert window.desk.books() == before
    assert window.desk.rows("SELECT count(*) FROM returned_payments") == [(0,)]
    ((kind, evidence),) = window.desk.rows("SELECT kind, evidence FROM exception_lines")
    assert (kind, evidence["missing_cents"], evidence["amount_cents"]) == ("returned-short", 25_00, 40_00)
    with db.owner.begin() as connection:
        connection.execute(text("UPDATE customer_accounts SET credit_cents = 4000 WHERE id = :id"), {"id": account})
    post(window, tender)
    assert window.desk.credit(account) == 0


def test_what_cannot_be_is_refused_and_changes_nothing(window: Window, db: TestDatabase) -> None:
    account = owing(window)
    tender = paid(window, {account: 50_00}, [cash(10_00), check(40_00)])
    ((coins,),) = window.desk.rows("SELECT id FROM payment_tenders WHERE kind = 'cash'")
    drawer = window.open()
    window.take(drawer, window.draft({account: 10_00}, [check(10_00, "77")]))
    ((here,),) = window.desk.rows("SELECT id FROM payment_tenders WHERE reference = '77'")
    desk, clerk, today = desk_of(window), clerk_of(window), window.desk.today
    refusals: list[tuple[Return, type[DomainError]]] = [
        (told(window, coins), NotReturnable),
        (told(window, here), StillHere),
        (told(window, tender, "R99"), NoSuchReturn),
        (Return(tender, "NSF", today + timedelta(days=1)), DayNotPossible),
        (Return(tender, "NSF", today - timedelta(days=1)), DayNotPossible),
        (told(window, 99_999), NotFound),
    ]
    for command, refusal in refusals:
        with refused(db, refusal):
            service.post(desk, clerk, command, "")
    with refused(db, NotAllowed):
        service.post(desk, window.rosa, told(window, tender), "")
    with refused(db, LookedElsewhere):
        service.post(desk, clerk, told(window, tender), "0" * 32)
    seen = looked(window, tender).seen
    with refused(db, LookedElsewhere):
        service.post(desk, clerk, told(window, tender, "STOP"), seen)
    window.desk.account("utility", ("water", "service", 1_00))
    post(window, tender)
    with refused(db, AlreadyTakenBack):
        looked(window, tender)


def test_a_hidden_account_hides_its_checks(window: Window, db: TestDatabase) -> None:
    account = owing(window)
    tender = paid(window, {account: 50_00})
    seen = looked(window, tender).seen
    with db.owner.begin() as connection:
        connection.execute(text("UPDATE customer_accounts SET is_restricted = true"))
    with reading(window.desk.sessions) as session:
        criteria = Criteria(number="1042")
        assert finding.find(session, criteria, sees_protected=False, sees_restricted=False) == []
        assert [one.id for one in finding.find(session, criteria, **ALL)] == [tender]
    with refused(db, NotFound):
        service.post(desk_of(window), clerk_of(window), told(window, tender), seen)


def test_a_replay_and_a_void_after_it_change_nothing(window: Window, db: TestDatabase) -> None:
    tender = paid(window, {owing(window): 50_00})
    seen = looked(window, tender).seen
    first = service.post(desk_of(window), clerk_of(window), told(window, tender), seen)
    before = window.desk.books()
    again = service.post(desk_of(window), window.sofia, told(window, tender), seen)
    assert (again.id, again.again, first.again) == (first.id, True, False)
    assert window.desk.books() == before
    ((payment,),) = window.desk.rows("SELECT payment_id FROM returned_payments")
    with refused(db, AlreadyTakenBack):
        window.desk.propose(window.sofia, Void(payment_id=payment))


@pytest.mark.parametrize("items", [False, True])
def test_two_clerks_with_one_advice_post_it_once(window: Window, items: bool) -> None:
    account = owing(window)
    sold = [ItemLine("copy", 40, Money(10_00))]
    tender = paid(window, {}, [check(10_00)], sold) if items else paid(window, {account: 50_00})
    seen = looked(window, tender).seen
    outcomes = together([
        lambda: service.post(desk_of(window), clerk_of(window), told(window, tender), seen),
        lambda: service.post(desk_of(window), window.sofia, told(window, tender), seen),
    ])  # fmt: skip
    assert sorted(one.again for one in outcomes if not isinstance(one, Exception)) == [False, True], outcomes
    assert window.desk.rows("SELECT count(*) FROM payment_reversals") == [(1,)]
    assert opens(window, account) == ([100_00] if items else [100_00, 25_00])


def test_it_is_presented_again_as_often_as_the_network_allows(window: Window, db: TestDatabase) -> None:
    desk, clerk, today = desk_of(window), clerk_of(window), window.desk.today
    done = post(window, paid(window, {owing(window): 50_00}))
    closed = post(window, paid(window, {owing(window): 50_00}), "CLOSED")
    with refused(db, NotAgain):
        service.present_again(desk, clerk, closed.id, today, "")
    with refused(db, DayNotPossible):
        service.present_again(desk, clerk, done.id, today - timedelta(days=1), "")
    with refused(db, AgainTooLate):
        service.present_again(desk, clerk, done.id, today + timedelta(days=181), "")
    assert service.present_again(desk, clerk, done.id, today, "They say it is there now") == 1
    assert service.present_again(desk, clerk, done.id, today + timedelta(days=180), "") == 2
    with refused(db, AgainTooOften):
        service.present_again(desk, clerk, done.id, today, "")


def test_the_banks_words_find_the_check(window: Window) -> None:
    account = owing(window)
    first = paid(window, {account: 50_00}, [check(50_00, "001042")])
    second = paid(window, {account: 50_00}, [check(50_00, "2077", "Bank of the River")])
    with reading(window.desk.sessions) as session:
        best, other = finding.suggest(session, Money(50_00), "", "RETURNED ITEM CK 0001042 NSF", **ALL)
        assert [(best.tender.id, best.score), (other.tender.id, other.score)] == [(first, 3), (second, 1)]
        assert finding.suggest(session, Money(49_99), "1042", "", **ALL) == []
        for criteria, found in (
            (Criteria(number="1042"), [first]),
            (Criteria(number="none"), []),
            (Criteria(amount=Money(50_00)), [second, first]),
            (Criteria(amount=Money(50_00), bank="river"), [second]),
            (Criteria(account=best.tender.accounts[0].number), [second, first]),
            (Criteria(receipt=best.tender.receipt_number), [first]),
            (Criteria(), []),
        ):
            assert [one.id for one in finding.find(session, criteria, **ALL)] == found, criteria


@pytest.mark.parametrize(
    ("code", "paid_on", "returned_on", "late"),
    [
        ("R01", date(2026, 11, 16), date(2026, 11, 19), False),
        ("R01", date(2026, 11, 16), date(2026, 11, 20), True),
        ("R01", date(2026, 11, 20), date(2026, 11, 25), False),
        ("R10", date(2026, 9, 1), date(2026, 10, 31), False),
        ("R10", date(2026, 9, 1), date(2026, 11, 1), True),
        ("NSF", date(2026, 1, 1), date(2026, 11, 1), False),
    ],
)
def test_a_return_after_the_banks_time_is_said(
    window: Window,
    code: str,
    paid_on: date,
    returned_on: date,
    late: bool,
) -> None:
    city = window.desk.ruling.city
    reason = rules.reason_of(city.return_policy(window.desk.today), code)
    assert rules.is_late(reason, city.calendar, paid_on, returned_on) == late


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    owed=st.lists(st.integers(1_00, 90_00), min_size=1, max_size=3),
    shape=st.tuples(st.integers(0, 20_00), st.integers(0, 8), st.integers(1, 99)),
    moves=st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2), st.integers(1, 100)), max_size=3),
)
def test_after_any_split_and_any_moves_every_cent_is_somewhere(
    window: Window, owed: list[int], shape: tuple[int, int, int], moves: list[tuple[int, int, int]]
) -> None:
    """What the check had paid is open again (or credit less), and the bank is short of just that."""
    extra, copies, cut = shape
    accounts = [owing(window, cents) for cents in owed]
    everything = [*accounts, window.desk.account("utility")]
    paying = dict(zip(accounts, owed, strict=True))
    paying[accounts[0]] += extra
    items = [ItemLine("copy", copies, Money(25 * copies))] if copies else []
    due = sum(paying.values()) + 25 * copies
    by_check = max(due * cut // 100, 1)
    before = window.desk.balances()
    tender = paid(window, paying, [check(by_check), *([cash(due - by_check)] if due > by_check else [])], items)
    ((payment,),) = window.desk.rows("SELECT payment_id FROM payment_tenders WHERE id = :id", id=tender)
    for source, target, part in moves:
        wrong, right = everything[source % len(everything)], everything[target % len(everything)]
        cents = _on(window, payment, wrong) * part // 100
        if wrong != right and cents:
            move = Move(payment_id=payment, from_account_id=wrong, to_account_id=right, amount_cents=cents)
            window.desk.done(clerk_of(window), window.sofia, move)
    stood = {account: sum(opens(window, account)) - window.desk.credit(account) for account in everything}
    post(window, tender, "R10")  # no fee, so that only its own money shows
    now = {account: sum(opens(window, account)) - window.desk.credit(account) for account in everything}
    after = window.desk.balances()
    ((sold,),) = window.desk.rows(
        """SELECT coalesce(sum(s.amount_cents), 0)::bigint FROM postings s
             JOIN ledger_accounts g ON g.id = s.ledger_account_id AND g.kind = 'revenue'
             JOIN payment_reversals v ON v.journal_id = s.journal_id WHERE v.tender_id = :id""", id=tender
    )  # fmt: skip
    assert sum(now.values()) - sum(stood.values()) + sold == by_check
    assert after.get(BANK, 0) - before.get(BANK, 0) == -by_check
    assert after.get(ON_HAND, 0) - before.get(ON_HAND, 0) == due
    window.desk.prove()


def _on(window: Window, payment: int, account: int) -> int:
    with reading(window.desk.sessions) as session:
        return next((one.total.cents for one in holdings(session, payment) if one.account_id == account), 0)
