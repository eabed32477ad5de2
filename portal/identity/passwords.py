"""Passwords of people: argon2id at rest, and how easily one would be guessed."""

from __future__ import annotations

import functools
from collections.abc import Sequence

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from zxcvbn import zxcvbn

from accounts.errors import DomainError

SHORTEST, LONGEST = 12, 128
LEAST_SCORE = 3
"""Of zxcvbn, 0 to 4: not guessed within 10^8 tries."""


class WeakPassword(DomainError):
    """Too short, too long, or too easily guessed: ``facts["why"]`` is ``short``, ``long`` or ``guessable``."""


@functools.cache
def hasher() -> PasswordHasher:
    """argon2id as RFC 9106 recommends it where memory is scarce: 64 MiB, 3 passes, 4 lanes (the library's own)."""
    return PasswordHasher()


@functools.cache
def hash_of_nobody() -> str:
    """What is verified when the name is unknown, so that it takes as long as a known one."""
    return hasher().hash("nobody has this password")


def check_strength(password: str, about: Sequence[str] = ()) -> None:
    """Raise :class:`WeakPassword` unless ``password`` is good; ``about`` are words that it should not lean on."""
    if len(password) < SHORTEST:
        raise WeakPassword("too short", why="short")
    if len(password) > LONGEST:
        raise WeakPassword("too long", why="long")
    if zxcvbn(password[:72], user_inputs=[word for word in about if word])["score"] < LEAST_SCORE:
        raise WeakPassword("too easily guessed", why="guessable")


def is_right(password_hash: str, password: str) -> bool:
    """Is it the password? The same work is done where there is no hash."""
    try:
        hasher().verify(password_hash or hash_of_nobody(), password[: LONGEST + 1].encode(errors="surrogatepass"))
    except (VerificationError, InvalidHashError):
        return False
    return bool(password_hash)
