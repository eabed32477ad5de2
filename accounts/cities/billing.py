"""What is looked at before a bill goes out: thresholds of a billing run, as the city sets them."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

from pydantic import Field

from accounts.pricing.effective import Effective

Units = Annotated[Decimal, Field(ge=0, max_digits=12, decimal_places=3)]


class BillingChecks(Effective):
    """When a bill is held for a person to look at. Usage is compared with the same period last year, or with the
    period before where there is none."""

    high_percent: Annotated[int, Field(ge=100, le=10_000)]
    """Held as high above so many percent of the usage compared with ..."""
    high_least: Units
    """... where the usage is more than this, in hundreds of cubic feet."""
    low_percent: Annotated[int, Field(ge=0, le=100)]
    """Held as low below so many percent of it ..."""
    low_least: Units
    """... where the usage compared with was more than this."""
    zero: bool = True
    """Whether no usage at all is held, where there was some before or nothing is known."""
    turned_percent: Annotated[int, Field(ge=1, le=100)] = 50
    """A read below the one before it is a dial that went past zero; held as negative where the usage would be more
    than so many percent of what the dials can show."""
    estimated_in_row: Annotated[int, Field(ge=1, le=24)]
    """Held where this many reads in succession are estimated."""
