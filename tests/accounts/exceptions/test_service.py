"""The exceptions queue: one line for one thing, until a named person closes it."""

from __future__ import annotations

from sqlalchemy import text

from accounts.actors.service import actor_id
from accounts.database import Sessions, reading, transaction
from accounts.exceptions.queries import open_lines
from accounts.exceptions.service import open_exception


def test_the_same_thing_is_one_line(sessions: Sessions) -> None:
    with transaction(sessions) as session:
        first = open_exception(session, "import-contradiction", "la:1", {"fine": "52.00"}, "Ask.")
        again = open_exception(session, "import-contradiction", "la:1", {"fine": "60.00"})
        other = open_exception(session, "second-payment", "la:1", {})
    assert first == again != other
    with reading(sessions) as session:
        assert [(line.kind, line.evidence) for line in open_lines(session)] == [
            ("import-contradiction", {"fine": "52.00"}),
            ("second-payment", {}),
        ]
        assert [line.id for line in open_lines(session, "second-payment")] == [other]


def test_a_closed_line_is_not_opened_again(sessions: Sessions) -> None:
    with transaction(sessions) as session:
        line = open_exception(session, "second-payment", "x", {})
        closing = text("UPDATE exception_lines SET closed_at = now(), closed_by = :actor WHERE id = :line")
        session.execute(closing, {"actor": actor_id(session, "staff:rosa"), "line": line})
    with transaction(sessions) as session:
        assert open_exception(session, "second-payment", "x", {}) == line
        assert open_lines(session) == []
