"""What follows a payment that the bank sent back: fee, flag, and whether it may be presented again. Pure."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Protocol

from accounts.cash_only.rules import Wanted
from accounts.cities.returns import FIRST, NEXT, ReturnPolicy, ReturnReason
from accounts.cities.rules import Calendar, City
from accounts.errors import Conflict, DomainError
from accounts.money import Money
from accounts.pricing.facts import Facts
from accounts.pricing.proration import Period
from accounts.pricing.rules import price
from accounts.pricing.working import PricedLine
from payments.reversals.rules import Plan, TenderHeld

SOURCE = "returned-payment"
RETURNABLE = frozenset({"check", "money_order", "lockbox"})
"""Tenders that a bank can send back; of what the processor took it tells us itself."""
_DIGITS = re.compile(r"\d{2,}")


class NotReturnable(DomainError):
    """Cash and cards do not come back from a bank: ``facts["kind"]``."""


class StillHere(DomainError):
    """The drawer that holds it is not closed: it never went to a bank. Void it instead."""


class NoSuchReturn(DomainError):
    """The city's policy has no such reason for a return."""


class DayNotPossible(DomainError):
    """Nothing comes back before it was paid, or on a day that has not come."""


class LookedElsewhere(Conflict):
    """What was looked at is not what is there now. Nothing was done."""


class MissingMoney(DomainError):
    """A part of it is gone from where it was put: ``facts["missing"]``; ``facts["line"]`` is in the exceptions."""


class NotAgain(DomainError):
    """Items that come back for this reason are not presented again."""


class AgainTooOften(DomainError):
    """As often as the network allows: ``facts["most"]``."""


class AgainTooLate(DomainError):
    """The network's days are over: ``facts["days"]``."""


@dataclass(frozen=True, slots=True)
class Return:
    """What the bank's advice says."""

    tender_id: int
    reason: str
    returned_on: date
    bank_reference: str = ""


@dataclass(frozen=True)
class FeePlan:
    """The fee, and the account that it goes on."""

    account_id: int
    reference: str
    line: PricedLine
    due_on: date


@dataclass(frozen=True)
class Looked:
    """What posting a return would do, as it stands."""

    command: Return
    plan: Plan
    tender: TenderHeld
    reason: ReturnReason
    earlier: int
    fee: FeePlan | None
    no_fee: str
    """``reason``, ``line`` or ``account`` where there is none: no wrong, an outside line, no account."""
    flags: tuple[tuple[int, str, Wanted], ...]
    """Account, its reference, and the flag that it gets."""
    is_late: bool
    """Later than the bank may send it back: ask it before posting."""

    @property
    def seen(self) -> str:
        """A print of all of it: what was looked at is what is done."""
        shares = [
            (outcome.paid.customer_account_id, share.charge.id, share.charge.version, share.amount.cents)
            for outcome in self.plan.outcomes
            for share in outcome.allocated.shares
        ]
        credits_ = [(o.paid.customer_account_id, o.allocated.credit.cents) for o in self.plan.outcomes]
        fee = (self.fee.account_id, self.fee.line.amount.cents, self.fee.due_on.isoformat()) if self.fee else None
        flags = [(account, wanted.until_on.isoformat(), wanted.returns) for account, _, wanted in self.flags]
        items = [(item.code, item.amount.cents) for item in self.plan.items]
        told = [
            self.tender.id, self.plan.payment.reversals, self.reason.code, self.command.returned_on.isoformat(),
            shares, credits_, items, fee, flags,
        ]  # fmt: skip
        return hashlib.sha256(json.dumps(told).encode()).hexdigest()[:32]


def reason_of(policy: ReturnPolicy, code: str) -> ReturnReason:
    """The reason; raises :class:`NoSuchReturn`."""
    found = policy.reason(code)
    if found is None:
        raise NoSuchReturn(f"no reason {code!r}")
    return found


def check(tender: TenderHeld, command: Return, paid_on: date, today: date) -> None:
    """Raises :class:`NotReturnable`, :class:`StillHere`, :class:`DayNotPossible`."""
    if tender.kind not in RETURNABLE:
        raise NotReturnable(f"a bank sends back no {tender.kind}", kind=tender.kind)
    if tender.drawer_is_open:
        raise StillHere(f"tender {tender.id} is in a drawer that is not closed")
    if not paid_on <= command.returned_on <= today:
        raise DayNotPossible(f"{command.returned_on} is not between {paid_on} and {today}")


def is_late(reason: ReturnReason, calendar: Calendar, paid_on: date, returned_on: date) -> bool:
    """Whether the bank sent it back after its time (Nacha: two banking days, or sixty calendar days)."""
    if not reason.within:
        return False
    if reason.unit == "calendar":
        return returned_on > paid_on + timedelta(days=reason.within)
    return returned_on > calendar.add_business_days(paid_on, reason.within + 1)


class Part(Protocol):
    """An account that a payment was on."""

    @property
    def customer_account_id(self) -> int: ...

    @property
    def kind(self) -> str: ...

    @property
    def reference(self) -> str: ...

    @property
    def amount(self) -> Money: ...


def fee_for(
    city: City, reason: ReturnReason, parts: Sequence[Part], earlier: int, today: date
) -> tuple[FeePlan | None, str]:
    """One fee for one item, on the account that it paid most of; with why not, where there is none.

    Civ. Code 1719(a)(1): 25 dollars for the first, 35 for each later one, as the city's rate has it.
    """
    policy = city.return_policy(today)
    if not reason.fee:
        return None, "reason"
    charged = [part for part in parts if part.kind in policy.fees]
    if not charged:
        return None, "line" if parts else "account"
    part = max(charged, key=lambda one: (one.amount, -one.customer_account_id))
    rate = city.rate(policy.fees[part.kind])  # type: ignore[index]
    line = price(rate, Facts(choice=NEXT if earlier else FIRST), Period.day(today))
    due_on = today + timedelta(days=policy.fee_due_after_days)
    return FeePlan(part.customer_account_id, part.reference, line, due_on), ""


def check_again(reason: ReturnReason, policy: ReturnPolicy, returned_on: date, before: int, on: date) -> None:
    """Whether an item that came back is presented once more (Nacha: R01 and R09, twice within 180 days).

    Raises :class:`NotAgain`, :class:`AgainTooOften`, :class:`AgainTooLate`, :class:`DayNotPossible`.
    """
    if not reason.again:
        raise NotAgain(f"{reason.code} is not presented again")
    if before >= policy.most_again:
        raise AgainTooOften(f"{policy.most_again} times at most", most=policy.most_again)
    if on < returned_on:
        raise DayNotPossible(f"{on} is before it came back")
    if on > returned_on + timedelta(days=policy.again_days):
        raise AgainTooLate(f"{policy.again_days} days at most", days=policy.again_days)


def numbers_in(*texts: str) -> tuple[str, ...]:
    """Numbers that a bank's words may hold, without leading zeros: a check's number among them."""
    found = (number.lstrip("0") for text in texts for number in _DIGITS.findall(text))
    return tuple(dict.fromkeys(number for number in found if number))


def same_number(one: str, other: str) -> bool:
    """Whether two check numbers are the same; banks print them with leading zeros."""
    ours, theirs = re.sub(r"\D", "", one).lstrip("0"), re.sub(r"\D", "", other).lstrip("0")
    return bool(ours) and ours == theirs
