"""High use: above the level that somebody set, in their unit, once a read, and only while it is above."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from accounts.message_choices.queries import Person
from accounts.message_choices.rules import Unit
from accounts.message_choices.service import set_level
from portal.notices import walks
from portal.notices.walks import high_use
from tests.portal.notices.people import at, forget_facts, log, resident, run, words
from tests.portal.notices.test_other_kinds import read
from tests.portal.scene import Known, Scene

NOBODY, ONE = "high use: 0 messages, 1 of 1 reads passed over", "high use: 1 messages, 0 of 1 reads passed over"


def level(scene: Scene, known: Known, actor: int, most: str, unit: Unit = Unit.CCF) -> None:
    set_level(scene.sessions, Person(actor_id=actor), known.id, Decimal(most), unit, by=actor)


@pytest.fixture
def watched(scene: Scene) -> tuple[Known, int]:
    """An account of which 13 CCF were used, and a resident of it."""
    known = scene.open("utility", 0)
    actor = resident(scene, known, "ana@example.com")
    read(scene, known, 100, 113)
    at(scene, 11)
    return known, actor


@pytest.mark.parametrize(
    ("most", "unit", "said"),
    [
        ("12.99", Unit.CCF, ONE),
        ("13", Unit.CCF, NOBODY),
        ("13.01", Unit.CCF, NOBODY),
        ("1299.99", Unit.CF, ONE),
        ("1300", Unit.CF, NOBODY),
        ("9724.67", Unit.GAL, ONE),
        ("9724.68", Unit.GAL, NOBODY),
    ],
)
def test_above_is_more_than_the_level_and_not_the_level_itself(
    scene: Scene, watched: tuple[Known, int], most: str, unit: Unit, said: str
) -> None:
    level(scene, *watched, most, unit)
    assert high_use(scene.wired) == said


def test_a_level_that_is_lowered_rings_and_one_that_is_raised_again_stops_what_has_not_left(
    scene: Scene, watched: tuple[Known, int]
) -> None:
    level(scene, *watched, "20")
    assert high_use(scene.wired) == NOBODY
    level(scene, *watched, "10")
    assert high_use(scene.wired) == ONE
    level(scene, *watched, "20")
    run(scene)
    assert scene.outbox.mails == []
    (line,) = [row for row in log(scene) if row.kind == "high-use"]
    assert (line.state, line.code) == ("dropped", "over")


def test_a_read_is_told_once_and_the_next_read_again(scene: Scene, watched: tuple[Known, int]) -> None:
    level(scene, *watched, "12")
    assert high_use(scene.wired) == ONE
    level(scene, *watched, "11")
    assert high_use(scene.wired) == NOBODY, "a level that changed makes no news of an old read"
    run(scene)
    scene.run_as_owner(
        "INSERT INTO meter_reads (meter_id, read_on, value, kind)"
        " SELECT id, CAST(:on AS date), 130, 'actual' FROM meters",
        on=(scene.today + timedelta(days=5)).isoformat(),
    )
    at(scene, 11, days=5)
    assert high_use(scene.wired) == ONE
    run(scene)
    first, second = scene.outbox.mails
    assert ("13" in words(first), "17" in words(second)) == (True, True)


def test_an_estimate_after_a_read_is_passed_over_for_the_read(scene: Scene, watched: tuple[Known, int]) -> None:
    level(scene, *watched, "12")
    scene.run_as_owner(
        "INSERT INTO meter_reads (meter_id, read_on, value, kind)"
        " SELECT id, CAST(:on AS date), 900, 'estimated' FROM meters",
        on=(scene.today + timedelta(days=1)).isoformat(),
    )
    at(scene, 11, days=1)
    assert high_use(scene.wired) == ONE
    run(scene)
    (mail,) = scene.outbox.mails
    assert "13" in words(mail)
    assert "787" not in words(mail), "nobody measured that"


def test_without_a_level_nobody_is_told(scene: Scene, watched: tuple[Known, int]) -> None:
    known, actor = watched
    level(scene, known, actor, "12")
    set_level(scene.sessions, Person(actor_id=actor), known.id, None, Unit.CCF, by=actor)
    assert high_use(scene.wired) == "high use: 0 messages, 0 of 0 reads passed over"


def test_each_meter_of_an_account_is_told_of_also_where_a_page_ends_between_them(
    scene: Scene, watched: tuple[Known, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    known, actor = watched
    level(scene, known, actor, "12")
    scene.run_as_owner("""
        WITH other AS (
            INSERT INTO meters (premises_id, serial, size, unit, dials, multiplier, installed_on)
            SELECT premises_id, 'other', size, unit, dials, multiplier, installed_on FROM meters RETURNING id)
        INSERT INTO meter_reads (meter_id, read_on, value, kind)
        SELECT o.id, r.read_on, r.value, r.kind FROM other o, meter_reads r""")
    forget_facts(scene)
    monkeypatch.setattr(walks, "BATCH", 1)
    assert high_use(scene.wired) == "high use: 2 messages, 0 of 2 reads passed over"
    assert high_use(scene.wired) == "high use: 0 messages, 2 of 2 reads passed over"
