"""Answers of a request as people read them, each under its question."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from markupsafe import Markup

from accounts.cities.requests import Question, RequestKind
from accounts.money import Money
from portal.i18n import gettext as _
from portal.i18n import locale_code, long_date, money


def said_answers(
    kind: RequestKind, answers: Mapping[str, Any], bills: Mapping[int, str] | None = None
) -> list[tuple[str, str | Markup]]:
    """(Question, answer) in the order of the kind; what was not answered is left out."""
    return [
        (question.label.in_(locale_code()), answer_words(question, answers[question.code], bills or {}))
        for question in kind.questions
        if question.code in answers
    ]


def answer_words(question: Question, answer: Any, bills: Mapping[int, str]) -> str | Markup:
    """One answer."""
    if question.kind == "day":
        return long_date(date.fromisoformat(answer))
    if question.kind == "money":
        return money(Money(answer))
    if question.kind == "yes_no":
        return _("Yes") if answer else _("No")
    if question.kind == "choice":
        return next((one.name.in_(locale_code()) for one in question.choices if one.code == answer), str(answer))
    if question.kind == "bill":
        return bills.get(int(answer), _("Bill %(number)s", number=answer))
    return str(answer)
