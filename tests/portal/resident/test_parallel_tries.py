"""Tries to add an account that somebody does not hold, many at once: as many are looked at as may be."""

from __future__ import annotations

import functools
import itertools
from datetime import timedelta

import pytest

from accounts.clock import FixedClock
from accounts.lookups import service
from accounts.lookups.rules import PER_CLIENT_AND_ACCOUNT
from tests.concurrency.test_guessing_races import slow_misses
from tests.concurrency.threads import together
from tests.portal.resident.people import resident_of
from tests.portal.resident.test_every_resident_route import token_of
from tests.portal.scene import Scene

__all__ = ["slow_misses"]
MOST = PER_CLIENT_AND_ACCOUNT[0]
AT_ONCE = 4


@pytest.fixture(autouse=True)
def time_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """No two tries at the very same instant: rows of one instant are one try."""
    ticks, stands = itertools.count(), FixedClock.now
    monkeypatch.setattr(FixedClock, "now", lambda clock: stands(clock) + timedelta(microseconds=next(ticks)))


def tried(scene: Scene) -> list[int]:
    """The answers to wrong proofs that a resident sends at one moment from as many browsers."""
    house = scene.open("utility", 50_00)

    def guess(number: int) -> int:
        typed = {"csrf_token": tokens[number], "number": house.number, "proof": f"WRONG{number}"}
        with browsers[number].browser.post("/my/accounts/add", data=typed) as answer:
            return answer.status_code

    browsers = [resident_of(scene, "eve@example.com") for _ in range(MOST + AT_ONCE)]
    tokens = [token_of(browser) for browser in browsers]
    outcomes = together([functools.partial(guess, number) for number in range(MOST + AT_ONCE)])
    assert scene.scalar("SELECT count(*) FROM account_links") == 0
    return [outcome for outcome in outcomes if isinstance(outcome, int)]


def test_no_more_tries_at_once_than_one_after_the_other(scene: Scene) -> None:
    outcomes = tried(scene)
    assert (outcomes.count(422), outcomes.count(429)) == (MOST, AT_ONCE)


def test_without_taking_turns_more_are_looked_at(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control."""
    monkeypatch.setattr(service, "turn_of", lambda client: None)
    assert tried(scene).count(422) > MOST
