"""What a city gives back of water that ran out of a leak: whether it may, how much, and the working of each cent.

Usage above usual is *excess*, cut into tiers as the rate cuts all usage, highest tiers first to be excess. San Luis
Obispo bills it at its first tier; Cedar Hill takes half of what it cost; a city says which, by whose authority.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Protocol

from pydantic import JsonValue

from accounts.money import ZERO, Money, total
from accounts.pricing.facts import Facts
from accounts.pricing.leak_policies import (
    LeakFacts,
    LeakPeriod,
    LeakPolicy,
    LeakReason,
    UsualUse,
    no,
    of_a_period,
    of_the_whole,
    usual_use,
)
from accounts.pricing.proration import Share, share
from accounts.pricing.rules import Rate, RateVersion, price, segments
from accounts.pricing.shapes import Tiers, Volume, tier_label
from accounts.pricing.texts import Text, text
from accounts.pricing.working import PricedLine, Step, VersionUsed, Working, cents, legible

RULE = "leak-credit"
NAME = text("Leak credit", "Crédito por fuga de agua")


class LeakRules(Protocol):
    """What of a city this needs; ``City`` is one."""

    def leak_policy(self, on: date) -> LeakPolicy | None: ...

    def rate(self, code: str) -> Rate: ...


@dataclass(frozen=True, slots=True)
class LeakLine:
    """What one period gets back. ``line.amount`` is negative: what the credit adds to the charge."""

    leak: LeakPeriod
    usual: UsualUse
    excess: Decimal
    billed: Money
    """What its usage cost with the leak."""
    line: PricedLine


@dataclass(frozen=True, slots=True)
class LeakCredit:
    """Lines for periods that get something back, reasons for those (or all) that do not."""

    lines: tuple[LeakLine, ...] = ()
    reasons: tuple[LeakReason, ...] = ()

    @property
    def credit(self) -> Money:
        """What is given back in all, as a positive amount."""
        return -total(line.line.amount for line in self.lines)


def leak_credit(city: LeakRules, facts: LeakFacts, on: date) -> LeakCredit:
    """The credit for a leak asked for on a day, under the policy of that day. Pure.

    Raises ``NotInTheCity`` for an unknown rate and ``NoRateInForce`` for days that no version of it covers.
    """
    policy = city.leak_policy(on)
    if policy is None:
        return LeakCredit(reasons=(no("not_offered", "The City gives no credit for leaks.",
                                       "La Ciudad no da crédito por fugas de agua."),))  # fmt: skip
    if reasons := tuple(of_the_whole(policy, facts, on)):
        return LeakCredit(reasons=reasons)
    lines, refused = [], []
    for leak in sorted(facts.periods, key=lambda leak: (leak.period.first, leak.rate)):
        usual = usual_use(policy, leak, facts)
        reason = of_a_period(policy, leak, usual, on)
        if reason is None and usual is not None:
            line = credit_line(policy, city.rate(leak.rate), leak, usual, on)
            if line is not None:
                lines.append(line)
                continue
            reason = no("nothing_to_give_back", "The use above usual cost no more than this rule bills for it.",
                         "El consumo extra no costó más de lo que cobra esta regla.", leak.period)  # fmt: skip
        if reason is not None:
            refused.append(reason)
    return LeakCredit(tuple(lines), tuple(refused))


def credit_line(policy: LeakPolicy, rate: Rate, leak: LeakPeriod, usual: UsualUse, on: date) -> LeakLine | None:
    """What one period gets back by the method of the policy; nothing where that comes to no cent."""
    whole = leak.whole or leak.period
    steps: list[Step] = []
    used: list[VersionUsed] = [VersionUsed.of(policy)]
    for segment, version in segments(rate, leak.period):
        part = share(segment, leak.period, whole, rate.proration)
        steps += _given_back(policy, version, leak, usual, part)
        used.append(VersionUsed.of(version))
    amount = total(Money(step.amount_cents) for step in steps)
    if amount >= ZERO:
        return None
    inputs: dict[str, JsonValue] = {
        "leak": leak.model_dump(mode="json", exclude_defaults=True),
        "usual": usual.model_dump(mode="json", exclude_defaults=True),
        "on": on.isoformat(),
    }
    working = Working(
        rule=RULE,
        rule_kind="leak",
        versions=tuple(used),
        inputs=inputs,
        steps=tuple(steps),
        amount_cents=amount.cents,
    )
    billed = price(rate, Facts(usage=leak.used, dwelling_units=leak.dwelling_units), leak.period, leak.whole)
    line = PricedLine(amount, rate.revenue_line, rate.kind, dict(NAME.root), working)
    return LeakLine(leak, usual, leak.used - usual.used, billed.amount, line)


def _given_back(
    policy: LeakPolicy, version: RateVersion, leak: LeakPeriod, usual: UsualUse, part: Share
) -> Iterator[Step]:
    shape = version.shape
    if not isinstance(shape, Volume | Tiers):
        return
    billed = shape.blocks(Fraction(leak.used), leak.dwelling_units, part)
    ordinary = {b.tier: b.quantity for b in shape.blocks(Fraction(usual.used), leak.dwelling_units, part)}
    kept = Decimal(0) if policy.method == "share_of_cost" else _rate_of(shape, policy.tier)
    for block in billed:
        excess, given = block.quantity - ordinary.get(block.tier, Fraction(0)), block.rate - kept
        if excess <= 0 or given <= 0:
            continue
        amount = cents(excess * Fraction(given) * part.of_usage * Fraction(policy.share_percent) / 100)
        yield Step(
            label=_said_of(policy, block.tier, block.rate, kept),
            quantity=legible(excess),
            unit=shape.unit,
            rate=given,
            share=_both(_percent(policy.share_percent), part.usage_said),
            amount_cents=-amount.cents,
        )


def _rate_of(shape: Volume | Tiers, tier: int) -> Decimal:
    """The rate that excess is billed at; of a shape with fewer tiers, its last one."""
    return shape.rate if isinstance(shape, Volume) else shape.tiers[min(tier, len(shape.tiers)) - 1].rate


def _said_of(policy: LeakPolicy, tier: int, rate: Decimal, kept: Decimal) -> Text:
    if policy.method == "share_of_cost":
        return text("Use above usual, given back", "Consumo extra, se devuelve")
    label = tier_label(tier)
    return text(
        f"Use above usual, {label.in_('en').lower()}: ${kept:f} in place of ${rate:f}",
        f"Consumo extra, {label.in_('es').lower()}: ${kept:f} en lugar de ${rate:f}",
    )


def _percent(percent: Decimal) -> Text | None:
    return None if percent == 100 else text(f"{percent.normalize():f}%", f"{percent.normalize():f}%")


def _both(one: Text | None, other: Text | None) -> Text | None:
    if one is None or other is None:
        return one or other
    return Text({language: f"{words}, {other.in_(language)}" for language, words in one.root.items()})
