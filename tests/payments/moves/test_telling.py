"""Who else must hear of a move: the owner of an external balance, and whoever holds the receipt."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from sqlalchemy import text

from accounts.clock import FixedClock
from accounts.database import reading, transaction
from accounts.money import Money
from payments.moves.rules import Move
from payments.receipts.queries import receipt_by_id
from payments.remittances.service import export_payments
from tests.factories.desk import Desk

SYSTEM = "tickets"


@pytest.fixture
def tickets(desk: Desk) -> tuple[int, int]:
    """Two citations whose balances another system keeps."""
    accounts = tuple(
        desk.account("citation", system_of_record="external", source_system=SYSTEM, source_key=key)
        for key in ("C1", "C2")
    )
    with transaction(desk.sessions) as session:
        for account in accounts:
            desk.charge(session, account, ("parking", "fine", 63_00), external=SYSTEM)
    return accounts[0], accounts[1]


def lines(desk: Desk, clock: FixedClock, folder: Path) -> list[list[str]]:
    sent = export_payments(desk.sessions, SYSTEM, folder, clock=clock, actor="staff:rosa")
    if sent.path is None:
        return []
    return [row[2:] for row in csv.reader(sent.path.read_text().splitlines()) if row[0] == "D"]


@pytest.mark.parametrize("sent_before", [True, False])
def test_the_owner_hears_of_the_taking_back_and_of_the_new_payment(
    desk: Desk, tickets: tuple[int, int], clock: FixedClock, tmp_path: Path, *, sent_before: bool
) -> None:
    """Both under the receipt of the payment, and with the day on which it was paid: the second is not late."""
    wrong, right = tickets
    paid = desk.pay({wrong: Money(63_00)})
    day = desk.today.isoformat()
    first = lines(desk, clock, tmp_path) if sent_before else []
    clock.advance(days=4)
    desk.done(
        desk.person("clara", "clerk"), desk.person("sofia", "supervisor"),
        Move(payment_id=paid.payment_id, from_account_id=wrong, to_account_id=right, amount_cents=63_00),
    )  # fmt: skip
    told = [(row[0], row[2], row[3], row[4]) for row in [*first, *lines(desk, clock, tmp_path)]]
    assert told == [
        ("C1", "63.00", day, paid.receipt_number),
        ("C1", "-63.00", day, paid.receipt_number),
        ("C2", "63.00", day, paid.receipt_number),
    ]
    assert lines(desk, clock, tmp_path) == []


def test_the_receipt_stays_as_issued_and_says_what_was_moved_off(desk: Desk) -> None:
    wrong, right = desk.account("utility"), desk.account("utility")
    paid = desk.pay({wrong: Money(50_00)})
    people = desk.person("clara", "clerk"), desk.person("sofia", "supervisor")
    with reading(desk.sessions) as session:
        before = receipt_by_id(session, paid.receipt_id)
        reference = session.scalar(text("SELECT reference FROM customer_accounts WHERE id = :id"), {"id": wrong})
    assert before is not None
    assert before.moved == ()
    for source, to, cents in ((wrong, right, 30_00), (right, wrong, 10_00)):
        move = Move(payment_id=paid.payment_id, from_account_id=source, to_account_id=to, amount_cents=cents)
        desk.done(*people, move)
    with reading(desk.sessions) as session:
        after = receipt_by_id(session, paid.receipt_id)
    assert after is not None
    assert after.content == before.content
    assert [(m.reference, m.amount, m.at) for m in after.moved] == [(reference, Money(20_00), desk.clock.now())]
