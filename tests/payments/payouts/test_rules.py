"""Where each movement goes, and that a journal balances whatever they are."""

from __future__ import annotations

from collections import defaultdict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.ledger.rules import Line, check_balance
from accounts.money import ZERO, Money, total
from payments.payouts.rules import (
    Booking,
    Known,
    OfType,
    Place,
    UnknownStatus,
    Why,
    by_type,
    found_lines,
    is_own,
    is_ready,
    journal_lines,
    next_status,
    place,
    residual,
)
from tests.factories.paid_out import PAYOUT_TERMS


def charge(cents: int, fee: int = 0, intent: str = "pi_1", paid: int | None = None, **changes: object) -> Known:
    known = {"payment_intent_id": intent, "paid": Money(cents if paid is None else paid), **changes}
    return Known(f"txn_{intent}_{cents}", "charge", Money(cents), Money(fee), **known)  # type: ignore[arg-type]


def test_a_charge_leaves_clearing_by_its_gross_and_its_fee_is_an_expense() -> None:
    (booking,) = place([charge(60_50, 2_05)])
    assert booking == Booking("txn_pi_1_6050", Place.CLEARING, Money(60_50), Money(2_05))
    assert journal_lines([booking], PAYOUT_TERMS) == (
        Line("900-1010", "900", Money(58_45)),
        Line("900-1030", "900", Money(-60_50)),
        Line("100-5200", "100", Money(2_05)),
        Line("100-1000", "100", Money(-2_05)),
        Line("900-2100", "900", Money(2_05)),
    )


@pytest.mark.parametrize(
    ("movement", "why"),
    [
        (charge(10_00, paid=10_00, is_taken=True), Why.TWICE),
        (charge(10_00, paid=9_99), Why.DIFFERS),
        (Known("t", "charge", Money(10_00), ZERO, payment_intent_id="pi_9"), Why.ORPHAN),
        (Known("t", "charge", Money(-10_00), ZERO, payment_intent_id="pi_9", paid=Money(-10_00)), Why.TYPE),
        (Known("t", "refund", Money(-10_00), ZERO), Why.TYPE),
        (Known("t", "adjustment", Money(-10_00), Money(15_00)), Why.TYPE),
        (Known("t", "contribution", Money(-1), ZERO), Why.TYPE),
        (Known("t", "a_word_of_next_year", Money(7), Money(3)), Why.TYPE),
        (Known("t", "payout_failure", Money(10_00), ZERO, source_id="po_1"), Why.RETURNED),
    ],
)
def test_what_is_not_known_is_in_suspense_with_its_reason(movement: Known, why: Why) -> None:
    (booking,) = place([movement])
    assert (booking.place, booking.why) == (Place.SUSPENSE, why)
    assert booking.amount - booking.fee == movement.net


def test_a_payment_intent_is_taken_out_once() -> None:
    bookings = place([charge(10_00), charge(10_00), charge(10_00, intent="pi_2")])
    assert [booking.why for booking in bookings] == [None, Why.TWICE, None]


def test_a_bill_of_the_processors_is_a_fee() -> None:
    (booking,) = place([Known("t", "stripe_fee", Money(-12_34), ZERO)])
    assert booking == Booking("t", Place.FEES, ZERO, Money(12_34))


def test_a_payout_that_came_back_is_booked_as_what_it_was_made_of() -> None:
    parts = (charge(10_00, 59), Known("t", "stripe_fee", Money(-1_00), ZERO))
    back = Known("r", "payout_failure", Money(8_41), ZERO, source_id="po_1", made_of=parts)
    assert place([back]) == place(parts)
    off = Known("r", "payout_failure", Money(8_40), ZERO, source_id="po_1", made_of=parts)
    assert [booking.why for booking in place([off])] == [Why.RETURNED]


def test_the_residual_is_what_the_movements_do_not_explain() -> None:
    assert residual(Money(9_41), [charge(10_00, 59)]) == ZERO
    assert residual(Money(9_40), [charge(10_00, 59)]) == Money(-1)


@pytest.mark.parametrize(
    ("old", "said", "kept"),
    [
        ("pending", "in_transit", "in_transit"),
        ("in_transit", "paid", "paid"),
        ("paid", "failed", "failed"),
        ("paid", "in_transit", "paid"),
        ("failed", "paid", "failed"),
        ("canceled", "paid", "canceled"),
        ("failed", "failed", "failed"),
    ],
)
def test_an_answer_that_came_late_undoes_nothing(old: str, said: str, kept: str) -> None:
    assert next_status(old, said) == kept


def test_a_status_we_do_not_know_is_refused() -> None:
    with pytest.raises(UnknownStatus):
        next_status("paid", "returned")


def test_ready_and_own() -> None:
    assert is_ready("paid", "completed", automatic=True)
    assert not is_ready("paid", "completed", automatic=False)
    assert not is_ready("paid", "in_progress", automatic=True)
    assert not is_ready("in_transit", "completed", automatic=True)
    assert is_own("po_1", "payout", "po_1")
    assert not is_own("po_2", "payout_failure", "po_1")


def test_the_sum_by_type() -> None:
    made = [charge(10_00, 59), charge(5_00, 45, intent="pi_2"), Known("r", "refund", Money(-3_00), ZERO)]
    assert by_type(made) == (
        OfType("charge", 2, Money(15_00), Money(1_04), Money(13_96)),
        OfType("refund", 1, Money(-3_00), ZERO, Money(-3_00)),
    )


cents = st.integers(-5_000_000, 5_000_000)
intents = st.sampled_from([f"pi_{n}" for n in range(6)])
movements = st.builds(
    Known,
    id=st.uuids().map(str),
    type=st.sampled_from(["charge", "payment", "stripe_fee", "refund", "adjustment", "contribution", "new"]),
    amount=cents.map(Money),
    fee=st.integers(-5_000, 50_000).map(Money),
    payment_intent_id=intents,
    paid=st.none() | cents.map(Money),
    is_taken=st.booleans(),
)
in_the_books = st.builds(lambda m: Known(**{**vars(m), "type": "charge", "paid": m.amount}), movements)
returned = st.lists(movements | in_the_books, max_size=5).map(
    lambda parts: Known("back", "payout_failure", total(p.net for p in parts), ZERO, made_of=tuple(parts))
)


@given(st.lists(movements | in_the_books | returned, max_size=12))
def test_any_set_of_movements_makes_a_journal_that_balances(made_of: list[Known]) -> None:
    bookings = place(made_of)
    lines = journal_lines(bookings, PAYOUT_TERMS)
    if lines:
        check_balance(lines)
    moved: dict[str, Money] = defaultdict(Money)
    for line in lines:
        moved[line.code] += line.amount
    gross = total(booking.amount for booking in bookings if booking.place is Place.CLEARING)
    assert moved["900-1030"] == -gross, "clearing moves by exactly the gross of the payments in the books"
    assert moved["900-1010"] == total(movement.net for movement in made_of), "the bank gets what was paid out"
    assert moved["100-5200"] == -moved["100-1000"] == moved["900-2100"]
    leaves = [part for movement in made_of for part in (movement.made_of or (movement,))]
    taken = [part for part in leaves for booking in bookings
             if booking.movement_id == part.id and booking.place is Place.CLEARING]  # fmt: skip
    assert all(part.paid == part.amount and not part.is_taken for part in taken)
    assert len({part.payment_intent_id for part in taken}) == len(taken), "no payment is taken out twice"


@given(st.integers(1, 10**9))
def test_money_that_is_found_moves_from_suspense_to_clearing(amount: int) -> None:
    lines = found_lines(Money(amount), PAYOUT_TERMS)
    check_balance(lines)
    assert {line.code: line.amount.cents for line in lines} == {"900-2190": amount, "900-1030": -amount}
