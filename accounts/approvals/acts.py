"""What every act that may need a second person must be able to do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Protocol, TypeVar

from sqlalchemy.orm import Session

from accounts.approvals.rules import Command, Weighed, World
from accounts.ledger.rules import Source
from accounts.staff.rules import ActKind, Permission

C = TypeVar("C", bound=Command)
P = TypeVar("P")
SOURCE = "proposal"
"""The kind of source of every journal that an act posts: no act is posted twice."""


@dataclass(frozen=True)
class Deed:
    """An act about to be executed: which proposal, who asked, who agreed, when and why."""

    proposal_id: int
    maker_id: int
    checker_id: int | None
    """Nobody, where the maker does it alone."""
    reason: str
    now: datetime
    today: date

    @property
    def actor_id(self) -> int:
        """Who puts it into the books: the second person where there is one."""
        return self.checker_id or self.maker_id

    def source(self, effect: str) -> Source:
        """What caused a journal of this act."""
        return Source(SOURCE, str(self.proposal_id), effect)


class Act(Protocol[C, P]):
    """A kind of act. Built for a request, with the city that rules; each method works in the caller's transaction."""

    kind: ActKind
    permission: Permission
    """What it takes to propose it."""
    command: type[C]

    def world(self, session: Session, command: C, today: date) -> World:
        """Lock what the act depends on, in the order of the house, and say how it stands."""
        ...

    def weigh(self, session: Session, command: C, today: date) -> Weighed[P]:
        """What it would do; raises the refusal where it may not be. After :meth:`world`, in the same transaction."""
        ...

    def execute(self, session: Session, command: C, weighed: Weighed[P], deed: Deed) -> dict[str, object]:
        """Do it; returns what came of it, as JSON. Journals carry ``deed.source(...)``."""
        ...


Acts = Mapping[ActKind, Act[Any, Any]]
