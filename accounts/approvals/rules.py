"""What an act comes to, whether its world is still the one it was proposed against, and who may decide it. Pure."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, ClassVar, Generic, TypeVar

from accounts.cities.staffing import StaffPolicy, StaffRole
from accounts.errors import Conflict, DomainError
from accounts.money import Money
from accounts.pricing.texts import Frozen
from accounts.pricing.working import Step
from accounts.staff.rules import ActKind, Authority, Permission

P = TypeVar("P")
World = Mapping[str, str]
"""What an act depends on, as words: ``{"charge 17 open": "42.00"}``."""


class WorldChanged(Conflict):
    """What was looked at is not what is there now: ``facts["changed"]`` maps names to (before, now)."""


class AlreadyDecided(Conflict):
    """Somebody has decided this proposal: ``facts["verdict"]``."""


class AlreadyProposed(Conflict):
    """The very same act waits for a second person: ``facts["proposal_id"]``."""


class ReasonMissing(DomainError):
    """An act that must be explained came without a word."""


class NotTheMaker(DomainError):
    """Only who proposed an act withdraws it."""


class Verdict(StrEnum):
    """How a proposal ended. ``alone``: within the maker's own limit, so nobody else was asked."""

    APPROVED = "approved"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    STALE = "stale"
    ALONE = "alone"


class Command(Frozen):
    """An act as asked for; its JSON is kept with the proposal and is what is executed."""

    kind: ClassVar[ActKind]

    @property
    def pays(self) -> Mapping[int, Money]:
        """Money that it brings to accounts that may owe something, by account: nobody is to pay the same as well."""
        return {}


@dataclass(frozen=True)
class Note:
    """Something the two people should know: ``kind`` names the sentence, ``facts`` fill it."""

    kind: str
    facts: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class Weighed(Generic[P]):
    """What an act would do to the state that stands under lock."""

    plan: P
    """What its ``execute`` needs; not stored."""
    subject: tuple[str, str]
    """What it is about: ``("charge", "17")``."""
    effect: Money
    """Signed: what the act adds to what is owed on its first account."""
    accounts: tuple[int, ...] = ()
    """Every account it touches, the one it is listed under first."""
    before: Mapping[str, object] = field(default_factory=dict)
    after: Mapping[str, object] = field(default_factory=dict)
    steps: tuple[Step, ...] = ()
    """The calculation, as shown to both people."""
    notes: tuple[Note, ...] = ()
    asks_second: tuple[str, ...] = ()
    """Why a second person is needed whatever the amount; empty where the amount alone decides."""

    def evidence(self, world: World, given: Mapping[str, object]) -> dict[str, Any]:
        """What is kept with the proposal, as JSON."""
        return {
            "before": dict(self.before),
            "after": dict(self.after),
            "steps": [step.model_dump(mode="json", exclude_none=True) for step in self.steps],
            "notes": [{"kind": note.kind, "facts": dict(note.facts)} for note in self.notes],
            "asks_second": list(self.asks_second),
            "world": dict(world),
            "given": dict(given),
        }


@dataclass(frozen=True)
class Evidence:
    """What a proposal was made on, read back."""

    before: Mapping[str, Any]
    after: Mapping[str, Any]
    steps: tuple[Step, ...]
    notes: tuple[Note, ...]
    asks_second: tuple[str, ...]
    world: World
    given: Mapping[str, Any]


def read_evidence(stored: Mapping[str, Any]) -> Evidence:
    """The JSON of a proposal's evidence."""
    return Evidence(
        before=stored["before"],
        after=stored["after"],
        steps=tuple(Step.model_validate(step) for step in stored["steps"]),
        notes=tuple(Note(note["kind"], note["facts"]) for note in stored["notes"]),
        asks_second=tuple(stored["asks_second"]),
        world=stored["world"],
        given=stored["given"],
    )


def digest_of(world: World) -> str:
    """SHA-256 of a world, by name."""
    return hashlib.sha256(json.dumps(dict(world), sort_keys=True).encode()).hexdigest()


def changes(before: World, now: World) -> dict[str, tuple[str, str]]:
    """What differs between two worlds: (before, now) by name, empty where there was or is nothing."""
    names = sorted({*before, *now})
    return {name: (before.get(name, ""), now.get(name, "")) for name in names if before.get(name) != now.get(name)}


class Hindrance(StrEnum):
    """Why a person may not decide a proposal."""

    OWN_PROPOSAL = "own-proposal"
    NOT_PERMITTED = "not-permitted"
    OVER_LIMIT = "over-limit"


def hindrances(by: Authority, act: ActKind, effect: Money, proposed_by: int) -> tuple[Hindrance, ...]:
    """Every reason why this person may not decide it; none: they may."""
    return tuple(_hindrances(by, act, effect, proposed_by))


def _hindrances(by: Authority, act: ActKind, effect: Money, proposed_by: int) -> Iterator[Hindrance]:
    if by.actor_id == proposed_by:
        yield Hindrance.OWN_PROPOSAL
    if not by.may(Permission.APPROVALS_DECIDE) or act not in by.decide:
        yield Hindrance.NOT_PERMITTED
    elif not by.may_decide(act, effect):
        yield Hindrance.OVER_LIMIT


def deciding_roles(policy: StaffPolicy, act: ActKind, effect: Money) -> tuple[StaffRole, ...]:
    """The roles that may decide an act of this size, as the city orders them: to whom it is escalated."""
    return tuple(
        role
        for role in policy.roles
        if Permission.APPROVALS_DECIDE in role.permissions
        and any(
            limit.act is act and limit.decide_up_to is not None and abs(effect.cents) <= limit.decide_up_to.cents
            for limit in role.limits
        )
    )
