"""A check for another system's balance comes back: its owner hears of the payment once, and of the reversal once."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import pytest

from accounts.clock import FixedClock
from accounts.database import Sessions, transaction
from payments.moves.rules import Move
from payments.remittances.service import export_payments
from payments.returned_payments import service
from tests.factories.desk import open_desk
from tests.factories.window import Window, cash, check
from tests.payments.returned_payments.returning import clerk_of, desk_of, paid, post
from tests.payments.returned_payments.returning import told as advice

SYSTEM = "tickets"


@pytest.fixture
def window(sessions: Sessions, clock: FixedClock) -> Iterator[Window]:
    desk = open_desk(sessions, clock)
    yield Window(desk)
    desk.prove()


def ticket(window: Window, key: str) -> int:
    """A citation of which another system keeps the balance."""
    account = window.desk.account("citation", system_of_record="external", source_system=SYSTEM, source_key=key)
    with transaction(window.desk.sessions) as session:
        window.desk.charge(session, account, ("parking", "fine", 63_00), external=SYSTEM)
    return account


def told(window: Window, folder: Path) -> list[tuple[str, str, str, str]]:
    """Account, amount, day and receipt of each line that the owner had not heard yet."""
    sent = export_payments(window.desk.sessions, SYSTEM, folder, clock=window.desk.clock, actor="staff:rosa")
    if sent.path is None:
        return []
    rows = csv.reader(sent.path.read_text().splitlines())
    return [(row[2], row[4], row[5], row[6]) for row in rows if row[0] == "D"]


@pytest.mark.parametrize("is_told_between", [True, False])
def test_the_owner_hears_of_the_reversal_exactly_once(
    window: Window, tmp_path: Path, *, is_told_between: bool
) -> None:
    account, day = ticket(window, "C1"), window.desk.today.isoformat()
    tender = paid(window, {account: 63_00})
    ((receipt,),) = window.desk.rows(
        "SELECT series || '-' || year || '-' || lpad(number::text, 6, '0') FROM receipts"
    )
    heard = told(window, tmp_path) if is_told_between else []
    window.desk.clock.advance(days=6)
    back = window.desk.today.isoformat()
    post(window, tender)
    assert [*heard, *told(window, tmp_path)] == [("C1", "63.00", day, receipt), ("C1", "-63.00", back, receipt)]
    assert told(window, tmp_path) == []
    assert post_again(window, tender)
    assert told(window, tmp_path) == [], "posted again, it is the same return"
    assert window.desk.rows("SELECT count(*) FROM remittance_lines") == [(2,)]


def post_again(window: Window, tender: int) -> bool:
    """The same advice is entered by a colleague who had it on the screen."""
    return service.post(desk_of(window), clerk_of(window), advice(window, tender), "0" * 32).again


def test_of_a_split_payment_only_the_check_is_taken_back(window: Window, tmp_path: Path) -> None:
    account = ticket(window, "C1")
    tender = paid(window, {account: 63_00}, [cash(40_00), check(23_00)])
    post(window, tender)
    assert [line[:2] for line in told(window, tmp_path)] == [("C1", "63.00"), ("C1", "-23.00")]
    assert told(window, tmp_path) == []


def test_what_was_moved_is_taken_back_from_where_it_is(window: Window, tmp_path: Path) -> None:
    wrong, right = ticket(window, "C1"), ticket(window, "C2")
    tender = paid(window, {wrong: 63_00})
    ((payment,),) = window.desk.rows("SELECT payment_id FROM payment_tenders WHERE id = :id", id=tender)
    move = Move(payment_id=payment, from_account_id=wrong, to_account_id=right, amount_cents=63_00)
    window.desk.done(clerk_of(window), window.sofia, move)
    post(window, tender)
    lines = told(window, tmp_path)
    assert [line[:2] for line in lines] == [("C1", "63.00"), ("C1", "-63.00"), ("C2", "63.00"), ("C2", "-63.00")]
    assert len({line[3] for line in lines}) == 1, "all under the one receipt"
    assert told(window, tmp_path) == []
