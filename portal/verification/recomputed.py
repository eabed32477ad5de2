"""Every line that we assessed is worked out again from what was frozen beside it, by the release it was made under.

Lines are streamed, and equal ones are worked out once: memory does not grow with the books.
"""

from __future__ import annotations

import json
from collections.abc import Generator
from contextlib import closing
from dataclasses import dataclass, field
from itertools import islice

from pydantic import ValidationError
from sqlalchemy import TextClause, text
from sqlalchemy.orm import Session

from accounts.cities.queries import release
from accounts.errors import NotFound
from accounts.explanations.queries import ASSESSED
from accounts.explanations.rules import CannotRecompute, Repricer
from accounts.money import Money

NAME = "what we assessed comes to the same again"
SAMPLE = 20_000
"""Of so many of the newest charges and attempts, where not all are asked for."""
_AT_ONCE = 2_000
_MOST_KNOWN = 10_000
_CHARGES = """
    SELECT 'charge ' || c.id, c.amount_cents, c.city_release_id, c.revenue_line || ' ' || c.kind, c.working::text
      FROM {charges} c WHERE {assessed}"""
_FEES = """
    SELECT 'the fee of attempt ' || a.id, a.fee_cents, a.city_release_id, NULL, (a.fee_terms -> 'working')::text
      FROM {attempts} a WHERE a.fee_terms ? 'working'"""
_NEW = "(SELECT * FROM {} ORDER BY id DESC LIMIT {})"


def _statements(charges: str, attempts: str) -> tuple[TextClause, TextClause]:
    return text(_CHARGES.format(charges=charges, assessed=ASSESSED)), text(_FEES.format(attempts=attempts))


_ALL = _statements("charges", "attempts")
_NEWEST = _statements(_NEW.format("charges", SAMPLE), _NEW.format("attempts", SAMPLE))


@dataclass(frozen=True)
class Outcome:
    """A line worked out again: what it comes to and where it belongs, and all that speaks against it."""

    cents: int | None
    place: str
    problems: tuple[str, ...]


@dataclass
class _Proof:
    session: Session
    lines: int = 0
    cities: dict[int, Repricer | None] = field(default_factory=dict)
    """By release; none where its content cannot be read."""
    known: dict[tuple[int | None, str], Outcome] = field(default_factory=dict)

    def violations(self, statement: TextClause) -> Generator[str]:
        """Sentences about lines that do not come to the same again."""
        rows = self.session.connection().execute(statement, execution_options={"yield_per": _AT_ONCE})
        with closing(rows):
            for name, cents, release_id, place, working in rows:
                self.lines += 1
                found = self._outcome(release_id, working)
                for problem in found.problems:
                    yield f"{name} cannot be explained: {problem}"
                if found.cents is not None and found.cents != cents:
                    yield f"{name} asks ${Money(cents)}; its rule comes to ${Money(found.cents)}"
                if found.place and place and found.place != place:
                    yield f"{name} is of {place}; its rule is of {found.place}"

    def _outcome(self, release_id: int | None, working: str) -> Outcome:
        key = release_id, working
        if key not in self.known:
            if len(self.known) >= _MOST_KNOWN:
                self.known.clear()
            self.known[key] = self._worked_out(release_id, working)
        return self.known[key]

    def _worked_out(self, release_id: int | None, working: str) -> Outcome:
        try:
            found = self._city(release_id).recompute(json.loads(working))
        except CannotRecompute as error:
            return Outcome(None, "", (str(error),))
        line = found.line
        return Outcome(line.amount.cents, f"{line.revenue_line} {line.kind}", tuple(map(str, found.differences)))

    def _city(self, release_id: int | None) -> Repricer:
        if release_id is None:
            raise CannotRecompute("no_working", "nothing says under which release it was made")
        if release_id not in self.cities:
            try:
                self.cities[release_id] = Repricer(release(self.session, release_id))
            except (NotFound, ValidationError):
                self.cities[release_id] = None
        city = self.cities[release_id]
        if city is None:
            raise CannotRecompute("unknown_rule", f"release {release_id} of the city cannot be read")
        return city


def violations(session: Session, *, everything: bool, most: int) -> tuple[str, list[str]]:
    """What was done, and at most so many violations: over all lines, or over the newest :data:`SAMPLE`."""
    proof = _Proof(session)
    statements = _ALL if everything else _NEWEST
    found: list[str] = []
    for statement in statements:
        with closing(proof.violations(statement)) as said:
            found += islice(said, most - len(found))
    short = "" if everything else f" (of the newest {SAMPLE:,} charges; --recompute takes all)"
    return f"{proof.lines} lines worked out again{short}", found
