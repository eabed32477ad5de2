"""Two readings at once: each payout is posted once, taken back once, and what is found moves once."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from accounts.database import transaction
from accounts.money import Money
from payments.payouts import service, storing
from payments.payouts.models import Payout
from payments.payouts.service import read_payout
from tests.concurrency.threads import together
from tests.factories import make_account
from tests.factories.paid_out import pay_by_card
from tests.payments.payouts.conftest import Books
from tests.payments.payouts.test_reading import paid_out


def test_two_readings_at_once_post_once(books: Books) -> None:
    paid_out(books)
    outcomes = together([books.read, books.read, books.read])
    assert sorted(outcome.posted for outcome in outcomes if not isinstance(outcome, Exception)) == [0, 0, 1]
    assert books.balances() == (198_64, 0, 6_86, 0)


def test_without_the_lock_only_the_constraint_stops_the_second(books: Books, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: if both do not meet before the journal, the test above shows nothing."""
    payout_id = paid_out(books)
    gate, lines = threading.Barrier(2), service.journal_lines

    def unlocked(session: Session, wanted: str) -> Payout:
        return session.scalars(select(Payout).where(Payout.id == wanted)).one()

    def both_here(*given: Any) -> Any:
        gate.wait(timeout=20)
        return lines(*given)

    monkeypatch.setattr(storing, "locked", unlocked)
    monkeypatch.setattr(service, "journal_lines", both_here)
    outcomes = together([lambda: read_payout(books.desk, payout_id)] * 2)
    refused = [outcome for outcome in outcomes if isinstance(outcome, Exception)]
    assert len(refused) == 1
    assert isinstance(refused[0], IntegrityError)
    assert "pk_source_effects" in str(refused[0])
    assert books.balances() == (198_64, 0, 6_86, 0)


def test_a_failure_that_two_hear_of_is_taken_back_once(books: Books) -> None:
    payout_id = paid_out(books)
    books.read()
    books.processor.fail(payout_id)
    outcomes = together([lambda: read_payout(books.desk, payout_id)] * 3)
    assert outcomes == [False] * 3
    assert [kind for kind, _ in books.journals()] == ["payout", "payout-reversal"]
    assert books.balances() == (0, 205_50, 0, 0)


def test_what_two_find_moves_once(books: Books) -> None:
    books.processor.pay_out(books.processor.charge("pi_stranger", 30_00, 1_17))
    books.read()
    with transaction(books.sessions) as session:
        account = make_account(session, charges=[Money(30_00)])
        pay_by_card(session, {account.id: Money(30_00)}, intent="pi_stranger")
    outcomes = together([books.read] * 3)
    assert sorted(outcome.found for outcome in outcomes if not isinstance(outcome, Exception)) == [0, 0, 1]
    assert books.balances() == (28_83, 205_50, 1_17, 0)
