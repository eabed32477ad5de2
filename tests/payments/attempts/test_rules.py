"""The life of an attempt: every event in every state is allowed, forced, ignored or refused, and each on purpose."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from accounts.money import Money
from payments.attempts.identifiers import new_attempt_id
from payments.attempts.rules import (
    FORCED,
    IGNORED,
    LIVE,
    REUSE_MARGIN,
    TRANSITIONS,
    Event,
    LiveAttempt,
    NotAllowed,
    Promise,
    Quote,
    QuotedLine,
    State,
    next_state,
    read_truth,
    reusable,
)
from payments.gateway.base import SessionStatus, Truth

EVERY = list(itertools.product(State, Event))
REFUSED = {
    (State.SENDING, Event.PROCESSING),
    (State.SENDING, Event.CANCELED),
    (State.UNKNOWN, Event.PROCESSING),
    (State.PROCESSING, Event.EXPIRED),
    (State.PROCESSING, Event.CANCELED),
    (State.EXPIRED, Event.PROCESSING),
    (State.CANCELED, Event.PROCESSING),
    (State.FAILED, Event.PROCESSING),
}
"""What cannot happen: it would mean that we or the processor have gone wrong, so nobody may pass over it."""
NOW = datetime(2026, 11, 17, 18, 0, tzinfo=UTC)
QUOTE = Quote((QuotedLine(1, Money(50_00), "total", ((7, 1, 50_00),)), QuotedLine(2, Money(8_00), "total", ())),
              Money(1_00), "en", "ana@example.com")  # fmt: skip
PROMISE = Promise("pa_1", Money(59_00), "usd", "test", livemode=False)
PAID = Truth("cs_1", SessionStatus.COMPLETE, True, Money(59_00), "usd", False, "pa_1", "test",  # noqa: FBT003
             "pi_1", "succeeded", NOW, "visa", "4242", None)  # fmt: skip


@pytest.mark.parametrize(("state", "event"), EVERY, ids=lambda value: value.value)
def test_each_event_in_each_state_is_decided_in_just_one_place(state: State, event: Event) -> None:
    decided = [(state, event) in table for table in (TRANSITIONS, FORCED, IGNORED, REFUSED)]
    assert decided.count(True) == 1


@pytest.mark.parametrize(("state", "event"), EVERY, ids=lambda value: value.value)
def test_the_tables_are_what_happens(state: State, event: Event) -> None:
    if (state, event) in REFUSED:
        with pytest.raises(NotAllowed):
            next_state(state, event)
        return
    new, forced = next_state(state, event)
    assert forced is ((state, event) in FORCED)
    if (state, event) in IGNORED:
        assert new is state


def test_money_is_never_refused_nor_ignored_before_it_was_posted() -> None:
    for state in set(State) - {State.SUCCEEDED}:
        assert next_state(state, Event.PAID)[0] is State.SUCCEEDED


def test_nothing_leads_out_of_success_and_only_money_out_of_an_end() -> None:
    for state in set(State) - LIVE:
        leads_out = {event for event in Event if (state, event) in {**TRANSITIONS, **FORCED}}
        assert leads_out == (set() if state is State.SUCCEEDED else {Event.PAID})


def test_what_was_promised_and_paid_is_paid() -> None:
    assert read_truth(PROMISE, PAID) == (Event.PAID, ())


@pytest.mark.parametrize(
    ("difference", "name"),
    [
        ({"amount": Money(58_99)}, "amount"),
        ({"currency": "cad"}, "currency"),
        ({"attempt_id": "pa_2"}, "attempt"),
        ({"environment": ""}, "environment"),
        ({"livemode": True}, "livemode"),
    ],
)
def test_each_difference_is_a_mismatch_by_name(difference: dict[str, object], name: str) -> None:
    assert read_truth(PROMISE, replace(PAID, **difference)) == (Event.MISMATCH, (name,))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("status", "event"),
    [(SessionStatus.OPEN, None), (SessionStatus.COMPLETE, Event.PROCESSING), (SessionStatus.EXPIRED, Event.EXPIRED)],
)
def test_what_is_not_paid_is_read_from_the_session_whatever_its_amount(
    status: SessionStatus, event: Event | None
) -> None:
    assert read_truth(PROMISE, replace(PAID, paid=False, status=status, amount=Money(1)))[0] is event


def live(quote: Quote, left: timedelta) -> LiveAttempt:
    return LiveAttempt("pa_1", "token", State.OPEN, "cs_1", NOW + left, quote)


def test_the_same_promise_is_used_again_whatever_the_order_of_its_lines() -> None:
    turned = replace(QUOTE, lines=QUOTE.lines[::-1])
    assert reusable([live(turned, timedelta(minutes=30))], QUOTE, NOW) is not None


@pytest.mark.parametrize(
    "change",
    [
        {"fee": Money(2_00)},
        {"language": "es"},
        {"email": ""},
        {"lines": QUOTE.lines[:1]},
        {"lines": (replace(QUOTE.lines[0], amount=Money(1)), QUOTE.lines[1])},
        {"lines": (replace(QUOTE.lines[0], quoted=((7, 2, 50_00),)), QUOTE.lines[1])},
        {"lines": (replace(QUOTE.lines[0], targets=(7,)), QUOTE.lines[1])},
    ],
)
def test_another_promise_is_not_used_again(change: dict[str, object]) -> None:
    assert reusable([live(replace(QUOTE, **change), timedelta(hours=1))], QUOTE, NOW) is None  # type: ignore[arg-type]


def test_a_page_about_to_end_is_not_used_again() -> None:
    assert reusable([live(QUOTE, REUSE_MARGIN)], QUOTE, NOW) is None


def test_identifiers_sort_by_time_and_never_meet() -> None:
    ids = [new_attempt_id(NOW + timedelta(milliseconds=place)) for place in range(50)]
    assert ids == sorted(ids)
    assert len({new_attempt_id(NOW) for _ in range(1000)}) == 1000
    assert all(len(id_) == 29 and id_.startswith("pa_") for id_ in ids)


@pytest.mark.parametrize("status", ["requires_payment_method", "canceled"])
def test_a_bank_that_says_no_after_the_payer_left_ends_the_attempt(status: str) -> None:
    refused = replace(PAID, paid=False, intent_status=status)
    assert read_truth(PROMISE, refused) == (Event.REFUSED, ())
    assert next_state(State.PROCESSING, Event.REFUSED) == (State.FAILED, False)
    assert read_truth(PROMISE, replace(refused, intent_status="processing")) == (Event.PROCESSING, ())
