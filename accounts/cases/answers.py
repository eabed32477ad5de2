"""Answers as they are kept: checked by the kind's own questions. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from datetime import date

from accounts.cases.rules import Answer, AnswerMissing, BadAnswer
from accounts.cities.requests import Question

_EMAIL = re.compile(r"^[^@\s]+@[^@\s]+\.[^@\s]+$")
_LEAST_DIGITS = 7
_MOST_CENTS = 10_000_000_00


def checked(
    questions: Iterable[Question], given: Mapping[str, object], *, bills: Collection[int] = (), whole: bool = True
) -> dict[str, Answer]:
    """What is kept of an answered form; answers to what is not asked are dropped, blank ones are none.

    ``bills``: those of the account. ``whole``: all that must be answered is; not so of a draft, which keeps what
    there is. Raises :class:`AnswerMissing` and :class:`BadAnswer`, for the first one.
    """
    kept: dict[str, Answer] = {}
    for question in questions:
        value = given.get(question.code)
        if value is None or value == "":
            if whole and question.required:
                raise AnswerMissing(f"no {question.code}", question=question.code)
            continue
        kept[question.code] = _checked(question, value, bills)
    return kept


def _checked(question: Question, value: object, bills: Collection[int]) -> Answer:
    fits = {
        "line": _line, "words": _words, "day": _day, "yes_no": _yes_no, "choice": _choice, "money": _money,
        "email": _email, "phone": _phone,
    }  # fmt: skip
    if question.kind == "bill":
        ok = isinstance(value, int) and not isinstance(value, bool) and value in bills
        answer: Answer | None = value if ok else None  # type: ignore[assignment]
    else:
        answer = fits[question.kind](question, value)
    if answer is None:
        raise BadAnswer(f"{question.code} cannot be that", question=question.code)
    return answer


def _line(question: Question, value: object) -> str | None:
    said = " ".join(value.split()) if isinstance(value, str) else ""
    return said if 0 < len(said) <= question.most else None


def _words(question: Question, value: object) -> str | None:
    said = value.strip() if isinstance(value, str) else ""
    return said if 0 < len(said) <= question.most and "\x00" not in said else None


def _day(question: Question, value: object) -> str | None:
    del question
    try:
        return (value if isinstance(value, date) else date.fromisoformat(str(value))).isoformat()
    except ValueError:
        return None


def _yes_no(question: Question, value: object) -> bool | None:
    del question
    return value if isinstance(value, bool) else None


def _choice(question: Question, value: object) -> str | None:
    return value if isinstance(value, str) and any(value == one.code for one in question.choices) else None


def _money(question: Question, value: object) -> int | None:
    del question
    is_cents = isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= _MOST_CENTS
    return value if is_cents else None  # type: ignore[return-value]


def _email(question: Question, value: object) -> str | None:
    said = _line(question, value)
    return said if said and _EMAIL.match(said) else None


def _phone(question: Question, value: object) -> str | None:
    said = _line(question, value)
    return said if said and sum(sign.isdigit() for sign in said) >= _LEAST_DIGITS else None
