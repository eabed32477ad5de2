"""Work a priced line out again from what was frozen beside it, by the release that it was made under. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

from pydantic import BaseModel, ConfigDict, JsonValue, TypeAdapter, ValidationError

from accounts.cities.rules import City, NotInTheCity
from accounts.errors import DomainError
from accounts.money import Money
from accounts.pricing.facts import FactMissing, NoSuchChoice
from accounts.pricing.leak_policies import LeakPeriod, UsualUse
from accounts.pricing.leaks import credit_line
from accounts.pricing.registers import MeterUse
from accounts.pricing.rules import NoRateInForce, NotReproducible
from accounts.pricing.rules import recompute as recompute_by
from accounts.pricing.working import PricedLine, Step, VersionUsed, Working

Why = Literal["no_working", "unreadable", "unknown_rule", "inputs", "asks_nothing"]
_PRICED: Mapping[str, tuple[str, ...]] = {"rate": ("facts", "period", "whole")}
"""Inputs of a rate that its price follows from; of the other kinds, all."""
_READS = TypeAdapter(tuple[MeterUse, ...])
_MOST_KNOWN = 10_000
_NOT_PRICED = (FactMissing, NoSuchChoice, NoRateInForce, ValueError, ArithmeticError)


class CannotRecompute(DomainError):
    """A line cannot be worked out again: ``facts["why"]`` is a :data:`Why`; nothing is guessed in its place."""

    def __init__(self, why: Why, message: str) -> None:
        super().__init__(message, why=why)
        self.why = why


@dataclass(frozen=True, slots=True)
class Difference:
    """What was kept, and what the rule comes to now."""

    what: Literal["amount", "versions", "steps", "inputs", "reads"]
    kept: str
    now: str

    def __str__(self) -> str:
        return f"{self.what}: kept {self.kept}, worked out {self.now}"


@dataclass(frozen=True, slots=True)
class Recomputed:
    """A line worked out again beside what was kept of it."""

    kept: Working
    line: PricedLine
    differences: tuple[Difference, ...]

    @property
    def agrees(self) -> bool:
        """Whether amount, versions, steps and inputs are those that were kept."""
        return not self.differences


class LeakInputs(BaseModel):
    """What pricing a leak credit again needs of its working."""

    model_config = ConfigDict(frozen=True)

    leak: LeakPeriod
    usual: UsualUse
    on: date


def recompute(city: City, working: Working | Mapping[str, object]) -> Recomputed:
    """A line worked out again from its working by ``city``, the release that it was made under.

    Raises :class:`CannotRecompute`.
    """
    return Repricer(city).recompute(working)


class Repricer:
    """:func:`recompute` for many lines of one release: equal inputs of a rule are priced once."""

    def __init__(self, city: City) -> None:
        self._city = city
        self._known: dict[str, PricedLine] = {}

    def recompute(self, working: Working | Mapping[str, object]) -> Recomputed:
        """As :func:`recompute`."""
        kept = read_working(working)
        line = self._line(kept)
        return Recomputed(kept, line, tuple(_differences(kept, line)))

    def _line(self, kept: Working) -> PricedLine:
        names = _PRICED.get(kept.rule_kind, tuple(kept.inputs))
        inputs = {name: kept.inputs[name] for name in names if name in kept.inputs}
        key = json.dumps([kept.rule_kind, kept.rule, inputs], sort_keys=True)
        if key not in self._known:
            if len(self._known) >= _MOST_KNOWN:
                self._known.clear()
            self._known[key] = _priced(self._city, kept)
        return self._known[key]


def read_working(working: Working | Mapping[str, object]) -> Working:
    """What was frozen beside a line; raises :class:`CannotRecompute` where that is nothing or not readable."""
    if isinstance(working, Working):
        return working
    if "rule" not in working:
        raise CannotRecompute("no_working", "nothing says by which rule it was worked out")
    try:
        return Working.model_validate(working)
    except ValidationError as error:
        raise CannotRecompute("unreadable", f"its working cannot be read: {_first(error)}") from error


def _priced(city: City, kept: Working) -> PricedLine:
    try:
        if kept.rule_kind == "leak":
            return _leak(city, kept)
        rule = city.penalty(kept.rule) if kept.rule_kind == "penalty" else city.rule(kept.rule)
        return recompute_by(kept, rule)
    except NotInTheCity as error:
        raise CannotRecompute("unknown_rule", f"its release has no {kept.rule_kind} {kept.rule}") from error
    except NotReproducible as error:
        raise CannotRecompute("asks_nothing", str(error)) from error
    except ValidationError as error:
        raise CannotRecompute("inputs", f"its inputs do not do for {kept.rule}: {_first(error)}") from error
    except _NOT_PRICED as error:
        raise CannotRecompute("inputs", f"its inputs do not do for {kept.rule}: {error}") from error


def _leak(city: City, kept: Working) -> PricedLine:
    given = LeakInputs.model_validate(kept.inputs)
    policy = city.leak_policy(given.on)
    if policy is None:
        raise NotReproducible(f"no leak is credited that is asked for on {given.on}")
    credit = credit_line(policy, city.rate(given.leak.rate), given.leak, given.usual, given.on)
    if credit is None:
        raise NotReproducible("the leak gets nothing back")
    return credit.line


def _first(error: ValidationError) -> str:
    first = error.errors()[0]
    return f"{'.'.join(map(str, first['loc']))}: {first['msg'][:1].lower()}{first['msg'][1:]}"


def _differences(kept: Working, line: PricedLine) -> list[Difference]:
    now = line.working
    found = []
    if kept.amount_cents != line.amount.cents:
        found.append(Difference("amount", f"${Money(kept.amount_cents)}", f"${line.amount}"))
    if kept.versions != now.versions:
        found.append(Difference("versions", _dates(kept.versions), _dates(now.versions)))
    if list(map(_figures, kept.steps)) != list(map(_figures, now.steps)):
        found.append(Difference("steps", _sums(kept.steps), _sums(now.steps)))
    for name in sorted(kept.inputs.keys() & now.inputs.keys()):
        if kept.inputs[name] != now.inputs[name]:
            found.append(Difference("inputs", f"{name} {kept.inputs[name]}", str(now.inputs[name])))
    found += _between_inputs(kept.inputs)
    return found


def _between_inputs(inputs: Mapping[str, JsonValue]) -> list[Difference]:
    """Inputs that must follow from one another: usage from its reads, what was late from the charges."""
    found = []
    facts, reads, charges = inputs.get("facts"), inputs.get("reads"), inputs.get("charges")
    if reads is not None and isinstance(facts, dict):
        try:
            measured = sum((use.ccf for use in _READS.validate_python(reads, strict=False)), Decimal(0))
            used = Decimal(str(facts.get("usage")))
        except (ValidationError, ArithmeticError) as error:
            raise CannotRecompute("inputs", f"its reads cannot be read: {error}") from error
        if measured != used:
            found.append(Difference("reads", str(used), str(measured)))
    if isinstance(charges, list):
        late = sum(int(str(charge["open_cents"])) for charge in charges if isinstance(charge, dict))
        if late != inputs.get("owed_cents"):
            found.append(Difference("inputs", f"owed_cents {inputs.get('owed_cents')}", f"{late} by its charges"))
    return found


def _figures(step: Step) -> tuple[object, ...]:
    """What of a step is arithmetic. Its words are left out: a later version may say the same in plainer ones."""
    return step.quantity, step.rate, step.percent, step.amount_cents


def _dates(versions: Sequence[VersionUsed]) -> str:
    return "; ".join(f"{version.authority} from {version.valid_from}" for version in versions)


def _sums(steps: Sequence[Step]) -> str:
    return " + ".join(f"{step.quantity or ''} {step.rate or ''} = ${Money(step.amount_cents)}" for step in steps)
