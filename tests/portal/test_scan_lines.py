"""The scan line of what is owed stands where a resident or a clerk prints it, and finds account and amount."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from pathlib import Path

import pytest

from accounts.customer_accounts.scan_lines import ScanLine, read
from accounts.money import Money
from portal.config import Mode
from portal.scan_lines import line_of
from tests.database import TestDatabase
from tests.portal.scene import Known, Scene, add, make_scene
from tests.portal.staff.people import staff_of
from tests.portal.staff.tills import LOOK, open_counter
from tests.sandbox_server import Sandbox

LINE = re.compile(r"\b\d{42}\b")


def said(scene: Scene, text: str) -> ScanLine:
    """The only scan line in a text."""
    (line,) = LINE.findall(text)
    found = read(line, scene.city.scan_layouts(scene.today))
    assert isinstance(found, ScanLine)
    return found


@pytest.mark.parametrize("kind", ["utility", "license", "citation"])
def test_the_residents_page_and_the_clerks_bills_show_it(scene: Scene, kind: str) -> None:
    known = scene.open(kind, 48_15)
    guest = scene.guest()
    add(guest, known)
    shown = [
        guest.get(f"/accounts/{known.reference}"),
        staff_of(scene, "clerk").get(f"/staff/accounts/{known.reference}/bills"),
    ]
    for page in shown:
        line = said(scene, page.text)
        assert (line.account_digits, line.asked_on(scene.today)) == (known.reference, Money(48_15))


def test_typed_at_the_window_it_finds_account_and_amount(scene: Scene) -> None:
    counter = open_counter(scene)
    known = scene.open("utility", 48_15)
    page = staff_of(scene, "clerk").get(f"/staff/accounts/{known.reference}/bills")
    (line,) = LINE.findall(page.text)
    counter.rosa.get("/staff/window")
    sale = counter.rosa.submit(LOOK, {"Scan line or number": line, "Cash handed over": ""}, expect=200, budget=40)
    assert known.number in sale.text
    assert "$48.15" in sale.text


def test_nothing_owed_too_much_or_no_layout_has_no_line(scene: Scene) -> None:
    today, due_on = scene.today, scene.today + timedelta(days=3)
    assert line_of(scene.city, "100000001", Money(1), due_on, today)
    assert not line_of(scene.city, "100000001", Money(0), due_on, today)
    assert not line_of(scene.city, "100000001", Money(100_000_000_00), due_on, today)
    assert not line_of(scene.city.model_copy(update={"scan_lines": ()}), "100000001", Money(1), due_on, today)


def test_the_demo_lists_them_with_what_was_done_at_the_window(
    db: TestDatabase, sandbox: Sandbox, tmp_path: Path
) -> None:
    scene = make_scene(db, sandbox, tmp_path, mode=Mode.DEMO)
    known = scene.open("utility", 48_15)
    (tmp_path / "samples.json").write_text(json.dumps({"lookups": [_sample(known)]}))
    done = [{"code": "lockbox-file", "path": "/staff/lockboxes/1", "who": "ana.ruiz"}]
    (tmp_path / "window.json").write_text(json.dumps(done))
    facts = scene.guest().browser.get("/demo.json").get_json()
    assert facts["window"] == done
    (lookup,) = facts["lookups"]
    assert said(scene, lookup["scan_line"]).asked_on(scene.today) == Money(48_15)
    for lang, words in (("en", "A lockbox file of this morning"), ("es", "Un archivo del apartado bancario")):
        page = scene.guest(lang=lang).get("/demo")
        assert words in page.text
        assert lookup["scan_line"] in page.text


def _sample(known: Known) -> dict[str, str]:
    return {
        "kind": "utility", "reference": known.reference, "number": known.number, "proof": known.proof,
        "proof_label": "Bill code", "holder": "María López Ruiz", "language": "en",
    }  # fmt: skip
