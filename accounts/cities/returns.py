"""Payments that the bank sends back: reasons, fees, how often one may be collected again; and links to pay."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from accounts.cities.chart import AccountKind, RevenueLine
from accounts.pricing.effective import Effective
from accounts.pricing.rules import Rate
from accounts.pricing.texts import Frozen, Text

FIRST, NEXT = "first", "next"
"""Choices of the fee's rate (Civ. Code 1719(a)(1)): the first payment of somebody that comes back, and each later."""
NAMED_AMOUNTS = frozenset({"fixed", "by_choice"})


class ReturnReason(Frozen):
    """Why the bank sent it back: a code of the ACH network (Nacha) or of a check."""

    code: Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9-]{1,19}$")]
    name: Text
    within: Annotated[int, Field(ge=0, le=365)] = 0
    """So many days the bank has for it; 0: no limit that we could see from here."""
    unit: Literal["banking", "calendar"] = "banking"
    again: bool = False
    """Whether the same item may be presented again (Nacha: R01 and R09; checks alike)."""
    fee: bool = True
    """Whether the payer is charged for it: not where the payer did nothing wrong."""
    counts: bool = True
    """Whether it counts towards paying in cash only."""


class ReturnPolicy(Effective):
    """What follows a returned payment in a time."""

    fees: dict[AccountKind, str] = {}
    """Kind of account → the rate of its fee; none: no fee there (another system assesses)."""
    fee_due_after_days: Annotated[int, Field(ge=0, le=365)] = 0
    most_again: Annotated[int, Field(ge=0, le=9)] = 2
    """How often an item is presented again at most, within ``again_days`` of its return."""
    again_days: Annotated[int, Field(ge=0, le=999)] = 180
    reasons: Annotated[tuple[ReturnReason, ...], Field(min_length=1)]

    def reason(self, code: str) -> ReturnReason | None:
        return next((reason for reason in self.reasons if reason.code == code), None)

    @model_validator(mode="after")
    def _names_each_once(self) -> Self:
        codes = [reason.code for reason in self.reasons]
        for code in codes:
            if codes.count(code) > 1:
                raise ValueError(f"two reasons called {code}")
        return self


class PayLinkPolicy(Effective):
    """Links to pay that the counter sends."""

    minutes: Annotated[int, Field(ge=5, le=10_080)]
    """How long a link can be paid."""
    most_accounts: Annotated[int, Field(ge=1, le=20)] = 5

    @property
    def life(self) -> timedelta:
        return timedelta(minutes=self.minutes)


def problems(
    policies: Sequence[ReturnPolicy], rates: Sequence[Rate], lines: Mapping[str, RevenueLine]
) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Fees are rates in force, fixed or by the choices ``first`` and ``next``, on a line of our own of their kind."""
    known = {rate.code: rate for rate in rates}
    for index, policy in enumerate(policies):
        for kind, code in policy.fees.items():
            path = ("return_policies", index, "fees", kind)
            rate = known.get(code)
            if rate is None:
                yield path, f"there is no rate {code!r}"
                continue
            line = lines.get(rate.revenue_line)
            if line is not None and (line.is_external or line.account_kind != kind):
                yield path, f"{code} is not on a line of {kind} accounts that we assess"
            for version in rate.versions:
                shape = version.shape
                if shape.type not in NAMED_AMOUNTS:
                    yield path, f"{code} is neither fixed nor by choice"
                elif shape.type == "by_choice" and not {FIRST, NEXT} <= set(shape.choices):
                    yield path, f"{code} has no choices {FIRST!r} and {NEXT!r}"
