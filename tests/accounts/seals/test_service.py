"""Days close in order, when they are over and swept, each with its seal or not at all."""

from __future__ import annotations

import subprocess
import sys
from datetime import date, timedelta

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from accounts import kill_points
from accounts.clock import FixedClock
from accounts.database import Sessions, reading, transaction
from accounts.ledger.service import open_business_day
from accounts.seals.queries import chain, parts_of
from accounts.seals.service import close_days
from portal.sealing import PARTS
from tests.accounts.seals.days import FRIDAY, THURSDAY, TUESDAY, WEDNESDAY, broken, close_all, transfer
from tests.database import TestDatabase


def _states(sessions: Sessions) -> list[tuple[date, str, bool]]:
    with reading(sessions) as session:
        rows = session.execute(
            text(
                "SELECT d.day, d.state, s.day IS NOT NULL FROM business_days d LEFT JOIN day_seals s USING (day)"
                " ORDER BY day"
            )
        )
        return [(row[0], row[1], row[2]) for row in rows]


def test_every_day_that_is_over_is_closed_and_sealed_in_order(open_days: Sessions, clock: FixedClock) -> None:
    done = close_all(open_days, clock)
    assert [seal.day for seal in done.seals] == [TUESDAY, WEDNESDAY, THURSDAY]
    assert _states(open_days) == [(day, "closed", True) for day in (TUESDAY, WEDNESDAY, THURSDAY)]
    assert done.waiting is not None
    assert (done.waiting.day, len(done.waiting.reasons)) == (FRIDAY, 2)
    assert done.last_line() == f"closed: 3 days, head {done.seals[-1].name}"
    tuesday, wednesday, thursday = done.seals
    assert {name: part.rows for name, part in tuesday.parts.items()} == {
        "days": 1, "journals": 5, "postings": 16, "sources": 5, "charges": 3, "adjustments": 0, "allocations": 4,
        "payments": 2, "receipts": 2, "payout_bookings": 0, "adjustment_origins": 0, "decisions": 0,
        "closing packets": 0, "returned payments": 0,
        "moves": 0, "bank_deposits": 0, "bank_deposit_batches": 0, "items": 0, "payment reversals": 0, "tenders": 0,
    }  # fmt: skip
    assert {name for name, part in wednesday.parts.items() if part.rows} == {"days"}
    assert thursday.parts["payments"].cents == 55_00
    assert broken(open_days) == []


def test_a_second_run_does_nothing(sealed_days: Sessions, clock: FixedClock) -> None:
    done = close_all(sealed_days, clock)
    assert (done.seals, done.last_line()) == ((), "closed: 0 days")


def test_books_without_a_day_have_nothing_to_close(sessions: Sessions, clock: FixedClock) -> None:
    done = close_all(sessions, clock)
    assert (done.seals, done.waiting) == ((), None)
    assert broken(sessions) == []


def test_a_day_stays_open_until_the_sweep_is_clean_past_its_end(open_days: Sessions, clock: FixedClock) -> None:
    midnight = clock.now().replace(hour=8, minute=0) - timedelta(days=2)  # Wednesday 00:00 in California
    for swept, closed in [
        (None, 0), (midnight - timedelta(microseconds=1), 0), (midnight, 1), (midnight + timedelta(hours=1), 0),
    ]:  # fmt: skip
        done = close_days(open_days, PARTS, clock=clock, swept_through=swept)
        assert len(done.seals) == closed
        assert done.waiting is not None
        assert any("settled" in reason for reason in done.waiting.reasons)
    assert [state for _, state, _ in _states(open_days)] == ["closed", "open"]


def test_the_day_at_city_hall_counts_not_the_one_in_utc(open_days: Sessions, clock: FixedClock) -> None:
    clock.instant = clock.instant.replace(day=19, hour=7, minute=59)  # still Wednesday in California
    assert [seal.day for seal in close_all(open_days, clock).seals] == [TUESDAY]


def test_a_run_closes_no_more_days_than_it_is_told(open_days: Sessions, clock: FixedClock) -> None:
    done = close_days(open_days, PARTS, clock=clock, swept_through=clock.now(), most=2)
    assert [seal.day for seal in done.seals] == [TUESDAY, WEDNESDAY]
    assert done.waiting is None


def test_what_comes_late_goes_into_the_first_open_day(sealed_days: Sessions, clock: FixedClock) -> None:
    with transaction(sealed_days) as session:
        days = [open_business_day(session, TUESDAY - timedelta(days=back)) for back in (0, 1, 400)]
        assert days == [FRIDAY] * 3
        transfer(session, TUESDAY - timedelta(days=400), 1_00)
    assert broken(sealed_days) == []


def test_no_day_is_opened_before_the_last_seal(sealed_days: Sessions) -> None:
    with pytest.raises(DBAPIError, match="lies before the last seal"), transaction(sealed_days) as session:
        session.execute(text("INSERT INTO business_days (day) VALUES ('2020-01-01')"))


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE day_seals SET form = '2'",
        "DELETE FROM day_seals",
        "TRUNCATE day_seals CASCADE",
        (
            "INSERT INTO day_seals"
            " SELECT day + 2, day + 1, form, parts, digest, chained, chained, sealed_at, actor_id"
            "  FROM day_seals ORDER BY day DESC LIMIT 1"
        ),
        (
            "INSERT INTO day_seals"
            " SELECT day + 1, day, form, parts, digest, chained, chained, sealed_at, actor_id"
            "  FROM day_seals ORDER BY day DESC LIMIT 1"
        ),
        (
            "INSERT INTO day_seals"
            " SELECT day + 1, day, form, parts, digest, digest, chained, sealed_at, actor_id"
            "  FROM day_seals ORDER BY day DESC LIMIT 1"
        ),
    ],
)
@pytest.mark.parametrize("role", ["application", "owner"])
def test_seals_are_only_added_and_only_in_order(
    sealed_days: Sessions, db: TestDatabase, role: str, change: str
) -> None:
    engine = db.owner if role == "owner" else db.app
    with pytest.raises(DBAPIError), engine.begin() as connection:
        connection.execute(text(change))
    assert broken(sealed_days) == []


def test_the_hash_does_not_hang_on_the_session(sealed_days: Sessions) -> None:
    with reading(sealed_days) as session:
        plain = parts_of(session, PARTS, TUESDAY, THURSDAY)
        for setting in (
            "TimeZone = 'Asia/Kathmandu'", "DateStyle = 'SQL, DMY'", "bytea_output = 'escape'",
            "extra_float_digits = 0", "IntervalStyle = 'iso_8601'", "enable_sort = off", "enable_hashjoin = off",
        ):  # fmt: skip
            session.execute(text(f"SET LOCAL {setting}"))
        assert parts_of(session, PARTS, TUESDAY, THURSDAY) == plain


def test_a_day_whose_seal_is_gone_is_never_sealed_anew(
    sealed_days: Sessions, owner_engine: Engine, clock: FixedClock
) -> None:
    for reopened in (False, True):
        with owner_engine.begin() as connection:
            connection.execute(text("SET LOCAL session_replication_role = replica"))
            connection.execute(text("DELETE FROM day_seals WHERE day = :day"), {"day": THURSDAY})
            if reopened:
                connection.execute(
                    text("UPDATE business_days SET state = 'open'  WHERE day = :day"), {"day": THURSDAY}
                )
        done = close_all(sealed_days, clock)
        assert done.seals == ()
        assert done.waiting is not None
        assert "was sealed before" in done.waiting.reasons[0]


_KILLED = """
import sys
from datetime import UTC, datetime
from accounts import kill_points
from accounts.clock import FixedClock
from accounts.database import engine_for, sessions_for
from accounts.seals.service import close_days
from portal.sealing import PARTS
kill_points.arm(sys.argv[2])
clock = FixedClock(datetime.fromisoformat(sys.argv[3]))
close_days(sessions_for(engine_for(sys.argv[1])), PARTS, clock=clock, swept_through=clock.now())
"""


@pytest.mark.parametrize("point", ["seals.closed", "seals.sealed"])
@pytest.mark.long
def test_a_process_that_dies_while_closing_leaves_whole_days(
    open_days: Sessions, db: TestDatabase, clock: FixedClock, point: str
) -> None:
    ended = subprocess.run(
        [sys.executable, "-c", _KILLED, db.app_url, point, clock.now().isoformat()], check=False, timeout=60
    )
    assert ended.returncode == kill_points.EXIT_CODE
    assert {state for _, state, _ in _states(open_days)} == {"open"}
    assert broken(open_days) == []
    assert len(close_all(open_days, clock).seals) == 3
    with reading(open_days) as session:
        found = chain(session)
    assert (found.seals, found.days) == (3, 3)
