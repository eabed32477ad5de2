"""A charge in one line, as people pick it from a list."""

from __future__ import annotations

from accounts.assessments.queries import AssessedLine
from portal.i18n import locale_code, money_text, short_date


def charge_words(charge: AssessedLine) -> str:
    """A charge as people pick it: what for, when, how much is asked and open."""
    what = charge.description.get(locale_code()) or next(iter(charge.description.values()), "")
    return f"{short_date(charge.billed_on)} · {what} · {money_text(charge.amount)} · {money_text(charge.open)}"
