"""How the city bills, allocates, looks up and numbers: effective-dated where it is law, plain where it is habit."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Final, Literal

from pydantic import Field

from accounts.cities.chart import AccountKind
from accounts.money import Money
from accounts.pricing.effective import Effective
from accounts.pricing.facts import Facts
from accounts.pricing.proration import Period
from accounts.pricing.rules import Rate, price
from accounts.pricing.texts import Frozen, Text
from accounts.pricing.working import PricedLine

ANY: Final = "*"
Tender = Literal["card", "bank_debit", "cash", "check", "money_order", "terminal", "lockbox"]
"""``card`` is paid on the processor's page, ``terminal`` on the city's own stand-alone card terminal."""
Channel = Literal["web", "counter", "mail", "lockbox"]
ProofKind = Literal["bill_code", "last_name", "business_name", "last_payment", "plate", "pin"]
Days = Annotated[int, Field(ge=0, le=3650)]


class Rank(Frozen):
    """Charges of a revenue line and a kind; ``*`` is any."""

    revenue_line: str = ANY
    kind: Literal["service", "fee", "tax", "fine", "penalty", "opening", "*"] = ANY

    def fits(self, revenue_line: str, kind: str) -> bool:
        return self.revenue_line in {ANY, revenue_line} and self.kind in {ANY, kind}


class AllocationPolicy(Effective):
    """The order in which money meets charges: by rank, and within a rank the oldest first."""

    version: str
    name: Text
    order: Annotated[tuple[Rank, ...], Field(min_length=1)]

    def rank(self, revenue_line: str, kind: str) -> int:
        """Lower is paid first; what no rank names comes last."""
        fitting = (place for place, rank in enumerate(self.order) if rank.fits(revenue_line, kind))
        return next(fitting, len(self.order))


class BillingPolicy(Effective):
    """When a utility bill is made and when it is late."""

    cycle: Literal["monthly", "bimonthly"]
    bill_day: Annotated[int, Field(ge=1, le=28)]
    due_after_days: Days
    """Days from the bill to its due date."""
    grace_days: Days
    """Days after the due date that are not yet delinquent."""
    roll_to_business_day: bool
    """Whether a due date on a closed day moves to the next business day."""


class LicensePolicy(Effective):
    """When a business license runs, when it may be renewed and when it is late."""

    year_starts_in_month: Annotated[int, Field(ge=1, le=12)]
    renewal_opens_days_before: Days
    delinquent_months_after_expiry: Annotated[int, Field(ge=0, le=12)]
    """1: delinquent after the last day of the month that follows the expiry."""


class LicenseClass(Frozen):
    """A kind of business, and the rate that taxes it."""

    code: str
    name: Text
    rate: str


class ServiceFee(Rate):
    """What it costs to pay by a tender on a channel: a line of its own, never part of what is owed."""

    tender: Tender
    channel: Channel
    fund: str
    ledger_account: str

    def price(self, payment: Money, on: date) -> PricedLine:
        """The fee for a payment (without the fee); zero where the rule asks nothing."""
        return price(self, Facts(base=payment.dollars), Period.day(on))


class Proof(Frozen):
    """What a stranger must know besides the account number."""

    kind: ProofKind
    label: Text
    help: Text
    needs_zip: bool = False


class Lookup(Frozen):
    """How one kind of account is found without signing in; proofs are offered in this order."""

    reference_label: Text
    reference_help: Text
    reference_example: str
    proofs: Annotated[tuple[Proof, ...], Field(min_length=1)]


class ReceiptSeries(Frozen):
    """A gap-free sequence of receipt numbers. The web has several, so that payments do not wait for each other."""

    code: Annotated[str, Field(pattern=r"^([A-SU-Z][A-Z0-9]{0,5}|T([A-QS-Z0-9][A-Z0-9]{0,4})?)$")]
    """Not ``TR…``: so begin the series of a training installation."""
    name: Text
    channel: Channel


class Payments(Frozen):
    """Bounds of one payment on the web."""

    least: Annotated[Decimal, Field(gt=0, decimal_places=2)]
    most: Annotated[Decimal, Field(gt=0, decimal_places=2)]
    overpayment_allowed: bool = True
    most_accounts: Annotated[int, Field(ge=1, le=1000)] = 250
    """How many accounts one payment takes."""


Lookups = dict[AccountKind, Lookup]
