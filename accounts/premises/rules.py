"""Addresses in search form, so that ``123 N. Main Street`` and ``123 n main st`` are one place."""

from __future__ import annotations

import re
import unicodedata

_WORDS = {
    "street": "st", "avenue": "ave", "av": "ave", "boulevard": "blvd", "drive": "dr", "road": "rd", "lane": "ln",
    "court": "ct", "place": "pl", "circle": "cir", "terrace": "ter", "parkway": "pkwy", "highway": "hwy",
    "north": "n", "south": "s", "east": "e", "west": "w", "suite": "ste", "apartment": "apt", "unit": "apt",
    "number": "#", "calle": "calle", "avenida": "ave",
}  # fmt: skip

_NOT_WORDS = re.compile(r"[^a-z0-9#]+")


def plain(text: str) -> str:
    """Lower case, no accents, no punctuation, single spaces: the form in which words are compared."""
    folded = text.casefold()
    if not folded.isascii():
        folded = "".join(c for c in unicodedata.normalize("NFKD", folded) if not unicodedata.combining(c))
    return " ".join(_NOT_WORDS.sub(" ", folded).split())


def address_key(address: str) -> str:
    """The search form of a street address line; usual USPS abbreviations are folded."""
    return " ".join(_WORDS.get(word, word) for word in plain(address).split())


def short_forms(word: str, *, begun: bool = False) -> tuple[str, ...]:
    """How ``address_key`` writes a word (``street`` → ``st``), or any word that begins with these letters."""
    longer = (long for long in _WORDS if (long.startswith(word) if begun else long == word))
    return tuple(sorted({_WORDS[long] for long in longer if _WORDS[long].isalnum()} - {word}))


def masked_address(address: str) -> str:
    """``1482 Elm Street`` → ``1••• E•••``: first characters only, for pages that a guest sees."""
    return " ".join(word[0] + "•••" for word in address.split()[:2])
