"""What was typed into the search box, read every way it may be meant. Pure.

``folded`` folds what is typed as ``search_folded`` (``migrations/sql/0008_searches.sql``) folds what is kept; a test
holds the two together.
"""

from __future__ import annotations

import contextlib
import enum
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from accounts.customer_accounts.rules import REFERENCE_DIGITS, is_reference, number_key, one_slip_away
from accounts.money import Money, NotMoney
from accounts.premises.rules import short_forms

LONGEST = 500
"""Characters of a text that are folded; the rest is not searched."""
MOST_WORDS = 8
"""Words of what is typed that are looked for; the rest narrows nothing."""
_APOSTROPHES = str.maketrans("", "", "'`´‘’ʻʼ")
_MARKS = re.compile("[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]")
_CAPITALS = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz")
_PLAIN = str.maketrans(
    dict(zip("øØłŁđĐðÐħĦŧŦı", "oollddddhhtti", strict=True))
    | {"æ": "ae", "Æ": "ae", "œ": "oe", "Œ": "oe", "þ": "th", "Þ": "th", "ß": "ss", "ẞ": "ss"}
)
"""Latin letters that do not decompose, as people without them on their keyboard type them."""
_BETWEEN_WORDS = re.compile(
    "[^0-9a-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f\u0370-\u167f\u1681-\u180d\u180f-\u1fff\u2c00-\u2dff\u3041-\ud7ff]+"
)

SHORTEST = 2
"""Letters of a word that is looked for; single ones are compared only where a longer one has found something."""
SHORTEST_KEY, LONGEST_KEY = 3, 40
"""Letters and digits of a number, and characters of an e-mail address, from which on it is looked for."""
_PLATE_LENGTHS = range(2, 9)
_PHONE = re.compile(r"[\s+()./\-0-9]+(?:e?xt?\.?\s*[0-9]*)?", re.IGNORECASE)
_PHONE_DIGITS = range(6, 11)
_EMAIL = re.compile(r"[!-~]*[a-z][!-~]*")
_AMOUNT = re.compile(r"\$.*|[0-9,]*\.[0-9]{2}|[0-9]{1,3}(,[0-9]{3})+")
_BILL_DAY_DIGITS = 6
"""Our bill numbers are the day (``yymmdd``), a dash and our reference."""
_MAY_SLIP = re.compile("[^0-9]{3,24}")


class TooLittle(enum.Enum):
    """Why nothing was looked for."""

    NOTHING = "nothing"
    ONE_LETTER = "one letter"
    ONLY_PUNCTUATION = "only punctuation"


class Matched(enum.Enum):
    """By what an account was found."""

    NUMBER = "number"
    """Our reference, the city's own number, a former one."""
    NAME = "name"
    ADDRESS = "address"
    WORDS = "words"
    """Some of the words in the name, some in the address."""
    PHONE = "phone"
    EMAIL = "email"
    PLATE = "plate"
    AMOUNT = "amount"
    """One of its open charges is of this amount."""
    LAST_PAYMENT = "last_payment"


class Fit(enum.IntEnum):
    """How well. Lower is better; in between are finer steps that only order (see ``search_accounts``)."""

    EXACT = 10
    BEGINS = 30
    SLIP = 35
    """With one letter or digit wrong, missing, too many or out of its place."""

    @classmethod
    def of(cls, place: int) -> Fit:
        """The step that a place of the search falls on."""
        return max(fit for fit in cls if fit <= place)


@dataclass(frozen=True)
class Asked:
    """What was typed, by what it may mean; what it cannot mean is None. Words are PostgreSQL's ``tsquery``."""

    number: str | None = None
    slips: tuple[str, ...] = ()
    """References that were perhaps meant by ``number``: one digit is wrong, or it is a bill's."""
    phone: str | None = None
    email: str | None = None
    plate: str | None = None
    amount: Money | None = None
    exact: str | None = None
    """All words as typed, in any order."""
    others: str | None = None
    """Likewise all but the last, and but single letters."""
    last: str | None = None
    """The last one, whose end may not be typed yet, if it is more than a letter; ``begun`` is what it begins."""
    begun: str | None = None
    initials: str | None = None
    """Single letters: some word begins with each."""
    forms: tuple[str, ...] = ()
    """Each word but those, with its short form."""
    typed: tuple[str, ...] = ()
    """The words of ``forms`` in which a slip is forgiven, and blanks for the others."""


def folded(text: str) -> tuple[str, ...]:
    """The words of a text as they are compared: no accents, no case, no punctuation; an apostrophe joins.

    >>> folded("María O'Brien-López")
    ('maria', 'obrien', 'lopez')
    """
    decomposed = unicodedata.normalize("NFKD", text[:LONGEST].translate(_APOSTROPHES)).translate(_CAPITALS)
    plain = _MARKS.sub("", decomposed)[:LONGEST].translate(_PLAIN)
    return tuple(word for word in _BETWEEN_WORDS.split(plain) if word)


def phone_digits(text: str) -> str:
    """A telephone number as it is compared: its digits, without the country's 1 and without an extension."""
    digits = re.sub("[^0-9]", "", text.lower().split("x")[0])
    return digits[1:] if len(digits) == 11 and digits[0] == "1" else digits


def read(text: str) -> Asked | TooLittle:
    """Every meaning of what was typed, or why there is none."""
    text = text.strip()
    words, amount = folded(text)[:MOST_WORDS], _amount(text)
    if not text:
        return TooLittle.NOTHING
    if not words:
        return TooLittle.ONLY_PUNCTUATION
    if amount is None and max(map(len, words)) < SHORTEST:
        return TooLittle.ONE_LETTER
    number = None if "$" in text else _number(text)
    asked = Asked(
        number=number,
        slips=tuple(_meant(number)) if number else (),
        phone=_phone(text) if amount is None else None,
        email=_email(text),
        plate=_plate(text) if amount is None else None,
        amount=amount,
    )
    return asked if amount is not None or "@" in text else _with_words(asked, words)


def _with_words(asked: Asked, words: Sequence[str]) -> Asked:
    """What is asked, with words that are each looked for; single letters are only compared."""
    sought = [word for word in words if len(word) >= SHORTEST]
    ends = sought[-1:] if len(words[-1]) >= SHORTEST else []
    others = sought[: len(sought) - len(ends)]
    return replace(
        asked,
        exact=_all(map(_whole, words)),
        others=_all(map(_whole, others)) or None,
        last=ends[0] if ends else None,
        begun=_begun(ends[0]) if ends else None,
        initials=_all(_begun(word) for word in words if len(word) < SHORTEST) or None,
        forms=tuple(map(_whole, sought)),
        typed=tuple(map(_perhaps_misspelled, sought)),
    )


def _perhaps_misspelled(word: str) -> str:
    return word if _MAY_SLIP.fullmatch(word) and not short_forms(word) else ""


def _whole(word: str) -> str:
    return _any(word, *short_forms(word))


def _begun(word: str) -> str:
    """A word whose end may be missing: of a number too, while it is typed."""
    return _any(f"{word}:*", *(short for short in short_forms(word, begun=True) if not short.startswith(word)))


def _any(*words: str) -> str:
    return words[0] if len(words) == 1 else f"({' | '.join(words)})"


def _all(words: Iterable[str]) -> str:
    return " & ".join(words)


def _number(text: str) -> str | None:
    key = number_key(text)
    has_digit = any(character.isdecimal() for character in key)
    return key if has_digit and SHORTEST_KEY <= len(key) <= LONGEST_KEY else None


def _meant(number: str) -> Iterator[str]:
    """References that were perhaps meant: one digit away, or at the end of a bill's number."""
    yield from one_slip_away(number)
    if len(number) == _BILL_DAY_DIGITS + REFERENCE_DIGITS and is_reference(number[_BILL_DAY_DIGITS:]):
        yield number[_BILL_DAY_DIGITS:]


def _phone(text: str) -> str | None:
    digits = phone_digits(text)
    return digits if _PHONE.fullmatch(text) and len(digits) in _PHONE_DIGITS else None


def _email(text: str) -> str | None:
    email = text.lower()
    return email if len(email) >= SHORTEST_KEY and _EMAIL.fullmatch(email) else None


def _plate(text: str) -> str | None:
    key = re.sub("[^A-Z0-9]", "", text.upper())
    return key if text.isascii() and len(key) in _PLATE_LENGTHS else None


def _amount(text: str) -> Money | None:
    if not _AMOUNT.fullmatch(text):
        return None
    with contextlib.suppress(NotMoney):
        return Money.typed(text) or None
    return None
