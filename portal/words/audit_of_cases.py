"""What the audit says of requests, in words (see ``portal.words.audit``)."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from flask_babel import lazy_gettext as _l

from accounts.cases.rules import Direction, State
from accounts.pauses.rules import Stopped
from portal.i18n import locale_code
from portal.wiring import wiring
from portal.words.cases import EVENTS, STAFF_STATES
from portal.words.names import name_of, plain
from portal.words.values import Compared

ACTS = {
    "case-message": _l("Wrote about a request"),
    "case-moved": _l("Did something to a request"),
    "case-signed-off": _l("Signed a request off"),
    "document-added": _l("Added a document to a request"),
    "document-opened": _l("Opened a document of a request"),
    "document-removed": _l("Took a document out of a request"),
    "draft-cleared-away": _l("Cleared away a request that was not sent"),
    "guest-links-ended": _l("Ended the links to a request"),
    "guest-mail-asked": _l("Asked for a link to a request"),
    "guest-mail-refused": _l("Asked for too many links to requests"),
    "pause-begun": _l("Paused shut-off or penalties"),
    "pause-ended": _l("Ended a pause of shut-off or penalties"),
}
PAGES = {"cases": _l("Requests")}
_DIRECTIONS = {
    Direction.TO_RESIDENT: _l("To the resident"),
    Direction.FROM_RESIDENT: _l("From the resident"),
    Direction.NOTE: _l("Note"),
}
_STOPPED = {Stopped.SHUT_OFF: _l("Shut-off"), Stopped.PENALTIES: _l("Late penalties")}
_ENDED_BY = {"decided": _l("Decided"), "withdrawn": _l("Withdrawn")}


def request_name(code: str) -> str:
    """A kind of request, by its name in the city today."""
    found = next((kind for kind in wiring().city().city.request_kinds if kind.code == code), None)
    return found.name.in_(locale_code()) if found else plain(code)


def pause_reason(code: str) -> str:
    """Why something stands still or goes on: the kind of request, or what became of it."""
    return str(_ENDED_BY[code]) if code in _ENDED_BY else request_name(code)


def case_states(before: str, after: str) -> list[Compared]:
    """Where a request stood, and where it stands after."""
    return [Compared(name_of("status"), str(STAFF_STATES[State(before)]), str(STAFF_STATES[State(after)]))]


def _step(code: str) -> str:
    """A sign-off, or a paper that is wanted, by its name in the city today."""
    kinds = wiring().city().city.request_kinds
    found = next((one for kind in kinds for one in (*kind.sign_offs, *kind.documents) if one.code == code), None)
    return found.name.in_(locale_code()) if found else plain(code)


VALUES: Mapping[str, Callable[[str], object]] = {
    "direction": lambda code: _DIRECTIONS.get(code, code),  # type: ignore[call-overload]
    "event": lambda code: EVENTS.get(code, code),  # type: ignore[call-overload]
    "step": _step,
    "stops": lambda code: _STOPPED.get(code, code),  # type: ignore[call-overload]
    "wanted": _step,
}
"""Codes in these lines by the names of their values."""
