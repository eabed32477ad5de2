"""Payouts that come back: the journal is taken back, and another payout brings the same money later."""

from __future__ import annotations

from dataclasses import replace

import pytest

from payments.payouts.service import read_payout
from tests.payments.payouts.conftest import Books
from tests.payments.payouts.test_reading import paid_out


@pytest.mark.parametrize("status", ["failed", "canceled"])
def test_a_payout_that_fails_after_it_was_posted_is_taken_back_and_paid_again(books: Books, status: str) -> None:
    payout_id = paid_out(books)
    books.read()
    back = books.processor.fail(payout_id, status)
    books.later(days=3)
    books.read()
    assert books.balances() == (0, 205_50, 0, 0)
    ((first, _), (kind, reverses)) = books.journals()
    assert (first, kind) == ("payout", "payout-reversal")
    assert reverses is not None
    assert books.lines() == [("payout-failed", payout_id)]
    before = books.everything()
    books.read()
    assert books.everything() == before

    books.processor.pay_out(back)
    books.read()
    assert books.balances() == (198_64, 0, 6_86, 0)
    assert books.lines() == [("payout-failed", payout_id)]


def test_one_that_fails_before_it_was_paid_has_nothing_to_take_back(books: Books) -> None:
    payout_id = paid_out(books, status="in_transit")
    books.read()
    back = books.processor.fail(payout_id)
    books.read()
    assert (books.journals(), books.lines()) == ([], [("payout-failed", payout_id)])
    books.processor.pay_out(back)
    books.read()
    assert books.balances() == (198_64, 0, 6_86, 0)


def test_the_same_money_fails_twice_and_arrives_with_new_money(books: Books) -> None:
    said = books.processor
    charges = books.charges
    first = said.pay_out(*charges[:2])
    books.read()
    back = said.fail(first)
    second = said.pay_out(back, charges[2])
    books.read()
    assert books.balances() == (198_64, 0, 6_86, 0)
    again = said.fail(second)
    books.read()
    assert books.balances() == (0, 205_50, 0, 0)
    said.pay_out(again, said.move("stripe_fee", -1_00))
    books.read()
    assert books.balances() == (197_64, 0, 7_86, 0)
    assert [kind for kind, _ in books.lines()] == ["payout-failed"] * 2


def test_the_payout_that_came_back_is_read_before_the_one_it_came_back_in(books: Books) -> None:
    """The webhook of the second may be the first that we hear of either."""
    first = paid_out(books)
    back = books.processor.fail(first)
    second = books.processor.pay_out(back)
    assert read_payout(books.desk, second)
    assert books.balances() == (198_64, 0, 6_86, 0)
    assert books.lines() == [("payout-failed", first)]


@pytest.mark.parametrize("source", ["po_nobody", "po_manual", ""])
def test_money_of_a_payout_that_nobody_knows_stays_unexplained(books: Books, source: str) -> None:
    said = books.processor
    if source == "po_manual":
        source = paid_out(books, automatic=False, reconciliation_status="not_applicable")
        said.fail(source)
    back = said.move("payout_failure", 198_64, source=source)
    said.pay_out(back)
    books.read()
    assert books.balances() == (198_64, 205_50, 0, -198_64)
    assert ("payout-unknown-movement", back.id) in books.lines()


def test_an_answer_that_was_under_way_does_not_bring_it_back_to_life(books: Books) -> None:
    payout_id = paid_out(books)
    books.read()
    old = books.processor.said[payout_id]
    books.processor.fail(payout_id)
    books.read()
    books.processor.said[payout_id] = replace(old)
    books.read()
    assert books.balances() == (0, 205_50, 0, 0)
    assert books.rows("SELECT status FROM payouts") == [("failed",)]
