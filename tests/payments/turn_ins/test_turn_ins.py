"""What departments bring: counted by both, in one sale, its composition as it came."""

from __future__ import annotations

from dataclasses import replace

import pytest

from accounts.errors import DomainError
from accounts.money import Money
from accounts.staff.rules import NotAllowed
from payments.drawers.rules import NotYourDrawer, UnknownDenomination
from payments.sales.drafts import ItemLine
from payments.turn_ins import service
from payments.turn_ins.rules import (
    CountsDiffer,
    NotATurnIn,
    Sheet,
    SheetDiffers,
    SheetIncomplete,
    check_line,
    draft_of,
)
from tests.factories.window import Window

SHEET = Sheet(
    key="one", department="Library", brought_by="Lena Ortiz",
    lines=(ItemLine("library-turn-in", 1, Money(30_00)), ItemLine("animal-shelter-turn-in", 1, Money(15_00))),
    cash=Money(25_00), checks=(check_line(Money(20_00), "77", "River Bank"),), checks_total=Money(20_00),
    denominations={2000: 1, 500: 1}, number="S-9",
)  # fmt: skip


def test_a_sheet_is_one_sale_with_the_composition_that_it_came_in(window: Window) -> None:
    drawer = window.open()
    took = service.receive(window.sale, window.rosa, drawer, SHEET)
    assert service.receive(window.sale, window.rosa, drawer, SHEET) == replace(took, again=True)
    assert window.desk.rows("SELECT kind, amount_cents FROM payment_tenders ORDER BY ordinal") == [
        ("cash", 25_00), ("check", 20_00),
    ]  # fmt: skip
    assert window.desk.rows("SELECT code, amount_cents FROM payment_items ORDER BY ordinal") == [
        ("library-turn-in", 30_00), ("animal-shelter-turn-in", 15_00),
    ]  # fmt: skip
    assert window.desk.rows("SELECT department, brought_by, checks_count, denominations FROM turn_ins") == [
        ("Library", "Lena Ortiz", 1, {"2000": 1, "500": 1})
    ]
    assert window.desk.rows("SELECT content ->> 'payer' FROM receipts") == [("Library",)]


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"denominations": {2000: 1}}, CountsDiffer),
        ({"checks_total": Money(20_01)}, SheetDiffers),
        ({"lines": SHEET.lines[:1]}, SheetDiffers),
        ({"lines": (ItemLine("copy", 1, Money(45_00)),)}, NotATurnIn),
        ({"brought_by": " "}, SheetIncomplete),
        ({"department": ""}, SheetIncomplete),
        ({"denominations": {2500: 1}}, UnknownDenomination),
    ],
)
def test_what_does_not_add_up_is_not_taken(
    window: Window, changes: dict[str, object], refusal: type[DomainError]
) -> None:
    drawer = window.open()
    before = window.desk.books()
    with pytest.raises(refusal):
        service.receive(window.sale, window.rosa, drawer, replace(SHEET, **changes))  # type: ignore[arg-type]
    with pytest.raises(NotYourDrawer):
        service.receive(window.sale, window.tomas, drawer, SHEET)
    with pytest.raises(NotAllowed):
        service.receive(window.sale, window.desk.person("ada", "auditor"), drawer, SHEET)
    assert window.desk.books() == before
    assert window.desk.rows("SELECT count(*) FROM turn_ins") == [(0,)]


def test_a_sheet_names_no_account_so_it_pays_nothing_that_could_be_paid_online_too(window: Window) -> None:
    """What departments bring is catalog items: there is no page to close for it (``payments/collisions``)."""
    service.receive(window.sale, window.rosa, window.open(), SHEET)
    assert draft_of(SHEET).accounts == ()
    assert window.desk.rows("SELECT count(*) FROM postings WHERE customer_account_id IS NOT NULL") == [(0,)]
