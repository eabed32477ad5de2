"""How a billing run goes from state to state, and what holds a bill back until a person has looked at it. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum

from pydantic import JsonValue

from accounts.cities.billing import BillingChecks
from accounts.cities.rules import NotInTheCity
from accounts.errors import Conflict, DomainError
from accounts.money import Money, total
from accounts.pricing.facts import FactMissing, NoSuchChoice
from accounts.pricing.proration import Period
from accounts.pricing.registers import CUBIC_FEET_PER_CCF, GALLONS_PER_CCF, MeterUse
from accounts.pricing.rules import NoRateInForce
from accounts.pricing.working import PricedLine
from accounts.utilities.rules import (
    DAY,
    Cycle,
    MeterReads,
    MissingRead,
    PriceList,
    ServiceTaken,
    billing_period,
    usage,
)


class State(StrEnum):
    """Where a run stands."""

    DRAFTING = "drafting"
    DRAFT = "draft"
    REVIEWED = "reviewed"
    APPROVED = "approved"
    POSTED = "posted"
    CANCELED = "canceled"


class Event(StrEnum):
    DRAFTED = "drafted"
    WORK = "work"
    REVIEW = "review"
    REOPEN = "reopen"
    APPROVE = "approve"
    POST = "post"
    CANCEL = "cancel"


MOVES: Mapping[tuple[State, Event], State] = {
    (State.DRAFTING, Event.DRAFTED): State.DRAFT,
    (State.DRAFTING, Event.CANCEL): State.CANCELED,
    (State.DRAFT, Event.WORK): State.DRAFT,
    (State.DRAFT, Event.REVIEW): State.REVIEWED,
    (State.DRAFT, Event.CANCEL): State.CANCELED,
    (State.REVIEWED, Event.REOPEN): State.DRAFT,
    (State.REVIEWED, Event.APPROVE): State.APPROVED,
    (State.REVIEWED, Event.CANCEL): State.CANCELED,
    (State.APPROVED, Event.POST): State.POSTED,
}
"""Everything else is refused: :class:`NotInThatState`."""


class Problem(StrEnum):
    """Why a bill is held."""

    MISSING = "missing"
    NO_RATE = "no-rate"
    NEGATIVE = "negative"
    ZERO = "zero"
    HIGH = "high"
    LOW = "low"
    ESTIMATED = "estimated"


NOTHING_TO_ACCEPT = frozenset({Problem.MISSING, Problem.NO_RATE})
"""With these there are no lines that could be accepted."""


class NotInThatState(Conflict):
    """The run is not where this could be done: ``facts["state"]``."""


class StillHeld(DomainError):
    """Bills of the run wait for somebody to work them: ``facts["held"]``."""


class NothingToBill(DomainError):
    """No bill is ready in this run."""


class OwnRun(DomainError):
    """Whoever made, reviewed or worked a run does not approve it."""


class RunChanged(Conflict):
    """The run, or the bill, is not what was looked at."""


class CannotAccept(DomainError):
    """There is nothing to accept: the bill has no read, or no rate; ``facts["problem"]``."""


class ReadStands(Conflict):
    """The meter was read on that day, so nothing is estimated for it; ask for a reread, or leave the bill out."""


class NotInThisRun(DomainError):
    """The meter does not stand at the place that is billed, or the day is outside the period: ``facts["what"]``."""


class PeriodNotOver(DomainError):
    """Bills are made when their period is over: ``facts["last"]``."""


class NotCorrectable(DomainError):
    """Only a bill of ours with a period, that was not corrected before, is made anew: ``facts["why"]``."""


class NeedsAReason(DomainError):
    """What is accepted, left out or corrected is explained."""


def moved(state: str, event: Event) -> State:
    """The state after an event; raises :class:`NotInThatState`."""
    after = MOVES.get((State(state), event))
    if after is None:
        raise NotInThatState(f"a run that is {state} cannot {event}", state=state)
    return after


def must_be_another(approver: int, made_by: int, reviewed_by: int | None, worked_by: Sequence[int]) -> None:
    """Raises :class:`OwnRun`."""
    if approver in {made_by, reviewed_by, *worked_by}:
        raise OwnRun("whoever made, reviewed or worked a run does not approve it")


@dataclass(frozen=True)
class Drafted:
    """The bill of one account: its lines, or why there are none; and what a person should look at first."""

    lines: tuple[PricedLine, ...] = ()
    problems: tuple[Problem, ...] = ()
    evidence: Mapping[str, JsonValue] = field(default_factory=dict)
    used: Decimal | None = None
    """In hundreds of cubic feet; none where nothing is metered."""

    @property
    def total(self) -> Money:
        return total(line.amount for line in self.lines)

    @property
    def is_nothing(self) -> bool:
        """Nothing to bill, and nothing to look at."""
        return not self.lines and not self.problems


@dataclass(frozen=True)
class Billed:
    """What is billed: a period of a cycle, by a price list, with the thresholds of the day."""

    prices: PriceList
    checks: BillingChecks | None
    period: Period
    cycle: Cycle

    def earlier(self) -> tuple[Period, ...]:
        """Periods to compare with: the same one last year, then the one before."""
        bill = self.period.last + DAY
        last_year = date(bill.year - 1, bill.month, min(bill.day, 28))
        return billing_period(self.cycle, last_year), billing_period(self.cycle, self.period.first)


def draft(billed: Billed, services: Sequence[ServiceTaken], meters: Sequence[MeterReads]) -> Drafted:
    """The bill of an account by its services and its meters, and what holds it."""
    try:
        lines = tuple(billed.prices.lines(services, meters, billed.period))
    except MissingRead as missing:
        return Drafted(problems=(Problem.MISSING,), evidence={"serial": str(missing.facts.get("serial") or "")})
    except (NoRateInForce, NotInTheCity, NoSuchChoice, FactMissing) as lacking:
        facts = {name: str(fact) for name, fact in lacking.facts.items()}
        return Drafted(problems=(Problem.NO_RATE,), evidence={"lacks": {**facts}})
    uses = _uses(lines)
    if not uses:
        unused = _unused(billed, services, meters)
        if unused is None:
            return Drafted(lines)
        uses = unused
    used = sum((use.ccf for use in uses), Decimal(0))
    evidence: dict[str, JsonValue] = {"reads": [use.model_dump(mode="json") for use in uses]}
    if billed.checks is None:
        return Drafted(lines, evidence=evidence, used=used)
    before = _before(billed, services, meters)
    if before:
        period, ccf = before
        evidence["before"] = {"first": str(period.first), "last": str(period.last), "used": str(ccf)}
    estimates = max(_estimates(meter, billed.period) for meter in meters)
    if estimates:
        evidence["estimates"] = estimates
    found = _problems(billed.checks, used, before[1] if before else None, uses, estimates)
    return Drafted(lines, tuple(found), evidence, used)


def _problems(
    checks: BillingChecks, used: Decimal, before: Decimal | None, uses: Sequence[MeterUse], estimates: int
) -> Iterator[Problem]:
    if any(_ran_backward(checks, use) for use in uses):
        yield Problem.NEGATIVE
    elif used == 0 and checks.zero and before != 0:
        yield Problem.ZERO
    elif before is not None and used > checks.high_least and used > before * _part(checks.high_percent):
        yield Problem.HIGH
    elif before is not None and before > checks.low_least and used < before * _part(checks.low_percent):
        yield Problem.LOW
    if estimates >= checks.estimated_in_row:
        yield Problem.ESTIMATED


def _part(percent: int) -> Decimal:
    return Decimal(percent) / 100


def _ran_backward(checks: BillingChecks, use: MeterUse) -> bool:
    """A read below the one before it, where the dials did not just go past zero."""
    turned = (use.current.value - use.previous.value) % 10**use.dials
    return use.current.value < use.previous.value and turned > _part(checks.turned_percent) * 10**use.dials


def _uses(lines: Sequence[PricedLine]) -> list[MeterUse]:
    for line in lines:
        if reads := line.working.inputs.get("reads"):
            return [MeterUse.model_validate(read) for read in reads]  # type: ignore[union-attr]
    return []


def _unused(billed: Billed, services: Sequence[ServiceTaken], meters: Sequence[MeterReads]) -> list[MeterUse] | None:
    """Reads that came to nothing, so that no line has them; none where nothing is metered."""
    metered = [service.within(billed.period) for service in services if billed.prices.is_metered(service)]
    parts = [part for part in metered if part is not None]
    if not parts:
        return None
    measured = usage(meters, parts[0], is_start=parts[0].first > billed.period.first)
    return [segment.use for segment in measured.segments]


def _before(
    billed: Billed, services: Sequence[ServiceTaken], meters: Sequence[MeterReads]
) -> tuple[Period, Decimal] | None:
    """What was used in the period to compare with, by the same customer; none where it is not known."""
    since = min((service.since_on for service in services if billed.prices.is_metered(service)), default=None)
    for period in billed.earlier():
        if since is None or since > period.first:
            continue
        try:
            return period, usage(meters, period).ccf
        except MissingRead:
            continue
    return None


def _estimates(meter: MeterReads, period: Period) -> int:
    """How many reads up to the end of the period are estimated in a row, the last one first."""
    known: dict[date, bool] = {}
    for read in meter.reads:
        if read.on <= period.last:
            known[read.on] = known.get(read.on, True) and read.kind == "estimated"
    newest_first = [known[on] for on in sorted(known, reverse=True)]
    return newest_first.index(False) if False in newest_first else len(newest_first)


def suggested(billed: Billed, services: Sequence[ServiceTaken], meter: MeterReads) -> int | None:
    """What the dial would show at the end of the period, had as much been used as in the period to compare with."""
    before = _before(billed, services, [meter])
    begun = [read for read in meter.reads if read.on <= billed.period.first]
    if before is None or not begun:
        return None
    start = max(begun, key=lambda read: read.on)
    in_unit = {"CCF": Decimal(1), "CF": CUBIC_FEET_PER_CCF, "GAL": GALLONS_PER_CCF}[meter.unit]
    counts = int((before[1] * in_unit / meter.multiplier).to_integral_value())
    value: int = (start.value + counts) % 10**meter.dials
    return value
