"""What a change does to a charge, to the money that met it, and to the books. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any

from pydantic import ValidationError

from accounts.adjustments.commands import ByLines, StatedLine
from accounts.assessments.rules import NotOurs
from accounts.cities.chart import AccountKind, RevenueLine
from accounts.cities.rules import City, NotInTheCity
from accounts.errors import DomainError
from accounts.ledger.rules import Line
from accounts.money import ZERO, Money, total
from accounts.pricing.penalties import months_later, penalty_lines
from accounts.pricing.rules import PenaltyInputs
from accounts.pricing.texts import Text
from accounts.pricing.working import Step, line

OPENING = "opening"
"""The kind of journal that brings balances in on day one."""


class NotWaivable(DomainError):
    """The city forgives no charges of this kind: ``facts["kind"]``."""


class WaivedBefore(DomainError):
    """As often as the city forgives was forgiven: ``facts`` ``on`` (the last time), ``times``, ``months``, and
    ``may_be_asked``: whether a second person may go beyond."""


class MoreThanAsked(DomainError):
    """The charge does not ask that much: ``facts["asked"]``."""


class LinesDoNotSum(DomainError):
    """The lines of the calculation come to another amount: ``facts`` ``lines`` and ``amount``."""


class NoSuchReason(DomainError):
    """The city has no such reason for it: ``facts["reason"]``."""


class LeakOfOneAccount(DomainError):
    """A leak is credited on the bills of one account, each once."""


class TakenBackBefore(DomainError):
    """The adjustment was taken back, or takes one back itself."""


@dataclass(frozen=True)
class Standing:
    """A charge as it stands under lock."""

    id: int
    account_id: int
    reference: str
    account_kind: AccountKind
    bill_id: int | None
    revenue_line: str
    kind: str
    fund: str
    receivable: str
    description: Mapping[str, str]
    amount: Money
    adjusted: Money
    """All adjustments so far, signed."""
    allocated: Money
    """Money that met it and was not taken back."""
    open: Money
    version: int
    billed_on: date
    due_on: date
    working: Mapping[str, Any]
    release_id: int | None
    raised_by: str
    """The kind of journal that raised it."""

    @property
    def asked(self) -> Money:
        """What it asks today, paid or not."""
        return self.amount + self.adjusted


@dataclass(frozen=True)
class Booked:
    """A charge, and its revenue line as the charge is booked: a line that moved to another fund is taken from the
    release under which the charge was raised."""

    standing: Standing
    line: RevenueLine


@dataclass(frozen=True)
class Correction:
    """A change to what a charge asks. ``amount`` is signed; ``reason`` is a code of the city's."""

    standing: Standing
    line: RevenueLine
    amount: Money
    reason: str
    reverses_id: int | None = None

    @property
    def taken_back(self) -> Money:
        """Money that met the charge and is now more than it asks: it becomes the account's credit."""
        return max(ZERO - (self.standing.open + self.amount), ZERO)

    @property
    def open_after(self) -> Money:
        return self.standing.open + self.amount + self.taken_back


def correct(booked: Booked, amount: Money, reason: str, *, reverses_id: int | None = None) -> Correction:
    """A change that may be made; raises ``NotOurs`` on an external line and :class:`MoreThanAsked`."""
    standing, line = booked.standing, booked.line
    if line.is_external:
        raise NotOurs(f"{standing.revenue_line} is corrected by {line.owner}", revenue_line=standing.revenue_line)
    if not amount or standing.asked + amount < ZERO:
        raise MoreThanAsked(f"charge {standing.id} asks {standing.asked}", asked=standing.asked)
    return Correction(standing, line, amount, reason, reverses_id)


def journal_lines(city: City, corrections: Iterable[Correction]) -> tuple[Line, ...]:
    """Receivable against what the charge had credited; what is paid too much against the account's credit."""
    return tuple(line for correction in corrections for line in _lines(city, correction))


def _lines(city: City, change: Correction) -> Iterator[Line]:
    standing, fund, back = change.standing, change.standing.fund, change.taken_back
    yield Line(standing.receivable, fund, change.amount + back, standing.account_id)
    for code, amount in _other_side(city, change):
        yield Line(code, fund, -amount)
    if not back:
        return
    roles = city.roles
    credit = roles.customer_credits[standing.account_kind]
    credit_fund = city.ledger_account(credit).fund
    yield Line(credit, credit_fund, -back, standing.account_id)
    if credit_fund != fund:
        # The money follows its debt into the other fund: the pool owes it there now.
        yield Line(roles.claim_on_pooled_cash[fund], fund, -back)
        yield Line(roles.due_to_funds, roles.pooled_cash_fund, back)
        yield Line(roles.claim_on_pooled_cash[credit_fund], credit_fund, back)
        yield Line(roles.due_to_funds, roles.pooled_cash_fund, -back)


def _other_side(city: City, change: Correction) -> list[tuple[str, Money]]:
    """What the charge credited, and by how much that changes. Parts of revenue are those of the whole amount, so that
    corrections in pieces come to the cent to what one correction would."""
    standing, line = change.standing, change.line
    if standing.raised_by == OPENING:
        return [(city.roles.opening_equity[standing.fund], change.amount)]
    before = dict(line.revenue_shares(standing.asked)) if standing.asked else {}
    asked = standing.asked + change.amount
    after = dict(line.revenue_shares(asked)) if asked else {}
    codes = dict.fromkeys([*before, *after])
    return [(code, after.get(code, ZERO) - before.get(code, ZERO)) for code in codes]


def stated_total(lines: Iterable[StatedLine]) -> Money:
    """What the lines of a calculation come to."""
    return total(Money(step.amount_cents) for step in _steps(lines))


def _steps(lines: Iterable[StatedLine]) -> tuple[Step, ...]:
    return tuple(line(Text({"en": one.label}), Fraction(one.quantity), one.rate) for one in lines)


def stated_steps(by: ByLines) -> tuple[Step, ...]:
    """The calculation that a person stated; raises :class:`LinesDoNotSum`."""
    steps = _steps(by.lines)
    came_to = total(Money(step.amount_cents) for step in steps)
    if came_to.cents != by.amount_cents:
        amount = Money(by.amount_cents)
        raise LinesDoNotSum(f"the lines come to {came_to}, not {amount}", lines=came_to, amount=amount)
    return steps


def may_waive(city: City, kind: str, earlier: Sequence[date], on: date, *, beyond: bool) -> bool:
    """Whether a second person must decide because of the count. ``earlier``: days of waivers of that kind.

    Raises :class:`NotWaivable` and :class:`WaivedBefore`.
    """
    policy = city.waiver_policy(on)
    limit = policy.limit(kind) if policy else None
    if policy is None or limit is None:
        raise NotWaivable(f"the city forgives no {kind}", kind=kind)
    counted = [day for day in earlier if day > months_later(on, -limit.months)]
    if len(counted) < limit.times:
        return False
    may_be_asked = limit.beyond == "second_person"
    if not (beyond and may_be_asked):
        raise WaivedBefore(
            f"a {kind} was forgiven on {max(counted)}; {limit.times} in {limit.months} months",
            on=max(counted), times=limit.times, months=limit.months, may_be_asked=may_be_asked, kind=kind,
        )  # fmt: skip
    return True


def must_be_ours(city: City, booked: Booked) -> None:
    """A deposit, or a part that goes to the State, is not the city's to forgive; raises :class:`NotWaivable`."""
    codes = {code for code, _ in booked.line.revenue_shares(booked.standing.amount)}
    if any(city.ledger_account(code).kind != "revenue" for code in codes):
        line = booked.standing.revenue_line
        raise NotWaivable(f"{line} is not the city's own money", kind=booked.standing.kind, revenue_line=line)


def waiver_reason(city: City, code: str, on: date) -> str:
    """The code, if the city forgives for it on that day; raises :class:`NoSuchReason`."""
    policy = city.waiver_policy(on)
    if policy is None or policy.reason(code) is None:
        raise NoSuchReason(f"the city forgives nothing for {code!r}", reason=code)
    return code


def stated_reason(city: City, code: str, on: date) -> str:
    """The code, if a stated calculation may give it on that day; raises :class:`NoSuchReason`."""
    reason = city.adjustment_policy(on).reason(code)
    if reason is None or reason.calculation != "stated":
        raise NoSuchReason(f"the city corrects nothing by a stated calculation for {code!r}", reason=code)
    return code


def leak_reason(city: City, on: date) -> str:
    """The code under which credits for leaks are kept."""
    reason = city.adjustment_policy(on).leak_reason
    if reason is None:
        raise NoSuchReason("the city has no reason for leaks", reason="leak")
    return reason.code


def penalty_now(
    city: City, working: Mapping[str, Any], less: Money, stages: Mapping[str, Money] | None = None
) -> Money | None:
    """What a penalty would be had its charge asked ``less`` (negative) from the start; nothing where its rule is gone
    or its working is not ours. ``stages``: what earlier ones come to now, where that is not as they were raised."""
    try:
        inputs = PenaltyInputs.model_validate(working["inputs"])
        rule = city.penalty(str(working["rule"]))
    except (KeyError, ValidationError, NotInTheCity):
        return None
    owed, already = Money(inputs.owed_cents) + less, {key: Money(cents) for key, cents in inputs.already.items()}
    already.update((key, amount) for key, amount in (stages or {}).items() if key in already)
    lines = penalty_lines(rule, max(owed, ZERO), inputs.delinquent_on, inputs.on, already)
    return next((line.line.amount for line in lines if line.key == inputs.key), ZERO)
