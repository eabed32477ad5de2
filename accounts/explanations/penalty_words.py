"""What a penalty was taken of, when it strikes, how often, and where it stops: its inputs in words. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pydantic import JsonValue

from accounts.explanations.inputs import Input
from accounts.money import Money
from accounts.pricing.penalties import PenaltyRule, Stage
from accounts.pricing.rules import PenaltyInputs
from accounts.pricing.texts import Text, text

_AGAIN = {
    "once": text("once", "una vez"),
    "month_or_fraction": text("again each month or part of one", "otra vez cada mes o parte de un mes"),
    "first_of_month": text("again on the first of each month", "otra vez el día primero de cada mes"),
}


def inputs(
    rule: PenaltyRule, kept: Mapping[str, JsonValue], late: Mapping[int, Mapping[str, str]]
) -> Iterator[Input]:
    """Inputs of a penalty that was worked out by ``rule``; ``late`` describes the charges that it is taken of."""
    given = PenaltyInputs.model_validate(kept)
    for charge in given.charges or ():
        words = Text(dict(late[charge.id])) if late.get(charge.id) else text("Late charge", "Cargo atrasado")
        yield Input("late_charge", words, Money(charge.open_cents), charge_id=charge.id)
    yield Input("owed", text("Late in all", "Total atrasado"), Money(given.owed_cents))
    if before := sum(given.already.values()):
        yield Input("already", text("Earlier penalties", "Multas anteriores"), Money(before))
    base = kept.get("base_cents")
    if isinstance(base, int) and base != given.owed_cents:
        yield Input("base", text("Taken of", "Calculado sobre"), Money(base))
    yield Input("delinquent_on", text("Late since", "Atrasado desde"), given.delinquent_on)
    yield Input("on", text("Day of this penalty", "Día de esta multa"), given.on)
    version = rule.version(given.delinquent_on)
    code, _, time = given.key.partition(":")
    stage = next((stage for stage in version.stages if stage.code == code), None) if version else None
    if stage is not None:
        yield Input("trigger", text("It comes", "Se aplica"), _trigger(stage))
        if stage.repeat != "once":
            yield Input("time", text("Time number", "Vez número"), int(time))
    cap = kept.get("cap_cents")
    if isinstance(cap, int):
        yield Input("cap", text("All penalties stop at", "Las multas no pasan de"), Money(cap))


def _trigger(stage: Stage) -> Text:
    again = _AGAIN[stage.repeat]
    if not stage.after_days:
        return text(f"on the first late day, {again.in_('en')}", f"el primer día de atraso, {again.in_('es')}")
    return text(
        f"{stage.after_days} days after the first late day, {again.in_('en')}",
        f"{stage.after_days} días después del primer día de atraso, {again.in_('es')}",
    )
