"""A leak as the charges' own workings know it: nobody types usage that we measured. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from pydantic import ValidationError

from accounts.adjustments.commands import ByLeak
from accounts.adjustments.rules import Booked, Correction, Standing, correct
from accounts.cities.rules import City
from accounts.errors import DomainError
from accounts.pricing.leak_policies import LeakFacts, LeakPeriod, UsedBefore
from accounts.pricing.leaks import LeakCredit, leak_credit
from accounts.pricing.rules import RateInputs
from accounts.pricing.working import Step, Working


class Metered(NamedTuple):
    """A charge for usage: its rate, and what it was priced from."""

    rate: str
    inputs: RateInputs
    used: Decimal


class LeakNotGiven(DomainError):
    """The leak policy gives nothing for a charge: ``facts["reasons"]`` are ``LeakReason`` values."""


class NotMetered(DomainError):
    """The charge is not for measured usage that we priced."""


def leak_corrections(
    city: City,
    by: ByLeak,
    charges: Mapping[int, Booked],
    *,
    before: Sequence[UsedBefore],
    earlier: Sequence[date],
    on: date,
    reason: str,
) -> tuple[tuple[Correction, ...], tuple[Step, ...]]:
    """What the policy gives back on each charge, and its working.

    ``before`` is earlier usage, ``earlier`` the days of earlier credits of the property. Raises :class:`NotMetered`,
    and :class:`LeakNotGiven` unless every charge that was named gets something back.
    """
    periods = {_period(charges[one.charge_id].standing, one.usual): one.charge_id for one in by.charges}
    facts = LeakFacts(
        periods=tuple(periods), history=tuple(before), is_repair_proved=by.is_repair_proved, earlier=tuple(earlier)
    )
    given: LeakCredit = leak_credit(city, facts, on)
    if given.reasons or len(given.lines) != len(by.charges):
        raise LeakNotGiven("; ".join(reason.words.in_("en") for reason in given.reasons), reasons=given.reasons)
    corrections: list[Correction] = []
    steps: list[Step] = []
    for line in given.lines:
        booked = charges[periods[line.leak]]
        corrections.append(correct(booked, line.line.amount, reason))
        steps += line.line.working.steps
    return tuple(corrections), tuple(steps)


def used_in(working: Mapping[str, Any]) -> UsedBefore | None:
    """What a charge says of usage; nothing where it is not for usage that we priced."""
    read = metered(working)
    return UsedBefore(period=read.inputs.period, used=read.used) if read else None


def metered(working: Mapping[str, Any]) -> Metered | None:
    """What the working of a charge for usage was made of; nothing for any other charge."""
    try:
        read = Working.model_validate(working)
        inputs = RateInputs.model_validate(read.inputs)
    except ValidationError:
        return None
    if read.rule_kind != "rate" or inputs.facts.usage is None:
        return None
    return Metered(read.rule, inputs, inputs.facts.usage)


def _period(standing: Standing, usual: Decimal | None) -> LeakPeriod:
    read = metered(standing.working)
    if read is None:
        raise NotMetered(f"charge {standing.id} is not for usage that we priced", charge=standing.id)
    return LeakPeriod(
        rate=read.rate,
        period=read.inputs.period,
        whole=read.inputs.whole,
        used=read.used,
        dwelling_units=read.inputs.facts.dwelling_units,
        billed_on=standing.billed_on,
        due_on=standing.due_on,
        usual=usual,
    )
