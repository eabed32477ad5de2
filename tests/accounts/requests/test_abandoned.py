"""Requests that nobody handed in are cleared away: when, with what, told once, cut anywhere and gone on with."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from accounts.cases.abandoned import Cleared, clear_away
from accounts.cases.rules import NotNow, State
from accounts.documents.rules import Sent
from accounts.documents.store import DocumentStore
from accounts.errors import NotFound
from accounts.requests import residents
from accounts.requests.guests import Guest
from tests.accounts.counter import everything, refused
from tests.accounts.documents.test_documents import PAGE
from tests.accounts.requests.conftest import Window
from tests.accounts.requests.test_guests import asked, begun
from tests.accounts.requests.test_journeys import START

TOLD = "SELECT args ->> 'case_id' FROM procrastinate_jobs WHERE task_name = 'case_draft_ends'"
NOTHING = Cleared(0, 0, 0)


def test_a_guests_draft_goes_with_its_files_and_nothing_personal_stays(window: Window) -> None:
    rosa = draft_with_paper(window, b"rosa")
    removed = add_paper(window, rosa, b"the wrong one")
    residents.remove_document(window.cases, rosa, rosa.case_id, removed)
    days_pass(window, 30)
    assert night(window) == NOTHING, "thirty days are thirty days"
    days_pass(window, 1)
    assert night(window) == Cleared(0, 1, 2)
    assert files(window) == []
    assert window.desk.rows(f"SELECT state, guest, draft FROM cases WHERE id = {rosa.case_id}") == [
        ("withdrawn", {}, {})
    ]
    assert {name for (name,) in window.desk.rows("SELECT name FROM documents")} == {""}
    said = str(window.desk.rows("SELECT * FROM audit_entries")) + str(window.desk.rows("SELECT * FROM case_events"))
    assert "draft-cleared-away" in said
    assert "rosa" not in said.lower()
    assert "passport" not in said
    with refused(window.db, NotFound):
        residents.page(window.cases, rosa, rosa.case_id)
    before = everything(window.db)
    assert night(window) == NOTHING
    assert everything(window.db) == before


def test_who_comes_back_in_time_keeps_it(window: Window) -> None:
    rosa = draft_with_paper(window, b"rosa")
    days_pass(window, 29)
    residents.keep_answers(window.cases, rosa, rosa.case_id, {"service_address": "9 Elm Street"}, whole=False)
    days_pass(window, 29)
    assert night(window) == NOTHING
    assert window.page(rosa.case_id).line.state is State.DRAFT


def test_a_resident_is_told_a_week_before_and_once(window: Window) -> None:
    case = draft_of_ana(window)
    days_pass(window, 173)
    assert night(window) == NOTHING
    days_pass(window, 1)
    assert night(window) == Cleared(1, 0, 0)
    assert night(window) == NOTHING
    days_pass(window, 7)
    assert window.desk.rows(TOLD) == [(str(case),)]
    assert night(window) == NOTHING, "the week is over when it is over"
    days_pass(window, 1)
    assert night(window) == Cleared(0, 1, 1)
    assert window.desk.rows(TOLD) == [(str(case),)]
    assert residents.mine(window.cases, window.ana) == []
    with refused(window.db, NotNow):
        residents.keep_answers(window.cases, window.ana, case, {"stop_on": "2027-11-30"})


def test_a_resident_who_was_told_and_goes_on_is_told_anew_later(window: Window) -> None:
    case = draft_of_ana(window)
    days_pass(window, 175)
    assert night(window) == Cleared(1, 0, 0)
    residents.keep_answers(window.cases, window.ana, case, {"stop_on": "2027-11-30"}, whole=False)
    days_pass(window, 172)
    assert night(window) == NOTHING
    days_pass(window, 3)
    assert night(window) == Cleared(1, 0, 0)
    assert len(window.desk.rows(TOLD)) == 2


def test_nobody_who_was_not_told_loses_a_draft(window: Window) -> None:
    draft_of_ana(window)
    days_pass(window, 400)
    assert night(window) == Cleared(1, 0, 0), "the job stood still for a year: a week is given all the same"


def test_what_somebody_threw_away_goes_the_next_night_without_their_words(window: Window) -> None:
    rosa = draft_with_paper(window, b"rosa")
    residents.withdraw(window.cases, rosa, rosa.case_id, "I live at 9 Elm Street.")
    assert night(window) == Cleared(0, 1, 1)
    assert "Elm" not in str(window.desk.rows("SELECT * FROM case_events"))


def test_what_was_handed_in_stays_and_so_does_a_file_that_others_sent_too(window: Window) -> None:
    sent = asked(window, window.desk.account("citation"))
    case = window.draft("stop-service", window.link(window.desk.account()), {"stop_on": "2026-11-30"})
    window.paper(case, "escrow-papers")
    residents.submit(window.cases, window.ana, case)
    draft = draft_with_paper(window, b"", content=PAGE)
    days_pass(window, 400)
    assert night(window) == Cleared(0, 1, 0)
    assert len(files(window)) == 1
    (paper,) = window.page(case).papers
    opened = residents.open_document(window.cases, window.store, window.ana, case, paper.id)
    assert opened.content == PAGE
    assert window.page(sent.case_id).line.state is State.SUBMITTED
    assert window.page(draft.case_id).papers[0].name == ""


def test_each_night_does_its_share_and_the_next_goes_on(window: Window) -> None:
    for number in range(5):
        begun(window, email=f"g{number}@example.com", account_id=None, kind="start-service")
    days_pass(window, 31)
    store = window.store
    assert [clear_away(window.cases, store, most=2, batch=1).drafts for _night in range(4)] == [2, 2, 1, 0]


def test_cut_in_the_middle_it_goes_on(window: Window, monkeypatch: pytest.MonkeyPatch) -> None:
    gone, kept = draft_with_paper(window, b"one"), draft_with_paper(window, b"two", email="b@example.com")
    days_pass(window, 31)
    deleted: list[str] = []
    really = DocumentStore.delete

    def dies(store: DocumentStore, digest: str) -> None:
        really(store, digest)
        deleted.append(digest)
        if len(deleted) == 2:
            raise KeyboardInterrupt

    monkeypatch.setattr(DocumentStore, "delete", dies)
    with pytest.raises(KeyboardInterrupt):
        night(window)
    assert [window.page(one.case_id).line.state for one in (gone, kept)] == [State.WITHDRAWN, State.DRAFT]
    monkeypatch.undo()
    assert night(window) == Cleared(0, 1, 1)
    assert files(window) == []


def test_a_file_that_somebody_sends_while_it_is_deleted_is_there(window: Window) -> None:
    """Deleting holds the file's turn until its commit: who sends the same one meanwhile waits, and writes it anew."""
    draft_with_paper(window, b"", content=PAGE)
    days_pass(window, 31)
    other = begun(window, kind="start-service", account_id=None, email="b@example.com")
    sender = threading.Thread(target=lambda: add_paper(window, other, b"", content=PAGE))
    really = DocumentStore.delete

    def slow(store: DocumentStore, digest: str) -> None:
        sender.start()
        sender.join(timeout=1.0)
        assert sender.is_alive(), "it waits for its turn"
        really(store, digest)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(DocumentStore, "delete", slow)
        assert night(window) == Cleared(0, 1, 1)
    sender.join(timeout=30)
    (paper,) = window.page(other.case_id).papers
    assert residents.open_document(window.cases, window.store, other, other.case_id, paper.id).content == PAGE


def night(window: Window) -> Cleared:
    return clear_away(window.cases, window.store)


def days_pass(window: Window, days: int) -> None:
    window.desk.clock.advance(days=days)


def files(window: Window) -> list[Path]:
    return [one for one in window.store.folder.rglob("*") if one.is_file()]


def draft_with_paper(window: Window, extra: bytes, *, email: str = "rosa@example.com", content: bytes = b"") -> Guest:
    rosa = begun(window, kind="start-service", account_id=None, email=email)
    said: Mapping[str, Any] = START
    residents.keep_answers(window.cases, rosa, rosa.case_id, said)
    add_paper(window, rosa, extra, content=content)
    return rosa


def add_paper(window: Window, who: Guest, extra: bytes, *, content: bytes = b"") -> int:
    sent = Sent("passport.pdf", content or PAGE.replace(b"/Catalog", b"/Catalog /X (" + extra + b")"))
    return residents.add_document(window.cases, window.store, who, who.case_id, wanted="lease", sent=sent)


def draft_of_ana(window: Window) -> int:
    account = window.link(window.desk.account())
    case = window.draft("stop-service", account, {"stop_on": "2026-11-30"})
    window.paper(case, "escrow-papers")
    return case
