"""Cases as queries give them out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from accounts.cases.rules import OPEN, Direction, Outcome, State
from accounts.cities.requests import RequestKind
from accounts.pricing.texts import Text


@dataclass(frozen=True)
class CaseLine:
    """A case in a list, and the head of its page."""

    id: int
    number: str
    kind: str
    state: State
    version: int
    customer_account_id: int | None
    reference: str
    account_kind: str
    holder: str
    asked_by: int | None
    asker: str
    guest: Mapping[str, str]
    links: int
    """How often a guest's links were called back."""
    language: str
    division: str
    assignee_id: int | None
    assignee: str
    begun_at: datetime
    kept_at: datetime
    submitted_at: datetime | None
    submitted_on: date | None
    due_on: date | None
    waiting_since: date | None
    ended_at: datetime | None
    draft: Mapping[str, Any]
    terms: Mapping[str, Any] | None

    @property
    def is_open(self) -> bool:
        return self.state in OPEN

    def is_late(self, today: date) -> bool:
        """Whether its last day is over and the city, not the resident, has something to do."""
        runs = self.state in {State.SUBMITTED, State.IN_REVIEW}
        return runs and self.due_on is not None and self.due_on < today

    def kind_as_asked(self) -> RequestKind | None:
        """The kind as it was when it was handed in; of a draft none."""
        return RequestKind.model_validate(self.terms) if self.terms else None


@dataclass(frozen=True)
class Happened:
    """An event of its history."""

    version: int
    at: datetime
    event: str
    before: str
    after: str
    who: str
    details: Mapping[str, Any]


@dataclass(frozen=True)
class Message:
    """What was written, and by whom (nobody named: who asked, without a sign-in)."""

    id: int
    at: datetime
    direction: Direction
    text: str
    language: str
    who: str


@dataclass(frozen=True)
class Paper:
    """A document of a case. ``id`` is that of its place in the case."""

    id: int
    at: datetime
    wanted: str
    name: str
    media_type: str
    size: int


@dataclass(frozen=True)
class SignedOff:
    """A sign-off; the last one of a step counts."""

    step: str
    is_fine: bool
    note: str
    who: str
    at: datetime


@dataclass(frozen=True)
class Decision:
    """How it was decided. ``verdict`` is that of the act that follows it; empty while it waits, or without one."""

    id: int
    number: int
    outcome: Outcome
    reason: str
    authority: str
    who: str
    decided_by: int
    on: date
    at: datetime
    effect: Mapping[str, Any]
    proposal_id: int | None
    verdict: str
    said: str


@dataclass(frozen=True)
class Beside:
    """Another case of the same form."""

    id: int
    number: str
    state: State
    name: Text


@dataclass(frozen=True)
class CasePage:
    """A case with everything that was said, sent, signed and decided, oldest first."""

    line: CaseLine
    answers: Mapping[str, Any]
    events: tuple[Happened, ...]
    messages: tuple[Message, ...]
    papers: tuple[Paper, ...]
    sign_offs: tuple[SignedOff, ...]
    decisions: tuple[Decision, ...]
    beside: tuple[Beside, ...] = ()
    """Cases that the same form asked for."""

    @property
    def decision(self) -> Decision | None:
        """The last one."""
        return self.decisions[-1] if self.decisions else None


@dataclass(frozen=True)
class BillChoice:
    """A bill that a question may name."""

    id: int
    number: str
    billed_on: date
    due_on: date
    period_from: date | None
    period_to: date | None


@dataclass(frozen=True)
class Wanted:
    """Which cases. ``late_on``: those whose last day is before it."""

    kind: str | None = None
    states: tuple[State, ...] = OPEN
    mine: int | None = None
    nobodys: bool = False
    late_on: date | None = None


@dataclass(frozen=True)
class CasesPage:
    """Open ones by their last day, ended ones newest first."""

    lines: tuple[CaseLine, ...]
    next_after: int | None


@dataclass(frozen=True)
class KindCount:
    """Open cases of a kind: all, late, this person's, nobody's, waiting for the resident."""

    kind: str
    open: int
    late: int
    mine: int
    nobodys: int
    waiting: int
