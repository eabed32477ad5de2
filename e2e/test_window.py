"""The window by keyboard alone: a bill in cash, a split tender, a blind close accepted by another, and a void."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from accounts.customer_accounts.scan_lines import Printed, write
from accounts.money import Money
from e2e import looking
from e2e.clerks import ASK, LOOK, Clerk
from e2e.conftest import Clerks
from e2e.window import Window
from tests.factories.window import FLOAT, check
from tests.factories.window import Window as Counter
from tests.portal.scene import Known
from tests.portal.staff.files import desk_of

LANGUAGES = ("en", "es")
_DOLLAR = 100


def at_the_window(window: Window, clerks: Clerks, language: str = "en") -> tuple[Clerk, Counter, int]:
    """Rosa, her drawer open, with its float counted by two."""
    assert window.scene is not None
    rosa = clerks("cashier", name="rosa", language=language)
    counter = Counter(desk_of(window.scene))
    return rosa, counter, counter.open()


def scan_line(window: Window, known: Known) -> str:
    assert window.scene is not None
    (layout, *_more) = window.scene.city.scan_layouts(window.scene.today)
    asked = window.scene.balance(known)
    return write(layout, Printed(known.reference, asked, due_on=window.scene.today))


def counts(clerk: Clerk, pieces: dict[int, int]) -> None:
    """Tab down the rows of notes and coins."""
    for value, number in pieces.items():
        name = (
            "1-dollar notes"
            if value == _DOLLAR
            else "%(value)s-dollar notes"
            if value > _DOLLAR
            else "%(value)s-cent coins"
        )
        clerk.types(clerk.say(name) % {"value": value // _DOLLAR if value > _DOLLAR else value}, str(number))


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_bill_in_cash_is_a_scan_an_amount_and_two_enters(window: Window, clerks: Clerks, language: str) -> None:
    assert window.scene is not None
    assert window.accounts is not None
    account = window.accounts.of(language)[0]
    owed = window.scene.balance(account)
    rosa, _counter, _drawer = at_the_window(window, clerks, language)
    rosa.opens("/staff/")
    rosa.jumps("g w")
    rosa.page.keyboard.type(scan_line(window, account))
    rosa.strikes("Enter")  # the scanner's own: on to the cash
    assert rosa.page.evaluate("document.activeElement.name") == "given"
    rosa.page.keyboard.type("200")
    rosa.jumps("Enter")
    change = Money(200_00) - owed
    expect(rosa.page.locator(".sale__change dd")).to_have_text(f"${change}")
    looking.examine(rosa.page, language)
    rosa.jumps("Enter")
    rosa.reads(rosa.say("Taken"), f"${change}")
    looking.examine(rosa.page, language)
    assert window.scene.balance(account) == Money(0)
    assert rosa.page.evaluate("document.activeElement.name") == "scan", "ready for the next"
    rosa.strikes("Escape")
    rosa.jumps("1")
    expect(rosa.page.locator(".slip")).to_be_visible()


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_split_tender_with_change(window: Window, clerks: Clerks, language: str) -> None:
    assert window.scene is not None
    assert window.accounts is not None
    account = window.accounts.of(language)[0]
    rosa, _counter, _drawer = at_the_window(window, clerks, language)
    owed = window.scene.balance(account)
    rosa.opens("/staff/window")
    rosa.page.keyboard.type(account.number)
    rosa.strikes("Enter")
    rosa.jumps("Enter")
    rosa.strikes("Escape", "2")
    rosa.picks("Paid with", "Paper check")
    rosa.types("Amount", "50")
    rosa.types("Number of the check, money order or slip", "1043")
    rosa.types("Bank on the check", "Bank of the Valley")
    rosa.ticks("The check is made out to the City")
    rosa.presses("Add it")
    rosa.reads("1043", "Bank of the Valley")
    rosa.strikes("Escape", "2")
    rosa.picks("Paid with", "Card at the terminal")
    rosa.types("Amount", "20")
    rosa.types("Number of the check, money order or slip", "000871")
    rosa.picks("Card", "Visa")
    rosa.types("Last four digits on the slip", "4242")
    rosa.presses("Add it")
    rosa.types("Cash handed over", "100")
    change = Money(170_00) - owed
    expect(rosa.page.locator("[data-change]")).to_have_text(f"${change}")
    rosa.jumps("Enter")
    rosa.reads("1043", "4242", f"${change}")
    kinds = window.scene.rows("SELECT kind FROM payment_tenders ORDER BY ordinal")
    assert [row.kind for row in kinds] == ["check", "terminal", "cash"]


@pytest.mark.parametrize(("language", "other"), [("en", "es"), ("es", "en")])
def test_a_drawer_is_opened_counted_blind_and_accepted_by_another(
    window: Window, clerks: Clerks, language: str, other: str
) -> None:
    assert window.scene is not None
    assert window.accounts is not None
    rosa = clerks("cashier", name="rosa", language=language)
    tomas = clerks("cashier", name="tomas", language=other)
    sofia = clerks("supervisor", name="sofia", language=other)
    counter = Counter(desk_of(window.scene))
    rosa.opens("/staff/")
    rosa.jumps("g c")
    rosa.sees("My drawer")
    counts(rosa, FLOAT)
    expect(rosa.page.locator("[data-pieces-total]")).to_have_text("$200.00")
    rosa.presses("Open the drawer")
    tomas.opens("/staff/drawers/mine")
    tomas.presses(tomas.say("%(till)s, %(name)s", till=window.scene.city.till("T1").name.in_(other), name="Rosa"))
    counts(tomas, FLOAT)
    tomas.presses("This is what is in it")
    drawer = window.scene.scalar("SELECT id FROM drawers")
    owed = window.scene.balance(window.accounts.water)
    counter.take(drawer, counter.draft({window.accounts.water.id: owed.cents}, [check(owed.cents)]))
    rosa.opens("/staff/drawers/mine")
    rosa.jumps("3")
    counts(rosa, {**FLOAT, 100: 13})
    rosa.types("How many checks and money orders", "1")
    rosa.types("Checks and money orders, total", str(owed))
    looking.examine(rosa.page, language)
    rosa.presses("This is what I counted")
    rosa.reads("$193.00", "$200.00", "$7.00")
    sofia.opens("/staff/")
    sofia.jumps("g o")
    sofia.jumps("1")
    sofia.jumps("1")
    looking.examine(sofia.page, other)
    sofia.types("Why", "Seven dollars are nowhere to be found.")
    sofia.presses("Accept it")
    sofia.reads("Seven dollars are nowhere to be found.")
    assert window.scene.scalar("SELECT state FROM drawers") == "closed"


def test_nobody_voids_their_own_and_a_supervisor_does(window: Window, clerks: Clerks) -> None:
    assert window.scene is not None
    assert window.accounts is not None
    account = window.accounts.water
    owed = window.scene.balance(account)
    rosa, _counter, _drawer = at_the_window(window, clerks)
    rosa.opens("/staff/window")
    rosa.page.keyboard.type(scan_line(window, account))
    rosa.strikes("Enter")
    rosa.page.keyboard.type(str(owed))
    rosa.jumps("Enter")
    rosa.jumps("Enter")
    receipt = rosa.heading.inner_text()
    rosa.strikes("Escape")
    rosa.jumps("9")
    rosa.types("Why", "Wrong bill.")
    rosa.presses(LOOK)
    expect(rosa.page.get_by_role("button", name="Void it")).to_have_count(0)
    rosa.presses(ASK)
    assert window.scene.balance(account) == Money(0), "so far it is only asked for"
    sofia = clerks("supervisor", name="sofia", language="es")
    sofia.opens("/staff/approvals")
    sofia.jumps("1")
    sofia.jumps("1")
    sofia.presses("Approve and do it")
    assert window.scene.balance(account) == owed
    rosa.opens("/staff/")
    rosa.strikes("/")
    rosa.page.keyboard.type(receipt.removeprefix("Receipt "))
    rosa.jumps("Enter")
    rosa.reads(receipt)
    assert window.scene.scalar("SELECT count(*) FROM payment_reversals WHERE kind = 'void'") == 1
