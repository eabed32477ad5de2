"""The chain of seals, and when a day may close. Pure."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from accounts.errors import DomainError

GENESIS = bytes(32)
"""What the first day of the books is chained to."""
NOTHING = hashlib.sha256(b"").hexdigest()


class DayNotSealed(DomainError):
    """A day that is to be sealed changed under the closer; look again."""


@dataclass(frozen=True)
class Obstacle:
    """What keeps a day open, as a fact: a code that pages put into words, and the sentence of the log."""

    code: str
    said: str
    facts: Mapping[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.said


@dataclass(frozen=True)
class PartDigest:
    """What a day holds of one part of the books: how many rows, their total in cents, and their hash."""

    rows: int = 0
    cents: int = 0
    sha256: str = NOTHING


Parts = Mapping[str, PartDigest]


@dataclass(frozen=True)
class Seal:
    """A seal as it stands in the books. Instants are UTC, digests are 32 bytes."""

    day: date
    previous_day: date | None
    form: str
    parts: Parts
    digest: bytes
    previous_chained: bytes
    chained: bytes
    sealed_at: datetime
    actor_id: int

    @property
    def name(self) -> str:
        """As it is printed, written down and compared: ``2026-11-16:`` and eight groups of hexadecimal digits.

        Undivided, one in sixty would hold what looks like a card number, and be masked in the log.
        """
        return f"{self.day}:{self.chained.hex(':', 4)}"


def noted_head(noted: str) -> tuple[str, str]:
    """Day (may be empty) and digest (hexadecimal) of a head as somebody kept it."""
    words = re.sub(r"\s", "", noted).lower()
    day = re.match(r"\d{4}-\d\d-\d\d:", words)
    return (day[0][:-1], words[day.end() :].replace(":", "")) if day else ("", words.replace(":", ""))


def digest_of(parts: Parts) -> bytes:
    """The hash of all parts of a day, by name."""
    listed = [[name, part.rows, part.cents, part.sha256] for name, part in sorted(parts.items())]
    return _sha256(listed)


def sealed(day: date, parts: Parts, previous: Seal | None, *, form: str, sealed_at: datetime, actor_id: int) -> Seal:
    """The seal of a day upon the one before it."""
    loose = Seal(
        day=day,
        previous_day=previous.day if previous else None,
        form=form,
        parts=parts,
        digest=digest_of(parts),
        previous_chained=previous.chained if previous else GENESIS,
        chained=GENESIS,
        sealed_at=sealed_at,
        actor_id=actor_id,
    )
    return Seal(**{**vars(loose), "chained": chained_of(loose)})


def chained_of(seal: Seal) -> bytes:
    """The hash of a seal's row: the seal before, the day, its digest, and its counts and totals."""
    return _sha256(
        [
            seal.previous_chained.hex(),
            seal.previous_day.isoformat() if seal.previous_day else None,
            seal.day.isoformat(),
            seal.form,
            seal.digest.hex(),
            [[name, part.rows, part.cents] for name, part in sorted(seal.parts.items())],
            seal.sealed_at.astimezone(UTC).isoformat(timespec="microseconds"),
            seal.actor_id,
        ]
    )


def _sha256(value: object) -> bytes:
    return hashlib.sha256(json.dumps(value, ensure_ascii=True, separators=(",", ":")).encode()).digest()


def why_not_close(
    day: date, *, today: date, swept_through: date | None, closed: bool = False, sealed_before: bool = False
) -> tuple[str, ...]:
    """Why a day may not be closed and sealed now, in sentences; empty if it may.

    ``today`` and ``swept_through`` are days in the city's time zone; the sweep is clean up to some moment of the
    latter, so a day is settled to its end only when that moment lies after it. ``closed`` and ``sealed_before`` say
    that the books or the audit know the day as closed although it has no seal: sealing it anew would hide what was
    done to it.
    """
    reasons = []
    if day >= today:
        reasons.append(f"{day} is not over at city hall, where it is {today}")
    if swept_through is None:
        reasons.append("no sweep has found everything settled yet")
    elif swept_through <= day:
        reasons.append(f"the sweep has found everything settled only until some time on {swept_through}")
    if sealed_before:
        reasons.append(f"{day} was sealed before and its seal is gone: run ventanilla verify")
    elif closed:
        reasons.append(f"{day} is closed, but not by its seal: run ventanilla verify")
    return tuple(reasons)


def seal_problems(seal: Seal) -> list[str]:
    """What in a seal contradicts itself: it was changed after it was laid."""
    if digest_of(seal.parts) != seal.digest or chained_of(seal) != seal.chained:
        return ["its seal was changed"]
    return []


def link_problems(seal: Seal, before: Seal | None) -> list[tuple[date, str]]:
    """Where the chain is broken between a seal and the one before it, by the day that is to blame."""
    if before is None:
        if seal.previous_day is None and seal.previous_chained == GENESIS:
            return []
        return [(seal.previous_day or seal.day, f"its seal is gone; the one of {seal.day} was laid upon it")]
    if seal.day != before.day + timedelta(days=1):
        missing = before.day + timedelta(days=1)
        return [(missing, f"its seal is gone; the next one is of {seal.day}")]
    if seal.previous_day != before.day:
        return [(seal.day, f"its seal follows {seal.previous_day}, not the day before")]
    if seal.previous_chained != before.chained:
        return [(before.day, f"its seal is another than the one that {seal.day} was laid upon")]
    return []


def part_problems(was: Parts, now: Parts) -> list[str]:
    """How what a day holds differs from what was sealed: count, total, or content alone."""
    problems = []
    for name in sorted({*was, *now}):
        before, after = was.get(name, PartDigest()), now.get(name, PartDigest())
        if before.rows != after.rows:
            problems.append(f"{after.rows} {name}, sealed were {before.rows}")
        elif before.cents != after.cents:
            problems.append(f"{name} come to {_dollars(after.cents)}, sealed were {_dollars(before.cents)}")
        elif before.sha256 != after.sha256:
            problems.append(f"the content of {name} is not what was sealed")
    return problems


def _dollars(cents: int) -> str:
    return f"{'-' if cents < 0 else ''}${abs(cents) // 100:,}.{abs(cents) % 100:02d}"
