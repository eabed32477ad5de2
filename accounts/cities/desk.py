"""How the city's counter works: its lists of choices, its divisions, its rules for changes, openings and closings."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import date, timedelta
from typing import Annotated, Self, TypeVar

from pydantic import Field, model_validator

from accounts.errors import DomainError
from accounts.pricing.effective import Effective
from accounts.pricing.texts import Frozen, Text

Code = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,30}$")]
Days = Annotated[int, Field(ge=0, le=3650)]


class NotOnTheList(DomainError):
    """A choice that the city's desk policy does not have: ``facts["what"]``, ``facts["code"]``."""


class DocumentMissing(DomainError):
    """The city asks for a paper: ``facts["documents"]`` are the codes of those that it takes."""


class TooFarBack(DomainError):
    """A day further back than the city lets it be entered: ``facts["days"]``."""


class TooFarAhead(DomainError):
    """A day further ahead than the city lets it be entered: ``facts["days"]``."""


class Choice(Frozen):
    """One of a list, as people pick it. Its code is what is kept, so a code is never given another meaning."""

    code: Code
    name: Text


class Verification(Choice):
    """How somebody was known to be who they said."""

    proves: bool = True
    """Whether it shows who they are; ``false`` for the choice that says nobody asked or nothing fitted."""


class Division(Choice):
    """Where people are sent."""

    phone: str = ""
    email: str = ""
    takes_escalations: bool = False
    """Whether cases that a clerk could not settle come here."""


C = TypeVar("C", bound=Choice)


class ResidentScreens(Frozen):
    """How long residents stay signed in. NIST SP 800-63B (4.2.3): half an hour idle, twelve hours in all."""

    idle_minutes: Annotated[int, Field(ge=5, le=1440)] = 30
    """A session that nobody used for so long is over."""
    absolute_hours: Annotated[int, Field(ge=1, le=720)] = 12
    """After so long everybody signs in anew."""
    recent_minutes: Annotated[int, Field(ge=1, le=60)] = 15
    """Who changes how they sign in has signed in within so long."""


class LostMailbox(Frozen):
    """How somebody whose former mailbox is gone gets another address into their sign-in, at the counter."""

    documents: Annotated[tuple[Code, ...], Field(min_length=1)]
    """Kinds of papers that show who somebody is; the kind is kept, no number."""
    objection_days: Annotated[int, Field(ge=1, le=60)]
    """So long whoever reads the former mailbox may object."""


class DeskPolicy(Effective):
    """The counter of a time. Lists stand in the order in which they are shown."""

    channels: Annotated[tuple[Choice, ...], Field(min_length=1)]
    topics: Annotated[tuple[Choice, ...], Field(min_length=1)]
    verifications: Annotated[tuple[Verification, ...], Field(min_length=1)]
    outcomes: Annotated[tuple[Choice, ...], Field(min_length=1)]
    spoken_languages: Annotated[tuple[Choice, ...], Field(min_length=1)]
    """Languages in which people are spoken with; the portal's own need not be all."""
    divisions: Annotated[tuple[Division, ...], Field(min_length=1)]
    documents: Annotated[tuple[Choice, ...], Field(min_length=1)]
    """Papers that are looked at."""
    mail_kinds: Annotated[tuple[Choice, ...], Field(min_length=1)]
    """What may come back from the post."""
    name_change_documents: tuple[str, ...] = ()
    """A change of name needs one of these; none: no paper is asked for."""
    opening_documents: tuple[str, ...] = ()
    """An account is opened on one of these; none: no paper is asked for."""
    owner_closing_documents: tuple[str, ...] = ()
    """An owner's utility account is closed on one of these only; none: no paper is asked for."""
    old_name_days: Days
    """For so long a former name still proves an account: bills with it are about."""
    change_ahead_days: Days
    """How far ahead a change of name or address may be entered."""
    opening_back_days: Days
    opening_ahead_days: Days
    closing_back_days: Days
    """How far back an account may be closed; 0: from today on only."""
    closing_ahead_days: Days
    resident_screens: ResidentScreens = ResidentScreens()
    lost_mailbox: LostMailbox | None = None
    """None: the counter changes nobody's address."""

    @model_validator(mode="after")
    def _lists_are_whole(self) -> Self:
        for name in ("channels", "topics", "verifications", "outcomes", "spoken_languages", "divisions", "documents",
                     "mail_kinds"):  # fmt: skip
            _no_twins(name, getattr(self, name))
        known = {document.code for document in self.documents}
        for name in ("name_change_documents", "opening_documents", "owner_closing_documents"):
            if unknown := sorted(set(getattr(self, name)) - known):
                raise ValueError(f"{name}: there is no document {unknown[0]!r}")
        if self.lost_mailbox and (unknown := sorted(set(self.lost_mailbox.documents) - known)):
            raise ValueError(f"lost_mailbox: there is no document {unknown[0]!r}")
        if all(way.proves for way in self.verifications):
            raise ValueError("no verification says that somebody was not verified (proves = false)")
        if not any(division.takes_escalations for division in self.divisions):
            raise ValueError("no division takes escalations")
        return self

    def division(self, code: str) -> Division | None:
        """The division of that code, if the policy knows it."""
        return choice(self.divisions, code)

    def seniors(self) -> tuple[Division, ...]:
        """The divisions that take escalations."""
        return tuple(division for division in self.divisions if division.takes_escalations)


def choice(choices: Iterable[C], code: str) -> C | None:
    """The choice of that code, if there is one."""
    return next((known for known in choices if known.code == code), None)


def must_be_on(choices: Iterable[Choice], code: str, what: str) -> None:
    """Raise :class:`NotOnTheList` for a code that is none of the choices."""
    if choice(choices, code) is None:
        raise NotOnTheList(f"no {what} {code!r}", what=what, code=code)


def must_lie_within(on: date, today: date, *, back: int | None, ahead: int) -> None:
    """Raise :class:`TooFarBack` or :class:`TooFarAhead` for a day outside of so many days; none: however far back."""
    if back is not None and on < today - timedelta(days=back):
        raise TooFarBack(f"{on} is too far back", days=back)
    if on > today + timedelta(days=ahead):
        raise TooFarAhead(f"{on} is too far ahead", days=ahead)


def must_show(policy: DeskPolicy, seen: Collection[str], asked: Sequence[str]) -> None:
    """Raise :class:`NotOnTheList` for a paper that the city does not know, and :class:`DocumentMissing` where it asks
    for one of some and none of them was seen."""
    for code in seen:
        must_be_on(policy.documents, code, "document")
    if asked and not set(asked) & set(seen):
        raise DocumentMissing("the city asks for a paper", documents=tuple(asked))


def _no_twins(name: str, choices: Sequence[Choice]) -> None:
    codes = [one.code for one in choices]
    for code in codes:
        if codes.count(code) > 1:
            raise ValueError(f"{name}: {code} stands there twice")
