"""Funds, the chart of accounts, the parts that accounts play, and the lines of revenue.

Money is banked in one *pooled cash fund*, which owes it to the funds: a payment of $100 for water debits the
pool's cash and credits its ``due_to_funds``, and in the water fund debits its ``claim_on_pooled_cash`` and
credits the receivable. So each fund balances by itself.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from accounts.money import Money
from accounts.pricing.texts import Frozen, Text

AccountKind = Literal["utility", "license", "citation"]
"""Kinds of customer accounts."""
LedgerKind = Literal["asset", "liability", "equity", "revenue", "expense"]


class Fund(Frozen):
    name: Text


class ChartAccount(Frozen):
    """A ledger account: ``code`` is the city's own."""

    code: str
    fund: str
    name: Text
    kind: LedgerKind


class Roles(Frozen):
    """Which ledger account plays which part. Codes; the checks say in which fund and of which kind each must be."""

    pooled_cash_fund: str
    bank: str
    """Cash in the bank (asset of the pool)."""
    cash_on_hand: str
    """Drawers and vault (asset of the pool)."""
    processor_clearing: str
    """Card and bank-debit money that the processor holds (asset of the pool)."""
    due_to_funds: str
    """What the pool owes the other funds (liability of the pool)."""
    suspense: str
    """Money whose owner is not known yet (liability of the pool)."""
    service_fee_revenue: str
    processor_fees: str
    """What the processor keeps (expense)."""
    processor_suspense: str = ""
    """What the processor paid out or held back for reasons that nobody has named yet (liability of the pool).

    Empty only in releases made before there were payouts; ``city check`` asks for it.
    """
    over_short: str
    """Differences of drawers (revenue)."""
    terminal_clearing: str = ""
    """What the city's stand-alone card terminals took and the bank has not yet paid (asset of the pool).

    Empty, like the next two, only in releases made before there was a window; ``city check`` asks for it.
    """
    change_fund: str = ""
    """The floats of the drawers and the change kept for them, a fixed amount (asset of the pool)."""
    refunds_payable: str = ""
    """What the city owes people whose payment was taken back after its drawer was closed (liability of the pool)."""
    claim_on_pooled_cash: dict[str, str]
    """By fund, without the pool: the fund's share of the pool's cash (asset)."""
    opening_equity: dict[str, str]
    """By fund: the other side of balances brought in on day one (equity)."""
    customer_credits: dict[AccountKind, str]
    """By kind of customer account: money that met no charge (liability)."""


class RevenuePart(Frozen):
    """A part of a line's revenue that goes to an account of its own."""

    account: str
    percent: Annotated[int, Field(gt=0, le=100)]
    name: Text


class RevenueLine(Frozen):
    """A thing the city earns from.

    ``revenue`` may be a liability where the money is another's (a deposit). For an external line it is the
    control account of the owner's system: the owner books the revenue.
    """

    name: Text
    processor_name: Text
    """The line shown on the processor's page and on card statements."""
    account_kind: AccountKind
    fund: str
    receivable: str
    revenue: str
    revenue_parts: tuple[RevenuePart, ...] = ()
    """Where given, revenue goes to these accounts by percent instead of to ``revenue`` alone."""
    credit: str
    """Where money paid beyond this line's charges stands (liability)."""
    system_of_record: Literal["ventanilla", "external"] = "ventanilla"
    owner: str = ""
    """The system that owns the balance of an external line."""

    @property
    def is_external(self) -> bool:
        return self.system_of_record == "external"

    def revenue_shares(self, amount: Money) -> list[tuple[str, Money]]:
        """Revenue accounts and their amounts, which sum to ``amount``; odd cents go to the largest remainder."""
        if not self.revenue_parts:
            return [(self.revenue, amount)]
        amounts = amount.split_by([part.percent for part in self.revenue_parts])
        return [(part.account, share) for part, share in zip(self.revenue_parts, amounts, strict=True) if share]
