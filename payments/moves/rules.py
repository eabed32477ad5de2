"""What a payment has on an account, what of it is taken out, and how both sides are booked. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Annotated, ClassVar

from pydantic import Field

from accounts.approvals.rules import Command
from accounts.charges.rules import Allocated, AllocationOrder, OpenCharge, Share
from accounts.errors import DomainError
from accounts.ledger.rules import Line
from accounts.money import ZERO, Money, total
from accounts.staff.rules import ActKind
from payments.posting.rules import AccountOutcome, Fee, Paid, Received, Tender, Terms, allocate_all, journal_lines

MOVED = "moved"
"""The tender of a move, and the policy of an allocation that is taken back by one."""


class SameAccount(DomainError):
    """Money is moved from one account to another."""


class MoreThanThere(DomainError):
    """The payment has less on that account: ``facts["there"]``."""


class CreditSpent(DomainError):
    """A part of the payment became credit, and the credit is gone: ``facts["missing"]``."""


class PaymentTakenBack(DomainError):
    """The payment was reversed in the books: there is nothing to move."""


class Move(Command):
    """Move what a payment put on one account, or a part of it, to another account."""

    kind: ClassVar[ActKind] = ActKind.MOVE
    payment_id: int
    from_account_id: int
    to_account_id: int
    amount_cents: Annotated[int, Field(gt=0, le=10_000_000_00)]

    @property
    def pays(self) -> Mapping[int, Money]:
        """The account that it goes to."""
        return {self.to_account_id: Money(self.amount_cents)}


@dataclass(frozen=True)
class MoveTerms:
    """The city's part of a move."""

    posting: Terms
    suspense: str
    """Where the money stands between the two journals (liability of the pool)."""
    order: Callable[[date], AllocationOrder]
    """The allocation policy of a day."""

    @property
    def booking(self) -> Terms:
        """Postings as of a payment whose cash is the suspense account."""
        return replace(self.posting, cash={**self.posting.cash, MOVED: self.suspense})


@dataclass(frozen=True)
class MovedPayment:
    """The payment as it was posted."""

    id: int
    receipt_number: str
    amount: Money
    effective_on: date
    paid_at: datetime
    is_reversed: bool


@dataclass(frozen=True)
class Placed:
    """What a payment has on a charge. ``met`` is all the money that the charge holds now, of any payment."""

    charge: OpenCharge
    amount: Money
    met: Money

    @property
    def movable(self) -> Money:
        """Less than was placed where an adjustment turned a part into credit."""
        return min(self.amount, self.met)


@dataclass(frozen=True)
class Holding:
    """What a payment has on an account: on charges, in the order in which it met them, and as credit."""

    account_id: int
    reference: str
    kind: str
    placed: tuple[Placed, ...]
    credit: Money
    """Negative where more credit left the account with it than it had brought: an adjustment had made that credit of
    money on a charge."""
    account_credit: Money
    """The account's credit now, of whatever payments."""

    @property
    def total(self) -> Money:
        return total(placed.amount for placed in self.placed) + self.credit


def take_out(holding: Holding, amount: Money) -> Allocated:
    """What is taken from where, in positive amounts: credit first, then the charge that was met last.

    Raises :class:`MoreThanThere` and :class:`CreditSpent`.
    """
    if amount > holding.total:
        raise MoreThanThere(f"{holding.total} of the payment is on {holding.reference}", there=holding.total)
    credit = max(min(holding.credit, holding.account_credit, amount), ZERO)
    left = amount - credit
    shares: list[Share] = []
    for placed in reversed(holding.placed):
        part = min(placed.movable, left)
        if part > ZERO:
            shares.append(Share(placed.charge, part, MOVED))
            left -= part
    more = min(holding.account_credit - credit, left)
    if more < left:
        raise CreditSpent(f"{left - more} of the payment is credit that is gone", missing=left - more)
    return Allocated(tuple(shares), credit + more)


def out_of(holding: Holding, amount: Money, terms: MoveTerms) -> AccountOutcome:
    """The account that the money leaves."""
    taken = take_out(holding, amount)
    credit = terms.posting.lines[terms.posting.credit_line[holding.kind]]
    paid = Paid(holding.account_id, holding.kind, holding.reference, amount, ())
    return AccountOutcome(paid, taken, credit.credit, credit.fund)


def into(part: Paid, payment: MovedPayment, terms: MoveTerms) -> AccountOutcome:
    """The account that the money reaches: by the policy of the day on which it was paid; the rest is credit."""
    (outcome,) = allocate_all(_received(part, payment, terms), terms.booking)
    return outcome


def out_lines(outcome: AccountOutcome, payment: MovedPayment, terms: MoveTerms) -> tuple[Line, ...]:
    """The journal that takes the money off an account, into suspense."""
    lines = journal_lines(_received(outcome.paid, payment, terms), [outcome], terms.booking)
    return tuple(replace(line, amount=-line.amount) for line in lines)


def in_lines(outcome: AccountOutcome, payment: MovedPayment, terms: MoveTerms) -> tuple[Line, ...]:
    """The journal that puts the money on an account, out of suspense."""
    return journal_lines(_received(outcome.paid, payment, terms), [outcome], terms.booking)


def _received(part: Paid, payment: MovedPayment, terms: MoveTerms) -> Received:
    order = terms.order(payment.effective_on)
    return Received((part,), Fee(), Tender(MOVED), order, payment.paid_at, payment.effective_on)


def shown(outcome: AccountOutcome) -> Iterator[Mapping[str, object]]:
    """Charges that a side of a move touches, for both people and the audit."""
    for share in outcome.allocated.shares:
        yield {
            "charge_id": share.charge.id,
            "description": dict(share.charge.description),
            "due_on": share.charge.due_on.isoformat(),
            "cents": share.amount.cents,
        }
