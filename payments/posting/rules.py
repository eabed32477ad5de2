"""From money received to journal lines, allocations and what the receipt says. Pure.

All cash stands in one pooled fund; each fund holds a claim on it, and the pool owes each fund (due to / due from),
so that every fund balances by itself (GASB: a fund is a self-balancing set of accounts).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from accounts.charges.rules import Allocated, AllocationOrder, OpenCharge, allocate
from accounts.ledger.rules import Line
from accounts.money import ZERO, Money, total


@dataclass(frozen=True)
class LineTerms:
    """Where the money of a revenue line goes: its fund, its receivable, and the liability for its credits."""

    fund: str
    receivable: str
    credit: str


@dataclass(frozen=True)
class Terms:
    """The part of the chart of accounts that a payment touches."""

    lines: Mapping[str, LineTerms]
    credit_line: Mapping[str, str]
    """Kind of account → the revenue line whose liability holds an overpayment without open charges."""
    pooled_fund: str
    due_to_funds: str
    claims: Mapping[str, str]
    cash: Mapping[str, str]
    """Tender → ledger account of the pooled fund (processor clearing for cards)."""


@dataclass(frozen=True)
class Paid:
    """One account's part of a payment, with the charges as they stand under lock."""

    customer_account_id: int
    kind: str
    reference: str
    amount: Money
    charges: tuple[OpenCharge, ...]
    targets: tuple[int, ...] = ()
    quoted: Money = ZERO
    """What was open when the payment was promised; zero where nothing was promised (counter)."""


@dataclass(frozen=True)
class Fee:
    """The service fee as quoted, posted as its own line."""

    amount: Money = ZERO
    fund: str = ""
    code: str = ""
    name: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Tender:
    """How it was paid. ``reference`` is the processor's payment intent, a check number, …"""

    kind: str
    brand: str = ""
    last4: str = ""
    reference: str = ""


SPLIT = "split"
"""The kind of a payment's tender where it was made of several kinds."""


@dataclass(frozen=True)
class Tendered:
    """One of the tenders that a person took, and the drawer in which it stands."""

    tender: Tender
    amount: Money
    """What of it was kept: cash without the change."""
    given: Money
    drawer_id: int | None = None
    bank: str = ""


@dataclass(frozen=True)
class Item:
    """Something that no account owes: it is revenue, or a liability, at once."""

    code: str
    name: Mapping[str, str]
    quantity: int
    amount: Money
    ledger_account: str
    fund: str
    project: str = ""


@dataclass(frozen=True)
class Received:
    """Money that has moved, to be posted."""

    accounts: tuple[Paid, ...]
    fee: Fee
    tender: Tender
    """The payment's as a whole; of kind ``SPLIT`` where ``tendered`` has several kinds."""
    order: AllocationOrder
    paid_at: datetime
    effective_on: date
    items: tuple[Item, ...] = ()
    tendered: tuple[Tendered, ...] = ()
    """Money that a person took, tender by tender; they sum to the total. Empty for the processor's page."""
    payer: str = ""
    """Who brought it, where the receipt is to say so: a department, a messenger."""
    manual_number: str = ""
    """The number of the paper receipt that was written first, while there was no system."""

    @property
    def amount(self) -> Money:
        """Without the service fee."""
        return total(part.amount for part in self.accounts) + total(item.amount for item in self.items)

    @property
    def by_tender(self) -> tuple[tuple[str, Money], ...]:
        """Kinds of tender with what came by each."""
        if self.tendered:
            return tuple((one.tender.kind, one.amount) for one in self.tendered)
        return ((self.tender.kind, self.amount + self.fee.amount),)


@dataclass(frozen=True)
class AccountOutcome:
    """What became of one account's part."""

    paid: Paid
    allocated: Allocated
    credit_code: str
    credit_fund: str

    @property
    def new_balance(self) -> Money:
        """What is still open on the account after this payment."""
        before = total(charge.open for charge in self.paid.charges)
        return before - total(share.amount for share in self.allocated.shares)


def allocate_all(received: Received, terms: Terms) -> tuple[AccountOutcome, ...]:
    """Lay each account's part on its own charges; the rest is that account's credit."""
    outcomes = []
    for part in received.accounts:
        line = terms.lines[_credit_line(part, terms)]
        allocated = allocate(part.amount, part.charges, received.order, part.targets)
        outcomes.append(AccountOutcome(part, allocated, line.credit, line.fund))
    return tuple(outcomes)


def _credit_line(part: Paid, terms: Terms) -> str:
    return terms.credit_line[part.kind]


def journal_lines(received: Received, outcomes: Sequence[AccountOutcome], terms: Terms) -> tuple[Line, ...]:
    """Receivables, credits and fee credited in their funds; cash debited in the pool; dues between them."""
    credited = [line for outcome in outcomes for line in _account_lines(outcome)]
    credited += [Line(item.ledger_account, item.fund, -item.amount) for item in received.items]
    if received.fee.amount:
        credited.append(Line(received.fee.code, received.fee.fund, -received.fee.amount))
    return (*credited, *_cash_lines(credited, received.by_tender, terms))


def _account_lines(outcome: AccountOutcome) -> Iterable[Line]:
    account = outcome.paid.customer_account_id
    for share in outcome.allocated.shares:
        yield Line(share.charge.receivable, share.charge.fund, -share.amount, account)
    if outcome.allocated.credit:
        yield Line(outcome.credit_code, outcome.credit_fund, -outcome.allocated.credit, account)


def _cash_lines(credited: Sequence[Line], by_tender: Sequence[tuple[str, Money]], terms: Terms) -> Iterable[Line]:
    by_fund: dict[str, int] = defaultdict(int)
    for line in credited:
        by_fund[line.fund] -= line.amount.cents
    for tender, amount in by_tender:
        yield Line(terms.cash[tender], terms.pooled_fund, amount)
    for fund, cents in sorted(by_fund.items()):
        if fund != terms.pooled_fund:
            yield Line(terms.claims[fund], fund, Money(cents))
            yield Line(terms.due_to_funds, terms.pooled_fund, Money(-cents))


def receipt_content(received: Received, outcomes: Sequence[AccountOutcome]) -> dict[str, object]:
    """All that the receipt will ever say, in every language, in cents; frozen as issued."""
    fee = received.fee
    content: dict[str, object] = {
        "accounts": [_account_content(outcome) for outcome in outcomes],
        "fee": {"name": dict(fee.name), "cents": fee.amount.cents} if fee.amount else None,
        "tender": {
            "kind": received.tender.kind,
            "brand": received.tender.brand,
            "last4": received.tender.last4,
        },
        "policy": {"version": received.order.version, "authority": received.order.authority},
        "amount_cents": received.amount.cents,
        "total_cents": (received.amount + fee.amount).cents,
    }
    if received.items:
        content["items"] = [_item_content(item) for item in received.items]
    if received.tendered:
        content["tenders"] = [_tender_content(one) for one in received.tendered]
    content |= {name: said for name in ("payer", "manual_number") if (said := getattr(received, name))}
    return content


def _item_content(item: Item) -> dict[str, object]:
    return {
        "code": item.code,
        "name": dict(item.name),
        "quantity": item.quantity,
        "cents": item.amount.cents,
        "project": item.project,
    }


def _tender_content(one: Tendered) -> dict[str, object]:
    return {
        "kind": one.tender.kind,
        "brand": one.tender.brand,
        "last4": one.tender.last4,
        "reference": one.tender.reference,
        "cents": one.amount.cents,
        "given_cents": one.given.cents,
    }


def _account_content(outcome: AccountOutcome) -> dict[str, object]:
    return {
        "kind": outcome.paid.kind,
        "reference": outcome.paid.reference,
        "paid_cents": outcome.paid.amount.cents,
        "lines": [
            {
                "revenue_line": share.charge.revenue_line,
                "kind": share.charge.kind,
                "description": dict(share.charge.description),
                "due_on": share.charge.due_on.isoformat(),
                "cents": share.amount.cents,
                "policy": share.policy,
            }
            for share in outcome.allocated.shares
        ],
        "credit_cents": outcome.allocated.credit.cents,
        "new_balance_cents": outcome.new_balance.cents,
    }
