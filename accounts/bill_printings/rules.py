"""Which bills of a run are put on paper, which are not and why, and in which order the post wants them. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from accounts.errors import Conflict, DomainError
from accounts.money import ZERO, Money
from accounts.premises.rules import address_key

PART = 200
"""At most so many bills in one file."""
_ZIP = re.compile(r"\b(\d{5})(?:-\d{4})?\s*$")
_NUMBER = re.compile(r"^(\d{1,8})\S*\s+(.*)$")


class Outcome(StrEnum):
    """What becomes of a bill; each of a run has exactly one."""

    PRINTED = "printed"
    PAPERLESS = "paperless"
    HELD = "held"


class Reason(StrEnum):
    """Why a bill is not printed; nothing, where it is."""

    NONE = ""
    CORRECTED = "corrected"
    BEING_CORRECTED = "being-corrected"
    CONSENT = "consent"
    HIDDEN = "hidden"
    CAME_BACK = "came-back"
    NO_ADDRESS = "no-address"


class State(StrEnum):
    """Where a printing stands. Whether its files are made is said beside it."""

    COUNTING = "counting"
    COUNTED = "counted"
    FREEZING = "freezing"
    FROZEN = "frozen"


class Event(StrEnum):
    COUNT = "count"
    COUNTED = "counted"
    FREEZE = "freeze"
    CHANGED = "changed"
    FROZEN = "frozen"


MOVES: Mapping[tuple[State, Event], State] = {
    (State.COUNTED, Event.COUNT): State.COUNTING,
    (State.COUNTING, Event.COUNTED): State.COUNTED,
    (State.COUNTED, Event.FREEZE): State.FREEZING,
    (State.FREEZING, Event.CHANGED): State.COUNTED,
    (State.FREEZING, Event.FROZEN): State.FROZEN,
}
"""Everything else is refused: :class:`PrintingMovedOn`."""


class PrintingMovedOn(Conflict):
    """The printing is not where this could be done: ``facts["state"]``."""


class NotPosted(DomainError):
    """Bills are printed when their run is posted: ``facts["state"]``."""


class AlreadyBegun(Conflict):
    """The bills of this run are printed once: ``facts["printing"]``."""


class NothingToPrint(DomainError):
    """No bill of the run goes on paper."""


class ListChanged(Conflict):
    """The list is not what was looked at: somebody chose otherwise meanwhile."""


class NotMadeYet(Conflict):
    """The file is still being made."""


class FileLost(Conflict):
    """The file was made, and is not in the folder of documents, or not as it was made: ``facts["part"]``."""


class FileChanged(DomainError):
    """A file made anew is not the one that was kept: ``facts["part"]``."""


@dataclass(frozen=True, slots=True)
class Tally:
    """How many bills, what they asked, and what of it was to pay."""

    bills: int = 0
    amount: Money = ZERO
    open: Money = ZERO

    def __add__(self, other: Tally) -> Tally:
        return Tally(self.bills + other.bills, self.amount + other.amount, self.open + other.open)


@dataclass(frozen=True)
class Counts:
    """What becomes of the bills of a run; each is in one of the tallies."""

    tallies: Mapping[Outcome, Tally] = field(default_factory=dict)
    reasons: Mapping[str, int] = field(default_factory=dict)
    """Of those that are held."""

    def of(self, outcome: str) -> Tally:
        return self.tallies.get(Outcome(outcome), Tally())

    @property
    def printed(self) -> Tally:
        return self.of(Outcome.PRINTED)

    @property
    def all(self) -> Tally:
        return sum(self.tallies.values(), Tally())

    def __add__(self, other: Counts) -> Counts:
        tallies = {outcome: self.of(outcome) + other.of(outcome) for outcome in Outcome}
        return Counts(tallies, dict(Counter(self.reasons) + Counter(other.reasons)))

    def as_json(self) -> dict[str, Any]:
        """As a printing keeps them: numbers of bills, and cents."""
        kept: dict[str, Any] = {
            outcome.value: [tally.bills, tally.amount.cents, tally.open.cents]
            for outcome, tally in self.tallies.items()
        }
        return {**kept, "reasons": dict(self.reasons)}


def counts_of(kept: Mapping[str, Any]) -> Counts:
    """What a printing keeps; nothing, while nothing is counted."""
    tallies = {
        outcome: Tally(bills, Money(asked), Money(open_))
        for outcome in Outcome
        for bills, asked, open_ in [kept.get(outcome.value, (0, 0, 0))]
    }
    return Counts(tallies, dict(kept.get("reasons", {})))


def moved(state: str, event: Event) -> State:
    """The state after an event; raises :class:`PrintingMovedOn`."""
    after = MOVES.get((State(state), event))
    if after is None:
        raise PrintingMovedOn(f"a printing that is {state} cannot {event}", state=state)
    return after


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known of a bill on the day its list is frozen.

    ``address`` is where mail goes: empty, where none is known; None, where it came back and no other is known.
    """

    address: str | None
    is_paperless: bool = False
    is_corrected: bool = False
    is_being_corrected: bool = False
    is_hidden: bool = False


@dataclass(frozen=True, slots=True)
class Decision:
    outcome: Outcome
    reason: Reason = Reason.NONE


def decide(bill: Standing) -> Decision:
    """Whether a bill goes on paper, and if not, why.

    A bill that is wrong goes to nobody. Who consented gets none on paper, wherever they live. A bill of somebody who
    hides from who could find them is not handed to a printing house. What came back is not sent there again.
    """
    held = Outcome.HELD
    rules = (
        (bill.is_corrected, Decision(held, Reason.CORRECTED)),
        (bill.is_being_corrected, Decision(held, Reason.BEING_CORRECTED)),
        (bill.is_paperless, Decision(Outcome.PAPERLESS, Reason.CONSENT)),
        (bill.is_hidden, Decision(held, Reason.HIDDEN)),
        (bill.address is None, Decision(held, Reason.CAME_BACK)),
        (not address_lines(bill.address or ""), Decision(held, Reason.NO_ADDRESS)),
    )
    return next((decision for applies, decision in rules if applies), Decision(Outcome.PRINTED))


def address_lines(address: str) -> tuple[str, ...]:
    """An address as an envelope has it: ``1 Elm St, Lodi, CA 95240`` in two lines, or in its own where it has any."""
    lines = [line.strip(" ,") for line in address.splitlines() if line.strip(" ,")]
    if len(lines) != 1:
        return tuple(lines)
    parts = [part.strip() for part in lines[0].split(",") if part.strip()]
    if len(parts) < 3:
        return tuple(parts)
    return (", ".join(parts[:-2]), ", ".join(parts[-2:]))


def zip_of(address: str) -> str:
    """The five digits at the end of an address; none, where it has none."""
    found = _ZIP.search(address)
    return found[1] if found else ""


def walk_key(address: str) -> str:
    """By this a carrier's walk is sorted within a ZIP: the street, then the house number as a number."""
    street = address_key(next(iter(address_lines(address)), ""))
    found = _NUMBER.match(street)
    return f"{found[2]} {int(found[1]):08d}" if found else street


def mark(printing: int, part: int, sequence: int) -> str:
    """What stands above an address and in the list: ``12-3-000401``."""
    return f"{printing}-{part}-{sequence:06d}"


def file_name(printing: int, part: int, *, copy: bool = False) -> str:
    """``bills-000012-part-003.pdf``; the list of all is part 0. One that was taken before says so."""
    again = "-REPRINT" if copy else ""
    return f"bills-{printing:06d}-part-{part:03d}{again}.pdf" if part else f"bills-{printing:06d}-list{again}.csv"
