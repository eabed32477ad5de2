"""Card numbers that people type where none belong: found in free text, masked in logs and in names of files.

None is ever stored.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

SHORTEST, LONGEST = 13, 19
MASK = "[card number]"
NAME_MASK = "xxxx"
"""In the name of a file: nothing that a file system or a language would mind."""
_RUN = re.compile(r"\d(?:[ \-./\u00a0\u2009\u2010\u2011\u2012\u2013\u202f]{0,2}\d){12,}")
"""Thirteen digits and more (of any script), with at most two separators between two of them."""
_UNDERLINED = re.compile(r"(?<!\d)(\d{4}_\d{4}_\d{4}_\d{4}|\d{4}_\d{6}_\d{4,5})(?!\d)")
"""Groups of a card number with what names of files have instead of blanks; cameras write days and hours otherwise."""
_NOT_IN_NAMES = re.compile(r"[^\w \-]")
_LENGTHS = {2: {16}, 3: {14, 15, 16}, 4: {13, 16, 19}, 5: {16}, 6: {16, 17, 18, 19}}
"""How long the numbers of the card networks are, by first digit."""


def contains_pan(text: str) -> bool:
    """Would a careful reader take something in ``text`` for a card number?

    A group of digits that is one as a whole, or that begins like one (a security code may follow it).
    """
    return any(_is_pan(digits, starts) for digits, starts, _ in _runs(text))


def mask_pans(text: str, mask: str = MASK) -> str:
    """``text`` without anything that might be a card number: stricter than :func:`contains_pan`, made for logs."""
    pieces: list[str] = []
    end = 0
    for digits, _, positions in _runs(text):
        for first, last in _windows(digits):
            if positions[first] >= end:
                pieces += [text[end : positions[first]], mask]
            end = max(end, positions[last] + 1)
    return "".join([*pieces, text[end:]])


def file_name_without_pans(name: str) -> str:
    """The name of a file that somebody sent, as it is, or with what reads like a card number masked.

    Signs that are taken out of a name later may stand between digits: it is read with and without them.
    """
    stem, dot, ending = name.rpartition(".") if "." in name else (name, "", "")
    plain = _NOT_IN_NAMES.sub("", stem)
    if not any(contains_pan(_UNDERLINED.sub(_with_blanks, one)) for one in (name, plain)):
        return name
    masked = mask_pans(_UNDERLINED.sub(_with_blanks, plain), NAME_MASK)
    return f"{masked}{dot}{ending}" if not contains_pan(f"{masked}{dot}{ending}") else masked


def _with_blanks(found: re.Match[str]) -> str:
    return found.group().replace("_", " ")


def passes_luhn(digits: list[int]) -> bool:
    """The check digit of card numbers (ISO/IEC 7812)."""
    doubled = [
        digit if place % 2 == 0 else sum(divmod(digit * 2, 10)) for place, digit in enumerate(reversed(digits))
    ]
    return sum(doubled) % 10 == 0


def _runs(text: str) -> Iterator[tuple[list[int], list[int], list[int]]]:
    """Each run: its digits, the places in it where a group begins, and the position of each digit in the text."""
    for run in _RUN.finditer(text):
        positions = [run.start() + offset for offset, character in enumerate(run.group()) if character.isdecimal()]
        digits = [int(text[position]) for position in positions]
        starts = [place for place, at in enumerate(positions) if place == 0 or positions[place - 1] != at - 1]
        yield digits, starts, positions


def _is_pan(digits: list[int], starts: list[int]) -> bool:
    if SHORTEST <= len(digits) <= LONGEST and passes_luhn(digits) and any(digits):
        return True
    return any(
        len(digits) >= start + length and passes_luhn(digits[start : start + length])
        for start in starts
        for length in _LENGTHS.get(digits[start], ())
    )


def _windows(digits: list[int]) -> Iterator[tuple[int, int]]:
    """First and last place of every stretch that passes Luhn, from left to right, the longest first."""
    for first in range(len(digits) - SHORTEST + 1):
        for length in range(min(LONGEST, len(digits) - first), SHORTEST - 1, -1):
            if passes_luhn(digits[first : first + length]):
                yield first, first + length - 1
                break
