"""A day closes when nothing is off, stays open by name when something is, and its packet says what it held."""

from __future__ import annotations

import json
from datetime import date

import pytest

from accounts.database import reading
from accounts.errors import NotFound
from accounts.staff.rules import NotAllowed
from payments.closings import queries, service
from payments.drawers.verdicts import accept
from portal.sealing import PARTS
from portal.verify import verify
from tests.accounts.counter import refused
from tests.database import TestDatabase
from tests.factories.till_days import TillDays
from tests.payments.closings.days import close, full_day, waits


def test_a_full_day_closes_with_its_packet_under_its_seal(window: TillDays) -> None:
    made = full_day(window)
    window.next_day()
    done = close(window)
    assert done.waiting is not None
    assert [seal.day for seal in done.seals] == [made.day], done.waiting.reasons
    assert done.seals[0].parts["closing packets"].rows == 1
    with reading(window.sessions) as session:
        found = queries.packet(session, made.day)
        wrong = {check.name: check.violations for check in verify(session) if check.violations}
    assert wrong == {}
    held = found.content["held"]
    assert [(one["kind"], one["count"], one["cents"]) for one in held["tenders"]] == [
        ("cash", 2, 68_00), ("check", 1, 50_00), ("terminal", 1, 12_34),
    ]  # fmt: skip
    assert [one["over_cash"] for drawer in held["drawers"] for one in drawer["counts"]] == [3]
    assert [(one["how"], one["cents"]) for one in held["taken_back"]] == [("void", 8_00)]
    assert all(row["ledger"] == row["stated"] for row in found.content["rows"])
    assert (found.content["closed_by"], found.made_by) == ("system", "system")


def test_an_open_drawer_keeps_its_day_open(window: TillDays, db: TestDatabase) -> None:
    made = full_day(window, is_closed=False)
    window.next_day()
    before = window.rows("SELECT count(*) FROM day_seals")
    done = close(window)
    assert done.waiting is not None
    (obstacle,) = done.waiting.obstacles
    assert obstacle.code == "drawer-open"
    assert obstacle.facts["till"] == "T1"
    assert f"drawer T1 of staff:rosa ({made.day}) is not closed: open" in done.waiting.reasons[0]
    assert window.rows("SELECT count(*) FROM closing_packets") == [(0,)]
    assert window.rows("SELECT count(*) FROM day_seals") == before
    assert window.rows("SELECT state FROM business_days WHERE day = :day", day=made.day) == [("open",)]
    counted = window.counted(made.drawer)
    assert waits(window) == ["drawer-open"]
    accept(window.cash, window.sofia, counted.id)
    assert [seal.day for seal in close(window).seals] == [made.day]


def test_a_drawer_that_is_accepted_the_day_after_stood_in_its_drawer_that_day(window: TillDays) -> None:
    made = full_day(window, is_closed=False)
    window.next_day()
    window.close(made.drawer)
    close(window)
    with reading(window.sessions) as session:
        rows = {row["place"]: row for row in queries.packet(session, made.day).content["rows"]}
    assert rows["on-hand"]["ledger"] == rows["on-hand"]["stated"] == 110_00


def test_days_without_a_window_close_as_before(window: TillDays) -> None:
    window.desk.account("utility", ("water", "service", 80_00))
    window.next_day(3)
    assert len(close(window).seals) == 3
    assert window.rows("SELECT count(*) FROM closing_packets") == [(3,)]


def test_a_person_closes_through_a_day_and_nobody_else(window: TillDays, db: TestDatabase) -> None:
    made = full_day(window)
    window.next_day(2)
    finance, clerk = window.person("olga", "finance"), window.person("carl", "clerk")
    now = window.clock.now()
    with refused(db, NotAllowed):
        service.close(
            window.sessions, clerk, window.ruling.city, PARTS, made.day, clock=window.clock, swept_through=now
        )
    done = service.close(
        window.sessions, finance, window.ruling.city, PARTS, made.day, clock=window.clock, swept_through=now
    )
    assert [seal.day for seal in done.seals] == [made.day]
    assert done.waiting is None
    with reading(window.sessions) as session:
        assert queries.day(session, made.day).closed_by == "staff:olga"
        assert json.loads(queries.packet(session, made.day).text)["closed_by"] == "staff:olga"


def test_a_day_that_is_not_over_does_not_close(window: TillDays, db: TestDatabase) -> None:
    made = full_day(window)
    finance = window.person("olga", "finance")
    done = service.close(
        window.sessions, finance, window.ruling.city, PARTS, made.day, clock=window.clock,
        swept_through=window.clock.now(),
    )  # fmt: skip
    assert done.seals == ()
    assert done.waiting is not None
    assert "is not over at city hall" in done.waiting.reasons[0]
    assert window.rows("SELECT count(*) FROM closing_packets") == [(0,)]


@pytest.mark.parametrize("at", ["2026-11-16", "2026-11-17"])
def test_a_packet_that_is_not_there_is_said(window: TillDays, at: str) -> None:
    with pytest.raises(NotFound), reading(window.sessions) as session:
        queries.packet(session, date.fromisoformat(at))
