"""The scan line of what an account owes now: what a resident or a clerk shows, prints and scans at the window."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from accounts.charges.rules import Owed, standing
from accounts.cities.rules import City
from accounts.customer_accounts.scan_lines import DoesNotFit, Printed, write
from accounts.money import ZERO, Money


def scan_line(city: City, reference: str, owed: Sequence[Owed], today: date) -> str:
    """The line of all that is open, with the earliest day on which something of it is due."""
    due_on = min((one.due_on for one in owed if one.open > ZERO), default=None)
    return line_of(city, reference, standing(owed, today).total, due_on, today)


def line_of(city: City, reference: str, amount: Money, due_on: date | None, today: date) -> str:
    """The line of an amount, in the city's first layout of today.

    Empty where nothing is asked, the city prints no scan lines, or the amount is too large for its field.
    """
    layouts = city.scan_layouts(today)
    if amount <= ZERO or not layouts:
        return ""
    try:
        return write(layouts[0], Printed(reference, amount, due_on=due_on))
    except DoesNotFit:
        return ""
