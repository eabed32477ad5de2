"""Numbers and proofs in the form in which they are compared, and our own reference with its check digit."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

_DAMM = (
    "0317598642", "7092154863", "4206871359", "1750983426", "6123045978",
    "3674209581", "5869720134", "8945362017", "9438617205", "2581436790",
)  # fmt: skip
"""The quasigroup of order 10 by H. Michael Damm (2004): finds each single wrong digit and each swap of neighbors."""
_BACK = ["".join(str([row[digit] for row in _DAMM].index(str(state))) for digit in range(10)) for state in range(10)]
"""Backwards: from the state after a digit to the state before it."""

_NOT_PLAIN = re.compile(r"[^a-z0-9]")
KIND_DIGITS = {"utility": "1", "license": "2", "citation": "3"}
_KINDS = {digit: kind for kind, digit in KIND_DIGITS.items()}
REFERENCE_DIGITS = 9
CODE_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
"""None that is easily taken for another; 32, so that each is as likely."""
CODE_LENGTH = 8


def check_digit(digits: str) -> str:
    """The Damm check digit of a row of digits."""
    state = "0"
    for digit in digits:
        state = _DAMM[int(state)][int(digit)]
    return state


def new_reference(kind: str, serial: int) -> str:
    """Our reference: one digit for the kind, seven for the serial, one check digit (``1 0000042 7``)."""
    if not 0 <= serial < 10**7:
        raise ValueError("a serial has seven digits")
    body = f"{KIND_DIGITS[kind]}{serial:07d}"
    return body + check_digit(body)


def kind_of(reference: str) -> str:
    """The kind of account that one of our references says."""
    return _KINDS[reference[0]]


def is_reference(key: str) -> bool:
    """Is this number key one of our references, with a right check digit?"""
    return len(key) == REFERENCE_DIGITS and key.isdecimal() and check_digit(key) == "0"


def shown(reference: str) -> str:
    """A reference as people read it aloud: ``100-000-427``."""
    return "-".join(reference[i : i + 3] for i in range(0, len(reference), 3))


def number_key(number: str) -> str:
    """A number as compared: letters and digits only, upper case, without leading zeros."""
    folded = unicodedata.normalize("NFKC", number).upper()
    return re.sub(r"[^A-Z0-9]", "", folded).lstrip("0")


def one_slip_away(key: str) -> Iterator[str]:
    """Every reference that differs from ``key`` in exactly one digit; nothing unless ``key`` looks like ours.

    At most nine: for each place there is just one digit that makes the check digit right.
    """
    if len(key) != REFERENCE_DIGITS or not key.isdecimal() or is_reference(key):
        return
    needed = ["0"]
    for digit in reversed(key):
        needed.append(_BACK[int(needed[-1])][int(digit)])
    state = "0"
    for place, wrong in enumerate(key):
        right = _DAMM[int(state)].index(needed[-2 - place])
        yield f"{key[:place]}{right}{key[place + 1 :]}"
        state = _DAMM[int(state)][int(wrong)]


def proof_key(text: str) -> str:
    """A proof as compared: no accents, no punctuation, no spaces, lower case (names, plates, codes, amounts)."""
    folded = text.casefold()
    if not folded.isascii():
        folded = "".join(c for c in unicodedata.normalize("NFKD", folded) if not unicodedata.combining(c))
    return _NOT_PLAIN.sub("", folded)


def proof_digest(key: bytes, account_id: int, kind: str, proof: str) -> bytes:
    """The keyed HMAC-SHA-256 under which a proof is kept; the account's id in it keeps equal names apart."""
    return folded_digest(key, account_id, kind, proof_key(proof))


def folded_digest(key: bytes, account_id: int, kind: str, folded: str) -> bytes:
    """:func:`proof_digest` of what :func:`proof_key` made already."""
    return keyed_digest(key, f"{account_id}\x1f{kind}\x1f{folded}".encode())


def bill_code(key: bytes, account_id: int) -> str:
    """The code that our bills carry on paper: the proof that somebody has one in front of them.

    It is made of the account under the key of proofs: always the same, and kept nowhere.
    """
    digest = keyed_digest(key, f"{account_id}\x1fcode on our bills".encode())
    return "".join(CODE_LETTERS[byte % len(CODE_LETTERS)] for byte in digest[:CODE_LENGTH])


def keyed_digest(key: bytes, message: bytes) -> bytes:
    """HMAC-SHA-256. The key is made ready once, as RFC 2104, section 4, says: a look-up takes a hundred."""
    inner, outer = (half.copy() for half in _ready(key))
    inner.update(message)
    outer.update(inner.digest())
    return outer.digest()


@lru_cache(maxsize=4)
def _ready(key: bytes) -> tuple[hashlib._Hash, hashlib._Hash]:
    block = hashlib.sha256().block_size
    whole = (key if len(key) <= block else hashlib.sha256(key).digest()).ljust(block, b"\0")
    return hashlib.sha256(bytes(byte ^ 0x36 for byte in whole)), hashlib.sha256(bytes(byte ^ 0x5C for byte in whole))
