"""What a contact and a follow-up must say. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from accounts.cities.desk import Choice, DeskPolicy, NotOnTheList, must_be_on
from accounts.errors import Conflict, DomainError


class NothingSaid(DomainError):
    """A note, a reason or an outcome without a word."""


class ForNobody(DomainError):
    """A follow-up names neither a person who works here nor a division."""


class DueInThePast(DomainError):
    """A follow-up cannot be due before today."""


class AlreadyEnded(Conflict):
    """Somebody has ended this follow-up, or handed it on."""


class FollowUpKind(StrEnum):
    """``hand-off``: to another division, with a note. ``escalation``: to a senior, with a reason."""

    CALL_BACK = "call-back"
    HAND_OFF = "hand-off"
    ESCALATION = "escalation"


@dataclass(frozen=True, slots=True)
class NewFollowUp:
    """What is to be done by a day, and whose it is: a person's, or everybody's in a division.

    An escalation without either is for the first of the city's divisions that take them.
    """

    text: str
    due_on: date
    kind: FollowUpKind = FollowUpKind.CALL_BACK
    for_actor_id: int | None = None
    for_division: str = ""


@dataclass(frozen=True, slots=True)
class NewContact:
    """A call, a visit, a letter. Codes are the desk policy's; ``direction`` is ``in`` or ``out``."""

    channel: str
    topic: str
    verified_by: str
    outcome: str
    language: str
    direction: str = "in"
    spoke_with: str = ""
    text: str = ""


def words(text: str) -> str:
    """What was written, without blanks around it; raises :class:`NothingSaid` if that is nothing."""
    if not (said := text.strip()):
        raise NothingSaid("say it in words")
    return said


def check_contact(policy: DeskPolicy, contact: NewContact) -> None:
    """Raises :class:`NotOnTheList` for a choice that the city does not have."""
    lists: dict[str, tuple[Iterable[Choice], str]] = {
        "channel": (policy.channels, contact.channel),
        "topic": (policy.topics, contact.topic),
        "verified_by": (policy.verifications, contact.verified_by),
        "outcome": (policy.outcomes, contact.outcome),
        "language": (policy.spoken_languages, contact.language),
    }
    for what, (choices, code) in lists.items():
        must_be_on(choices, code, what)
    if contact.direction not in {"in", "out"}:
        raise NotOnTheList(f"no direction {contact.direction!r}", what="direction", code=contact.direction)


def addressed(policy: DeskPolicy, wanted: NewFollowUp, today: date) -> NewFollowUp:
    """The follow-up with its words trimmed and its addressee filled in.

    Raises :class:`NothingSaid`, :class:`DueInThePast`, :class:`NotOnTheList`, :class:`ForNobody` (a hand-off is for a
    division).
    """
    division = wanted.for_division
    if wanted.kind is FollowUpKind.ESCALATION and not division and wanted.for_actor_id is None:
        division = policy.seniors()[0].code
    known = [one.code for one in (policy.seniors() if wanted.kind is FollowUpKind.ESCALATION else policy.divisions)]
    if division and division not in known:
        raise NotOnTheList(f"no division {division!r}", what="division", code=division)
    if not division and (wanted.for_actor_id is None or wanted.kind is FollowUpKind.HAND_OFF):
        raise ForNobody("say for whom it is")
    if wanted.due_on < today:
        raise DueInThePast(f"{wanted.due_on} is over", due_on=wanted.due_on)
    return NewFollowUp(words(wanted.text), wanted.due_on, wanted.kind, wanted.for_actor_id, division)
