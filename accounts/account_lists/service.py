"""Use case: many accounts into one resident's list, each by its number and proof.

Each line is a look-up of its own, at an instant of its own: a wrong one counts as a guess, just as if it had been
typed into the form for one account. Each account that fits is added in a transaction of its own, so that a list that
was cut off is sent again and goes on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from accounts.account_links import service as links
from accounts.account_links.queries import linked_accounts
from accounts.account_links.rules import Standing, TooManyLinks
from accounts.account_lists.rules import MOST_REFUSED, Answer, Line, Verdict
from accounts.clock import Clock
from accounts.database import Sessions, reading
from accounts.lookups import service as lookups
from accounts.lookups.rules import NoMatch, TooManyGuesses
from accounts.lookups.service import Found, Guess, Keys

_NEXT = timedelta(microseconds=1)


@dataclass(frozen=True)
class Lister:
    """Whose list it is, and from where they guess (as :class:`accounts.lookups.service.Guess`)."""

    actor_id: int
    client: str
    known: frozenset[int]


def add_all(sessions: Sessions, keys: Keys, who: Lister, lines: Sequence[Line], clock: Clock) -> list[Answer]:
    """Use case: what fits is in the list, and what does not is said, line by line. Never raises for a line."""
    with reading(sessions) as session:
        held = {one.account_id for one in linked_accounts(session, who.actor_id) if one.standing == Standing.HOLDER}
    adding = _Adding(sessions, keys, who, held)
    answers: list[Answer] = []
    refused, at = 0, clock.now() - _NEXT
    for line in lines:
        verdict = Verdict.TOO_MANY if refused >= MOST_REFUSED else Verdict.UNREADABLE
        if verdict is Verdict.TOO_MANY or not line.is_whole:
            answers.append(Answer(line.place, line.number, verdict))
            continue
        at = max(clock.now(), at + _NEXT)
        answers.append(adding.one(line, at))
        refused += answers[-1].verdict is Verdict.TOO_MANY
    return answers


@dataclass(frozen=True)
class _Adding:
    """One list on its way. ``held``: accounts that are theirs by a proof."""

    sessions: Sessions
    keys: Keys
    who: Lister
    held: set[int]

    def one(self, line: Line, at: datetime) -> Answer:
        guess = Guess(line.number, line.proof, line.zip_code, self.who.client, self.who.known)
        try:
            found = lookups.find(self.sessions, self.keys, guess, at)
            verdict = self._kept(found, at)
        except NoMatch:
            return Answer(line.place, line.number, Verdict.NO_MATCH)
        except TooManyGuesses:
            return Answer(line.place, line.number, Verdict.TOO_MANY)
        except TooManyLinks:
            return Answer(line.place, line.number, Verdict.FULL)
        return Answer(line.place, line.number, verdict, found.reference, found.kind, found.account_id)

    def _kept(self, found: Found, at: datetime) -> Verdict:
        if found.account_id in self.held:
            return Verdict.THERE
        links.link(self.sessions, self.who.actor_id, found.account_id, "proof", now=at)
        self.held.add(found.account_id)
        return Verdict.ADDED
