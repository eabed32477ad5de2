"""Use case: many accounts into one resident's list, each by its number and proof.

Each line is a look-up of its own, at an instant of its own: a wrong one counts as a guess, just as if it had been
typed into the form for one account. All that fit are then added in one transaction: a list that was cut off before
has added nothing, and is sent again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from accounts.account_links import service as links
from accounts.account_links.queries import linked_accounts
from accounts.account_links.rules import Standing
from accounts.account_lists.rules import MOST_REFUSED, Answer, Line, Verdict
from accounts.clock import Clock
from accounts.database import Sessions, reading
from accounts.lookups import service as lookups
from accounts.lookups.rules import NoMatch, TooManyGuesses
from accounts.lookups.service import Guess, Keys

_NEXT = timedelta(microseconds=1)


@dataclass(frozen=True)
class Lister:
    """Whose list it is, and from where they guess (as :class:`accounts.lookups.service.Guess`)."""

    actor_id: int
    client: str
    known: frozenset[int]


def add_all(sessions: Sessions, keys: Keys, who: Lister, lines: Sequence[Line], clock: Clock) -> list[Answer]:
    """Use case: what fits is in the list, and what does not is said, line by line. Never raises for a line.

    A line is two statements, those of its look-up; all that is added takes as many as one account.
    """
    with reading(sessions) as session:
        held = {one.account_id for one in linked_accounts(session, who.actor_id) if one.standing == Standing.HOLDER}
    answers = _looked_up(sessions, keys, who, lines, clock)
    fitting = dict.fromkeys(one.account_id for one in answers if one.verdict is Verdict.ADDED)
    new = [account_id for account_id in fitting if account_id not in held]
    kept = links.link_all(sessions, who.actor_id, new, "proof", now=clock.now()) if new else {}
    said: list[Answer] = []
    for one in answers:
        if one.verdict is Verdict.ADDED and one.account_id in held:
            said.append(replace(one, verdict=Verdict.THERE))
        elif one.verdict is Verdict.ADDED and one.account_id not in kept:
            said.append(Answer(one.place, one.number, Verdict.FULL))
        else:
            said.append(one)
        held.update({one.account_id} & kept.keys())
    return said


def _looked_up(sessions: Sessions, keys: Keys, who: Lister, lines: Sequence[Line], clock: Clock) -> list[Answer]:
    """Each line by itself; ``ADDED`` is what fits."""
    answers: list[Answer] = []
    refused, at = 0, clock.now() - _NEXT
    for line in lines:
        verdict = Verdict.TOO_MANY if refused >= MOST_REFUSED else Verdict.UNREADABLE
        if verdict is Verdict.TOO_MANY or not line.is_whole:
            answers.append(Answer(line.place, line.number, verdict))
            continue
        at = max(clock.now(), at + _NEXT)
        answers.append(_looked_up_one(sessions, keys, who, line, at))
        refused += answers[-1].verdict is Verdict.TOO_MANY
    return answers


def _looked_up_one(sessions: Sessions, keys: Keys, who: Lister, line: Line, at: datetime) -> Answer:
    guess = Guess(line.number, line.proof, line.zip_code, who.client, who.known)
    try:
        found = lookups.find(sessions, keys, guess, at)
    except NoMatch:
        return Answer(line.place, line.number, Verdict.NO_MATCH)
    except TooManyGuesses:
        return Answer(line.place, line.number, Verdict.TOO_MANY)
    return Answer(line.place, line.number, Verdict.ADDED, found.reference, found.kind, found.account_id)
