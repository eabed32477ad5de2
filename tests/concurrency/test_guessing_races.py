"""Many guesses at once are counted as many."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest
from sqlalchemy import text

from accounts.database import Sessions
from accounts.lookups import service
from accounts.lookups.rules import PER_CLIENT_AND_ACCOUNT, NoMatch, ProofRule, TooManyGuesses
from accounts.lookups.service import Guess, Keys
from tests.concurrency.threads import together
from tests.database import TestDatabase

KEYS = Keys(b"k" * 32, {"utility": [ProofRule("bill_code")]})
NOW = datetime(2026, 11, 17, 18, 0, tzinfo=UTC)
MOST = PER_CLIENT_AND_ACCOUNT[0]
AT_ONCE = 8
_DAWDLE = "$$ BEGIN PERFORM pg_sleep(0.03); RETURN NEW; END $$"


@pytest.fixture(autouse=True)
def slow_misses(db: TestDatabase) -> Iterator[None]:
    """Between reading how many misses there are and writing one more, others have time to read too."""
    with db.owner.begin() as connection:
        connection.execute(text(f"CREATE FUNCTION dawdle() RETURNS trigger LANGUAGE plpgsql AS {_DAWDLE}"))
        connection.execute(
            text("CREATE TRIGGER dawdle BEFORE INSERT ON lookup_misses FOR EACH ROW EXECUTE FUNCTION dawdle()")
        )
    yield
    with db.owner.begin() as connection:
        connection.execute(text("DROP FUNCTION dawdle CASCADE"))


def guesses(sessions: Sessions, count: int) -> list[Callable[[], object]]:
    guess = Guess("100000009", "WRONG", "", "203.0.113.7", frozenset())
    return [lambda n=n: service.find(sessions, KEYS, guess, NOW.replace(microsecond=n)) for n in range(count)]


def test_a_burst_of_guesses_cannot_pass_the_limit(sessions: Sessions) -> None:
    outcomes = together(guesses(sessions, MOST + AT_ONCE))
    assert sum(isinstance(outcome, NoMatch) for outcome in outcomes) == MOST
    assert sum(isinstance(outcome, TooManyGuesses) for outcome in outcomes) == AT_ONCE


def test_without_taking_turns_a_burst_does_pass_it(sessions: Sessions, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: if this fails, the test above shows nothing."""
    monkeypatch.setattr(service, "turn_of", lambda client: None)
    outcomes = together(guesses(sessions, MOST + AT_ONCE))
    assert sum(isinstance(outcome, NoMatch) for outcome in outcomes) > MOST
