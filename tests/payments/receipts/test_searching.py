"""Receipts are found by their number in any form and by their total, unless somebody on them is hidden."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import text

from accounts.database import Sessions, reading, transaction
from accounts.money import Money
from payments.receipts.queries import ReceiptSearch, search
from payments.receipts.rules import NumberTyped, numbers_typed
from tests.factories import make_account, make_chart, make_customer, pay


@pytest.fixture
def paid(sessions: Sessions) -> Sessions:
    """T1-2026-000001 of $61.20 on two accounts, T1-2026-000002 and C1-2026-000001 of $5.00."""
    with transaction(sessions) as session:
        make_chart(session)
        water = make_account(session, charges=[Money(80_00)], customer=make_customer(session, "María López"))
        ticket = make_account(
            session, kind="citation", charges=[Money(45_00)], customer=make_customer(session, "J Ruiz")
        )
        pay(session, {water.id: Money(41_20), ticket.id: Money(20_00)})
        pay(session, {water.id: Money(5_00)})
        pay(session, {ticket.id: Money(5_00)}, series=("C1",))
    return sessions


def look(sessions: Sessions, asked: str, **sees: bool) -> ReceiptSearch:
    with reading(sessions) as session:
        return search(session, asked, **{"sees_protected": True, "sees_restricted": True, **sees})


def numbers(sessions: Sessions, asked: str, **sees: bool) -> list[str]:
    return [hit.number for hit in look(sessions, asked, **sees).hits]


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("T1-2026-000001", ["T1-2026-000001"]),
        ("t1 2026 1", ["T1-2026-000001"]),
        ("T1/2026/000002", ["T1-2026-000002"]),
        ("T12026000002", ["T1-2026-000002"]),
        (" t1_2026_02 ", ["T1-2026-000002"]),
        ("T1000002", ["T1-2026-000002"]),
        ("2026-000002", ["T1-2026-000002"]),
        ("2026-1", ["C1-2026-000001", "T1-2026-000001"]),
        ("000002", ["T1-2026-000002"]),
        ("$61.20", ["T1-2026-000001"]),
        ("5.00", ["C1-2026-000001", "T1-2026-000002"]),
        ("$5", ["C1-2026-000001", "T1-2026-000002"]),
        ("T1-2026-000003", []),
        ("X1-2026-000001", []),
        ("T1-2025-000001", []),
        ("$41.20", []),
        ("5", []),
        ("", []),
        ("María López", []),
        ("T1-2026-00000١", []),
    ],
)
def test_a_receipt_is_found_by_its_number_in_any_form_and_by_its_total(
    paid: Sessions, asked: str, found: list[str]
) -> None:
    assert numbers(paid, asked) == found


def test_a_hit_names_the_accounts_on_the_receipt(paid: Sessions) -> None:
    (hit,) = look(paid, "T1-2026-1").hits
    assert [(account.kind, account.holder) for account in hit.accounts] == [
        ("utility", "María López"), ("citation", "J Ruiz"),
    ]  # fmt: skip
    assert (hit.total, hit.channel, hit.tender, hit.is_reversed) == (Money(61_20), "counter", "cash", False)


@pytest.mark.parametrize("flag", ["is_protected", "is_restricted"])
def test_a_receipt_with_somebody_hidden_on_it_is_neither_shown_nor_counted(paid: Sessions, flag: str) -> None:
    with transaction(paid) as session:
        session.execute(text(f"UPDATE customer_accounts SET {flag} = true WHERE kind = 'citation'"))
    blind: dict[str, Any] = {f"sees_{flag[3:]}": False}
    assert numbers(paid, "T1-2026-1", **blind) == []
    assert numbers(paid, "5.00", **blind) == ["T1-2026-000002"]
    with reading(paid) as session:
        result = search(session, "5.00", limit=1, **{"sees_protected": True, "sees_restricted": True, **blind})
    assert not result.more
    assert numbers(paid, "T1-2026-1") == ["T1-2026-000001"]


def test_there_may_be_more(paid: Sessions) -> None:
    with reading(paid) as session:
        result = search(session, "5.00", sees_protected=True, sees_restricted=True, limit=1)
    assert ([hit.number for hit in result.hits], result.more) == (["C1-2026-000001"], True)


def test_a_number_without_marks_is_split_wherever_it_may_be() -> None:
    assert NumberTyped("W1", 2026, 123) in numbers_typed("W12026000123")
    assert numbers_typed("W1-2026-000123") == [NumberTyped("W1", 2026, 123)]
    assert numbers_typed("12345") == []
