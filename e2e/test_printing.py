"""The bills of a run on their way to the printing house: counted, frozen, made, taken; at a desk and on a phone."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Locator, expect

from e2e.conftest import Clerks
from e2e.people import Person
from e2e.window import Window
from tests.portal.public.test_bills import post
from tests.portal.staff.test_bill_printing_pages import paperless
from tests.portal.staff.test_billing_pages import house

PHONE, DESK = (360, 740), (1280, 860)


def download(person: Person, button: Locator) -> tuple[str, bytes]:
    """What the browser saves, and under which name."""
    with person.page.expect_download() as saved:
        button.click()
    return saved.value.suggested_filename, Path(saved.value.path()).read_bytes()


@pytest.mark.parametrize(("language", "size"), [("en", DESK), ("es", PHONE)], ids=["desk", "teléfono"])
def test_from_a_posted_run_to_the_printing_house(
    window: Window, clerks: Clerks, language: str, size: tuple[int, int]
) -> None:
    scene = window.scene
    assert scene is not None
    houses = [house(scene, f"P-{number}", used=12) for number in range(4)]
    post(scene)
    paperless(scene, houses[0])
    ben: Person = clerks("finance", name="ben", kind=Person, language=language, size=size)
    ben.opens("/staff/billing-runs")
    ben.follows(ben.say("Run %(number)s", number=1))
    ben.follows("Print the bills")
    ben.sees("Print the bills of run %(number)s", number=1)
    ben.presses("Count the bills")
    ben.reads(ben.say("The bills are being counted"))
    window.work()
    ben.follows("Look again")
    ben.reads(ben.say("Without paper, by their own consent"), ben.say("Go on paper"))
    expect(ben.page.locator("tfoot")).to_contain_text("4")

    paperless(scene, houses[1])  # while they look at it
    ben.presses("Freeze the list and make the files")
    ben.reads(ben.say("The list is being frozen"))
    window.work()
    ben.follows("Look again")
    ben.reads(ben.say("The list changed meanwhile"))
    ben.presses("Freeze the list and make the files")
    for _ in range(2):
        window.work()
    ben.follows("Look again")
    ben.sees("Printing %(number)s", number=1)

    name, content = download(ben, ben.button("Download", ben.say("Part %(number)s", number=1)))
    assert name == "bills-000001-part-001.pdf"
    assert content.startswith(b"%PDF-")
    name, lines = download(ben, ben.button("Download the list"))
    assert name == "bills-000001-list.csv"
    assert lines.count(b"\r\n") == 5, "a heading, two bills, the part and all"
    ben.opens(ben.page.url)
    again, same = download(ben, ben.button("Download again"))
    assert again == "bills-000001-part-001-REPRINT.pdf"
    assert same == content
    assert window.count("audit_entries WHERE act LIKE 'bill-print-taken%'") == 3
