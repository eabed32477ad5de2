"""Usage between two reads of a meter, as the working of a metered charge keeps it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from accounts.pricing.texts import Frozen

CUBIC_FEET_PER_CCF = Decimal(100)
GALLONS_PER_CCF = Decimal("748.05")
"""One hundred cubic feet (CCF, also HCF) in US gallons, as cities print it."""


class RegisterRead(Frozen):
    """What a meter showed at the end of a day, and how that is known: ``actual``, ``estimated`` ..."""

    on: date
    value: int
    kind: str = "actual"


class MeterUse(Frozen):
    """(current - previous) mod 10^dials x multiplier: a register that rolled over goes on from zero."""

    meter: str
    unit: str
    """CF, CCF or GAL."""
    dials: int
    multiplier: Decimal
    previous: RegisterRead
    current: RegisterRead

    @property
    def ccf(self) -> Decimal:
        """In hundreds of cubic feet."""
        turned = self.current.value - self.previous.value
        return in_ccf(turned, dials=self.dials, multiplier=self.multiplier, unit=self.unit)


def in_ccf(turned: int, *, dials: int, multiplier: Decimal, unit: str) -> Decimal:
    """What a register turned by, in hundreds of cubic feet; negative where it rolled over."""
    amount: Decimal = turned % 10**dials * multiplier
    if unit == "CF":
        return amount / CUBIC_FEET_PER_CCF
    if unit == "GAL":
        return (amount / GALLONS_PER_CCF).quantize(Decimal("0.001"))
    return amount
