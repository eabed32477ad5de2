"""From state to state by one table, by the city's own calendar, under a number that checks itself."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.cases import rules
from accounts.cases.answers import checked
from accounts.cases.rules import STATES, AnswerMissing, BadAnswer, Event, NotNow, State
from accounts.cities.requests import Question
from accounts.customer_accounts.rules import check_digit
from tests.accounts.assessments.city import city

CALENDAR = city().calendar


@pytest.mark.parametrize(("state", "event"), list(product(State, Event)))
def test_what_is_not_in_the_table_is_refused(state: State, event: Event) -> None:
    if (state, event) in STATES:
        assert rules.after(state, event) is STATES[state, event]
        return
    with pytest.raises(NotNow) as refusal:
        rules.after(state, event)
    assert refusal.value.facts == {"state": state, "event": event}


def test_every_state_is_reached_and_only_ends_are_final() -> None:
    assert {*STATES.values(), State.DRAFT} == set(State)
    assert set(State) - {state for state, _ in STATES} == set(rules.ENDED)


def test_nothing_is_decided_that_nobody_took_up_and_nothing_done_is_taken_back() -> None:
    assert not rules.may(State.SUBMITTED, Event.DECIDE)
    assert not rules.may(State.WAITING, Event.DECIDE)
    assert not any(rules.may(end, event) for end in rules.ENDED for event in Event)
    assert not rules.may(State.DECIDED, Event.WITHDRAW), "money may be on its way"


@pytest.mark.parametrize(
    ("asked", "days", "due"),
    [
        (date(2026, 11, 17), 2, date(2026, 11, 19)),
        (date(2026, 11, 25), 2, date(2026, 12, 1)),  # Thanksgiving and the day after, then a weekend
        (date(2026, 11, 26), 1, date(2026, 12, 1)),  # asked on Thanksgiving: it came on the next open day
        (date(2026, 12, 23), 1, date(2026, 12, 28)),  # Christmas Eve is closed by resolution
        (date(2026, 11, 21), 5, date(2026, 12, 2)),  # a Saturday
    ],
)
def test_the_clock_runs_in_business_days(asked: date, days: int, due: date) -> None:
    assert rules.due_on(CALENDAR, asked, days) == due


def test_the_clock_stands_while_the_city_waits() -> None:
    due = date(2026, 11, 24)
    assert rules.resumed(CALENDAR, due, date(2026, 11, 20), date(2026, 11, 20)) == due
    # Over Thanksgiving: Monday to Wednesday, then Monday are four business days.
    assert rules.resumed(CALENDAR, due, date(2026, 11, 20), date(2026, 11, 30)) == date(2026, 12, 2)


@given(st.dates(date(2026, 1, 1), date(2027, 6, 1)), st.integers(1, 30), st.integers(0, 60))
def test_waiting_gives_back_exactly_the_days_that_it_took(asked: date, days: int, waited: int) -> None:
    due = rules.due_on(CALENDAR, asked, days)
    until = asked + timedelta(days=waited)
    assert rules.business_days_between(CALENDAR, due, rules.resumed(CALENDAR, due, asked, until)) == (
        rules.business_days_between(CALENDAR, asked, until)
    )
    assert CALENDAR.is_business_day(due)


def test_late_is_counted_from_the_last_day() -> None:
    assert rules.left(CALENDAR, date(2026, 11, 19), date(2026, 11, 17)) == 2
    assert rules.left(CALENDAR, date(2026, 11, 19), date(2026, 11, 19)) == 0
    assert rules.left(CALENDAR, date(2026, 11, 19), date(2026, 11, 23)) == -2
    assert rules.left(CALENDAR, date(2026, 11, 20), date(2026, 11, 21)) == -1, "on a Saturday it is late all the same"


def test_a_number_checks_itself() -> None:
    number = rules.case_number(2026, 123)
    assert number == f"REQ-2026-000123-{check_digit('2026000123')}"
    digits = "".join(sign for sign in number if sign.isdigit())
    assert check_digit(digits) == "0"
    assert check_digit(digits.replace("123", "132")) != "0"


QUESTIONS = {
    kind: Question.model_validate({
        "code": kind, "kind": kind, "label": {"en": kind}, "most": 20,
        "choices": [{"code": "a", "name": {"en": "A"}}] if kind == "choice" else [],
    })
    for kind in ("line", "words", "day", "yes_no", "choice", "money", "email", "phone", "bill")
}  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "given_", "kept"),
    [
        ("line", "  two   words ", "two words"),
        ("words", " one\ntwo ", "one\ntwo"),
        ("day", "2026-11-17", "2026-11-17"),
        ("day", date(2026, 11, 17), "2026-11-17"),
        ("yes_no", False, False),
        ("choice", "a", "a"),
        ("money", 1250, 1250),
        ("email", "ana@example.com", "ana@example.com"),
        ("phone", "209 555 0142", "209 555 0142"),
        ("bill", 7, 7),
    ],
)
def test_an_answer_is_kept_as_its_question_has_it(kind: str, given_: object, kept: object) -> None:
    assert checked([QUESTIONS[kind]], {kind: given_, "unasked": "x"}, bills=[7]) == {kind: kept}


@pytest.mark.parametrize(
    ("kind", "wrong"),
    [
        ("line", "x" * 21), ("words", "nul\x00"), ("day", "2026-02-30"), ("yes_no", "yes"), ("choice", "b"),
        ("money", -1), ("money", True), ("money", "12"), ("email", "ana@"), ("phone", "12"), ("bill", 8),
        ("bill", True), ("line", 5),
    ],
)  # fmt: skip
def test_what_cannot_be_an_answer_is_refused(kind: str, wrong: object) -> None:
    with pytest.raises(BadAnswer) as refusal:
        checked([QUESTIONS[kind]], {kind: wrong}, bills=[7])
    assert refusal.value.facts == {"question": kind}


def test_a_draft_may_have_holes_and_what_is_handed_in_may_not() -> None:
    assert checked(QUESTIONS.values(), {"line": "x"}, whole=False) == {"line": "x"}
    with pytest.raises(AnswerMissing):
        checked(QUESTIONS.values(), {"line": "x"}, bills=[7])
