"""An assessed line as a person reads it: rule and authority, inputs with their names, steps, and whether it agrees.

Pure. Names are in each language of the engine; values are typed, so that a page writes them in its own language.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Literal

from accounts.cities.rules import City, NotInTheCity
from accounts.explanations import penalty_words
from accounts.explanations.inputs import Input
from accounts.explanations.rules import CannotRecompute, Difference, LeakInputs, Repricer, Why, read_working
from accounts.money import Money
from accounts.pricing.leaks import NAME as LEAK_NAME
from accounts.pricing.percentages import BASE
from accounts.pricing.proration import Period
from accounts.pricing.registers import MeterUse
from accounts.pricing.rules import RateInputs
from accounts.pricing.texts import Text, text
from accounts.pricing.working import Step, VersionUsed, Working

READ_KINDS = {
    "actual": text("read", "leída"),
    "estimated": text("estimated", "estimada"),
    "customer": text("read by the customer", "leída por el cliente"),
    "final": text("final read", "lectura final"),
    "reread": text("read again", "leída de nuevo"),
}
_BASES = {
    "stated": text("as stated by staff", "según el personal"),
    "same_period_last_year": text("same time last year", "mismo período del año pasado"),
    "previous_period": text("the bill before", "la factura anterior"),
    "average": text("average of a year", "promedio de un año"),
}


@dataclass(frozen=True, slots=True)
class ShownStep:
    """A step of the working. A confidential one has its quantity only for those who may see it."""

    label: Text
    amount: Money
    quantity: Decimal | None = None
    unit: Text | None = None
    rate: Decimal | None = None
    percent: bool = False
    share: Text | None = None
    is_confidential: bool = False


@dataclass(frozen=True, slots=True)
class Assessed:
    """How we worked a line out, and what its rule comes to when it is worked out again."""

    rule: str
    rule_kind: Literal["rate", "penalty", "leak", ""]
    """Empty where nothing readable was kept."""
    name: Text
    versions: tuple[VersionUsed, ...] = ()
    inputs: tuple[Input, ...] = ()
    steps: tuple[ShownStep, ...] = ()
    recomputed: Money | None = None
    """None where it cannot be worked out again; ``cannot`` says why."""
    differences: tuple[Difference, ...] = ()
    why: Why | None = None
    cannot: str = ""
    is_confidential: bool = False
    """Whether something of it is."""

    @property
    def agrees(self) -> bool:
        """Whether amount, versions, steps and inputs are those that were kept."""
        return self.recomputed is not None and not self.differences

    def redacted(self) -> Assessed:
        """Without what only some may see. What a tax comes to stays, and with its public rate says much already."""
        if not self.is_confidential:
            return self
        return replace(
            self,
            inputs=tuple(replace(one, value=None) if one.is_confidential else one for one in self.inputs),
            steps=tuple(replace(one, quantity=None) if one.is_confidential else one for one in self.steps),
            differences=tuple(replace(one, kept="", now="") for one in self.differences),
        )


def assessed(
    city: City, working: Mapping[str, object], revenue_line: str, late: Mapping[int, Mapping[str, str]]
) -> Assessed:
    """A line of ``revenue_line`` as its page shows it; ``late`` has descriptions of charges that a penalty names."""
    try:
        kept = read_working(working)
    except CannotRecompute as error:
        return unexplained(working, error)
    is_confidential = _is_confidential(city, kept, revenue_line)
    shown = Assessed(
        rule=kept.rule,
        rule_kind=kept.rule_kind,
        name=_name(city, kept),
        versions=kept.versions,
        steps=tuple(_step(step, is_confidential=is_confidential) for step in kept.steps),
        is_confidential=is_confidential,
    )
    try:
        found = Repricer(city).recompute(kept)
    except CannotRecompute as error:
        return replace(shown, why=error.why, cannot=str(error))
    inputs = tuple(_inputs(city, kept, late, is_confidential=is_confidential))
    return replace(shown, inputs=inputs, recomputed=found.line.amount, differences=found.differences)


def unexplained(working: Mapping[str, object], error: CannotRecompute) -> Assessed:
    """A line of ours of which nothing readable was kept."""
    name = text("No rule was kept", "No se guardó la regla")
    return Assessed(str(working.get("rule", "")), "", name, why=error.why, cannot=str(error))


def late_charges(working: Mapping[str, Any]) -> list[int]:
    """Charges that a penalty was taken of, whose descriptions :func:`assessed` asks for."""
    inputs = working.get("inputs")
    charges = inputs.get("charges") if isinstance(inputs, dict) else None
    return [int(charge["id"]) for charge in charges or [] if isinstance(charge, dict) and "id" in charge]


def _is_confidential(city: City, kept: Working, revenue_line: str) -> bool:
    """Gross receipts that a business declared are (Revenue and Taxation Code 19542, B&P Code 16000.1)."""
    facts = kept.inputs.get("facts")
    line = city.revenue_lines.get(revenue_line)
    return isinstance(facts, dict) and "base" in facts and (line is None or line.account_kind == "license")


def _name(city: City, kept: Working) -> Text:
    if kept.rule_kind == "leak":
        return LEAK_NAME
    try:
        return city.rule(kept.rule).name
    except NotInTheCity:
        return text(kept.rule, kept.rule)


def _step(step: Step, *, is_confidential: bool) -> ShownStep:
    return ShownStep(
        label=step.label,
        amount=Money(step.amount_cents),
        quantity=step.quantity,
        unit=step.unit,
        rate=step.rate,
        percent=step.percent,
        share=step.share,
        is_confidential=is_confidential and step.quantity is not None and step.label != BASE,
    )


def _inputs(
    city: City, kept: Working, late: Mapping[int, Mapping[str, str]], *, is_confidential: bool
) -> Iterator[Input]:
    if kept.rule_kind == "penalty":
        yield from penalty_words.inputs(city.penalty(kept.rule), kept.inputs, late)
    elif kept.rule_kind == "leak":
        yield from _leak(city, LeakInputs.model_validate(kept.inputs))
    else:
        reads: Any = kept.inputs.get("reads") or ()
        for read in reads:
            yield from _reads(MeterUse.model_validate(read))
        given = RateInputs.model_validate(kept.inputs)
        yield from _winter(given, kept.inputs.get("winter") or ())
        yield from _facts(given, kept.steps, is_confidential=is_confidential)
        yield from _days(given.period, given.whole)


def _reads(use: MeterUse) -> Iterator[Input]:
    yield Input("meter", text("Meter", "Medidor"), use.meter)
    for code, label, read in (
        ("previous_read", text("Read before", "Lectura anterior"), use.previous),
        ("current_read", text("Read now", "Lectura actual"), use.current),
    ):
        yield Input(code, label, Decimal(read.value), on=read.on, note=READ_KINDS.get(read.kind))
    if use.current.value < use.previous.value:
        yield Input("turned", text("The dial went past zero at", "El medidor pasó por cero en"), 10**use.dials)
    if use.multiplier != 1:
        yield Input("multiplier", text("Each count stands for", "Cada cuenta vale por"), use.multiplier)


def _winter(given: RateInputs, used: Any) -> Iterator[Input]:
    """The bills of the winter, and what their average comes to."""
    for one in used:
        period = Period(first=date.fromisoformat(one["first"]), last=date.fromisoformat(one["last"]))
        label = text("Use in the winter, bill of", "Consumo de invierno, factura del")
        yield Input("winter_use", label, Decimal(one["usage"]), on=period.last + timedelta(days=1))
    if given.facts.winter_average is not None:
        yield Input("winter_average", text("Winter average", "Promedio de invierno"), given.facts.winter_average)


def _facts(given: RateInputs, steps: Sequence[Step], *, is_confidential: bool) -> Iterator[Input]:
    facts = given.facts
    if facts.usage is not None:
        unit = next((step.unit for step in steps if step.unit), None)
        yield Input("usage", text("Use", "Consumo"), facts.usage, unit=unit)
    if facts.dwelling_units != 1:
        yield Input("dwelling_units", text("Homes", "Viviendas"), facts.dwelling_units)
    if facts.meter_size is not None:
        yield Input("meter_size", text("Meter size in inches", "Medidor, en pulgadas"), facts.meter_size)
    for size, count in sorted(facts.carts.items()):
        yield Input("carts", text(f"{size}-gallon carts", f"Contenedores de {size} galones"), count)
    if facts.choice is not None:
        # The step is named after the choice, in each language.
        yield Input("choice", text("Kind", "Tipo"), steps[0].label if steps else facts.choice)
    if facts.base is not None:
        label = text("Gross receipts declared", "Ingresos brutos declarados")
        base = label if is_confidential else text("Taken of", "Calculado sobre")
        yield Input("base", base, Money.rounded(facts.base), is_confidential=is_confidential)


def _days(period: Period, whole: Period | None) -> Iterator[Input]:
    if period.days == 1:
        yield Input("day", text("Day", "Día"), period.first)
        return
    yield Input("period", text("Days charged", "Días cobrados"), period)
    yield Input("days", text("How many days", "Cuántos días"), period.days)
    if whole is not None and whole != period:
        yield Input("whole", text("Of the whole time", "Del período completo"), whole)
        yield Input("whole_days", text("Days in the whole time", "Días del período completo"), whole.days)


def _leak(city: City, given: LeakInputs) -> Iterator[Input]:
    leak, usual = given.leak, given.usual
    yield Input("rate", text("Charge", "Cargo"), city.rate(leak.rate).name)
    yield Input("usage", text("Use with the leak", "Consumo con la fuga"), leak.used)
    yield Input("usual", text("Usual use", "Consumo usual"), usual.used, note=_BASES[usual.basis])
    yield Input("excess", text("Use above usual", "Consumo extra"), leak.used - usual.used)
    yield from _days(leak.period, leak.whole)
    yield Input("asked_on", text("Asked for on", "Se pidió el"), given.on)
