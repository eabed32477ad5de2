"""What may be asked for: forgive a charge, correct it by a calculation, or take a correction back."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from accounts.approvals.rules import Command
from accounts.pricing.texts import Frozen
from accounts.staff.rules import ActKind

Cents = Annotated[int, Field(gt=0, le=10_000_000_00)]
Line = Annotated[str, Field(min_length=1, max_length=200)]


class Waive(Command):
    """Forgive a fee or a penalty, or a part of it."""

    kind: ClassVar[ActKind] = ActKind.WAIVER
    charge_id: int
    amount_cents: Cents
    """How much is forgiven."""
    reason_code: str
    """One of the city's waiver policy; words are said with the proposal."""
    beyond_count: bool = False
    """Knowingly more often than the policy forgives: a second person decides, where the policy allows it at all."""


class StatedLine(Frozen):
    """A line of a calculation that a person made: quantity times rate, rounded half up to the cent."""

    label: Line
    quantity: Annotated[Decimal, Field(max_digits=12, decimal_places=4)] = Decimal(1)
    rate: Annotated[Decimal, Field(max_digits=14, decimal_places=6)]
    """Dollars for one; negative where it is taken off."""


class ByLines(Frozen):
    """A stated calculation; its lines must come to the amount."""

    how: Literal["lines"] = "lines"
    charge_id: int
    amount_cents: int
    """Signed: what it adds to what the charge asks."""
    reason_code: str
    lines: Annotated[tuple[StatedLine, ...], Field(min_length=1, max_length=50)]


class LeakingCharge(Frozen):
    """A charge for usage that a leak ran up."""

    charge_id: int
    usual: Annotated[Decimal, Field(ge=0, max_digits=12, decimal_places=3)] | None = None
    """Usual use where a person states it; else earlier bills tell."""


class ByLeak(Frozen):
    """The credit that the city's leak policy gives; amounts come from it alone."""

    how: Literal["leak"] = "leak"
    charges: Annotated[tuple[LeakingCharge, ...], Field(min_length=1, max_length=12)]
    is_repair_proved: bool = False
    asked_on: date | None = None
    """The day whose policy and time limits judge it, however late it is decided; the day of deciding if not said."""


class TakeBack(Frozen):
    """The opposite of an earlier adjustment or waiver of ours, linked to it."""

    how: Literal["take-back"] = "take-back"
    adjustment_id: int


class Adjust(Command):
    """Correct what a charge asks."""

    kind: ClassVar[ActKind] = ActKind.ADJUSTMENT
    by: Annotated[ByLines | ByLeak | TakeBack, Field(discriminator="how")]
