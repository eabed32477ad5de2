"""Codes of the city's own lists (roles, divisions, papers, ways to verify) by the names that the city gave them."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from flask_babel import lazy_gettext as _l
from flask_babel import pgettext

from accounts.cities.desk import Choice, DeskPolicy, choice
from portal.i18n import locale_code
from portal.languages import language_name
from portal.wiring import wiring
from portal.words.names import name_of, plain

_LISTS: dict[str, Callable[[DeskPolicy], Iterable[Choice]]] = {
    "channel": lambda desk: desk.channels,
    "division": lambda desk: desk.divisions,
    "document": lambda desk: desk.documents,
    "documents": lambda desk: desk.documents,
    "mail_kind": lambda desk: desk.mail_kinds,
    "outcome": lambda desk: desk.outcomes,
    "topic": lambda desk: desk.topics,
    "verified_by": lambda desk: desk.verifications,
}
_METHODS = {
    "code": _l("A code that was sent to it"),
    "link": _l("Mailed link"),
    "oidc": _l("Sign-in of another service"),
    "passkey": _l("Passkey"),
    "password": _l("Password and second factor"),
    "reply": _l("A reply by text message"),
}
"""How somebody signed in, or said that a number or an address is theirs."""
_CHANNELS = {"mail": _l("E-mail"), "text": _l("Text message"), "qr": _l("Code on this screen")}
"""By which a link to pay goes."""
CODES = frozenset({*_LISTS, "fields", "language", "method", "role", "roles", "status"})
"""Names whose values are codes."""


def code_words(name: str, code: str) -> str:
    """What a code of one of these names means today; one that the city no longer has is said as it is."""
    if name == "fields":
        return name_of(code)
    if name == "language":
        return language_name(code)
    if name in ("method", "status"):
        return str((_METHODS if name == "method" else _states()).get(code) or plain(code))
    parts = wiring()
    city, today = parts.city().city, parts.clock.today()
    if name in _LISTS:
        found = choice(_LISTS[name](city.desk_policy(today)), code)
        return found.name.in_(locale_code()) if found else str(_CHANNELS.get(code) or plain(code))
    role = city.staff_policy(today).role(code)
    return role.name.in_(locale_code()) if role else plain(code)


def _states() -> dict[str, str]:
    """Of accounts, and of what was sent to the accounting system; other things have words of their own."""
    known = {"open": pgettext("account status", "Open"), "closed": pgettext("account status", "Closed")}
    return known | {"accepted": pgettext("batch", "Accepted"), "rejected": str(_l("Rejected"))}
