"""What an event is to us. Pure."""

from __future__ import annotations

import enum

from payments.gateway.base import ProcessorHint

ABOUT_PAYMENTS = frozenset(
    {
        "checkout.session.async_payment_failed",
        "checkout.session.async_payment_succeeded",
        "checkout.session.completed",
        "checkout.session.expired",
        "payment_intent.payment_failed",
        "payment_intent.succeeded",
    }
)
"""Events that say: go and look at this attempt."""
ABOUT_PAYOUTS = frozenset(
    {
        "payout.canceled",
        "payout.failed",
        "payout.paid",
        "payout.reconciliation_completed",
        "payout.updated",
    }
)
"""Events that say: go and look at this payout."""
KNOWN = ABOUT_PAYMENTS | ABOUT_PAYOUTS


class Outcome(enum.Enum):
    """What became of a request at the processor's door."""

    ACCEPTED = "accepted"
    DUPLICATE = "duplicate"
    FOREIGN = "foreign"
    UNKNOWN_TYPE = "unknown-type"
    SIGNATURE = "signature"
    STALE = "stale"


def sort_event(hint: ProcessorHint, environment: str, *, livemode: bool, knows_session: bool) -> Outcome:
    """Is an event ours to follow? Money without any mark is: somebody must look at it.

    Foreign is what another installation on the same account of the processor marked as its own, and what comes
    from the other of test and live. Only the environment and mode are read; whether it is true is asked later.
    """
    if hint.event_type not in KNOWN:
        return Outcome.UNKNOWN_TYPE
    if hint.livemode is not livemode:
        return Outcome.FOREIGN
    if hint.event_type in ABOUT_PAYOUTS or knows_session:
        return Outcome.ACCEPTED
    if hint.environment not in ("", environment):
        return Outcome.FOREIGN
    return Outcome.ACCEPTED
