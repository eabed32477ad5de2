"""Money as whole cents of one currency (USD); no float goes in or comes out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

_TYPED = re.compile(r"\$?\s*(\d{1,3}(?:,\d{3}){1,4}|\d{1,15})?(?:\.(\d{0,2}))?")
_LARGEST_TYPED_CENTS: Final = 10_000_000_00


class NotMoney(ValueError):
    """What was typed or read is not an amount of dollars and cents."""


@dataclass(frozen=True, order=True, slots=True)
class Money:
    """An exact amount in cents. Negative amounts are credits."""

    cents: int = 0

    def __post_init__(self) -> None:
        if type(self.cents) is not int:
            raise TypeError(f"Money takes whole cents, not {type(self.cents).__name__}")

    def __add__(self, other: Money) -> Money:
        return Money(self.cents + other.cents)

    def __sub__(self, other: Money) -> Money:
        return Money(self.cents - other.cents)

    def __neg__(self) -> Money:
        return Money(-self.cents)

    def __abs__(self) -> Money:
        return Money(abs(self.cents))

    def __mul__(self, count: int) -> Money:
        return Money(self.cents * count)

    def __bool__(self) -> bool:
        return self.cents != 0

    def __str__(self) -> str:
        """Dollars and cents for logs, files and the ledger export: ``-1234.50``."""
        sign = "-" if self.cents < 0 else ""
        dollars, cents = divmod(abs(self.cents), 100)
        return f"{sign}{dollars}.{cents:02d}"

    @property
    def dollars(self) -> Decimal:
        """The amount as an exact decimal number of dollars, for formatting only."""
        return Decimal(self.cents).scaleb(-2)

    def times(self, factor: Decimal) -> Money:
        """This amount times ``factor``, rounded half up to the cent (the rule of municipal fee schedules)."""
        return Money.rounded(self.dollars * factor)

    def split(self, parts: int) -> list[Money]:
        """``parts`` amounts that differ by a cent at most and sum to this one; the first ones are larger."""
        return self.split_by([1] * parts)

    def split_by(self, weights: Sequence[int]) -> list[Money]:
        """Amounts in proportion to ``weights`` that sum to this one; odd cents go to the largest remainders."""
        total = sum(weights)
        if total <= 0 or min(weights) < 0:
            raise ValueError("weights must not be negative and must not all be zero")
        sign = -1 if self.cents < 0 else 1
        quotas = [divmod(abs(self.cents) * weight, total) for weight in weights]
        left = abs(self.cents) - sum(whole for whole, _ in quotas)
        by_remainder = sorted(range(len(weights)), key=lambda i: (-quotas[i][1], i))
        lucky = set(by_remainder[:left])
        return [Money(sign * (whole + (i in lucky))) for i, (whole, _) in enumerate(quotas)]

    @classmethod
    def rounded(cls, dollars: Decimal) -> Money:
        """Whole cents from a decimal number of dollars, half up."""
        return cls(int(dollars.scaleb(2).quantize(Decimal(1), rounding=ROUND_HALF_UP)))

    @classmethod
    def exact(cls, dollars: Decimal | str) -> Money:
        """Whole cents from an exact number of dollars; raises :class:`NotMoney` on a fraction of a cent."""
        try:
            cents = Decimal(dollars).scaleb(2)
            if not cents.is_finite() or cents != cents.to_integral_value():
                raise NotMoney(f"{dollars} is not a whole number of cents")
        except ArithmeticError as error:
            raise NotMoney(f"{dollars!r} is not an amount") from error
        return cls(int(cents))

    @classmethod
    def typed(cls, text: str) -> Money:
        """What a person typed (``1,234.5``, ``$20``); raises :class:`NotMoney` on anything doubtful."""
        match = _TYPED.fullmatch(text.strip())
        if match is None or not any(match.groups()):
            raise NotMoney("not an amount of dollars and cents")
        dollars, cents = (match[1] or "0").replace(",", ""), (match[2] or "").ljust(2, "0")
        money = cls(int(dollars + cents))
        if money.cents > _LARGEST_TYPED_CENTS:
            raise NotMoney("more than anyone pays here at once")
        return money


ZERO: Final = Money(0)


def total(amounts: Iterable[Money]) -> Money:
    """The sum of amounts; zero for none."""
    return Money(sum(amount.cents for amount in amounts))
