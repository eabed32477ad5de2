"""When a city gives back something for a leak, and what is known of one: policy, facts, and reasons why not."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from accounts.pricing.effective import Effective
from accounts.pricing.penalties import months_later
from accounts.pricing.proration import Period
from accounts.pricing.texts import Frozen, Text, text
from accounts.pricing.working import Percentage

Basis = Literal["same_period_last_year", "previous_period", "average"]
Within = Literal["12_months", "24_months", "calendar_year", "ever"]
ReasonCode = Literal[
    "not_offered", "no_proof_of_repair", "too_many_periods", "periods_not_consecutive", "too_many_credits",
    "rate_not_covered", "asked_too_late", "usual_use_unknown", "not_above_usual", "nothing_to_give_back",
]  # fmt: skip
COMPARABLE = 5
"""Two periods are compared whose days differ by so many at most."""
_YEAR = timedelta(days=365)
_MONTHS = {"12_months": 12, "24_months": 24}


class LeakPolicy(Effective):
    """In force for what is asked for in these dates; the rates are those of the leak's own days."""

    rates: Annotated[tuple[str, ...], Field(min_length=1)]
    """Codes of the rates whose usage is given back."""
    method: Literal["at_tier", "share_of_cost"]
    """``at_tier``: excess in higher tiers is billed at ``tier``. ``share_of_cost``: a part of its cost."""
    tier: Annotated[int, Field(ge=1)] = 1
    share_percent: Percentage = Decimal(100)
    """So much of the difference, or of the cost, is given back."""
    usual: Annotated[tuple[Basis, ...], Field(min_length=1)]
    """What usual use is: the first of these that earlier usage can tell."""
    least_percent_above_usual: Percentage = Decimal(0)
    request_within_days: Annotated[int, Field(ge=0, le=3650)]
    request_counts_from: Literal["billed_on", "due_on"] = "due_on"
    most_periods: Annotated[int, Field(ge=1)]
    """Billing periods of one leak, one after the other."""
    most_credits: Annotated[int, Field(ge=1)]
    """Credits for one property in the time of ``within``, this one counted."""
    within: Within
    proof_of_repair: bool = True

    @model_validator(mode="after")
    def _gives_no_more_than_it_cost(self) -> Self:
        if not 0 < self.share_percent <= 100:
            raise ValueError("the share is above 0 and at most 100 percent")
        return self


class UsedBefore(Frozen):
    """Usage of an earlier billing period, in the unit of the rate."""

    period: Period
    used: Annotated[Decimal, Field(ge=0)]


class LeakPeriod(Frozen):
    """A period that was billed with the leak in it: the inputs of the charge's working, and the dates of its bill."""

    rate: str
    period: Period
    whole: Period | None = None
    used: Annotated[Decimal, Field(ge=0)]
    dwelling_units: Annotated[int, Field(ge=0)] = 1
    billed_on: date
    due_on: date
    usual: Annotated[Decimal, Field(ge=0)] | None = None
    """Usual use where a person states it; else earlier usage tells."""


class LeakFacts(Frozen):
    """All that is known of a leak. ``history`` and ``earlier`` are of the property, in any order."""

    periods: Annotated[tuple[LeakPeriod, ...], Field(min_length=1)]
    history: tuple[UsedBefore, ...] = ()
    is_repair_proved: bool = False
    earlier: tuple[date, ...] = ()
    """Days on which earlier leak credits were given."""


class UsualUse(Frozen):
    """What is usual for a period, and how that is known; ``of`` is the earlier usage that told it."""

    used: Decimal
    basis: Literal["same_period_last_year", "previous_period", "average", "stated"]
    of: tuple[UsedBefore, ...] = ()


@dataclass(frozen=True, slots=True)
class LeakReason:
    """Why there is no credit: of the whole request, or of one period of it."""

    code: ReasonCode
    words: Text
    period: Period | None = None


def usual_use(policy: LeakPolicy, leak: LeakPeriod, facts: LeakFacts) -> UsualUse | None:
    """Usual use of a period: as stated, or by the first basis of the policy that earlier usage can tell."""
    if leak.usual is not None:
        return UsualUse(used=leak.usual, basis="stated")
    begins = min(one.period.first for one in facts.periods)
    before = sorted((b for b in facts.history if b.period.last < begins), key=lambda b: b.period.last)
    for basis in policy.usual:
        of = tuple(_told_by(basis, leak.period, before))
        if of:
            used = of[0].used if basis != "average" else _average(of, leak.period.days)
            return UsualUse(used=used, basis=basis, of=of)
    return None


def _told_by(basis: Basis, period: Period, before: list[UsedBefore]) -> Iterable[UsedBefore]:
    """Earlier usage, oldest first, that says what is usual on this basis."""
    if basis == "average":
        return [b for b in before if b.period.last > before[-1].period.last - _YEAR]
    alike = [b for b in before if abs(b.period.days - period.days) <= COMPARABLE]
    if basis == "previous_period":
        return alike[-1:]
    return [b for b in alike if abs((period.last - _YEAR - b.period.last).days) <= 2 * COMPARABLE][-1:]


def _average(of: Iterable[UsedBefore], days: int) -> Decimal:
    """Average use of a day, for so many days, to three places."""
    listed = list(of)
    used, over = sum((Fraction(b.used) for b in listed), Fraction(0)), sum(b.period.days for b in listed)
    thousandths = round(used * days * 1000 / over)
    return Decimal(thousandths).scaleb(-3).normalize() + Decimal(0)


def of_the_whole(policy: LeakPolicy, facts: LeakFacts, on: date) -> Iterator[LeakReason]:
    periods = sorted({(leak.period.first, leak.period.last) for leak in facts.periods})
    if policy.proof_of_repair and not facts.is_repair_proved:
        yield no("no_proof_of_repair", "There is no proof yet that the leak was fixed.",
                  "Aún no hay prueba de que se reparó la fuga.")  # fmt: skip
    if len(periods) > policy.most_periods:
        yield no("too_many_periods", f"A credit is for {policy.most_periods} bills at most.",
                  f"Un crédito es para {policy.most_periods} facturas como máximo.")  # fmt: skip
    if any(later[0] - earlier[1] > timedelta(days=1) for earlier, later in pairwise(periods)):
        yield no("periods_not_consecutive", "The bills do not follow one another.",
                  "Las facturas no son seguidas.")  # fmt: skip
    if sum(_counts(policy.within, day, on) for day in facts.earlier) >= policy.most_credits:
        yield no("too_many_credits", f"This property had its credits already: {policy.most_credits} at most.",
                  f"Esta propiedad ya recibió sus créditos: {policy.most_credits} como máximo.")  # fmt: skip


def of_a_period(policy: LeakPolicy, leak: LeakPeriod, usual: UsualUse | None, on: date) -> LeakReason | None:
    counted = leak.due_on if policy.request_counts_from == "due_on" else leak.billed_on
    last = counted + timedelta(days=policy.request_within_days)
    if leak.rate not in policy.rates:
        return no("rate_not_covered", "This charge gets no leak credit.",
                   "Este cargo no recibe crédito por fuga.", leak.period)  # fmt: skip
    if on > last:
        return no("asked_too_late", f"A credit must be asked for within {policy.request_within_days} days.",
                   f"El crédito se pide dentro de {policy.request_within_days} días.", leak.period)  # fmt: skip
    if usual is None:
        return no("usual_use_unknown", "No earlier use shows what is usual here.",
                   "No hay consumo anterior que muestre lo usual.", leak.period)  # fmt: skip
    if leak.used <= usual.used or leak.used < usual.used * (1 + policy.least_percent_above_usual / 100):
        return no("not_above_usual", "The use is not far enough above usual.",
                   "El consumo no supera lo suficiente lo usual.", leak.period)  # fmt: skip
    return None


def _counts(within: Within, day: date, on: date) -> bool:
    if within == "calendar_year":
        return day.year == on.year
    return within == "ever" or day > months_later(on, -_MONTHS[within])


def no(code: ReasonCode, en: str, es: str, period: Period | None = None) -> LeakReason:
    return LeakReason(code, text(en, es), period)
