"""What taking a payment back does to charges, credits, items and cash. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import ClassVar

from accounts.approvals.rules import Command
from accounts.errors import Conflict, DomainError
from accounts.ledger.rules import Line
from accounts.money import ZERO, Money, total
from accounts.staff.rules import ActKind
from payments.moves.rules import Holding, MoveTerms, out_of
from payments.posting.rules import AccountOutcome, Fee, Item, Received, Tender, Tendered, journal_lines

VOID, CORRECTION, RETURNED = "void", "correction", "returned"


class AlreadyTakenBack(Conflict):
    """This tender, or the whole payment, was taken back before."""


class TookTheMoney(DomainError):
    """Who took the money does not void it (San Juan County; GFOA, Revenue Control Policy: custody and recording)."""


class NotAtTheWindow(DomainError):
    """The payment was made on the processor's page: it is refunded there, not voided."""


class PartlyGone(DomainError):
    """A part of the payment left where it was put, by hand: ``facts["missing"]``."""


class Void(Command):
    """Take back a whole payment that a person took.

    Until its drawer is closed the money is given back out of it (a count that waits is then counted again); after
    that the entry is reversed and the city owes it.
    """

    kind: ClassVar[ActKind] = ActKind.VOID
    payment_id: int


@dataclass(frozen=True)
class ReversalTerms:
    """The city's part."""

    moves: MoveTerms
    refunds_payable: str
    bank: str

    def credited(self, kind: str, tender: str) -> str:
        """The ledger account of the pool that a tender is taken back from."""
        if kind == VOID:
            return self.moves.posting.cash[tender]
        return self.refunds_payable if kind == CORRECTION else self.bank


@dataclass(frozen=True)
class TenderHeld:
    """A tender of a payment, not taken back so far."""

    id: int
    kind: str
    amount: Money
    drawer_id: int | None
    drawer_is_open: bool
    reference: str = ""
    bank: str = ""


@dataclass(frozen=True)
class TakenPayment:
    """A payment that a person took, with what of it was not taken back so far."""

    id: int
    journal_id: int
    receipt_number: str
    amount: Money
    paid_at: datetime
    effective_on: date
    actor_id: int
    tenders: tuple[TenderHeld, ...]
    items: tuple[Item, ...]
    reversals: int
    """How many tenders were taken back before."""
    sent_back: Money = ZERO
    """What of it came out of suspense to be sent back to its sender."""


@dataclass(frozen=True)
class Plan:
    """What is taken back: of accounts, of items, and by which tenders."""

    payment: TakenPayment
    tenders: tuple[tuple[TenderHeld, str], ...]
    """With the kind of reversal of each."""
    outcomes: tuple[AccountOutcome, ...]
    items: tuple[Item, ...]

    @property
    def amount(self) -> Money:
        return total(tender.amount for tender, _ in self.tenders)


def void_kind(tender: TenderHeld) -> str:
    """Given back out of its drawer, or owed once the drawer is closed."""
    return VOID if tender.drawer_is_open else CORRECTION


def plan(
    payment: TakenPayment,
    tenders: Sequence[tuple[TenderHeld, str]],
    holdings: Sequence[Holding],
    terms: ReversalTerms,
) -> Plan:
    """Take these tenders' money back from where it is now: from accounts, the last first, then from items.

    Raises :class:`PartlyGone`, and ``CreditSpent`` where a part became credit that is gone.
    """
    amount = total(tender.amount for tender, _ in tenders)
    left = amount
    outcomes = []
    for holding in reversed(holdings):
        part = min(left, holding.total)
        if part > ZERO:
            outcomes.append(out_of(holding, part, terms.moves))
            left -= part
    standing = total(tender.amount for tender in payment.tenders) - total(holding.total for holding in holdings)
    standing -= payment.sent_back
    if left > max(standing, ZERO):
        raise PartlyGone(f"{left - standing} of it is not where it was put", missing=left - max(standing, ZERO))
    return Plan(payment, tuple(tenders), tuple(outcomes), tuple(_last_of(payment.items, standing, left)))


def _last_of(items: Sequence[Item], standing: Money, wanted: Money) -> Iterator[Item]:
    """What is taken back of items. Earlier reversals took the last ones: what stands are the first ``standing``."""
    before = ZERO
    low = standing - wanted
    for item in items:
        begin, end = before, min(before + item.amount, standing)
        before += item.amount
        part = end - max(begin, low)
        if part > ZERO:
            yield replace(item, amount=part)


def lines(found: Plan, terms: ReversalTerms) -> tuple[Line, ...]:
    """The journal: what the payment posted, with the signs turned, as far as it is taken back."""
    accounts = {f"{kind}:{tender.id}": terms.credited(kind, tender.kind) for tender, kind in found.tenders}
    received = Received(
        accounts=tuple(outcome.paid for outcome in found.outcomes),
        fee=Fee(),
        tender=Tender(RETURNED),
        order=terms.moves.order(found.payment.effective_on),
        paid_at=found.payment.paid_at,
        effective_on=found.payment.effective_on,
        items=found.items,
        tendered=tuple(
            Tendered(Tender(f"{kind}:{tender.id}"), tender.amount, tender.amount) for tender, kind in found.tenders
        ),
    )
    booked = journal_lines(received, found.outcomes, replace(terms.moves.posting, cash=accounts))
    return tuple(replace(line, amount=-line.amount) for line in booked)
