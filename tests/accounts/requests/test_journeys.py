"""Each kind of request from what is asked to what is done, and what is refused on the way, with nothing changed."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from accounts.account_links.service import end as end_link
from accounts.adjustments.leaks import LeakNotGiven
from accounts.approvals import service as approvals
from accounts.cases import rules
from accounts.cases import service as work
from accounts.cases.rules import NotNow, Outcome, State
from accounts.cities.desk import DocumentMissing
from accounts.customer_accounts.lifecycle import AlreadyClosed, Closing
from accounts.database import reading, transaction
from accounts.errors import NotFound, SamePerson
from accounts.money import Money
from accounts.pauses.queries import pauses_of, shut_off_blocks
from accounts.refunds.rules import OwesMore
from accounts.requests import residents, service
from accounts.requests.rules import How, NoMeteredCharge, NothingToCorrect, NotTheOpenedOne, OpenedByHand
from accounts.staff.rules import Authority, NotAllowed
from accounts.utilities.opening import close_utility_account
from accounts.utilities.service import assess_penalties
from tests.accounts.assessments.city import BILL_DATE, charges_of, house
from tests.accounts.assessments.city import clerk as system
from tests.accounts.counter import refused
from tests.accounts.requests.conftest import Window
from tests.factories.bills import bill_all

STOP = {"stop_on": "2026-11-30", "forwarding_address": "9 Oak Road, Fresno, CA 93701", "reason": "moving"}
START = {
    "service_address": "1 Elm Street", "service_zip": "95399", "start_on": "2026-12-01", "role": "tenant",
    "holder_name": "Luis Peña", "holder_phone": "209 555 0150",
}  # fmt: skip


def test_stop_service_closes_the_account_with_its_services(window: Window, clerk: Authority) -> None:
    account = window.link(house(window.desk.sessions))
    case = window.asked("stop-service", account, STOP)
    line = window.page(case).line
    assert (line.state, line.number, line.due_on) == (
        State.SUBMITTED, rules.case_number(2026, case), date(2026, 11, 19)
    )  # fmt: skip
    settled = window.decide(clerk, case, final_read=120)
    assert settled.effect["closed"] == account
    row = window.desk.rows("SELECT status, closed_on FROM customer_accounts WHERE id = :id", id=account)
    assert row == [("closed", date(2026, 11, 30))]
    page = window.page(case)
    assert (page.line.state, page.decision and page.decision.outcome) == (State.DONE, Outcome.GRANTED)
    assert [event.event for event in page.events] == ["submit", "take-up", "decide", "finish"]
    assert window.scalar("SELECT count(*) FROM customer_changes") == 1, "the final bill goes to the new address"


def test_start_service_opens_what_stood_there_before(window: Window, clerk: Authority) -> None:
    before = house(window.desk.sessions)
    window.decide(clerk, window.asked("stop-service", window.link(before), {"stop_on": "2026-11-30"}))
    luis = window.resident("luis")
    case = window.asked("start-service", None, START, "lease", who=luis)
    window.take(clerk, case)
    with refused(window.db, DocumentMissing):
        window.decide(clerk, case, take=False)
    settled = window.decide(clerk, case, take=False, documents=("lease",))
    opened = settled.effect["opened"]
    services = window.desk.rows(
        "SELECT service, rate_code FROM utility_services WHERE customer_account_id = :id ORDER BY 1", id=opened
    )
    assert [service for service, _ in services] == ["refuse", "sewer", "storm", "water"]
    holder = "SELECT name FROM customers WHERE id = (SELECT customer_id FROM customer_accounts WHERE id = :id)"
    assert window.desk.rows(holder, id=opened) == [("Luis Peña",)]


def test_where_no_service_is_known_the_account_opened_by_hand_is_named(window: Window, clerk: Authority) -> None:
    luis = window.resident("luis")
    case = window.asked("start-service", None, {**START, "service_address": "77 New Road"}, "lease", who=luis)
    old = window.desk.account()
    opened = window.desk.account(opened_on=date(2026, 12, 1))
    references = dict(window.desk.rows("SELECT id, reference FROM customer_accounts"))
    window.take(clerk, case)
    with refused(window.db, OpenedByHand):
        window.decide(clerk, case, take=False, documents=("lease",))
    with refused(window.db, NotTheOpenedOne):
        window.decide(clerk, case, take=False, opened_reference=references[old])
    settled = window.decide(clerk, case, take=False, opened_reference=references[opened])
    assert settled.effect["opened"] == opened


def test_name_and_address_change_by_the_step_of_the_counter(window: Window, clerk: Authority) -> None:
    account = window.link(window.desk.account())
    named = {"new_name": "Ana Soto", "new_last_name": "Soto", "document": "marriage-certificate"}
    window.decide(clerk, window.asked("change-name", account, named, "proof"))
    window.decide(
        clerk, window.asked("change-address", account, {"new_address": "9 Oak Road", "from_day": "2026-11-17"})
    )
    holder = """SELECT name, mailing_address FROM customers
                 WHERE id = (SELECT customer_id FROM customer_accounts WHERE id = :id)"""
    assert window.desk.rows(holder, id=account) == [("Ana Soto", "9 Oak Road")]


def test_a_question_has_an_answer(window: Window, clerk: Authority) -> None:
    account = window.link(window.desk.account("citation"))
    case = window.asked("bill-question", account, {"question": "Why is it so high?"})
    assert window.decide(clerk, case, Outcome.ANSWERED).effect == {}


def test_an_appeal_blocks_the_shut_off_and_the_penalty_until_it_is_decided(
    window: Window, clerk: Authority, supervisor: Authority
) -> None:
    account = window.link(window.desk.account("utility", ("water", "service", 100_00)))
    bill = window.bill_of(account)
    day, answers = window.desk.today, {"bill": bill, "grounds": "reading", "statement": "It cannot be."}
    with reading(window.desk.sessions) as session:
        assert shut_off_blocks(session, account, day) == []
    case = window.asked("bill-appeal", account, answers, "evidence")
    with reading(window.desk.sessions) as session:
        (block,) = shut_off_blocks(session, account, day)
        assert (block.code, block.until_on) == ("pending-case", None)
        assert "116908(b)" in block.authority
        assert {pause.stops.value for pause in pauses_of(session, account, day)} == {"shut-off", "penalties"}
    late = day + timedelta(days=60)
    assert assess_penalties(window.desk.sessions, window.desk.ruling, late, system(window.desk.sessions)).charges == 0
    window.take(clerk, case)
    with refused(window.db, NotAllowed):
        window.decide(clerk, case, Outcome.DENIED, take=False)
    with refused(window.db, rules.SignOffMissing):
        window.decide(supervisor, case, Outcome.DENIED, take=False)
    work.sign_off(window.cases, clerk, case, "meter", is_fine=True)
    window.decide(supervisor, case, Outcome.DENIED, take=False)
    with reading(window.desk.sessions) as session:
        assert shut_off_blocks(session, account, day) == []
    assert assess_penalties(window.desk.sessions, window.desk.ruling, late, system(window.desk.sessions)).charges == 1


def test_an_appeal_is_filed_in_time_or_not_at_all(window: Window) -> None:
    account = window.link(window.desk.account())
    answers = {"grounds": "rate", "statement": "Too late."}
    case = window.draft("bill-appeal", account, {**answers, "bill": window.bill_of(account, 31)})
    with refused(window.db, rules.TooLate) as _:
        residents.submit(window.cases, window.ana, case)
    window.draft("bill-appeal", account, {**answers, "bill": window.bill_of(account, 30)})
    assert residents.submit(window.cases, window.ana, case)[0].startswith("REQ-2026-")


def test_a_granted_appeal_corrects_the_bill_once_another_agrees(window: Window, supervisor: Authority) -> None:
    account = window.link(window.desk.account("utility", ("water", "service", 100_00)))
    case = window.asked(
        "bill-appeal", account, {"bill": window.bill_of(account), "grounds": "rate", "statement": "Wrong."}
    )
    work.sign_off(window.cases, supervisor, case, "meter", is_fine=False, words="Not the meter.")
    ((charge, _, _),) = window.desk.charges(account)
    window.take(supervisor, case)
    correct = {"charge_id": charge, "amount": Money(40_00), "reason_code": _stated(window), "words": "Read wrongly"}
    with refused(window.db, rules.SignOffRefused):
        window.decide(supervisor, case, Outcome.PARTLY, take=False, **correct)
    work.sign_off(window.cases, supervisor, case, "meter", is_fine=True)
    with refused(window.db, NothingToCorrect):
        window.decide(supervisor, case, Outcome.PARTLY, take=False, **{**correct, "words": " "})
    settled = window.decide(supervisor, case, Outcome.PARTLY, take=False, **correct)
    assert settled.proposal_id is not None
    assert window.page(case).line.state is State.DECIDED
    assert window.desk.charges(account) == [(charge, 100_00, 100_00)]
    assert service.settle(window.cases, None) == 0
    other = window.desk.person("fina", "finance")
    approvals.reject(window.desk.sessions, settled.proposal_id, other, clock=window.desk.clock, reason="Which rate?")
    assert service.settle(window.cases, None) == 1
    assert window.page(case).line.state is State.IN_REVIEW, "what should have followed will not"
    again = window.decide(supervisor, case, Outcome.PARTLY, take=False, **correct)
    window.desk.approve(other, again.proposal_id or 0)
    assert service.settle(window.cases, None) == 1
    assert window.page(case).line.state is State.DONE
    assert window.desk.charges(account) == [(charge, 60_00, 60_00)]


def _stated(window: Window) -> str:
    reasons = window.desk.ruling.city.adjustment_policy(window.desk.today).reasons
    return next(reason.code for reason in reasons if reason.calculation == "stated")


def test_a_leak_is_credited_by_the_policy_of_the_day_it_was_asked(window: Window, clerk: Authority) -> None:
    reads = {date(2026, 8, 13): 100, date(2026, 9, 12): 112, date(2026, 10, 13): 124, date(2026, 11, 12): 164}
    account = window.link(house(window.desk.sessions, reads=reads))
    for month in (9, 10, 11):
        bill_all(window.desk.sessions, window.desk.ruling, BILL_DATE.replace(month=month))
    bills = window.desk.rows("SELECT id FROM bills WHERE customer_account_id = :id ORDER BY id", id=account)
    answers = {"bill": bills[-1][0], "where": "Under the sink", "fixed_on": "2026-11-10"}
    case = window.asked("leak-adjustment", account, answers, "repair")
    window.take(clerk, case)
    with refused(window.db, LeakNotGiven):
        window.decide(clerk, case, take=False)
    seen = service.preview(window.requests, clerk, case, Outcome.GRANTED, How(is_repair_proved=True))
    assert seen is not None
    assert seen.needs_second
    assert seen.weighed.effect.cents < 0
    settled = window.decide(clerk, case, take=False, is_repair_proved=True)
    window.desk.approve(window.desk.person("sofia", "supervisor"), settled.proposal_id or 0)
    assert service.settle(window.cases, None) == 1
    charge = next(
        c for c in charges_of(window.desk.sessions, account)[::-1] if c.working.get("rule") == "water-usage"
    )
    assert charge.open_cents == charge.amount_cents + seen.weighed.effect


def test_a_leak_on_a_bill_without_a_meter_is_none(window: Window, clerk: Authority) -> None:
    account = window.link(window.desk.account())
    answers = {"bill": window.bill_of(account), "where": "Yard", "fixed_on": "2026-11-10"}
    case = window.asked("leak-adjustment", account, answers, "repair")
    window.take(clerk, case)
    with refused(window.db, NoMeteredCharge):
        window.decide(clerk, case, take=False, is_repair_proved=True)


PAID = {"paid_through": "A bank's bill pay", "paid_on": "2026-11-10", "amount": 50_00}


def test_a_payment_elsewhere_pauses_penalties_for_a_time_that_ends_by_itself(
    window: Window, clerk: Authority
) -> None:
    account = window.link(window.desk.account("utility", ("water", "service", 100_00)))
    window.asked("paid-elsewhere", account, PAID)
    day = window.desk.today
    with reading(window.desk.sessions) as session:
        (pause,) = pauses_of(session, account, day)
        assert pause.until_on == day + timedelta(days=14)
        assert pause.words["es"] == "Se busca un pago hecho por otro sitio."
        assert shut_off_blocks(session, account, day) == []
        assert pauses_of(session, account, day + timedelta(days=14)) == [pause]
        assert pauses_of(session, account, day + timedelta(days=15)) == [], "without anybody doing anything"


def test_it_is_asked_once_and_again_only_after_a_while(window: Window, clerk: Authority) -> None:
    account = window.link(window.desk.account("utility", ("water", "service", 100_00)))
    case = window.asked("paid-elsewhere", account, PAID)
    second = window.draft("paid-elsewhere", account, PAID)
    with refused(window.db, rules.OpenAlready):
        residents.submit(window.cases, window.ana, second)
    window.decide(clerk, case, Outcome.DENIED)
    with reading(window.desk.sessions) as session:
        assert pauses_of(session, account, window.desk.today) == []
    with refused(window.db, rules.TooSoon):
        residents.submit(window.cases, window.ana, second)
    window.desk.clock.advance(days=90)
    residents.submit(window.cases, window.ana, second)


CLAIM = {"claimant": "Ana Ruiz", "claimant_address": "12 Elm Street", "grounds": "I paid twice.", "pay_by": "check"}


def test_a_claimed_credit_becomes_a_refund_with_two_people_over_the_limit(
    window: Window, clerk: Authority, supervisor: Authority
) -> None:
    account = window.link(window.desk.account("utility", ("water", "service", 10_00)))
    window.desk.pay({account: Money(90_00)})
    case = window.asked("credit-claim", account, CLAIM, "identity")
    settled = window.decide(clerk, case)
    assert settled.proposal_id is not None
    assert window.desk.credit(account) == 80_00
    window.desk.approve(supervisor, settled.proposal_id)
    assert window.desk.credit(account) == 0
    assert window.desk.balances()[window.desk.ruling.city.roles.refunds_payable] == -80_00
    refund = window.desk.rows("SELECT amount_cents, payee, pay_by, case_id FROM credit_refunds")
    assert refund == [(80_00, "Ana Ruiz", "check", case)]


def test_a_small_credit_takes_one_person_and_a_debt_comes_first(window: Window, clerk: Authority) -> None:
    account = window.link(window.desk.account("utility", ("water", "service", 10_00)))
    window.desk.pay({account: Money(30_00)})
    case = window.asked("credit-claim", account, CLAIM, "identity")
    with transaction(window.desk.sessions) as session:
        window.desk.charge(session, account, ("water", "service", 5_00))
    window.take(clerk, case)
    with refused(window.db, OwesMore):
        window.decide(clerk, case, take=False)
    window.desk.pay({account: Money(5_00)})
    assert window.decide(clerk, case, take=False).proposal_id is None
    assert (window.desk.credit(account), window.page(case).line.state) == (0, State.DONE)


def test_the_city_asks_and_the_clock_stands(window: Window, clerk: Authority) -> None:
    account = window.link(window.desk.account("citation"))
    case = window.asked("bill-question", account, {"question": "Why?"})
    window.take(clerk, case)
    due = window.page(case).line.due_on
    work.ask(window.cases, clerk, case, "Which bill?", seen=window.page(case).line.version, template="rate")
    with refused(window.db, NotNow):
        window.decide(clerk, case, Outcome.ANSWERED, take=False)
    window.desk.clock.advance(days=7)
    residents.answer(window.cases, window.ana, case, "The one of October.")
    line = window.page(case).line
    assert (line.state, due, line.due_on) == (State.IN_REVIEW, date(2026, 11, 24), date(2026, 12, 3))
    assert [message.text for message in window.page(case).messages] == ["Which bill?", "The one of October."]
    facts = window.desk.rows("SELECT task_name FROM procrastinate_jobs ORDER BY id")
    assert facts[1:] == [("case_written",)]


def test_to_others_a_case_is_not_there(window: Window, clerk: Authority) -> None:
    account = window.link(window.desk.account())
    case = window.draft("stop-service", account, STOP)
    eve = window.resident("eve")
    for act in (
        lambda: residents.page(window.cases, eve, case),
        lambda: residents.submit(window.cases, eve, case),
        lambda: residents.keep_answers(window.cases, eve, case, {}),
        lambda: residents.withdraw(window.cases, eve, case),
        lambda: residents.begin(window.cases, eve, "stop-service", account),
        lambda: work.take(window.cases, clerk, case, seen=1),
    ):
        with refused(window.db, NotFound):
            act()
    assert residents.mine(window.cases, eve) == []
    link_id = window.scalar("SELECT id FROM account_links")
    end_link(window.desk.sessions, window.ana.actor_id, link_id, now=window.desk.clock.now())
    with refused(window.db, NotFound):
        residents.submit(window.cases, window.ana, case)
    assert residents.mine(window.cases, window.ana) == []


def test_who_asks_does_not_decide(window: Window, clerk: Authority) -> None:
    account = window.link(window.desk.account())
    window.link(account, residents.Resident(clerk.actor_id))
    case = window.asked("bill-question", account, {"question": "Mine?"}, who=residents.Resident(clerk.actor_id))
    window.take(clerk, case)
    with refused(window.db, SamePerson):
        window.decide(clerk, case, Outcome.ANSWERED, take=False)


def test_a_withdrawn_appeal_blocks_nothing_and_an_effect_that_fails_decides_nothing(
    window: Window, clerk: Authority
) -> None:
    account = window.link(house(window.desk.sessions))
    appeal = window.asked(
        "bill-appeal", account, {"bill": window.bill_of(account), "grounds": "rate", "statement": "Hm."}
    )
    residents.withdraw(window.cases, window.ana, appeal)
    with reading(window.desk.sessions) as session:
        assert shut_off_blocks(session, account, window.desk.today) == []
    first = window.asked("stop-service", account, STOP)
    window.take(clerk, first)
    close_utility_account(window.requests.changes, clerk, Closing(account, window.desk.today, "At the counter."))
    with refused(window.db, AlreadyClosed):
        window.decide(clerk, first, take=False)
    assert window.page(first).line.state is State.IN_REVIEW


def test_a_paper_that_must_come_is_asked_for_and_can_be_taken_out_of_a_draft(window: Window) -> None:
    account = window.link(window.desk.account())
    case = window.draft("change-name", account, {"new_name": "A B", "new_last_name": "B", "document": "passport"})
    with refused(window.db, rules.PaperMissing):
        residents.submit(window.cases, window.ana, case)
    paper = window.paper(case, "proof")
    residents.remove_document(window.cases, window.ana, case, paper)
    with refused(window.db, rules.PaperMissing):
        residents.submit(window.cases, window.ana, case)
    with pytest.raises(NotFound):
        window.paper(case, "no-such-paper")
    window.paper(case, "proof")
    residents.submit(window.cases, window.ana, case)
    with refused(window.db, NotNow):
        window.paper(case, "proof")
