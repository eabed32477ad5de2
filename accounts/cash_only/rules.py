"""When an account pays in cash only, and through which day. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from accounts.cities.window import CashPolicy
from accounts.errors import Conflict, DomainError
from accounts.pricing.penalties import months_later


class LiftedBefore(Conflict):
    """Somebody has lifted this flag, or its time is over."""


class LiftNeedsAReason(DomainError):
    """A flag is lifted for a reason, in words."""


@dataclass(frozen=True, slots=True)
class CashOnly:
    """Checks are not taken for an account through ``until_on``, and why, in the words kept with the flag."""

    until_on: date
    reason: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """A flag that the city's rule asks for."""

    since_on: date
    until_on: date
    returns: int
    """How many payments came back within the months of the rule."""
    authority: str

    @property
    def reason(self) -> str:
        """The code and its number, as it is kept: ``returned-payments:2``."""
        return f"returned-payments:{self.returns}"


def counted_since(on: date, policy: CashPolicy) -> date:
    """The first day whose returns count towards a flag on a day."""
    return months_later(on, -policy.cash_only_months)


def flag_needed(returned_on: Iterable[date], on: date, policy: CashPolicy) -> Wanted | None:
    """The flag that payments returned on these days call for on a day, if any (``cash_only_after_returns``)."""
    since = counted_since(on, policy)
    returns = sum(1 for day in returned_on if since < day <= on)
    if returns < policy.cash_only_after_returns:
        return None
    return Wanted(on, months_later(on, policy.cash_only_months), returns, policy.authority)
