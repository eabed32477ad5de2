"""A close beside postings and beside another close: what is sealed is what is there, and every day once."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from sqlalchemy import text, update
from sqlalchemy.orm import Session

from accounts.actors.service import actor_id
from accounts.clock import FixedClock
from accounts.database import Sessions, reading, transaction
from accounts.ledger.models import BusinessDay
from accounts.ledger.service import open_business_day
from accounts.seals import queries, service
from accounts.seals.rules import sealed
from accounts.seals.service import Closed, DaySeal
from portal.sealing import PARTS
from tests.accounts.seals.days import TUESDAY, WEDNESDAY, broken, close_all, transfer
from tests.concurrency.threads import together
from tests.factories import make_chart


@pytest.fixture
def tuesday(sessions: Sessions, clock: FixedClock) -> Sessions:
    """Tuesday holds one journal; it is Wednesday."""
    with transaction(sessions) as session:
        make_chart(session)
        transfer(session, TUESDAY, 1_00)
    clock.advance(days=1)
    return sessions


def _count(sessions: Sessions, day: object) -> int:
    with reading(sessions) as session:
        return int(
            session.scalars(text("SELECT count(*) FROM journals WHERE business_day = :day"), {"day": day}).one()
        )


def _naive_close(session: Session, clock: FixedClock, looked: threading.Event, posted: threading.Event) -> None:
    """What closing would be without the lock: look at the day, then close and seal what was seen."""
    held = queries.parts_of(session, PARTS, TUESDAY, TUESDAY)[TUESDAY]
    looked.set()
    assert posted.wait(timeout=20)
    session.execute(update(BusinessDay).where(BusinessDay.day == TUESDAY).values(state="closed"))
    seal = sealed(TUESDAY, held, None, form="1", sealed_at=clock.now(), actor_id=actor_id(session, "system"))
    parts = {name: dict(vars(part)) for name, part in seal.parts.items()}
    session.add(DaySeal(**{**vars(seal), "parts": parts}))


def test_control_without_the_lock_a_posting_slips_under_the_seal(tuesday: Sessions, clock: FixedClock) -> None:
    looked, posted = threading.Event(), threading.Event()

    def close() -> None:
        with transaction(tuesday) as session:
            _naive_close(session, clock, looked, posted)

    def post() -> None:
        with transaction(tuesday) as session:
            assert looked.wait(timeout=20)
            transfer(session, TUESDAY, 2_00)
        posted.set()

    assert together([close, post]) == [None, None]
    assert [day for day, _ in broken(tuesday)] == [TUESDAY]


def test_with_the_lock_the_close_waits_and_seals_the_posting_too(tuesday: Sessions, clock: FixedClock) -> None:
    done: list[Closed] = []
    with transaction(tuesday) as session:
        transfer(session, TUESDAY, 2_00)
        closer = threading.Thread(target=lambda: done.append(close_all(tuesday, clock)))
        closer.start()
        closer.join(timeout=0.5)
        assert done == [], "the day was closed under an open posting"
    closer.join(timeout=20)
    assert [(seal.day, seal.parts["journals"].rows) for seal in done[0].seals] == [(TUESDAY, 2)]
    assert broken(tuesday) == []


def test_a_posting_that_waits_for_the_close_goes_to_the_next_day(tuesday: Sessions, clock: FixedClock) -> None:
    posted: list[int] = []

    def post() -> None:
        with transaction(tuesday) as session:
            posted.append(transfer(session, TUESDAY, 2_00))

    with transaction(tuesday) as session:
        service.close_next_day(session, PARTS, clock=clock, swept_through=clock.now())
        poster = threading.Thread(target=post)
        poster.start()
        poster.join(timeout=0.5)
        assert posted == []
    poster.join(timeout=20)
    assert len(posted) == 1
    assert (_count(tuesday, TUESDAY), _count(tuesday, WEDNESDAY)) == (1, 1)
    assert broken(tuesday) == []


def test_a_day_cannot_be_opened_before_the_one_that_is_being_sealed(tuesday: Sessions, clock: FixedClock) -> None:
    """The posting chose a day that nobody had opened; while it waits, a later day is sealed."""
    opened: list[object] = []

    def post() -> None:
        with transaction(tuesday) as session:
            opened.append(open_business_day(session, TUESDAY - timedelta(days=30)))

    with transaction(tuesday) as session:
        service.close_next_day(session, PARTS, clock=clock, swept_through=clock.now())
        poster = threading.Thread(target=post)
        poster.start()
        poster.join(timeout=0.5)
        assert opened == []
    poster.join(timeout=20)
    assert opened == [WEDNESDAY]
    assert broken(tuesday) == []


def test_while_a_posting_opens_a_day_the_close_gives_way(tuesday: Sessions, clock: FixedClock) -> None:
    with transaction(tuesday) as session:
        open_business_day(session, TUESDAY - timedelta(days=30))
        (done,) = together([lambda: close_all(tuesday, clock)])
        assert isinstance(done, Closed)
        assert done.seals == ()
        assert done.waiting is not None
        assert done.waiting.reasons == ("somebody is posting right now",)
        open_business_day(session, TUESDAY)
    assert [seal.day for seal in close_all(tuesday, clock).seals][:1] == [TUESDAY - timedelta(days=30)]


def test_of_two_closers_each_day_is_sealed_once(tuesday: Sessions, clock: FixedClock) -> None:
    clock.advance(days=20)
    outcomes = together([lambda: close_all(tuesday, clock)] * 3)
    while (last := close_all(tuesday, clock)).seals:
        outcomes.append(last)
    assert not [outcome for outcome in outcomes if isinstance(outcome, Exception)]
    days = [seal.day for done in outcomes if isinstance(done, Closed) for seal in done.seals]
    assert sorted(days) == [TUESDAY + timedelta(days=later) for later in range(21)]
    assert broken(tuesday) == []
