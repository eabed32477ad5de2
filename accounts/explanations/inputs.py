"""One input of a worked-out line: a name in each language, and a value that a page writes in its own way."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from accounts.money import Money
from accounts.pricing.proration import Period
from accounts.pricing.texts import Text

Value = str | int | Decimal | Money | date | Period | Text


@dataclass(frozen=True, slots=True)
class Input:
    """``code`` names it for programs. A confidential one has a value only for those who may see it."""

    code: str
    label: Text
    value: Value | None
    """A ``str`` is a name or a number that is not counted with: ``M-1042``, ``3/4``."""
    unit: Text | None = None
    on: date | None = None
    """The day of a read."""
    note: Text | None = None
    """How it is known: ``estimated``."""
    charge_id: int | None = None
    """The charge that it is of, for a link."""
    is_confidential: bool = False
