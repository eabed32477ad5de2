"""The whole run's money, processor beside books: what is paid and not posted, and the reverse."""

from __future__ import annotations

from dataclasses import dataclass

from drills.findings import violations
from drills.stage import Stage

_OWNED = ("amount-mismatch", "no-owner", "orphan", "wrong-currency", "wrong-owner")
"""Kinds of lines whose money is not posted: a person decides. Their subject is the payment intent."""
_POSTED = (
    """SELECT tender_reference AS intent, amount_cents + fee_cents AS cents FROM payments WHERE tender = 'card'"""
)


@dataclass(frozen=True)
class Tally:
    """Payment intents, by name."""

    paid: int
    posted: int
    in_queue: int
    paid_but_unposted: tuple[str, ...]
    posted_but_unpaid: tuple[str, ...]
    violations: int

    @property
    def is_clean(self) -> bool:
        """May a city go live on it?"""
        return not (self.paid_but_unposted or self.posted_but_unpaid or self.violations)


def taken(stage: Stage, environment: str = "test") -> Tally:
    """Compare all that the sandbox took for this installation, or for nobody, with the books, to the cent."""
    paid = {
        intent["id"]: int(intent["amount_received"])
        for intent in stage.processor.listed("payment_intents")
        if intent["status"] == "succeeded" and intent["metadata"].get("env", environment) == environment
    }
    posted = {row.intent: int(row.cents) for row in stage.rows(_POSTED)}
    lines = stage.rows("SELECT subject FROM exception_lines WHERE kind = ANY (:kinds)", kinds=list(_OWNED))
    queued = {row.subject for row in lines}
    unposted = [one for one, cents in paid.items() if posted.get(one) != cents and one not in queued]
    unpaid = [one for one, cents in posted.items() if paid.get(one) != cents]
    return Tally(
        len(paid), len(posted), len(queued), tuple(sorted(unposted)), tuple(sorted(unpaid)), violations(stage)
    )
