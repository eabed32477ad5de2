"""The city's window: its tills, what it sells beside what is owed, and its rules for cash."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Annotated, Self

from pydantic import Field, model_validator

from accounts.cities.desk import Choice, choice
from accounts.money import Money
from accounts.pricing.effective import Effective
from accounts.pricing.texts import Frozen, Text

Code = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,30}$")]
Dollars = Annotated[Decimal, Field(ge=0, max_digits=12, decimal_places=2)]


class Till(Frozen):
    """A cash drawer that stands somewhere, with the series that its receipts are numbered in."""

    code: Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9]{0,5}$")]
    name: Text
    receipt_series: str
    printer: str = ""
    """``host:port`` of the receipt printer beside it; empty: receipts are printed from the browser."""


class Project(Frozen):
    """A segment of the distribution that some items ask for."""

    code: Annotated[str, Field(pattern=r"^[A-Z0-9][A-Z0-9-]{0,20}$")]
    name: Text


class CatalogItem(Effective):
    """Something the window takes money for that no account owes: a copy, a card, a permit, a department's money."""

    code: Code
    name: Text
    ledger_account: str
    """Revenue or liability; decides the fund."""
    price: Dollars | None = None
    """In dollars, each; none: the clerk enters the amount."""
    needs_project: bool = False
    projects: tuple[Project, ...] = ()
    """Those that may be named; one of them must be where ``needs_project``."""
    turn_in: bool = False
    """Whether another department brings this money (GFOA, Revenue Control Policy: receipt back to the department)."""

    @property
    def unit(self) -> Money | None:
        return None if self.price is None else Money.rounded(self.price)

    @model_validator(mode="after")
    def _has_projects_to_name(self) -> Self:
        if self.needs_project and not self.projects:
            raise ValueError(f"item {self.code} needs a project and has none")
        return self


class CashPolicy(Effective):
    """How cash is kept (GFOA, Revenue Control Policy; see each city's own regulation for the figures)."""

    denominations: Annotated[tuple[Annotated[int, Field(gt=0)], ...], Field(min_length=1)]
    """Notes and coins that are counted, in cents, the largest first."""
    float_amount: Dollars
    """What a drawer begins with."""
    warn_above: Dollars
    """Cash in a drawer above which its cashier is asked to drop some."""
    stop_above: Dollars
    """Cash in a drawer above which it takes no more."""
    explain_above: Dollars
    """An over or short above this needs a reason of whoever accepts it; below it, none."""
    deposit_within_hours: Annotated[int, Field(ge=1, le=240)] = 24
    """Money of an accepted count that is not deposited after so long is named (GFOA: within 24 hours)."""
    cash_only_after_returns: Annotated[int, Field(ge=1, le=20)] = 2
    """So many returned payments in ``cash_only_months`` make an account pay in cash only."""
    cash_only_months: Annotated[int, Field(ge=1, le=120)] = 12
    no_sale_reasons: tuple[Choice, ...] = ()
    """Why a drawer may be opened without a sale; where there are none, it is not."""

    @model_validator(mode="after")
    def _is_in_order(self) -> Self:
        if list(self.denominations) != sorted(set(self.denominations), reverse=True):
            raise ValueError("denominations stand once each, the largest first")
        if not self.float_amount <= self.warn_above <= self.stop_above:
            raise ValueError("float_amount, warn_above and stop_above do not rise")
        codes = [reason.code for reason in self.no_sale_reasons]
        if len(set(codes)) < len(codes):
            raise ValueError("two reasons to open a drawer without a sale have one code")
        return self

    def no_sale_reason(self, code: str) -> Choice | None:
        """Why a drawer may be opened without a sale, by its code."""
        return choice(self.no_sale_reasons, code)

    @property
    def float_money(self) -> Money:
        return Money.rounded(self.float_amount)

    @property
    def warn(self) -> Money:
        return Money.rounded(self.warn_above)

    @property
    def stop(self) -> Money:
        return Money.rounded(self.stop_above)

    @property
    def explain(self) -> Money:
        return Money.rounded(self.explain_above)


def till_of(tills: Sequence[Till], code: str) -> Till | None:
    """The till of that code, if there is one."""
    return next((till for till in tills if till.code == code), None)
