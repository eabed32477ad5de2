"""The city's bank accounts, and how a bank's statement is read, matched and explained."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from accounts.pricing.effective import Effective
from accounts.pricing.texts import Frozen, Text

Code = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,30}$")]


class CsvProfile(Frozen):
    """How a bank writes its statement as CSV: the names of its columns, as its first line has them."""

    date: str
    amount: str = ""
    """One signed column, or none and ``credit`` with ``debit``."""
    credit: str = ""
    debit: str = ""
    balance: str
    """The balance after each line: by it the statement proves itself."""
    description: str
    bank_reference: str = ""
    customer_reference: str = ""
    date_format: str = "%m/%d/%Y"
    delimiter: Annotated[str, Field(min_length=1, max_length=1)] = ","
    credit_is_positive: bool = True
    """In one signed column: money that came in stands without a minus."""
    newest_first: bool = False

    @model_validator(mode="after")
    def _has_one_way_of_amounts(self) -> Self:
        if bool(self.amount) == bool(self.credit and self.debit) or bool(self.credit) != bool(self.debit):
            raise ValueError("give either amount, or credit and debit")
        return self

    @property
    def columns(self) -> tuple[str, ...]:
        """All that the first line must have."""
        named = (self.date, self.amount, self.credit, self.debit, self.balance, self.description,
                 self.bank_reference, self.customer_reference)  # fmt: skip
        return tuple(name for name in named if name)


class BankAccount(Effective):
    """An account of the city at a bank. Its number is never kept whole."""

    code: Code
    name: Text
    bank: str
    """The bank's name, for deposit slips."""
    ledger_account: str
    """The asset of the pool that stands for it; every bank account has one of its own."""
    number_ends: Annotated[str, Field(pattern=r"^[0-9]{4}$")]
    endorsement: Annotated[str, Field(min_length=3, max_length=120)]
    """Stamped on the back of each check when it is received (restrictive endorsement, UCC 3-206)."""
    csv: CsvProfile | None = None


class BankCategory(Frozen):
    """A name for a line of the bank's that is none of our deposits or payouts."""

    code: Code
    name: Text
    direction: Literal["in", "out", "either"] = "either"
    """Which way its money goes."""
    ledger_account: str = ""
    """Revenue or expense by which it is booked; empty: it is only named, and stays a difference."""


class BankPolicy(Effective):
    """How statements are matched. Days are days of the calendar."""

    early_days: Annotated[int, Field(ge=0, le=10)] = 1
    """So long before we expect it a line of the bank's may already be there."""
    deposit_days: Annotated[int, Field(ge=0, le=60)] = 5
    payout_days: Annotated[int, Field(ge=0, le=60)] = 4
    terminal_days: Annotated[int, Field(ge=0, le=60)] = 4
    return_days: Annotated[int, Field(ge=0, le=180)] = 60
    """Around what the bank sent back; unauthorized debits come back for 60 days (Nacha, R05, R07, R10)."""
    terminal_fee_percent: Annotated[Decimal, Field(ge=0, le=10)] = Decimal(0)
    """Up to so much of a terminal settlement the bank keeps before it pays; 0: it pays all of it."""
    terminal_fee_category: str = ""
    """What that is called."""
    categories: tuple[BankCategory, ...] = ()

    def category(self, code: str) -> BankCategory | None:
        """The category of that code, if there is one."""
        return next((category for category in self.categories if category.code == code), None)

    @model_validator(mode="after")
    def _names_the_fee(self) -> Self:
        codes = [category.code for category in self.categories]
        if len(set(codes)) < len(codes):
            raise ValueError("two categories have one code")
        if self.terminal_fee_percent and (
            (fee := self.category(self.terminal_fee_category)) is None or not fee.ledger_account
        ):
            raise ValueError("terminal_fee_category names no category that is booked")
        return self
