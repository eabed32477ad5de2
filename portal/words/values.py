"""JSON of evidence and of the audit as facts with names: money, days and times as people write them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from babel.dates import format_timedelta
from markupsafe import Markup, escape

from accounts.customer_accounts.rules import is_reference, shown
from accounts.money import Money
from portal.i18n import gettext as _
from portal.i18n import locale_code, locale_name, long_date, long_datetime, money
from portal.languages import SOURCE, offered
from portal.wiring import wiring
from portal.words.codes import CODES, code_words
from portal.words.names import name_of, shown_if_reference

Path = tuple[str, ...]
_AMOUNT = re.compile(r"-?\d{1,12}\.\d\d")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?([+-]\d\d:\d\d|Z)")
_NAMES_AN_ITEM = ("reference", "description", "label", "number", "id")
_LISTS = {"charges", "accounts", "by_type"}
"""Lists whose items say by themselves what they are."""
_QUANTITIES = {"quantity", "usual", "usage", "rate"}
_NOTHING: tuple[object, ...] = (None, "", [], {})
_TO_THE_LETTER = {"bag", "chained", "digest", "file", "format", "packet", "reasons", "request", "sha256"}
"""Names whose values are compared letter by letter: files, fingerprints, fields and refusals of a form."""
_MINUTE = timedelta(minutes=1)
_BREAKS = re.compile(r"([_/\]]|(?<=\w)\.(?=\w))")
_CODE = re.compile(r"[a-z]+(_[a-z]+)*")
_LONG = 12
"""Letters of a word from which on a narrow column may break it."""


@dataclass(frozen=True)
class Fact:
    """A name and what it is."""

    label: str
    value: str | Markup


@dataclass(frozen=True)
class Compared:
    """A name, what it was and what it is or will be; empty where there was or is nothing."""

    label: str
    before: str | Markup
    after: str | Markup


def facts(given: Mapping[str, Any], *, leave: tuple[str, ...] = ()) -> list[Fact]:
    """Every value with its name; what is nothing is left out."""
    leaves = _leaves({name: value for name, value in given.items() if name not in leave})
    return [Fact(_label(path), said(path[-1], value)) for path, value in leaves if value not in _NOTHING]


def compared(before: object, after: object, *, always: tuple[str, ...] = ()) -> list[Compared]:
    """What differs, name by name; of ``always`` also what stays. A value without parts is compared as a whole."""
    old, new = (dict(_leaves(side if isinstance(side, Mapping) else {"": side})) for side in (before, after))
    names = [path for path in dict.fromkeys([*old, *new]) if old.get(path) != new.get(path) or path[-1] in always]
    names.sort(key=len)  # what is true of the whole account before each of its charges
    return [
        Compared(_label(path), said(path[-1], old.get(path, "")), said(path[-1], new.get(path, ""))) for path in names
    ]


def said(name: str, value: object) -> str | Markup:
    """A value as people write it; ``name`` tells cents from counts."""
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if isinstance(value, int) and name.endswith("cents"):
        return money(Money(value))
    if isinstance(value, Mapping | list | tuple):
        return _several(name, value)
    if name in _TO_THE_LETTER:
        return Markup('<span translate="no">{}</span>').format(breakable(str(value)))
    return _text(name, str(value))


def _several(name: str, value: Mapping[str, object] | Sequence[object]) -> str | Markup:
    if not isinstance(value, Mapping):
        return Markup(", ").join(escape(said(name, part)) for part in value)
    if is_text(value):
        return in_language({language: str(words) for language, words in value.items()})
    parts = (escape(f"{name_of(str(key))}: ") + escape(said(str(key), part)) for key, part in value.items())
    return Markup("; ").join(parts)


def _text(name: str, value: str) -> str | Markup:
    if is_reference(value):
        return shown(value)
    if name in CODES:
        return code_words(name, value)
    if _AMOUNT.fullmatch(value) and name not in _QUANTITIES:
        return money(Money.exact(value))
    if _INSTANT.fullmatch(value):
        return long_datetime(datetime.fromisoformat(value), wiring().city().city.identity.time_zone)
    if _DAY.fullmatch(value):
        return long_date(date.fromisoformat(value))
    return breakable(value.removeprefix("staff:"))


def breakable(code: str) -> Markup:
    """Words of a machine (``water_usage.versions``) to the letter, which a narrow column may break."""
    pieces = [_BREAKS.sub("\\1\n", word) if "_" in word or len(word) > _LONG else word for word in code.split(" ")]
    return Markup("<wbr>").join(escape(piece) for piece in " ".join(pieces).split("\n"))


def is_text(value: Mapping[str, object]) -> bool:
    """Whether these are the same words in several of the city's languages."""
    return bool(value) and set(value) <= {*offered(), SOURCE}


def in_language(words: Mapping[str, str]) -> str:
    """The reader's of the same words in several languages."""
    return words.get(locale_code()) or next(iter(words.values()), "")


def age(delta: timedelta) -> str:
    """``3 days``, ``2 horas``: how long, in its largest unit."""
    if delta < _MINUTE:
        return _("less than a minute")
    return str(format_timedelta(delta, threshold=1, granularity="minute", locale=locale_name(locale_code())))


def _leaves(given: Mapping[str, Any], above: Path = ()) -> Iterator[tuple[Path, Any]]:
    for name, value in given.items():
        path = (*above, str(name))
        if isinstance(value, Mapping) and value and not is_text(value):
            yield from _leaves(value, path)
        elif isinstance(value, list) and value and all(isinstance(item, Mapping) for item in value):
            for place, item in enumerate(value, start=1):
                yield from _leaves(item, (*path, _item_name(item, place)))
        else:
            yield path, value


def _item_name(item: Mapping[str, Any], place: int) -> str:
    named = next((item[key] for key in _NAMES_AN_ITEM if item.get(key)), place)
    return in_language(named) if isinstance(named, Mapping) else shown_if_reference(str(named))


def _label(path: Path) -> str:
    """``charges, Late fee, asked_cents`` is ``Late fee · Asked``."""
    *above, last = path
    items = {place + 1 for place, part in enumerate(above) if part in _LISTS}
    said_above = [
        part if place in items and not _CODE.fullmatch(part) else name_of(part)
        for place, part in enumerate(above)
        if place in items or part not in _LISTS
    ]
    return " · ".join([*said_above, name_of(last)])
