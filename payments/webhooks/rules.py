"""What an event is to us. Pure."""

from __future__ import annotations

import enum
from collections.abc import Iterable

from payments.gateway.base import ProcessorHint, RegisteredEndpoint

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


def endpoint_problems(registered: Iterable[RegisteredEndpoint], url: str) -> tuple[str, ...]:
    """Why events that we follow do not come to ``url``, in sentences; empty if they do."""
    known = list(registered)
    ours = [endpoint for endpoint in known if _place(endpoint.url) == _place(url)]
    if not ours:
        others = ", ".join(sorted(endpoint.url for endpoint in known)) or "none"
        return (f"Register {url} at the processor; registered is {others}.",)
    enabled = [endpoint for endpoint in ours if endpoint.enabled]
    if not enabled:
        return (f"The processor has {url} disabled: enable it in its dashboard.",)
    told = frozenset[str]().union(*(endpoint.types for endpoint in enabled))
    missing = sorted(KNOWN - told) if "*" not in told else []
    return (f"Subscribe {url} to {', '.join(missing)}.",) if missing else ()


def _place(url: str) -> str:
    """An address with one name for this machine, which has two: a demonstration uses both."""
    return url.replace("://localhost:", "://127.0.0.1:", 1)
