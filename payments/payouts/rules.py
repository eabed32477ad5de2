"""From a payout and its movements to journal lines: what is known goes to its account, the rest to suspense. Pure.

A payment put its full amount (with the payer's service fee) into clearing. A payout takes it out again: the bank
gets the net, the processor's fees are an expense of their own fund, by way of due-to and due-from, and clearing
falls by the gross. So clearing is always the card money that has not been paid out.
"""

from __future__ import annotations

import enum
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from accounts.errors import DomainError
from accounts.ledger.rules import Line
from accounts.money import ZERO, Money, total

CHARGES = frozenset({"charge", "payment"})
"""Types that are a payer's money: by card, and by a local method such as a bank debit."""
FEES = frozenset({"stripe_fee"})
"""Types that are a bill of the processor's own."""
RETURNS = frozenset({"payout_failure", "payout_cancel"})
"""Types that bring the money of a payout back, which another payout then takes out."""
WITHDRAWALS = RETURNS | {"payout"}
"""Types by which a payout itself appears among its movements; they are not what it is made of."""
ENDED = frozenset({"failed", "canceled"})
_MOVES: Mapping[str, frozenset[str]] = {
    "pending": frozenset({"pending", "in_transit", "paid", "failed", "canceled"}),
    "in_transit": frozenset({"in_transit", "paid", "failed", "canceled"}),
    "paid": frozenset({"paid", "failed", "canceled"}),
    "failed": frozenset({"failed"}),
    "canceled": frozenset({"canceled"}),
}


class UnknownStatus(DomainError):
    """The processor uses a word for a payout's state that we do not know: ``facts["status"]``."""


class Place(enum.Enum):
    """Where a movement's amount stood before the payout took it out."""

    CLEARING = "clearing"
    FEES = "fees"
    SUSPENSE = "suspense"


class Why(enum.Enum):
    """Why a movement's amount is in suspense."""

    TYPE = "nobody has said how to book this type"
    ORPHAN = "no payment in the books has this payment intent"
    DIFFERS = "the payment in the books is of another amount"
    TWICE = "this payment intent's payment has been paid out before"
    RETURNED = "the payout that came back is not known, or not to the last cent"


@dataclass(frozen=True)
class Terms:
    """The part of the chart of accounts that a payout touches."""

    bank: str
    clearing: str
    suspense: str
    fees: str
    fees_fund: str
    pooled_fund: str
    due_to_funds: str
    claims: Mapping[str, str]


@dataclass(frozen=True)
class Known:
    """A stored movement, and what the books have for its payment intent.

    ``paid`` is the payment's amount with its fee, if there is one; ``is_taken`` says that another movement has taken
    it out of clearing. ``made_of`` are the movements of the payout that a return brings back, if all are known.
    """

    id: str
    type: str
    amount: Money
    fee: Money
    source_id: str = ""
    payment_intent_id: str = ""
    paid: Money | None = None
    is_taken: bool = False
    made_of: tuple[Known, ...] = ()

    @property
    def net(self) -> Money:
        """What it adds to the processor's balance."""
        return self.amount - self.fee


@dataclass(frozen=True)
class Booking:
    """A movement in a journal: ``amount`` out of ``place``, ``fee`` to the processor's fees."""

    movement_id: str
    place: Place
    amount: Money
    fee: Money = ZERO
    why: Why | None = None


def next_status(old: str, said: str) -> str:
    """The status to keep when the processor says ``said``: an answer that came late never undoes a newer one.

    Raises :class:`UnknownStatus`. A payout can turn from paid to failed for five business days (Stripe).
    """
    if said not in _MOVES:
        raise UnknownStatus(f"a payout is said to be {said!r}", status=said)
    return said if said in _MOVES[old] else old


def is_ready(status: str, reconciliation_status: str, *, automatic: bool) -> bool:
    """May it be posted? Only the list of an automatic, reconciled payout is complete (docs.stripe.com/payouts)."""
    return automatic and status == "paid" and reconciliation_status == "completed"


def is_own(payout_id: str, movement_type: str, source_id: str) -> bool:
    """Is this movement the payout itself, rather than part of what it is made of?"""
    return movement_type in WITHDRAWALS and source_id == payout_id


def residual(amount: Money, made_of: Iterable[Known]) -> Money:
    """What a payout moves beyond its movements; anything but zero must not be posted."""
    return amount - total(movement.net for movement in made_of)


def place(made_of: Sequence[Known]) -> tuple[Booking, ...]:
    """Where each movement was, those of a payout that came back in the place of its return. Nothing is guessed."""
    taken: set[str] = set()
    return tuple(booking for movement in made_of for booking in _placed(movement, taken))


def _placed(movement: Known, taken: set[str]) -> Iterable[Booking]:
    if movement.type in CHARGES and movement.amount > ZERO:
        why = _doubt(movement, taken)
        at = Place.CLEARING if why is None else Place.SUSPENSE
        yield Booking(movement.id, at, movement.amount, movement.fee, why)
        return
    if movement.type in FEES:
        yield Booking(movement.id, Place.FEES, ZERO, -movement.net)
        return
    if movement.type in RETURNS:
        if movement.made_of and total(part.net for part in movement.made_of) == movement.net:
            for part in movement.made_of:
                yield from _placed(part, taken)
            return
        yield Booking(movement.id, Place.SUSPENSE, movement.net, why=Why.RETURNED)
        return
    yield Booking(movement.id, Place.SUSPENSE, movement.net, why=Why.TYPE)


def _doubt(movement: Known, taken: set[str]) -> Why | None:
    """Why a charge is not that of a payment in the books; ``taken`` are the intents that this payout took out."""
    if movement.paid is None:
        return Why.ORPHAN
    if movement.paid != movement.amount:
        return Why.DIFFERS
    if movement.is_taken or movement.payment_intent_id in taken:
        return Why.TWICE
    taken.add(movement.payment_intent_id)
    return None


def journal_lines(bookings: Sequence[Booking], terms: Terms) -> tuple[Line, ...]:
    """The payout's journal: bank by the net, fees in their fund with the dues, clearing by the gross, suspense."""
    gross = total(booking.amount for booking in bookings if booking.place is Place.CLEARING)
    unexplained = total(booking.amount for booking in bookings if booking.place is Place.SUSPENSE)
    fees = total(booking.fee for booking in bookings)
    pool = terms.pooled_fund
    lines = [
        Line(terms.bank, pool, gross + unexplained - fees),
        Line(terms.clearing, pool, -gross),
        Line(terms.suspense, pool, -unexplained),
        Line(terms.fees, terms.fees_fund, fees),
    ]
    if terms.fees_fund != pool:
        lines += [Line(terms.claims[terms.fees_fund], terms.fees_fund, -fees), Line(terms.due_to_funds, pool, fees)]
    return tuple(line for line in lines if line.amount)


def found_lines(amount: Money, terms: Terms) -> tuple[Line, ...]:
    """A payment entered the books after its charge was paid out: from suspense to clearing, where it belongs."""
    return (Line(terms.suspense, terms.pooled_fund, amount), Line(terms.clearing, terms.pooled_fund, -amount))


@dataclass(frozen=True)
class OfType:
    """What a payout has of one type of movement."""

    type: str
    count: int
    amount: Money
    fee: Money
    net: Money


def by_type(movements: Sequence[Known]) -> tuple[OfType, ...]:
    """A payout's sum by type, the most frequent first."""
    counted = Counter(movement.type for movement in movements)
    return tuple(
        OfType(
            kind,
            count,
            total(movement.amount for movement in movements if movement.type == kind),
            total(movement.fee for movement in movements if movement.type == kind),
            total(movement.net for movement in movements if movement.type == kind),
        )
        for kind, count in sorted(counted.items(), key=lambda pair: (-pair[1], pair[0]))
    )
