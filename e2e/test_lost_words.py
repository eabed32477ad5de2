"""What somebody at the window has typed is not lost: not when the session ends, not when the tab is closed."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from e2e.clerks import Clerk
from e2e.conftest import Clerks
from e2e.window import Window
from tests.portal.identity.people import Person, hire
from tests.portal.scene import Known

NOTE = "She will pay on Friday; the bill went to her old address."
BACK = "What you typed has come back"


@pytest.mark.parametrize("language", ["en", "es"])
def test_a_session_that_ends_while_somebody_writes(window: Window, clerks: Clerks, language: str) -> None:
    ana, account, clerk = _at_a_note(window, clerks, language)
    clerk.types("Note", NOTE)
    assert window.scene is not None
    window.scene.clock.advance(minutes=16)
    clerk.presses("Add the note")
    clerk.reads(clerk.say("Nothing you typed was lost. Sign in and it will be on the page again."))
    assert window.count("account_notes") == 0
    clerk.signs_in(ana)
    clerk.sees("New note")
    clerk.reads(clerk.say(BACK))
    clerk.holds("Note", NOTE)
    clerk.presses("Add the note")
    clerk.reads(account.number)
    assert window.count("account_notes") == 1
    clerk.jumps("2")
    assert clerk.say(BACK) not in clerk.text
    clerk.holds("Note", "")


def test_a_tab_that_is_closed_before_it_was_sent(window: Window, clerks: Clerks) -> None:
    _, account, clerk = _at_a_note(window, clerks, "en")
    clerk.types("Note", NOTE)
    clerk.page.close(run_before_unload=True)
    _comes(lambda: window.count("kept_forms") == 1)
    again = clerks(beside=clerk)
    again.opens(f"/staff/accounts/{account.reference}/notes/new")
    again.reads(BACK)
    again.holds("Note", NOTE)
    again.presses("Begin this form anew")
    again.sees("New note")
    again.holds("Note", "")
    assert window.count("account_notes") == 0


def test_somebody_else_at_the_same_window_does_not_get_them(window: Window, clerks: Clerks) -> None:
    ana, _, clerk = _at_a_note(window, clerks, "en")
    assert window.scene is not None
    ben = hire(window.scene, "ben", roles=("clerk",))
    clerk.types("Note", NOTE)
    clerk.strikes("Escape")
    clerk.jumps("g u")
    clerk.signs_in(ben)
    clerk.sees("New note")
    clerk.holds("Note", "")
    clerk.strikes("Escape")
    clerk.jumps("g u")
    clerk.signs_in(ana, code=False)
    clerk.reads(BACK)
    clerk.holds("Note", NOTE)


def _at_a_note(window: Window, clerks: Clerks, language: str) -> tuple[Person, Known, Clerk]:
    """Somebody who has signed in by the real form, about to write a note."""
    assert window.scene is not None
    assert window.accounts is not None
    ana, account = hire(window.scene, "ana", language, ("clerk",)), window.accounts.water
    clerk = clerks(language=language)
    clerk.opens(f"/staff/accounts/{account.reference}/notes/new")
    clerk.signs_in(ana)
    clerk.sees("New note")
    return ana, account, clerk


def _comes(so: Callable[[], bool]) -> None:
    """What a browser that is gone has sent arrives in its own time."""
    deadline = time.monotonic() + 10
    while not so() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert so()
