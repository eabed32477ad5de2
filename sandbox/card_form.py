"""Reads the card form: exchanges the number for a row of the table and forgets it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime

from sandbox import cards
from sandbox.cards import TestCard
from sandbox.hosted import Typed

EXPIRY = re.compile(r"^(0?[1-9]|1[0-2])\s*[/\- ]?\s*(?:20)?(\d{2})$")
ZIP = re.compile(r"^\d{5}(-\d{4})?$")
FIELDS = ("number", "exp", "cvc", "name", "zip")


def read(form: Mapping[str, str], now: int) -> Typed | dict[str, str]:
    """Gives back what was typed, or for each wrong field the name of the phrase that says why."""
    typed = {name: form.get(name, "").strip() for name in FIELDS}
    card = cards.by_number(re.sub(r"[\s-]", "", typed["number"]))
    exp = _expiry(typed["exp"])
    problems = {
        "number": _number_problem(typed["number"], card),
        "exp": "exp_missing" if exp is None else _past(exp, now),
        "cvc": _cvc_problem(typed["cvc"], card),
        "name": None if typed["name"] else "name_missing",
        "zip": None if ZIP.match(typed["zip"]) else "zip_missing",
    }
    wrong = {name: phrase for name, phrase in problems.items() if phrase}
    if wrong or card is None or exp is None:
        return wrong
    return Typed(card, exp, typed["name"], typed["zip"])


def _number_problem(number: str, card: TestCard | None) -> str | None:
    if not number:
        return "number_missing"
    return None if card else "number_wrong"


def _expiry(text: str) -> tuple[int, int] | None:
    match = EXPIRY.match(text)
    return (int(match[1]), 2000 + int(match[2])) if match else None


def _past(exp: tuple[int, int], now: int) -> str | None:
    today = datetime.fromtimestamp(now, UTC)
    return "exp_past" if (exp[1], exp[0]) < (today.year, today.month) else None


def _cvc_problem(cvc: str, card: TestCard | None) -> str | None:
    lengths = (3, 4) if card is None else (4,) if card.brand == "amex" else (3,)
    return None if cvc.isdigit() and len(cvc) in lengths else "cvc_missing"
