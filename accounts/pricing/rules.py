"""Price a rate for a period, and price a frozen line again. Pure: no clock, no database, no settings.

A rate is a list of versions, each with its dates, authority and *shape*: a city may go from tiers to a uniform
rate as it may go from one amount to another. With daily proration, a period that crosses a change is priced
in segments: each version prices its days' part of the usage and of the fixed amounts.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from pydantic import BaseModel, ConfigDict, JsonValue

from accounts.errors import DomainError
from accounts.money import Money
from accounts.pricing.effective import Effective, in_force
from accounts.pricing.facts import Facts
from accounts.pricing.penalties import Late, PenalizedCharge, PenaltyRule, penalty_lines
from accounts.pricing.proration import Period, Proration, share
from accounts.pricing.shapes import Shape
from accounts.pricing.texts import Frozen, Text
from accounts.pricing.working import ChargeKind, PricedLine, Step, VersionUsed, Working, sum_of


class NoRateInForce(DomainError):
    """No version of the rate covers (all of) the period: ``facts["rate"]``."""


class NotReproducible(DomainError):
    """A frozen line cannot be priced again: the rule that it names is not of its kind, or no longer asks anything."""


class RateVersion(Effective):
    """What a rate is, from a day on."""

    shape: Shape


class Rate(Frozen):
    """A price of the city. ``kind`` is what it becomes on a bill, and what allocation ranks by."""

    code: str
    name: Text
    revenue_line: str
    kind: ChargeKind
    proration: Proration = "none"
    versions: tuple[RateVersion, ...]

    def version(self, on: date) -> RateVersion | None:
        """The version in force on a day."""
        return in_force(self.versions, on)


def price(rate: Rate, facts: Facts, period: Period, whole: Period | None = None) -> PricedLine:
    """One line for a period of service (or of a license), a part of the ``whole`` billing period or license year.

    Usage in ``facts`` is what was measured in ``period``. Without ``whole`` the period is a whole one.
    """
    of = whole or period
    if of.meets(period.first, period.last) != period:
        raise ValueError(f"{period} is not inside {of}")
    steps: list[Step] = []
    used: list[VersionUsed] = []
    for segment, version in segments(rate, period):
        steps += version.shape.steps(facts, share(segment, period, of, rate.proration))
        used.append(VersionUsed.of(version))
    amount = sum_of(steps)
    inputs: dict[str, JsonValue] = {"facts": _plain(facts), "period": _plain(period)}
    if whole is not None:
        inputs["whole"] = _plain(whole)
    working = Working(
        rule=rate.code,
        rule_kind="rate",
        versions=tuple(used),
        inputs=inputs,
        steps=tuple(steps),
        amount_cents=amount.cents,
    )
    return PricedLine(amount, rate.revenue_line, rate.kind, dict(rate.name.root), working)


class RateInputs(BaseModel):
    """What pricing a rate again needs of its working."""

    model_config = ConfigDict(frozen=True)

    facts: Facts
    period: Period
    whole: Period | None = None


class PenaltyInputs(BaseModel):
    """What pricing a penalty again needs of its working; what else stands there is for the reader."""

    model_config = ConfigDict(frozen=True)

    key: str
    owed_cents: int
    delinquent_on: date
    on: date
    already: dict[str, int]
    charges: tuple[PenalizedCharge, ...] | None = None
    bill_id: int | None = None

    @property
    def of(self) -> Late | None:
        """None in a working of before these were kept."""
        return None if self.charges is None else Late(self.charges, self.bill_id)


def recompute(working: Working | Mapping[str, object], rule: Rate | PenaltyRule) -> PricedLine:
    """The line priced again from its frozen inputs by the rule of that code; equal amounts prove the charge.

    Raises :class:`NotReproducible` where the rule is another one or asks nothing any more, ``ValidationError`` where
    an input is not there or not readable, and the refusals of :func:`price`.
    """
    frozen = working if isinstance(working, Working) else Working.model_validate(working)
    if rule.code != frozen.rule:
        raise NotReproducible(f"{frozen.rule} cannot be proved by {rule.code}")
    if isinstance(rule, Rate):
        given = RateInputs.model_validate(frozen.inputs)
        return price(rule, given.facts, given.period, given.whole)
    asked = PenaltyInputs.model_validate(frozen.inputs)
    already = {key: Money(cents) for key, cents in asked.already.items()}
    lines = penalty_lines(rule, Money(asked.owed_cents), asked.delinquent_on, asked.on, already, of=asked.of)
    for line in lines:
        if line.key == asked.key:
            return line.line
    raise NotReproducible(f"{rule.code} asks no penalty {asked.key} any more")


def segments(rate: Rate, period: Period) -> list[tuple[Period, RateVersion]]:
    """The parts of a period by version. Only daily proration splits; else the version of the first day rules."""
    if rate.proration != "daily":
        version = rate.version(period.first)
        if version is None:
            raise NoRateInForce(f"{rate.code} has no version for {period.first}", rate=rate.code)
        return [(period, version)]
    parts = [(period.meets(version.valid_from, version.valid_to), version) for version in rate.versions]
    found = [(part, version) for part, version in parts if part is not None]
    if sum(part.days for part, _ in found) != period.days:
        raise NoRateInForce(f"{rate.code} does not cover {period.first} to {period.last}", rate=rate.code)
    return found


def _plain(model: BaseModel) -> dict[str, JsonValue]:
    plain: dict[str, JsonValue] = model.model_dump(mode="json", exclude_defaults=True)
    return plain
