"""What a pause stops, and from when to when. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from accounts.errors import DomainError


class EndsBeforeItBegins(DomainError):
    """A pause lasts a day at least."""


class Stopped(StrEnum):
    """What stands still. A penalty that would arise meanwhile is not raised; if its charge is still open when the
    pause is over, it is raised then."""

    SHUT_OFF = "shut-off"
    PENALTIES = "penalties"


@dataclass(frozen=True, slots=True)
class NewPause:
    """A pause to begin. ``until_on`` is its last day; none: until somebody ends it. ``cause`` is what asks for it:
    ``("case", 17)``."""

    account_id: int
    stops: Stopped
    reason: str
    words: dict[str, str]
    authority: str
    cause: tuple[str, int]
    since_on: date
    until_on: date | None = None

    def __post_init__(self) -> None:
        if self.until_on is not None and self.until_on < self.since_on:
            raise EndsBeforeItBegins(f"from {self.since_on} until {self.until_on}")
