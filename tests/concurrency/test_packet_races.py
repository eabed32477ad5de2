"""A close beside a sale: what slips in is in the packet, and afterwards nothing does. And a close that dies."""

from __future__ import annotations

import subprocess
import sys
import threading

import pytest
from sqlalchemy import text

from accounts import kill_points
from accounts.clock import FixedClock
from accounts.database import Sessions, reading, transaction
from accounts.seals.service import Closed, Closing
from payments.closings.positions import positions
from payments.closings.queries import packet, packet_problems
from payments.closings.rules import prove
from payments.closings.service import _write_packet
from portal.verify import verify
from tests.concurrency.threads import together
from tests.database import TestDatabase
from tests.factories.till_days import TillDays, item, open_window
from tests.payments.closings.days import close, full_day


@pytest.fixture
def window(sessions: Sessions, clock: FixedClock) -> TillDays:
    return open_window(sessions, clock)


def _wrong(window: TillDays) -> dict[str, list[str]]:
    with reading(window.sessions) as session:
        return {check.name: check.violations for check in verify(session) if check.violations}


def test_control_without_the_lock_the_packet_misses_what_is_posted_meanwhile(window: TillDays) -> None:
    made = full_day(window)
    window.desk.account("utility", ("water", "service", 1_00))
    looked, posted = threading.Event(), threading.Event()

    def naive_close() -> None:
        with transaction(window.sessions) as session:
            found = prove(positions(session, window.ruling.city, made.day))
            closing = Closing(made.day, window.clock.now(), window.sofia.actor_id)
            _write_packet(session, closing, found)
            looked.set()
            assert posted.wait(timeout=20)
            session.execute(text("UPDATE business_days SET state = 'closed' WHERE day = :day"), {"day": made.day})

    def sale() -> None:
        assert looked.wait(timeout=20)
        window.desk.account("utility", ("water", "service", 2_00))
        posted.set()

    assert together([naive_close, sale]) == [None, None]
    with reading(window.sessions) as session:
        assert any("accounts" in said for said in packet_problems(session))


def test_with_the_lock_a_drawer_that_opens_meanwhile_keeps_the_day_open(window: TillDays) -> None:
    """The close holds the day while it looks; the sale that was first is seen by it."""
    full_day(window)
    drawer = window.open(till="T2")
    done: list[Closed] = []
    with transaction(window.sessions) as session:
        session.execute(text("SELECT open_business_day(:day)"), {"day": window.today})
        window.next_day()
        closer = threading.Thread(target=lambda: done.append(close(window)))
        closer.start()
        closer.join(timeout=0.5)
        assert done == [], "the day was closed under somebody who was posting"
    closer.join(timeout=20)
    assert done[0].waiting is not None
    assert [obstacle.facts["drawer"] for obstacle in done[0].waiting.obstacles] == [str(drawer)]
    assert window.rows("SELECT count(*) FROM closing_packets") == [(0,)]


def test_a_sale_and_a_close_at_one_moment(window: TillDays) -> None:
    made = full_day(window)
    window.next_day()
    drawer = window.open(till="T2")
    outcomes = together([
        lambda: close(window),
        lambda: window.sell(drawer, {"cash": 25}, items=[item("copy", 25)]),
        lambda: close(window),
    ])  # fmt: skip
    assert [one for one in outcomes if isinstance(one, Exception)] == []
    close(window)
    assert window.rows("SELECT count(*) FROM closing_packets") == [(1,)]
    assert window.rows("SELECT count(*) FROM day_seals") == [(1,)]
    with reading(window.sessions) as session:
        assert packet(session, made.day).content["held"]["tenders"][0] == {"kind": "cash", "count": 2, "cents": 68_00}
    assert _wrong(window) == {}


_KILLED = """
import sys
from datetime import datetime
from accounts import kill_points
from accounts.cities.queries import ruling
from accounts.clock import FixedClock
from accounts.database import engine_for, reading, sessions_for
from accounts.seals.service import close_days
from payments.closings.service import proof_of
from portal.sealing import PARTS
sessions = sessions_for(engine_for(sys.argv[1]))
with reading(sessions) as session:
    city = ruling(session).city
kill_points.arm(sys.argv[2])
clock = FixedClock(datetime.fromisoformat(sys.argv[3]))
close_days(sessions, PARTS, clock=clock, swept_through=clock.now(), proof=proof_of(city))
"""


@pytest.mark.parametrize("point", ["closings.packet", "seals.closed", "seals.sealed"])
def test_a_close_that_dies_leaves_nothing_and_is_done_once_by_the_next(
    window: TillDays, db: TestDatabase, point: str
) -> None:
    made = full_day(window)
    window.next_day()
    ended = subprocess.run(
        [sys.executable, "-c", _KILLED, db.app_url, point, window.clock.now().isoformat()], check=False, timeout=60
    )
    assert ended.returncode == kill_points.EXIT_CODE
    assert (
        window.rows("SELECT count(*) FROM closing_packets") == window.rows("SELECT count(*) FROM day_seals") == [(0,)]
    )
    assert [seal.day for seal in close(window).seals] == [made.day]
    assert (
        window.rows("SELECT count(*) FROM closing_packets") == window.rows("SELECT count(*) FROM day_seals") == [(1,)]
    )
    assert _wrong(window) == {}
