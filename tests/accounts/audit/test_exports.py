"""The audit as it is taken out: whole, in order, a little at a time."""

from __future__ import annotations

import pytest

from accounts import audit
from accounts.actors.service import actor_id
from accounts.audit import exports
from accounts.audit.queries import Wanted, how_many, newest
from accounts.database import Sessions, transaction


def test_every_line_is_taken_once_and_what_comes_later_is_not(
    sessions: Sessions, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exports, "AT_ONCE", 3)
    with transaction(sessions) as session:
        rosa = actor_id(session, "staff:rosa")
        for number in range(10):
            audit.record(session, f"act-{number}", actor_id=rosa)
    with transaction(sessions) as session:
        wanted = Wanted(actor_id=rosa, through=newest(session))
        expected = how_many(session, wanted)
    found = []
    for line in exports.lines(sessions, wanted):
        found.append(line.act)
        with transaction(sessions) as session:  # no transaction of the export is open here
            audit.record(session, "meanwhile", actor_id=rosa)
    assert found == [f"act-{number}" for number in reversed(range(10))]
    assert len(found) == expected
