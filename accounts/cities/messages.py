"""Which messages people get of themselves, when none may ring, and the words by which they stop them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal, Self

from pydantic import Field, field_validator, model_validator

from accounts.cities.identity import Clock
from accounts.pricing.effective import Effective
from accounts.pricing.texts import Frozen

KindOfMessage = Literal[
    "bill-ready", "due-soon", "past-due", "payment-received", "payment-failed", "request-answered", "high-use",
    "account-linked", "account-unlinked",
]  # fmt: skip
Usual = Literal["mail", "text", "both", "none"]
Words = tuple[Annotated[str, Field(min_length=2, max_length=30)], ...]
_MINUTES_OF_HOUR = 60


class MessageRule(Frozen):
    """How one kind of message goes to somebody who has chosen nothing."""

    usual: Usual = "mail"
    may_be_none: bool = True
    """Whether somebody may do without; not of what protects them (a stranger on their account)."""
    authority: str = ""
    """What says that it must be sent, where it must."""

    @model_validator(mode="after")
    def _must_is_a_way(self) -> Self:
        if not self.may_be_none and (self.usual == "none" or not self.authority):
            raise ValueError("a message that nobody does without needs a usual way, and the authority that says so")
        return self


class MessagePolicy(Effective):
    """Messages in a time. Quiet hours are those of the law or shorter (47 CFR 64.1200(c)(1): 9 p.m. to 8 a.m.)."""

    quiet_from: Clock
    quiet_until: Clock
    due_soon_days: Annotated[int, Field(ge=1, le=60)]
    """So many days before its due date what is open is recalled."""
    past_due_days: Annotated[tuple[int, ...], Field(min_length=1)]
    """And on these days after it."""
    code_minutes: Annotated[int, Field(ge=1, le=60)] = 15
    keep_days: Annotated[int, Field(ge=30, le=3650)]
    """So long the log keeps of a message what it was about."""
    kinds: Mapping[KindOfMessage, MessageRule]
    """A kind that is not there is not sent."""
    stop_words: Mapping[str, Words]
    """By language; what 47 CFR 64.1200(a)(10) names must be among them."""
    start_words: Mapping[str, Words]
    help_words: Mapping[str, Words]

    @field_validator("past_due_days")
    @classmethod
    def _days_go_up(cls, days: tuple[int, ...]) -> tuple[int, ...]:
        if days[0] < 1 or list(days) != sorted(set(days)):
            raise ValueError("days count up from 1")
        return days

    @model_validator(mode="after")
    def _is_no_louder_than_the_law(self) -> Self:
        if self.quiet_until >= self.quiet_from:
            raise ValueError("quiet hours begin in the evening and end in the morning")
        if self.quiet_from > "21:00" or self.quiet_until < "08:00":
            raise ValueError("texts between 9 p.m. and 8 a.m. are not allowed (47 CFR 64.1200(c)(1))")
        known = {word.upper() for words in self.stop_words.values() for word in words}
        if missing := sorted(set(MUST_STOP) - known):
            raise ValueError(f"{missing[0]} must stop texts (47 CFR 64.1200(a)(10))")
        return self

    @property
    def quiet_minutes(self) -> tuple[int, int]:
        """When it begins and when it ends, in minutes after midnight."""
        return minutes_of(self.quiet_from), minutes_of(self.quiet_until)


MUST_STOP = ("STOP", "QUIT", "REVOKE", "OPT OUT", "CANCEL", "UNSUBSCRIBE", "END")
"""Words that are a reasonable way to revoke consent in themselves (47 CFR 64.1200(a)(10))."""


def minutes_of(clock: str) -> int:
    """``21:00`` → 1260."""
    hours, minutes = clock.split(":")
    return int(hours) * _MINUTES_OF_HOUR + int(minutes)
