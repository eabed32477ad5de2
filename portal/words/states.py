"""States of payment attempts, in words for staff."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from payments.attempts.rules import State

ATTEMPTS = {
    State.SENDING: _l("Being sent to the processor"),
    State.OPEN: _l("The payment page is open"),
    State.PROCESSING: _l("The bank is working on it"),
    State.SUCCEEDED: _l("Paid and in the books"),
    State.FAILED: _l("Failed"),
    State.EXPIRED: _l("The page is over; not paid"),
    State.CANCELED: _l("Canceled"),
    State.UNKNOWN: _l("Not known yet; the processor is being asked"),
}


def attempt_state(state: State) -> str:
    return str(ATTEMPTS[state])
