"""An auditor reads everything and changes nothing; and the back office without a script, by mouse and labels."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from e2e.clerks import LOOK
from e2e.conftest import Clerks
from e2e.people import Person
from e2e.window import Window
from tests.portal.identity.people import PASSWORD, hire
from tests.portal.staff.test_act_pages import penalty

FOR_ONESELF = ("/staff/change-user", "/staff/sign-out", "/staff/keys", "/staff/my-page", "/staff/audit/export")
"""Where an auditor's buttons may lead: their own session, and the file that they take out."""
_POSTS = "() => [...document.forms].filter(one => one.method === 'post').map(one => new URL(one.action).pathname)"


@pytest.mark.parametrize("language", ["en", "es"])
def test_an_auditor_sees_who_has_seen_an_account_and_takes_the_log_out(
    window: Window, clerks: Clerks, language: str
) -> None:
    assert window.accounts is not None
    account = window.accounts.water
    clerk = clerks("clerk", name="ana")
    clerk.opens(f"/staff/accounts/{account.reference}")
    auditor = clerks("auditor", name="iris", language=language)
    auditor.opens("/staff/")
    auditor.opens_file(account)
    auditor.jumps("v a")
    auditor.reads("Ana", "Iris", auditor.say("Who has seen it"))
    auditor.jumps("g l")
    auditor.sees("Audit")
    auditor.follows("Take these lines out as a file")
    auditor.types("Why", "The yearly audit.")
    auditor.goes_to("Take it out")
    with auditor.page.expect_download() as download:
        auditor.strikes("Enter")
    with Path(download.value.path()).open(encoding="utf-8-sig", newline="") as file:
        lines = list(csv.DictReader(file))
    assert len(lines) > 2
    assert {"Ana", "Iris"} <= {value for line in lines for value in line.values()}
    assert window.count("audit_entries WHERE act = 'exported'") == 1


def test_an_auditor_finds_no_button_that_changes_anything(window: Window, clerks: Clerks) -> None:
    assert window.accounts is not None
    auditor = clerks("auditor", name="iris")
    seen, waiting = set[str](), ["/staff/", f"/staff/accounts/{window.accounts.water.reference}"]
    while waiting:
        path = waiting.pop()
        seen.add(path)
        auditor.page.goto(f"{window.url}{path}")
        expect(auditor.heading).to_be_visible()
        posts = set(auditor.page.evaluate(_POSTS))
        asked = {to for to in posts if re.fullmatch(r"/staff/reports/[a-z-]+/\w+", to)}
        assert not [to for to in posts - asked if not to.startswith(FOR_ONESELF)], (path, posts)
        found = auditor.page.evaluate("() => [...document.links].map(one => one.pathname)")
        waiting += {to for to in found if to.startswith("/staff/") and not to.endswith(".pdf")} - seen - set(waiting)
    assert len(seen) > 12
    assert window.count("audit_entries WHERE act = 'permission-refused'") == 0, "no link leads where they may not go"


def test_without_a_script_everything_is_done_by_labels_and_buttons(window: Window, clerks: Clerks) -> None:
    assert window.scene is not None
    assert window.accounts is not None
    account = window.accounts.agua
    penalty(window.scene, account, 10_00)
    owed = window.scene.balance(account)
    ana = hire(window.scene, "ana", "es", ("clerk",))
    clerk = clerks(language="es", kind=Person, java_script_enabled=False)
    clerk.opens("/staff/")
    clerk.types("User name", "ana")
    clerk.types("Password", PASSWORD)
    clerk.types("Code from your app", ana.code())
    clerk.presses("Sign in")
    clerk.sees("Today")
    clerk.page.get_by_role("searchbox").fill("Lopes Ruis")
    clerk.presses("Search")
    clerk.follows(account.number)
    clerk.follows("Write a note")
    clerk.types("Note", "Perro en el patio.")
    clerk.presses("Add the note")
    clerk.follows("Waive")
    clerk.types("Why", "La factura llegó tarde.")
    clerk.presses(LOOK)
    clerk.presses("Forgive it")
    assert (owed - window.scene.balance(account)).cents == 10_00
    clerk.follows("Notes and contacts")
    clerk.reads("Perro en el patio.")
    clerk.follows("Write a note")
    clerk.types("Note", "Otra cosa")
    window.scene.clock.advance(minutes=16)
    clerk.presses("Add the note")
    clerk.types("User name", "ana")
    clerk.types("Password", PASSWORD)
    clerk.types("Code from your app", ana.code())
    clerk.presses("Sign in")
    clerk.reads(clerk.say("What you typed has come back"))
    clerk.presses("Add the note")
    assert window.count("account_notes") == 2
    clerk.presses("Change user")
    clerk.sees("Staff sign-in")
