"""What a name, an address or a number can be, and names as a guest may see them. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection

from accounts.errors import Conflict, DomainError

LONGEST = 200
_EMAIL = re.compile(r"[^@\s,;]+@[^@\s,;]+\.[^@\s,;.]{2,}")
_NOT_DIGITS = re.compile(r"\D")


class BadContact(DomainError):
    """A value that no customer can have: ``facts["field"]``."""


class Merged(Conflict):
    """This record was merged into another, which is the one to work with: ``facts["into"]``."""


def can_be(field: str, value: str, languages: Collection[str]) -> bool:
    """Whether a customer's field can have a value; blank is no value, which only a name and a language need."""
    if len(value) > LONGEST or "\x00" in value:
        return False
    if field == "name":
        return value != ""
    if field == "language":
        return value in languages
    if field == "email":
        return value == "" or _EMAIL.fullmatch(value) is not None
    if field == "phone":
        return value == "" or 10 <= len(_NOT_DIGITS.sub("", value)) <= 15
    return True


def masked_name(name: str) -> str:
    """``María López`` → ``M••• L•••``: enough for the holder to recognize, too little for anybody else to learn."""
    return " ".join(word[0] + "•••" for word in name.split() if word)
