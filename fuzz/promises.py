"""What every target asks of the texts that a parser lets through."""

from __future__ import annotations


class Broken(AssertionError):
    """A parser did what it must never do."""


def holds(what: object, words: str) -> None:
    """An assertion that stays when Python is told to leave assertions out."""
    if not what:
        raise Broken(words)


def can_be_kept(text: str) -> bool:
    """PostgreSQL takes neither NUL nor half of a surrogate pair."""
    return "\x00" not in text and not any("\ud800" <= letter <= "\udfff" for letter in text)
