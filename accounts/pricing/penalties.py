"""Penalties as an ordered list of stages: when, how much, of what, and never above a cap.

A penalty is never recomputed away: stages already assessed keep their amounts and count against the cap;
what is left is priced on what is still owed. Calling it again on the same day with its own lines as
``already`` yields nothing, so a nightly job may run twice.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Annotated, Literal, Self

from pydantic import Field, JsonValue, model_validator

from accounts.money import ZERO, Money, total
from accounts.pricing.effective import Effective, in_force
from accounts.pricing.texts import Frozen, Text, text
from accounts.pricing.working import Dollars, Percentage, PricedLine, Step, VersionUsed, Working, cents

Repeat = Literal["once", "month_or_fraction", "first_of_month"]
OWED = text("Amount past due", "Saldo vencido")
OWED_AND_PENALTIES = text("Amount past due and earlier penalties", "Saldo vencido y multas anteriores")
FLAT = text("Flat penalty", "Multa fija")
TO_CAP = text("Down to the cap", "Hasta el tope")


class Stage(Frozen):
    """One trigger. ``after_days`` counts from the first delinquent day (0 = that day itself).

    ``month_or_fraction`` repeats on the same day of each later month, ``first_of_month`` on each first.
    """

    code: str
    after_days: Annotated[int, Field(ge=0)] = 0
    repeat: Repeat = "once"
    percent: Percentage = Decimal(0)
    flat: Dollars = Decimal(0)
    take: Literal["sum", "greater"] = "sum"
    base: Literal["owed", "owed_and_penalties"] = "owed"

    @model_validator(mode="after")
    def _asks_something(self) -> Self:
        if not self.percent and not self.flat:
            raise ValueError("a stage needs a percent or a flat amount")
        if self.take == "greater" and not (self.percent and self.flat):
            raise ValueError("the greater of two needs both a percent and a flat amount")
        return self


class PenaltyVersion(Effective):
    """Stages in force for what became delinquent in these dates. The cap is on all penalties together."""

    stages: Annotated[tuple[Stage, ...], Field(min_length=1)]
    cap_percent: Percentage | None = None
    """Percent of what is owed."""
    cap_amount: Dollars | None = None
    ignore_up_to: Dollars = Decimal(0)
    """Balances up to this are carried forward without penalty."""


class PenaltyRule(Frozen):
    """A penalty, the revenue line that earns it, and the lines whose charges can incur it.

    ``per`` says what a stage is taken of: each charge alone, or the whole bill ("10 % or $6" is once per bill).
    """

    code: str
    name: Text
    revenue_line: str
    applies_to: Annotated[tuple[str, ...], Field(min_length=1)]
    per: Literal["charge", "bill"] = "charge"
    versions: tuple[PenaltyVersion, ...]

    def version(self, on: date) -> PenaltyVersion | None:
        """The version in force on the first delinquent day."""
        return in_force(self.versions, on)


class PenalizedCharge(Frozen):
    """A late charge, and what was open of it when a penalty was taken of it."""

    id: int
    open_cents: int


@dataclass(frozen=True, slots=True)
class Late:
    """What a penalty is taken of: late charges, and the bill that they are lines of. For the working alone."""

    charges: tuple[PenalizedCharge, ...] = ()
    bill_id: int | None = None


@dataclass(frozen=True, slots=True)
class PenaltyLine:
    """A penalty to assess. ``key`` (``late:1``) names the stage and which time it is, once per charge or bill."""

    key: str
    on: date
    line: PricedLine


def penalty_lines(
    rule: PenaltyRule,
    owed: Money,
    delinquent_on: date,
    on: date,
    already: Mapping[str, Money] | None = None,
    *,
    of: Late | None = None,
) -> tuple[PenaltyLine, ...]:
    """Penalties to assess by the end of day ``on`` for ``owed`` (without penalties), oldest first.

    ``delinquent_on`` is the first delinquent day; ``already`` maps keys to what was assessed before; ``of`` is kept
    in the working.
    """
    version = rule.version(delinquent_on)
    known = dict(already or {})
    if version is None or owed <= cents(version.ignore_up_to) or owed <= ZERO:
        return ()
    lines = []
    for day, key, stage in sorted(_events(version, delinquent_on, on), key=lambda event: event[0]):
        if key in known:
            continue
        steps = _steps(version, stage, owed, total(known.values()))
        amount = total(Money(step.amount_cents) for step in steps)
        if amount <= ZERO:
            continue
        inputs: dict[str, JsonValue] = {
            "key": key,
            "owed_cents": owed.cents,
            "delinquent_on": delinquent_on.isoformat(),
            "on": day.isoformat(),
            "already": {k: v.cents for k, v in known.items()},
            **_circumstances(version, stage, owed, total(known.values()), of),
        }
        lines.append(PenaltyLine(key, day, _line(rule, version, inputs, steps, amount)))
        known[key] = amount
    return tuple(lines)


def _circumstances(
    version: PenaltyVersion, stage: Stage, owed: Money, before: Money, of: Late | None
) -> dict[str, JsonValue]:
    """What a reader asks: when the stage strikes, of what it is taken, and what all penalties may come to."""
    cap = _cap(version, owed)
    plain: dict[str, JsonValue] = {
        "trigger": {"after_days": stage.after_days, "repeat": stage.repeat},
        "base": stage.base,
        "base_cents": _base(stage, owed, before).cents,
        "cap_cents": None if cap is None else cap.cents,
    }
    if of is not None:
        plain["charges"] = [{"id": charge.id, "open_cents": charge.open_cents} for charge in of.charges]
        plain["bill_id"] = of.bill_id
    return plain


def _events(version: PenaltyVersion, delinquent_on: date, on: date) -> Iterator[tuple[date, str, Stage]]:
    for stage in version.stages:
        first = delinquent_on + timedelta(days=stage.after_days)
        day, count = first, 1
        while day <= on:
            yield day, f"{stage.code}:{count}", stage
            if stage.repeat == "once":
                break
            day = months_later(first.replace(day=1) if stage.repeat == "first_of_month" else first, count)
            count += 1


def _steps(version: PenaltyVersion, stage: Stage, owed: Money, before: Money) -> list[Step]:
    base = _base(stage, owed, before)
    rated = Step(
        label=OWED_AND_PENALTIES if stage.base == "owed_and_penalties" else OWED,
        quantity=base.dollars,
        rate=stage.percent,
        percent=True,
        amount_cents=cents(Fraction(base.dollars) * Fraction(stage.percent) / 100).cents,
    )
    flat = Step(label=FLAT, amount_cents=cents(stage.flat).cents)
    steps = [step for step in (rated, flat) if step.amount_cents]
    if stage.take == "greater":
        steps = [max(rated, flat, key=lambda step: step.amount_cents)]
    room = _room(version, owed, before)
    asked = total(Money(step.amount_cents) for step in steps)
    if room is not None and asked > room:
        steps.append(Step(label=TO_CAP, amount_cents=(room - asked).cents))
    return steps


def _base(stage: Stage, owed: Money, before: Money) -> Money:
    return owed + before if stage.base == "owed_and_penalties" else owed


def _room(version: PenaltyVersion, owed: Money, before: Money) -> Money | None:
    """What the cap leaves, if there is a cap."""
    cap = _cap(version, owed)
    return None if cap is None else max(cap - before, ZERO)


def _cap(version: PenaltyVersion, owed: Money) -> Money | None:
    """What all penalties together may come to."""
    caps = []
    if version.cap_percent is not None:
        caps.append(cents(Fraction(owed.dollars) * Fraction(version.cap_percent) / 100))
    if version.cap_amount is not None:
        caps.append(cents(version.cap_amount))
    return min(caps) if caps else None


def _line(
    rule: PenaltyRule, version: PenaltyVersion, inputs: dict[str, JsonValue], steps: list[Step], amount: Money
) -> PricedLine:
    working = Working(
        rule=rule.code,
        rule_kind="penalty",
        versions=(VersionUsed.of(version),),
        inputs=inputs,
        steps=tuple(steps),
        amount_cents=amount.cents,
    )
    return PricedLine(amount, rule.revenue_line, "penalty", dict(rule.name.root), working)


def months_later(day: date, months: int) -> date:
    """The same day so many months later (or earlier), or the last day of a month that is too short."""
    year, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + year, month + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))
