"""From a priced line to a charge, and which penalties are due. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby

from accounts.charges.rules import NewCharge
from accounts.cities.rules import City
from accounts.errors import DomainError
from accounts.ledger.rules import Line
from accounts.money import Money, total
from accounts.pricing.penalties import Late, PenalizedCharge, PenaltyRule, penalty_lines
from accounts.pricing.working import PricedLine

DAY = timedelta(days=1)


class NotOurs(DomainError):
    """Only the owner of an external revenue line assesses on it: ``facts["revenue_line"]``."""


@dataclass(frozen=True, slots=True)
class Dates:
    """When a charge was billed, the last day to pay it on time, and its first delinquent day."""

    billed_on: date
    due_on: date
    delinquent_on: date


@dataclass(frozen=True, slots=True)
class LateCharge:
    """A charge that is delinquent, with what is still open of it."""

    id: int
    customer_account_id: int
    bill_id: int | None
    revenue_line: str
    open: Money
    delinquent_on: date


@dataclass(frozen=True, slots=True)
class DuePenalty:
    """A penalty to raise. ``source_key`` names the rule, the bill or charge, the stage and which time it is."""

    customer_account_id: int
    bill_id: int | None
    source_key: str
    on: date
    line: PricedLine


def charge_of(
    city: City,
    release_id: int,
    account_id: int,
    line: PricedLine,
    dates: Dates,
    *,
    source_key: str,
    working: Mapping[str, object] | None = None,
    bill_id: int | None = None,
) -> NewCharge:
    """The charge that a priced line becomes on an account; raises :class:`NotOurs` on an external line."""
    terms = city.revenue_line(line.revenue_line)
    if terms.is_external:
        raise NotOurs(f"{line.revenue_line} is assessed by {terms.owner}", revenue_line=line.revenue_line)
    return NewCharge(
        customer_account_id=account_id,
        revenue_line=line.revenue_line,
        kind=line.kind,
        fund=terms.fund,
        receivable=terms.receivable,
        revenue=terms.revenue,
        amount=line.amount,
        description=line.description,
        billed_on=dates.billed_on,
        due_on=dates.due_on,
        delinquent_on=dates.delinquent_on,
        bill_id=bill_id,
        working=dict(working or line.working.as_json()),
        city_release_id=release_id,
        source_key=source_key,
    )


def shared_revenue(city: City, charges: Sequence[NewCharge]) -> Iterator[Line]:
    """Journal lines that hand the parts of a line's revenue to their own accounts (the State's tenth of a fee)."""
    for charge in charges:
        for account, amount in city.revenue_line(charge.revenue_line).revenue_shares(charge.amount):
            if account != charge.revenue:
                yield Line(charge.revenue, charge.fund, amount)
                yield Line(account, charge.fund, -amount)


def penalties_due(
    city: City,
    late: Sequence[LateCharge],
    already: Mapping[str, Money],
    on: date,
    *,
    replaced: Mapping[str, Sequence[str]] | None = None,
) -> list[DuePenalty]:
    """Penalties to raise by the end of day ``on``; ``already`` holds earlier ones by their source key.

    ``replaced``: the bills and charges (``bill:7``, ``charge:12``) in whose place one came; a stage that one of them
    has earned is not earned again.
    """
    bases = replaced or {}
    return [penalty for rule in city.penalties for penalty in _by_rule(city, rule, late, _Raised(already, bases), on)]


def penalty_charge(city: City, release_id: int, penalty: DuePenalty) -> NewCharge:
    """A penalty is owed on the day that it arises."""
    return charge_of(
        city,
        release_id,
        penalty.customer_account_id,
        penalty.line,
        Dates(penalty.on, penalty.on, penalty.on + DAY),
        source_key=penalty.source_key,
        bill_id=penalty.bill_id,
    )


@dataclass(frozen=True, slots=True)
class _Raised:
    already: Mapping[str, Money]
    replaced: Mapping[str, Sequence[str]]

    def of(self, rule: PenaltyRule, base: str) -> dict[str, Money]:
        """By stage: what a bill or charge, and those in whose place it came, have earned."""
        prefixes = [f"penalty:{rule.code}:{one}:" for one in (base, *self.replaced.get(base, ()))]
        return {
            key.removeprefix(prefix): amount
            for prefix in prefixes
            for key, amount in self.already.items()
            if key.startswith(prefix)
        }


def _by_rule(
    city: City, rule: PenaltyRule, late: Sequence[LateCharge], raised: _Raised, on: date
) -> Iterator[DuePenalty]:
    if city.revenue_line(rule.revenue_line).is_external:
        return
    hit = [c for c in late if c.revenue_line in rule.applies_to and not city.revenue_line(c.revenue_line).is_external]
    for base, group in groupby(sorted(hit, key=lambda c: (_base(rule, c), c.id)), key=lambda c: _base(rule, c)):
        charges = list(group)
        prefix = f"penalty:{rule.code}:{base}:"
        before = raised.of(rule, base)
        first = charges[0]
        of = Late(tuple(PenalizedCharge(id=c.id, open_cents=c.open.cents) for c in charges), first.bill_id)
        for line in penalty_lines(
            rule, total(c.open for c in charges), min(c.delinquent_on for c in charges), on, before, of=of
        ):
            yield DuePenalty(first.customer_account_id, first.bill_id, prefix + line.key, line.on, line.line)


def _base(rule: PenaltyRule, charge: LateCharge) -> str:
    """What a stage is taken of, once: a whole bill, or a charge alone."""
    if rule.per == "bill" and charge.bill_id is not None:
        return f"bill:{charge.bill_id}"
    return f"charge:{charge.id}"
