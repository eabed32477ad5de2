"""What the catalog offers on a day, and what it costs. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Annotated, ClassVar

from pydantic import Field

from accounts.approvals.rules import Command
from accounts.cities.rules import ChartAccount, City
from accounts.errors import DomainError
from accounts.money import Money
from accounts.pricing.facts import Facts
from accounts.pricing.proration import Period
from accounts.pricing.rules import price
from accounts.pricing.shapes import ByChoice, Fixed
from accounts.pricing.texts import Text
from accounts.pricing.working import PricedLine
from accounts.staff.rules import ActKind


class NotInCatalog(DomainError):
    """The counter posts no such fee on such an account on that day: ``facts["rate"]``."""


class TooMany(DomainError):
    """More at once than the catalog allows: ``facts["most"]``."""


class PostFee(Command):
    """Post a fee from the catalog, once or several times."""

    kind: ClassVar[ActKind] = ActKind.FEE
    customer_account_id: int
    rate: str
    quantity: Annotated[int, Field(ge=1, le=99)] = 1
    choice: str = ""
    """For a rate with a schedule: which of it."""


@dataclass(frozen=True)
class OfferedPrice:
    """A price of a fee; ``choice`` is empty where there is but one."""

    choice: str
    name: Text
    amount: Money


@dataclass(frozen=True)
class OfferedFee:
    """A fee as the counter picks it."""

    rate: str
    name: Text
    reason: Text
    prices: tuple[OfferedPrice, ...]
    most: int
    revenue_line: str
    ledger_account: ChartAccount
    """Where its revenue goes."""
    authority: str


def offered(city: City, account_kind: str, on: date) -> tuple[OfferedFee, ...]:
    """The fees that may be posted on a kind of account on a day, in the order of the catalog."""
    return tuple(_offered(city, account_kind, on))


def _offered(city: City, account_kind: str, on: date) -> Iterator[OfferedFee]:
    catalog = city.fee_catalog(on)
    for fee in catalog.fees if catalog else ():
        rate = city.rate(fee.rate)
        version, line = rate.version(on), city.revenue_line(rate.revenue_line)
        if version is None or line.account_kind != account_kind:
            continue
        shape = version.shape
        prices: tuple[OfferedPrice, ...] = ()
        if isinstance(shape, Fixed):
            prices = (OfferedPrice("", rate.name, Money.rounded(shape.amount)),)
        elif isinstance(shape, ByChoice):
            prices = tuple(
                OfferedPrice(code, choice.name, Money.rounded(choice.amount))
                for code, choice in shape.choices.items()
            )
        yield OfferedFee(
            rate=rate.code,
            name=rate.name,
            reason=fee.reason,
            prices=prices,
            most=fee.most,
            revenue_line=rate.revenue_line,
            ledger_account=city.ledger_account(line.revenue),
            authority=version.authority,
        )


def priced_fee(city: City, account_kind: str, command: PostFee, on: date) -> PricedLine:
    """One fee of the command, priced with its working. Raises :class:`NotInCatalog`, :class:`TooMany`, and
    ``NoSuchChoice`` or ``FactMissing`` for a choice that its schedule does not have."""
    fee = next((fee for fee in offered(city, account_kind, on) if fee.rate == command.rate), None)
    if fee is None:
        raise NotInCatalog(f"the counter posts no {command.rate} on {account_kind} accounts", rate=command.rate)
    if command.quantity > fee.most:
        raise TooMany(f"{command.rate} is posted {fee.most} times at once at most", most=fee.most)
    facts = Facts(choice=command.choice) if command.choice else Facts()
    return price(city.rate(command.rate), facts, Period.day(on))
