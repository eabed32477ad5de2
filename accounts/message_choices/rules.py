"""Ways, quiet hours, words that stop, and what is known of an address. Pure."""

from __future__ import annotations

import hashlib
import hmac
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum
from typing import Literal
from zoneinfo import ZoneInfo

from accounts.cities.messages import MessagePolicy, MessageRule
from accounts.errors import Conflict, DomainError

Channel = Literal["mail", "text"]
MOST_WRONG_CODES = 5
_MINUTES_OF_HOUR, _MINUTES_OF_DAY = 60, 24 * 60
_NOT_DIGITS = re.compile(r"\D")
_NATIONAL = 10


class MustBeTold(DomainError):
    """A message that protects its reader goes out some way: ``facts["kind"]``."""


class NoNumber(DomainError):
    """Texts were chosen before a number was confirmed."""


class BadQuietHours(DomainError):
    """Quiet hours that leave less quiet than the city's own (by law), or no time to tell anything at all."""


class WrongCode(DomainError):
    """Not the code that was sent, or too late, or too often wrong."""


class BadLevel(DomainError):
    """A use level that is no number above zero."""


class NotPaperless(Conflict):
    """There is no consent to bills without paper that could be ended."""


class AlreadyPaperless(Conflict):
    """The bills of this account come without paper already."""


class OfferOver(Conflict):
    """Bills without paper were asked for too long ago, or not any more."""


class NobodyAsked(DomainError):
    """A change at the counter that nobody is said to have asked for."""


class ChoicesMoved(Conflict):
    """Somebody else changed the choices after the page showed them."""


class Way(StrEnum):
    """How somebody is told of a kind of message."""

    MAIL = "mail"
    TEXT = "text"
    BOTH = "both"
    NONE = "none"


class Unit(StrEnum):
    """What use is counted in."""

    CCF = "CCF"
    CF = "CF"
    GAL = "GAL"


class AddressState(StrEnum):
    """``stopped``: its owner said so. ``dead``: what was sent came back or was refused for good."""

    GOOD = "good"
    DEAD = "dead"
    STOPPED = "stopped"


class Meaning(StrEnum):
    """What a text that came in asks for."""

    STOP = "stop"
    START = "start"
    HELP = "help"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Choices:
    """What a person has chosen; empty where they have not, and the city's usual way holds."""

    ways: Mapping[str, Way]
    language: str = ""
    quiet: tuple[int, int] | None = None
    """Minutes after midnight, the city's time."""
    text_number: str = ""


NOTHING_CHOSEN = Choices({})
IN_PERSON, BY_PHONE = "in-person", "phone"


@dataclass(frozen=True, slots=True)
class Request:
    """Who asked the counter for a change, and whether they came or called."""

    asked_by: str
    way: str


def check_request(request: Request) -> None:
    """Raises :class:`NobodyAsked`."""
    if not request.asked_by.strip() or request.way not in {IN_PERSON, BY_PHONE}:
        raise NobodyAsked(request.way)


def way_of(rule: MessageRule, kind: str, choices: Choices) -> Way:
    """How a person is told of a kind; a city that begins to insist on one overrules ``none``."""
    chosen = choices.ways.get(kind, Way(rule.usual))
    if chosen is Way.NONE and not rule.may_be_none:
        return Way(rule.usual)
    return chosen


def channels(way: Way, *, has_mail: bool, has_text: bool) -> tuple[Channel, ...]:
    """By what it leaves: texts only with consent (``has_text``), and by mail where the text cannot be."""
    if way is Way.NONE:
        return ()
    texts: tuple[Channel, ...] = ("text",) if has_text and way in {Way.TEXT, Way.BOTH} else ()
    wants_mail = way in {Way.MAIL, Way.BOTH} or not texts
    return (*(("mail",) if wants_mail and has_mail else ()), *texts)


def check_way(rule: MessageRule | None, kind: str, way: Way, *, has_number: bool) -> None:
    """Raises :class:`MustBeTold` or :class:`NoNumber`."""
    if way is Way.NONE and rule is not None and not rule.may_be_none:
        raise MustBeTold(kind=kind)
    if way in {Way.TEXT, Way.BOTH} and not has_number:
        raise NoNumber(kind=kind)


def check_quiet(policy: MessagePolicy, quiet: tuple[int, int]) -> None:
    """Somebody may have more quiet than the law gives, not less, and not the whole day; :class:`BadQuietHours`."""
    begins, ends = policy.quiet_minutes
    if not (ends <= quiet[1] < quiet[0] <= begins) or quiet[0] - quiet[1] < _MINUTES_OF_HOUR:
        raise BadQuietHours(begins=begins, ends=ends)


def quiet_until(now: datetime, quiet: tuple[int, int], time_zone: str) -> datetime | None:
    """When a text may ring that may not now; none where it may. ``quiet`` goes over midnight."""
    here = now.astimezone(ZoneInfo(time_zone))
    minute = here.hour * _MINUTES_OF_HOUR + here.minute
    begins, ends = quiet
    if ends <= minute < begins:
        return None
    day = here.date() + timedelta(days=1 if minute >= begins else 0)
    return datetime.combine(day, time(*divmod(ends % _MINUTES_OF_DAY, _MINUTES_OF_HOUR)), ZoneInfo(time_zone))


def louder(quiet: tuple[int, int] | None, policy: MessagePolicy) -> tuple[int, int]:
    """A person's quiet hours, never shorter than the city's of the day."""
    begins, ends = policy.quiet_minutes
    return (min(quiet[0], begins), max(quiet[1], ends)) if quiet else (begins, ends)


def meaning_of(body: str, policy: MessagePolicy) -> tuple[Meaning, str]:
    """What a text asks for and in which language; the first word decides (``Stop please``), accents do not matter."""
    said = _words(body)
    first = said.split(" ")[0] if said else ""
    for meaning, by_language in (
        (Meaning.STOP, policy.stop_words),
        (Meaning.HELP, policy.help_words),
        (Meaning.START, policy.start_words),
    ):
        for language, words in by_language.items():
            known = {_words(word) for word in words}
            if said in known or first in known or any(" " in word and said.startswith(f"{word} ") for word in known):
                return meaning, language
    return Meaning.OTHER, ""


def _words(text: str) -> str:
    bare = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return " ".join(re.sub(r"[^\w\s]", " ", bare).upper().split())


def address_key(channel: Channel, address: str) -> str:
    """An address as it is compared: lower case; a number's digits with the country's 1."""
    if channel == "mail":
        return address.strip().lower()
    digits = _NOT_DIGITS.sub("", address)
    return f"1{digits}" if len(digits) == _NATIONAL else digits


def address_digest(secret: bytes, channel: Channel, address: str) -> bytes:
    """How an address is kept where only its sameness matters: an HMAC under the key of proofs."""
    return hmac.new(secret, f"message {channel} {address_key(channel, address)}".encode(), hashlib.sha256).digest()


def state_after(events: Iterable[str]) -> AddressState:
    """What an address is after what happened to it, oldest first. Who said stop is left alone until start."""
    stopped = dead = False
    for event in events:
        if event == "stopped":
            stopped = True
        elif event == "started":
            stopped = dead = False
        elif event in {"bounced", "refused"}:
            dead = True
        elif event == "lifted":
            dead = False
    return AddressState.STOPPED if stopped else AddressState.DEAD if dead else AddressState.GOOD
