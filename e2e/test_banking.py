"""Money on its way to the bank and back, by keyboard: a bag of two, a statement that knows it, a returned check."""

from __future__ import annotations

from pathlib import Path

import pytest

from accounts.money import Money
from e2e.clerks import LOOK, Clerk
from e2e.conftest import Clerks
from e2e.test_window import counts
from e2e.window import Window
from tests.factories.window import Window as Counter
from tests.factories.window import cash, check
from tests.portal.scene import Known
from tests.portal.staff.files import desk_of

LANGUAGES = ("en", "es")
BAG = "BG-20881"


def banked(window: Window, by_check: int = 42_00) -> tuple[Counter, Known]:
    """A drawer of Rosa's, accepted: $58.00 in cash and a check stand in the vault."""
    assert window.scene is not None
    account = window.scene.open("utility", 100_00, name="Guadalupe Villaseñor")
    counter = Counter(desk_of(window.scene))
    drawer = counter.open()
    counter.take(drawer, counter.draft({account.id: 100_00}, [check(by_check), cash(100_00 - by_check)]))
    counter.close(drawer)
    return counter, account


def counts_the_bag(clerk: Clerk) -> None:
    counts(clerk, {5000: 1, 500: 1, 100: 3})
    clerk.types("How many checks and money orders", "1")
    clerk.types("Checks and money orders, total", "42.00")


@pytest.mark.parametrize(("language", "other"), [("en", "es"), ("es", "en")])
def test_a_bag_is_counted_by_two_and_found_on_the_statement(
    window: Window, clerks: Clerks, tmp_path: Path, language: str, other: str
) -> None:
    assert window.scene is not None
    banked(window)
    sofia = clerks("supervisor", name="sofia", language=language)
    silvia = clerks("supervisor", name="silvia", language=other)
    ben = clerks("finance", name="ben", language=language)
    sofia.opens("/staff/bank-deposits")
    sofia.sees("Bank deposits")
    sofia.presses("Put these into a bag")
    counts_the_bag(sofia)
    sofia.types("Number of the bag", BAG)
    sofia.presses("This is what goes to the bank")
    sofia.reads(BAG, "$100.00")
    silvia.opens("/staff/bank-deposits/1")
    silvia.jumps("1")
    counts_the_bag(silvia)
    silvia.presses("It agrees: seal it")
    silvia.reads(BAG)
    assert window.scene.scalar("SELECT state FROM bank_deposits") == "sealed"

    statement = tmp_path / "november.csv"
    day = window.scene.today.strftime("%m/%d/%Y")
    statement.write_text(
        "Date,Amount,Balance,Description,Bank Reference,Customer Reference\n"
        f"{day},100.00,100.00,DEPOSIT,771201,{BAG}\n"
        f"{day},-3.50,96.50,ACCOUNT ANALYSIS FEE,771202,\n"
    )
    ben.opens("/staff/bank-statements")
    ben.sees("Bank statements")
    ben.follows("Read in a file")
    ben.page.get_by_label(ben.say("File of the bank")).set_input_files(statement)  # a browser's own dialog
    ben.presses("Read it in")
    ben.opens("/staff/bank-statements/1")
    ben.reads(ben.say("Lines not explained: %(number)s.", number=1))
    fee = ben.page.locator("main table th a").first.inner_text()  # what is not explained comes first
    ben.goes_to(" ".join(fee.split()))
    ben.jumps("Enter")
    ben.picks("Name", "Bank fee" if language == "en" else "Comisión bancaria")
    ben.presses("Book it under this name")
    ben.opens("/staff/bank-statements/1")
    ben.presses("Sign it off")
    assert window.scene.scalar("SELECT count(*) FROM bank_sign_offs") == 1


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_check_that_came_back_reopens_its_part_with_its_age(window: Window, clerks: Clerks, language: str) -> None:
    assert window.scene is not None
    _counter, account = banked(window)
    due = window.scene.scalar(
        "SELECT due_on FROM charges WHERE open_cents = 0 AND customer_account_id = :id", id=account.id
    )
    clara = clerks("clerk", name="clara", language=language)
    clara.opens("/staff/returned-payments")
    clara.follows("Find a returned item")
    clara.types("Number of the check", "1042")
    clara.jumps("Enter")
    clara.strikes("Escape")
    clara.jumps("1")
    clara.sees("Post a returned payment")
    clara.picks("Reason that the bank gives", "R01")
    clara.presses(LOOK)
    clara.reads("$42.00")
    clara.presses("Post it")
    assert window.scene.balance(account) == Money(42_00) + Money(
        int(window.scene.scalar("SELECT coalesce(sum(amount_cents), 0)::bigint FROM charges WHERE kind = 'fee'"))
    )
    open_again = window.scene.rows(
        "SELECT due_on, open_cents FROM charges WHERE kind = 'service' AND customer_account_id = :id", id=account.id
    )
    assert [tuple(row) for row in open_again] == [(due, 42_00)]
