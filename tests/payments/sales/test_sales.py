"""A sale: checked before anything moves, posted once, with a receipt that says how it was paid."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from accounts.database import reading, transaction
from accounts.errors import DomainError
from accounts.money import Money
from accounts.staff.rules import NotAllowed
from payments.checkout.service import MoneyOnItsWay
from payments.drawers.rules import DrawerNotOpen, NotYourDrawer
from payments.receipts.queries import receipt_by_id
from payments.sales import queries, service
from payments.sales.drafts import AccountLine, Draft, ItemLine, TenderLine, read_draft
from payments.sales.rules import (
    AmountMissing,
    ChangeFromCash,
    DrawerFull,
    NotAllItems,
    NothingToTake,
    NotMadeOutToTheCity,
    NotPaidInFull,
    PriceIsFixed,
    ProjectNeeded,
    SaleChanged,
    SaleIsOver,
    TenderIncomplete,
)
from payments.sales.rules import check as check_draft
from payments.sales.service import Saving, Take
from tests.concurrency.threads import together
from tests.factories.window import Window, cash, check, terminal


def owing(window: Window, cents: int = 100_00) -> int:
    return window.desk.account("utility", ("water", "service", cents))


def state(window: Window) -> object:
    desk = window.desk
    tables = ("payments", "payment_tenders", "payment_items", "receipts", "receipt_series")
    return (desk.books(), [desk.rows(f"SELECT count(*) FROM {name}") for name in tables])


def test_a_split_sale_of_accounts_and_items_is_one_payment_and_one_receipt(window: Window) -> None:
    water, license_ = owing(window, 80_00), window.desk.account("license", ("business-license", "tax", 60_00))
    drawer = window.open()
    draft = window.draft(
        {water: 80_00, license_: 60_00},
        [check(90_00), terminal(30_00), cash(41_50, given=50_00)],
        [ItemLine("copy", 6, Money(1_50)), ItemLine("fill-station-card", 1, Money(20_00))],
    )
    taken = window.take(drawer, draft)
    assert (taken.change, taken.warn) == (Money(8_50), False)
    balances = window.desk.balances()
    assert (balances["990-1015"], balances["990-1030"]) == (131_50, 30_00)
    assert (balances["100-4600"], balances["510-4300"]) == (-1_50, -20_00)
    with reading(window.desk.sessions) as session:
        receipt = receipt_by_id(session, taken.receipt_id)
    assert receipt is not None
    assert receipt.number.startswith("C1-")
    assert receipt.content.tender.kind == "split"
    assert [(one.tender.kind, one.amount, one.change) for one in receipt.content.tendered] == [
        ("check", Money(90_00), Money(0)), ("terminal", Money(30_00), Money(0)), ("cash", Money(41_50), Money(8_50)),
    ]  # fmt: skip
    assert [(item.code, item.amount) for item in receipt.content.items] == [
        ("copy", Money(1_50)), ("fill-station-card", Money(20_00)),
    ]  # fmt: skip


ONE = (AccountLine(1, Money(10_00)),)


@pytest.mark.parametrize(
    ("draft", "refusal"),
    [
        (Draft(), NothingToTake),
        (Draft(ONE), NotPaidInFull),
        (Draft(ONE, tenders=(cash(9_99),)), NotPaidInFull),
        (Draft(ONE, tenders=(cash(10_01),)), NotPaidInFull),
        (Draft((AccountLine(1, Money(0)),), tenders=(cash(10_00),)), AmountMissing),
        (Draft((AccountLine(1, Money(-10_00)),), tenders=(cash(-10_00),)), AmountMissing),
        (Draft(ONE, tenders=(replace(check(10_00), reference=" "),)), TenderIncomplete),
        (Draft(ONE, tenders=(replace(check(10_00), bank=""),)), TenderIncomplete),
        (Draft(ONE, tenders=(replace(check(10_00), made_out_to_city=False),)), NotMadeOutToTheCity),
        (Draft(ONE, tenders=(replace(check(10_00), given=Money(20_00)),)), ChangeFromCash),
        (Draft(ONE, tenders=(replace(cash(10_00), given=Money(9_00)),)), ChangeFromCash),
        (Draft(ONE, tenders=(TenderLine("money_order", Money(10_00), Money(10_00)),)), TenderIncomplete),
        (Draft(ONE, tenders=(replace(terminal(10_00), last4="42424"),)), TenderIncomplete),
        (Draft(ONE, tenders=(TenderLine("card", Money(10_00), Money(10_00)),)), TenderIncomplete),
    ],
)  # fmt: skip
def test_what_may_not_be_taken_says_why(draft: Draft, refusal: type[DomainError]) -> None:
    with pytest.raises(refusal):
        check_draft(draft)


@pytest.mark.parametrize(
    ("item", "refusal"),
    [(ItemLine("copy", 2, Money(40)), PriceIsFixed), (ItemLine("gold", 1, Money(40)), NotAllItems),
     (ItemLine("park-reservation", 1, Money(40_00)), ProjectNeeded),
     (ItemLine("park-reservation", 1, Money(40_00), "PK-999"), ProjectNeeded),
     (ItemLine("copy", 1, Money(25), "PK-101"), ProjectNeeded)],
)  # fmt: skip
def test_items_are_sold_as_the_catalog_has_them(window: Window, item: ItemLine, refusal: type[DomainError]) -> None:
    drawer = window.open()
    sale = window.saved(window.draft({}, [cash(item.amount.cents)], [item]))
    before = state(window)
    with pytest.raises(refusal):
        service.take(window.sale, window.rosa, Take(sale, drawer))
    assert state(window) == before


def test_a_form_sent_twice_is_one_receipt_also_at_the_same_moment(window: Window) -> None:
    drawer = window.open()
    sale = window.saved(window.draft({owing(window): 100_00}))
    taken = together([lambda: service.take(window.sale, window.rosa, Take(sale, drawer))] * 3)
    assert len({one.receipt_id for one in taken if not isinstance(one, Exception)}) == 1, taken
    assert sorted(one.again for one in taken if not isinstance(one, Exception)) == [False, True, True]
    assert window.desk.rows("SELECT count(*) FROM payments") == [(1,)]


def test_two_screens_that_begin_the_same_sale_have_one(window: Window) -> None:
    draft = window.draft({owing(window): 10_00})
    views = together([lambda: service.save(window.sale, window.rosa, Saving("same", draft, "en"))] * 2)
    assert len({view.id for view in views if not isinstance(view, Exception)}) == 1
    sale = views[0]
    assert not isinstance(sale, Exception)
    with pytest.raises(SaleChanged):
        service.save(window.sale, window.rosa, Saving("same", draft, "en", version=99))


def test_two_cashiers_on_one_account_pay_it_once_and_the_rest_is_credit(window: Window) -> None:
    account = owing(window, 60_00)
    mine, theirs = window.open(), window.open(window.tomas, "T2")
    first = window.saved(window.draft({account: 60_00}))
    second = window.saved(window.draft({account: 60_00}), window.tomas)
    taken = together([
        lambda: service.take(window.sale, window.rosa, Take(first, mine)),
        lambda: service.take(window.sale, window.tomas, Take(second, theirs)),
    ])  # fmt: skip
    assert not [one for one in taken if isinstance(one, Exception)]
    assert ([left for _, _, left in window.desk.charges(account)], window.desk.credit(account)) == ([0], 60_00)


def test_only_the_cashier_of_the_drawer_takes_money_into_it(window: Window) -> None:
    drawer = window.open()
    account = owing(window)
    mine = window.saved(window.draft({account: 1_00}))
    theirs = window.saved(window.draft({account: 1_00}), window.tomas)
    before = state(window)
    with pytest.raises(NotYourDrawer):
        service.take(window.sale, window.tomas, Take(theirs, drawer))
    with pytest.raises(NotYourDrawer):
        service.take(window.sale, window.tomas, Take(mine, drawer))
    with pytest.raises(NotAllowed):
        service.take(window.sale, window.desk.person("axel", "auditor"), Take(mine, drawer))
    assert state(window) == before
    window.counted(drawer)
    with pytest.raises(DrawerNotOpen):
        service.take(window.sale, window.rosa, Take(mine, drawer))
    assert state(window) == before


def test_money_on_its_way_is_named_before_more_is_taken(window: Window) -> None:
    account, drawer = owing(window), window.open()
    with transaction(window.desk.sessions) as session:
        pending = session.execute(
            text("""INSERT INTO pending_payments (customer_account_id, owner_kind, owner_id, amount_cents, expires_at)
                    VALUES (:account, 'attempt', 'att_x', 10000, :until) RETURNING id"""),
            {"account": account, "until": window.desk.clock.now() + timedelta(hours=1)},
        ).scalar_one()
    sale = window.saved(window.draft({account: 100_00}))
    before = state(window)
    with pytest.raises(MoneyOnItsWay):
        service.take(window.sale, window.rosa, Take(sale, drawer))
    assert state(window) == before
    assert service.take(window.sale, window.rosa, Take(sale, drawer, frozenset({pending}))).receipt_id
    with transaction(window.desk.sessions) as session:
        session.execute(text("DELETE FROM pending_payments"))


def test_a_drawer_warns_and_then_stops_at_its_cash_limits(window: Window) -> None:
    account, drawer = owing(window, 5_000_00), window.open()
    assert not window.take(drawer, window.draft({account: 1_300_00})).warn
    assert window.take(drawer, window.draft({account: 1})).warn
    before = state(window)
    sale = window.saved(window.draft({account: 1_000_00}))
    with pytest.raises(DrawerFull):
        service.take(window.sale, window.rosa, Take(sale, drawer))
    assert state(window) == before
    assert window.take(drawer, window.draft({account: 1_000_00}, [check(1_000_00)])).receipt_id


def test_a_sale_is_parked_found_and_taken_over_by_a_colleague(window: Window) -> None:
    sale = window.saved(window.draft({owing(window): 10_00}))
    with pytest.raises(NotYourDrawer):
        service.resume(window.sale, window.tomas, sale)
    service.park(window.sale, window.rosa, sale, "lady with the green bag")
    with reading(window.desk.sessions) as session:
        (found,) = queries.unfinished(session)
    assert (found.note, found.due, found.cashier) == ("lady with the green bag", Money(10_00), "staff:rosa")
    service.resume(window.sale, window.tomas, sale)
    taken = service.take(window.sale, window.tomas, Take(sale, window.open(window.tomas)))
    assert taken.receipt_id
    with pytest.raises(SaleIsOver):
        service.give_up(window.sale, window.tomas, sale)


@given(st.lists(st.integers(1, 900_00), min_size=1, max_size=4), st.integers(0, 5_000))
def test_a_draft_reads_back_as_it_was_kept(cents: list[int], more: int) -> None:
    draft = Draft(
        tuple(AccountLine(number, Money(one), (number,)) for number, one in enumerate(cents, 1)),
        (ItemLine("copy", 2, Money(50), note="x"),), (check(sum(cents)),), "Library", "M-17",
    ).with_cash(Money(50 + more))  # fmt: skip
    assert read_draft(draft.as_json()) == draft
    assert (draft.missing, draft.change) == (Money(0), Money(more))
