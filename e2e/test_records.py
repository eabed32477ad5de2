"""Acts on customer records: an account opened in three steps by keyboard, with and without a script."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import expect

from e2e.conftest import Guests
from e2e.test_counter import clerk
from e2e.window import Window

CODE = re.compile(r"\b[A-HJ-NP-Z2-9]{8}\b")


def fill(person: Any, **values: str) -> None:
    for name, value in values.items():
        person.page.locator(f"#{name}").fill(value)


def sends(person: Any, button: str) -> None:
    with person.page.expect_navigation():
        person.page.locator("main").get_by_role("button", name=person.say(button), exact=True).click()
    person.looks()


@pytest.mark.parametrize(("language", "habits"), [("en", {}), ("es", {"java_script_enabled": False})])
def test_an_account_is_opened_and_the_code_is_told_once(
    window: Window, guests: Guests, language: str, habits: dict[str, Any]
) -> None:
    assert window.scene is not None
    person, name = clerk(window, guests, language, **habits), f"Ana Vega {language.title()}"
    page = person.page
    person.opens("/staff/openings/new")
    page.locator("#customer_q").fill("lopez")
    with page.expect_navigation():
        page.locator("#customer_q").press("Enter")
    person.looks()
    expect(page.locator("input[name=customer]")).not_to_have_count(1)
    fill(person, name=name, last_name="Vega", address=f"{len(name)} Oak Street", zip_code="93706")
    with page.expect_navigation():
        page.locator("#address").press("Enter")
    person.looks()
    page.locator("#role").select_option("tenant")
    page.locator("#document").select_option("lease")
    page.locator("#rate_water").select_option("water-fixed+water-usage")
    sends(person, "Continue")
    person.reads(person.say("No meter stands at the address. Enter its number."))
    fill(person, meter_serial=f"E2E-{language}", first_read="120")
    sends(person, "Continue")
    person.reads(name, f"E2E-{language}", "120")
    sends(person, "Go back")
    expect(page.locator("#meter_serial")).to_have_value(f"E2E-{language}")
    sends(person, "Continue")
    sends(person, "Open the account")
    person.sees("The account is open")
    assert CODE.search(person.text)
    page.reload()
    assert not CODE.search(person.text), "told once"
    person.reads(person.say("The bill code was shown once. It is also on each bill that goes out by mail, and the "
                            "holder can prove the account with their name."))  # fmt: skip


@pytest.mark.parametrize("language", ["en", "es"])
def test_nothing_stands_in_the_way_on_the_pages_of_records(window: Window, guests: Guests, language: str) -> None:
    assert window.accounts is not None
    account = window.accounts.of(language)[0].reference
    person = clerk(window, guests, language)
    for path in ("customer-changes/new", "returned-mail/new", "mergers/new", "closings/new", "reopenings/new"):
        person.opens(f"/staff/accounts/{account}/{path}")
    person.opens(f"/staff/accounts/{account}/returned-mail/new")
    sends(person, "Note it")
    person.sees("A letter that came back")
    sends(person, "Note it")
    person.reads(person.say("Enter the address."))
    person.opens("/staff/returned-mail")
    person.opens(f"/staff/accounts/{account}/customer-changes/new")
    page = person.page
    page.locator("#name").fill("María Vega")
    with page.expect_navigation():
        page.locator("#name").press("Enter")
    person.looks()
    expect(page.locator("#name")).to_have_value("María Vega")
