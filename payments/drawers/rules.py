"""What a drawer holds by the books, what was counted, and how the difference is booked. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from accounts.errors import Conflict, DomainError
from accounts.ledger.rules import Line
from accounts.money import ZERO, Money

MOST_OF_ONE = 100_000
"""More notes or coins of one kind are a slip of the keys."""
LONGEST_REASON = 500


class UnknownDenomination(DomainError):
    """A note or coin that the city does not count, or an impossible number of one: ``facts["value"]``."""


class DrawerNotOpen(Conflict):
    """The drawer takes and gives nothing now: ``facts["state"]``."""


class NotYourDrawer(DomainError):
    """A drawer belongs to one cashier (rule 8 of the house)."""


class TillInUse(Conflict):
    """Somebody else has this till open."""


class OneDrawerEach(Conflict):
    """This cashier has a drawer open already."""


class FloatNotRight(DomainError):
    """The float that was counted is not what a drawer begins with: ``facts["float"]``."""


class FloatsDiffer(DomainError):
    """The second person counted another sum than the cashier. Neither is told what the other counted."""


class NothingCounted(DomainError):
    """Cash is moved that nobody counted."""


class NotCounted(Conflict):
    """There is no count of this drawer that waits to be accepted or rejected."""


class CountIsStale(Conflict):
    """Something was taken back out of the drawer after it was counted: the count is rejected and made anew."""


class ChecksDiffer(DomainError):
    """Checks are papers, not sums: one that is missing or was not entered is found before the count is accepted."""


class DifferenceNotExplained(DomainError):
    """A difference above the city's limit is accepted with a reason only: ``facts["limit"]``."""


class ReasonNeeded(DomainError):
    """A count is rejected, and cash collected, with a reason only."""


@dataclass(frozen=True)
class Contents:
    """What a drawer holds by the books."""

    float: Money
    change: Money
    """Change that was brought to it since, out of the change fund."""
    cash_taken: Money
    """Cash of sales that were not voided."""
    left: Money
    """Cash that was dropped or collected."""
    checks: Money
    """Checks and money orders of sales that were not voided."""
    checks_count: int
    terminal: Money

    @property
    def own(self) -> Money:
        """What of its cash is the change fund's."""
        return self.float + self.change

    @property
    def takings(self) -> Money:
        """What of its cash was taken and is still in it. Negative when more was dropped than the books know of."""
        return self.cash_taken - self.left

    @property
    def cash(self) -> Money:
        """All its cash."""
        return self.own + self.takings

    def as_expected(self) -> dict[str, int]:
        """As it is kept beside a count, in cents."""
        return {
            "cash": self.cash.cents,
            "own": self.own.cents,
            "checks": self.checks.cents,
            "checks_count": self.checks_count,
            "terminal": self.terminal.cents,
        }


@dataclass(frozen=True)
class Counted:
    """What somebody found in a drawer."""

    denominations: Mapping[int, int]
    """Cents of a note or coin → how many; none of it where it is left out."""
    checks_count: int = 0
    checks: Money = ZERO
    terminal: Money = ZERO

    @property
    def cash(self) -> Money:
        return cash_of(self.denominations)


@dataclass(frozen=True)
class Difference:
    """Counted less expected: over is positive, short negative."""

    cash: Money
    checks: Money
    terminal: Money

    @property
    def is_none(self) -> bool:
        return not (self.cash or self.checks or self.terminal)

    @property
    def largest(self) -> Money:
        """The largest of the three, without its sign: they are never netted."""
        return max(abs(self.cash), abs(self.checks), abs(self.terminal))


@dataclass(frozen=True)
class Found:
    """A count as it is judged: what was found, and what the books said when it was committed."""

    cash: Money
    own: Money
    """What of the cash goes back to the change fund."""
    expected_cash: Money
    checks: Money
    expected_checks: Money
    terminal: Money
    expected_terminal: Money

    @property
    def difference(self) -> Difference:
        return Difference(
            self.cash - self.expected_cash,
            self.checks - self.expected_checks,
            self.terminal - self.expected_terminal,
        )

    @property
    def takings(self) -> Money:
        """The cash that goes to the vault; none where not even the float is whole."""
        return max(self.cash - self.own, ZERO)

    @property
    def missing_of_float(self) -> Money:
        """What of the float is not there: the change fund is short of it."""
        return max(self.own - self.cash, ZERO)


@dataclass(frozen=True)
class CashTerms:
    """The part of the city's chart that counting touches."""

    cash_on_hand: str
    terminal_clearing: str
    change_fund: str
    over_short: str
    over_short_fund: str
    pooled_fund: str
    due_to_funds: str
    claims: Mapping[str, str]


def cash_of(denominations: Mapping[int, int]) -> Money:
    """The sum of notes and coins."""
    return Money(sum(value * number for value, number in denominations.items()))


def check_denominations(counted: Mapping[int, int], known: Collection[int]) -> None:
    """Raise :class:`UnknownDenomination` for a note or coin that the city does not count, or an impossible number."""
    for value, number in counted.items():
        if value not in known or not 0 <= number <= MOST_OF_ONE:
            raise UnknownDenomination(f"{number} of {value} cents", value=value)


def as_stored(denominations: Mapping[int, int]) -> dict[str, int]:
    """As a table keeps it: only what there is, the largest first."""
    return {str(value): denominations[value] for value in sorted(denominations, reverse=True) if denominations[value]}


def over_short(found: Found, terms: CashTerms) -> dict[str, tuple[Line, ...]]:
    """The journals that make the books say what was found, by what differs: none where they do.

    Cash that is short of the takings is taken off cash on hand; what is missing of the float, off the change fund.
    Each difference is a journal of its own, so that over and short are never netted.
    """
    difference = found.difference
    places = {
        "cash": (terms.cash_on_hand, found.takings - (found.expected_cash - found.own)),
        "float": (terms.change_fund, -found.missing_of_float),
        "checks": (terms.cash_on_hand, difference.checks),
        "terminal": (terms.terminal_clearing, difference.terminal),
    }
    return {what: tuple(_booked(code, amount, terms)) for what, (code, amount) in places.items() if amount}


def _booked(code: str, amount: Money, terms: CashTerms) -> Iterator[Line]:
    """One difference, with what the pool owes the fund that bears it."""
    yield Line(code, terms.pooled_fund, amount)
    yield Line(terms.due_to_funds, terms.pooled_fund, -amount)
    yield Line(terms.claims[terms.over_short_fund], terms.over_short_fund, amount)
    yield Line(terms.over_short, terms.over_short_fund, -amount)


def unexplained(difference: Difference, reason: str, limit: Money) -> bool:
    """Is this a difference that nobody may accept without saying why?"""
    return difference.largest > limit and not reason.strip()
