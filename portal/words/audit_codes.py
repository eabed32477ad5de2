"""Codes in lines of the audit, by the words of the feature that each is of."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flask_babel import lazy_gettext as _l

from accounts.cities.desk import choice
from payments.mail_batches.rules import MISCOUNTED, SENT_BACK
from portal.i18n import locale_code
from portal.wiring import wiring
from portal.words import audit_of_cases, audit_of_residents
from portal.words.billing import PROBLEMS, RESOLUTIONS
from portal.words.city_names import till_name
from portal.words.findings import RELATIONS, rule_name
from portal.words.names import plain
from portal.words.notices import request_way
from portal.words.reports import CADENCES, cell_words, report_name

_HANDS = {"bank": _l("The bank"), "courier": _l("A courier"), "staff": _l("A colleague")}
_MAIL = {SENT_BACK: _l("Sent back"), MISCOUNTED: _l("The bundle was added up wrong")}


def mail_words(code: str) -> str:
    """A kind of mail, or of an explanation of a bundle."""
    parts = wiring()
    found = choice(parts.city().city.mail_policy(parts.clock.today()).kinds, code)
    return found.name.in_(locale_code()) if found else str(_MAIL.get(code) or plain(code))


_WORDS: Mapping[str, Callable[[str], object]] = {
    **audit_of_cases.VALUES,
    **audit_of_residents.VALUES,
    "asked_way": request_way,
    "cadence": lambda code: CADENCES.get(code, code),  # type: ignore[call-overload]
    "how": lambda code: RESOLUTIONS.get(code, code),
    "problems": lambda code: PROBLEMS.get(code, code),  # type: ignore[call-overload]
    "relation": lambda code: RELATIONS.get(code, code),
    "report": report_name,
    "rule": rule_name,
    "tender": cell_words,
    "till": till_name,
    "to": lambda code: _HANDS.get(code, code),
}
_LISTED = ("problems", "rights")
"""Names of lists of codes."""


def worded(details: Mapping[str, Any]) -> dict[str, Any]:
    """The same details with words for codes; what is no code of ours stays."""
    return {name: _said(name, value) for name, value in details.items()}


def _said(name: str, value: Any) -> Any:
    if isinstance(value, Mapping):
        return worded(value)
    if name in _LISTED and isinstance(value, list):
        return [_said(name, one) for one in value]
    return str(_WORDS[name](value)) if name in _WORDS and isinstance(value, str) else value
