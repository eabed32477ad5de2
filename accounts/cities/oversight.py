"""What the city looks for when it looks over its own shoulder: figures of the rules against fraud, and of reports.

Each part is one rule of ``payments.findings``; what is left out is not looked for.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Self

from pydantic import Field, model_validator

from accounts.money import Money
from accounts.pricing.effective import Effective
from accounts.pricing.texts import Frozen

Dollars = Annotated[Decimal, Field(gt=0, max_digits=12, decimal_places=2)]
Days = Annotated[int, Field(ge=0, le=366)]
Count = Annotated[int, Field(ge=1, le=100_000)]


class AfterCash(Frozen):
    """Less is asked of an account soon after cash was receipted on it (the scheme of McCleary, WA)."""

    days: Days
    at_least: Dollars
    """Where the person who took the cash asked for the change or agreed to it."""
    by_others_at_least: Dollars | None = None
    """Where other people did; none: that is not looked for."""


class Swap(Frozen):
    """A check that was never receipted stands in for cash that is gone: cash is short by what checks are over."""

    at_least: Dollars


class Voids(Frozen):
    """Voids of one cashier in a calendar month against those of the others in the same month."""

    least_voids: Count
    least_payments: Count
    """A cashier with fewer payments in the month is neither looked at nor a peer."""
    times_median: Annotated[Decimal, Field(ge=1, le=100, decimal_places=1)]
    one_in: Count
    """And by chance so many would come to them in at most one of so many months (Fisher's exact test)."""
    left_after_minutes: Count
    """Cash voided so long after it was taken, or later: the customer has left, and somebody else got it."""


class NoSales(Frozen):
    """Openings of a drawer without a sale by one cashier in a calendar month against those of the others."""

    least: Count
    least_payments: Count
    """A cashier with fewer payments in the month is neither looked at nor a peer."""
    times_median: Annotated[Decimal, Field(ge=1, le=100, decimal_places=1)]
    one_in: Count
    """And by chance so many would come to them in at most one of so many months (a binomial test)."""


class Reprint(Frozen):
    """A receipt is printed again and its payment then taken back."""

    days: Days


class ExactShortage(Frozen):
    """A drawer is short, again and again, by exactly what one sale in it came to."""

    at_least: Dollars
    times: Count
    days: Days


class Lapping(Frozen):
    """A check that was in the drawer before it was receipted: it covered somebody else's cash in the meantime."""

    days: Days


class OutOfHours(Frozen):
    """Money or a correction outside of the calendar's office hours."""

    minutes_before: Annotated[int, Field(ge=0, le=720)]
    minutes_after: Annotated[int, Field(ge=0, le=720)]


class OversightPolicy(Effective):
    """What is looked for in a time, how far back, and what a report names."""

    look_back_days: Annotated[int, Field(ge=1, le=366)]
    after_cash: AfterCash | None = None
    swap: Swap | None = None
    voids: Voids | None = None
    no_sales: NoSales | None = None
    reprint: Reprint | None = None
    exact_shortage: ExactShortage | None = None
    lapping: Lapping | None = None
    out_of_hours: OutOfHours | None = None
    own_account: bool = True
    receipt_gaps: bool = True
    over_short_once: Dollars
    """An over or short of one drawer from this on is named in the report."""
    over_short_month: Dollars
    """Overs and shorts of a cashier in a month, each without its sign, from this on are named in the report."""
    rows_on_paper: Annotated[int, Field(ge=10, le=5000)] = 500
    """A report that is longer is not set on paper whole; it says so and ends."""

    @model_validator(mode="after")
    def _month_is_not_below_once(self) -> Self:
        if self.over_short_month < self.over_short_once:
            raise ValueError("over_short_month is below over_short_once")
        return self

    @property
    def once(self) -> Money:
        return Money.rounded(self.over_short_once)

    @property
    def month(self) -> Money:
        return Money.rounded(self.over_short_month)
