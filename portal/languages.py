"""Which languages there are: those of the city's file, each with a catalog. Nothing here names one.

A language is a tag as browsers write it (BCP 47: ``es``, ``zh-Hant``). Its catalog is that of the tag; its formats
are those of the United States in it, where anybody has written them down (``es_US``: $1,234.50).
"""

from __future__ import annotations

import re
from functools import lru_cache

from babel import Locale, UnknownLocaleError
from flask import current_app
from sqlalchemy.exc import OperationalError

from accounts.cities.queries import NoRulingCity

SOURCE = "en"
"""The language that the strings of the code are in: it needs no catalog."""
HOME = "US"
_TAG = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")


def offered() -> tuple[str, ...]:
    """The languages of the ruling city, the first for who asks for none; before there is a city, the source alone."""
    try:
        languages: tuple[str, ...] = current_app.extensions["ventanilla"].city().city.identity.offered
    except (KeyError, NoRulingCity, OperationalError):
        return (SOURCE,)
    return languages


def is_language(code: str) -> bool:
    """Whether it looks like the tag of a language."""
    return _TAG.fullmatch(code) is not None


@lru_cache(maxsize=64)
def locale_of(code: str) -> Locale:
    """The locale in which a language's dates and amounts are written; that of the source for a tag nobody knows."""
    plain = code.replace("-", "_")
    for name in (f"{plain}_{HOME}", plain, f"{SOURCE}_{HOME}"):
        try:
            return Locale.parse(name)
        except (UnknownLocaleError, ValueError):
            continue
    raise UnknownLocaleError(code)


@lru_cache(maxsize=64)
def code_of(locale: Locale) -> str:
    """The tag of a locale of ours: ``es_US`` → ``es``."""
    territory = "" if locale.territory in {None, HOME} else locale.territory
    return "-".join(filter(None, (locale.language, locale.script, territory)))


@lru_cache(maxsize=64)
def language_name(code: str) -> str:
    """A language as its own readers write it: ``English``, ``Español``; a tag that nobody knows as it is."""
    if code_of(locale_of(code)) != code:
        return code
    found = Locale.parse(code.replace("-", "_")).get_display_name() or code
    return found[:1].upper() + found[1:]


@lru_cache(maxsize=64)
def direction(code: str) -> str:
    """``ltr`` or ``rtl``."""
    return str(locale_of(code).text_direction)
