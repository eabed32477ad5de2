"""Who the city is: names, address, colors, words on its pages, and the days it is open."""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache
from typing import Annotated, Self

import holidays
from pydantic import Field, field_validator, model_validator

from accounts.pricing.texts import Frozen, Text

Hex = Annotated[str, Field(pattern=r"^#[0-9a-f]{6}$")]
Tag = Annotated[str, Field(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$")]
"""A language as browsers and screen readers name it (BCP 47): ``es``, ``zh-Hant``."""
Clock = Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


class Colors(Frozen):
    """Written text needs contrast with white: 4.5:1 in the primary and 7:1 in the dark color (WCAG 1.4.3, 1.4.6)."""

    primary: Hex
    primary_dark: Hex
    accent: Hex

    @field_validator("primary")
    @classmethod
    def _primary_is_legible(cls, color: str) -> str:
        return _legible(color, 45)

    @field_validator("primary_dark")
    @classmethod
    def _dark_is_legible(cls, color: str) -> str:
        return _legible(color, 70)


class Identity(Frozen):
    """What stands on every page, receipt and letter."""

    name: Text
    """As a person says it: ``Río Claro``."""
    legal_name: Text
    """As a bill says it: ``City of Río Claro``."""
    department: Text
    state: Annotated[str, Field(pattern=r"^[A-Z]{2}$")]
    time_zone: str
    languages: Annotated[tuple[Tag, ...], Field(min_length=1)]
    """Those in which every text of the city is written. The first is a page's when nothing else is asked for."""
    more_languages: tuple[Tag, ...] = ()
    """Those that a catalog speaks but the city's own texts do not yet: these are then in the first language."""
    phone: str
    email: str
    website: str
    address: tuple[str, ...]
    hours: Text
    seal: str
    seal_description: Text
    tagline: Text
    welcome: Text
    footer: Text
    colors: Colors
    text_sender: str = ""
    mail_sender: str
    mail_sender_name: Text

    @property
    def offered(self) -> tuple[str, ...]:
        """Every language that pages, mail and papers can be in."""
        return tuple(dict.fromkeys((*self.languages, *self.more_languages)))


class Holiday(Frozen):
    """A holiday that a law names; ``rule`` is its name in the ``holidays`` package."""

    rule: str
    name: Text


class ExtraDay(Frozen):
    """A day the offices are closed by a decision of the city."""

    on: date
    name: Text
    authority: str


class Opening(Frozen):
    opens: Clock
    closes: Clock

    @model_validator(mode="after")
    def _closes_after_it_opens(self) -> Self:
        if self.closes <= self.opens:
            raise ValueError(f"closes at {self.closes}, not after it opens at {self.opens}")
        return self


class Calendar(Frozen):
    """Business days: the weekdays the offices are open, less the holidays."""

    country: str = "US"
    subdivision: str
    holidays: tuple[Holiday, ...]
    extra_days: tuple[ExtraDay, ...] = ()
    office_hours: dict[str, Opening]
    """By weekday (``monday``); a day that is not there is closed."""

    @field_validator("office_hours")
    @classmethod
    def _weekdays(cls, hours: dict[str, Opening]) -> dict[str, Opening]:
        unknown = sorted(set(hours) - set(WEEKDAYS))
        if unknown or not hours:
            raise ValueError(f"not a weekday: {', '.join(unknown)}" if unknown else "no office hours")
        return hours

    def closed_for(self, on: date) -> Text | None:
        """The holiday of a day, observed days included, if it is one."""
        for extra in self.extra_days:
            if extra.on == on:
                return extra.name
        said = _named_days(self.country, self.subdivision, on.year).get(on, "")
        names = {part.removesuffix(" (observed)").strip() for part in said.split(";")}
        return next((holiday.name for holiday in self.holidays if holiday.rule in names), None)

    def is_business_day(self, on: date) -> bool:
        return WEEKDAYS[on.weekday()] in self.office_hours and self.closed_for(on) is None

    def next_business_day(self, on: date) -> date:
        """The day itself, or the first business day after it."""
        while not self.is_business_day(on):
            on += timedelta(days=1)
        return on

    def add_business_days(self, on: date, count: int) -> date:
        """The ``count``-th business day after a day."""
        for _ in range(count):
            on = self.next_business_day(on + timedelta(days=1))
        return on

    def knows(self, rule: str) -> bool:
        """Whether the law of the place has a holiday of that name."""
        said = _named_days(self.country, self.subdivision, 2026).values()
        return any(rule == part.removesuffix(" (observed)").strip() for names in said for part in names.split(";"))


@lru_cache(maxsize=64)
def _named_days(country: str, subdivision: str, year: int) -> dict[date, str]:
    # New Year's Day on a Saturday is observed in the year before, hence the year after too.
    return dict(holidays.country_holidays(country, subdiv=subdivision, years=(year, year + 1)))


def _legible(color: str, tenths: int) -> str:
    """``color``, if its contrast with white (WCAG relative luminance) is at least ``tenths`` ÷ 10."""
    channels = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    contrast = 1.05 / (0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05)
    if contrast * 10 < tenths:
        raise ValueError(f"contrast with white is {contrast:.1f}:1, and must be {tenths / 10}:1")
    return color
