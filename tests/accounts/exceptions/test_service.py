"""The exceptions queue: one line for one thing, until a named person closes it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import text

from accounts.actors.service import actor_id
from accounts.database import Sessions, reading, transaction
from accounts.errors import Conflict, NotFound
from accounts.exceptions.queries import line, open_lines
from accounts.exceptions.rules import respond_by
from accounts.exceptions.service import NoReason, close, open_exception, take

NOW = datetime(2026, 11, 17, 18, 0, tzinfo=UTC)


def test_the_same_thing_is_one_line(sessions: Sessions) -> None:
    with transaction(sessions) as session:
        first = open_exception(session, "import-contradiction", "la:1", {"fine": "52.00"}, "Ask.")
        again = open_exception(session, "import-contradiction", "la:1", {"fine": "60.00"})
        other = open_exception(session, "second-payment", "la:1", {})
    assert first == again != other
    with reading(sessions) as session:
        assert [(one.kind, one.evidence) for one in open_lines(session)] == [
            ("import-contradiction", {"fine": "52.00"}),
            ("second-payment", {}),
        ]
        assert [one.id for one in open_lines(session, "second-payment")] == [other]


def test_a_closed_line_is_not_opened_again(sessions: Sessions) -> None:
    with transaction(sessions) as session:
        opened = open_exception(session, "second-payment", "x", {})
        closing = text("UPDATE exception_lines SET closed_at = now(), closed_by = :actor WHERE id = :line")
        session.execute(closing, {"actor": actor_id(session, "staff:rosa"), "line": opened})
    with transaction(sessions) as session:
        assert open_exception(session, "second-payment", "x", {}) == opened
        assert open_lines(session) == []


def test_a_line_is_taken_and_closed_by_named_people_and_stays_to_be_read(sessions: Sessions) -> None:
    with transaction(sessions) as session:
        opened = open_exception(session, "orphan", "pi_1", {"amount_cents": 500}, "Find out who paid.")
    take(sessions, opened, "Rosa")
    with reading(sessions) as session:
        assert [one.owner for one in open_lines(session)] == ["rosa"]
    close(sessions, opened, "luis", "refunded, re_1", NOW)
    with reading(sessions) as session:
        assert open_lines(session) == []
        closed = line(session, opened)
        acts = session.scalars(text("SELECT act FROM audit_entries ORDER BY id")).all()
    assert (closed.closed_by, closed.closing_note, closed.closed_at) == ("luis", "refunded, re_1", NOW)
    assert acts == ["exception-taken", "exception-closed"]


def test_what_cannot_be_closed_is_refused_and_nothing_changes(sessions: Sessions) -> None:
    with transaction(sessions) as session:
        opened = open_exception(session, "orphan", "pi_1", {})
    for refusal, act in (
        (NoReason, lambda: close(sessions, opened, "luis", "  ", NOW)),
        (NotFound, lambda: close(sessions, opened + 1, "luis", "done", NOW)),
        (NotFound, lambda: take(sessions, opened + 1, "luis")),
    ):
        with pytest.raises(refusal):
            act()
    with reading(sessions) as session:
        assert line(session, opened).closed_at is None
        assert session.scalars(text("SELECT count(*) FROM audit_entries")).one() == 0
    close(sessions, opened, "luis", "done", NOW)
    with pytest.raises(Conflict):
        close(sessions, opened, "rosa", "done too", NOW)
    with pytest.raises(Conflict):
        take(sessions, opened, "rosa")
    with reading(sessions) as session:
        assert line(session, opened).closed_by == "luis"


def test_money_without_an_owner_has_the_shortest_clock() -> None:
    assert respond_by("orphan", NOW) < respond_by("second-payment", NOW) < respond_by("import-contradiction", NOW)
