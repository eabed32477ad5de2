"""What a refund of a credit does to the books. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from accounts.approvals.rules import Command
from accounts.cities.chart import AccountKind
from accounts.cities.rules import City, NotInTheCity
from accounts.errors import DomainError
from accounts.ledger.rules import Line
from accounts.money import Money
from accounts.staff.rules import ActKind

PayBy = Literal["check", "counter"]


class NoCredit(DomainError):
    """The account has less credit than that: ``facts["credit"]``."""


class MoneyOnItsWay(DomainError):
    """A payment is on its way to this account: what is its credit is not known yet."""


class OwesMore(DomainError):
    """The account owes, and its credit goes there first: ``facts["owed"]``."""


class RefundCredit(Command):
    """Pay an account's credit, or a part of it, to whoever it belongs to."""

    kind: ClassVar[ActKind] = ActKind.REFUND
    account_id: int
    amount_cents: Annotated[int, Field(gt=0, le=10_000_000_00)]
    payee: Annotated[str, Field(min_length=1, max_length=200)]
    address: Annotated[str, Field(max_length=300)] = ""
    pay_by: PayBy = "check"
    case_id: int | None = None
    """The claim that asks for it."""


@dataclass(frozen=True)
class Credit:
    """An account under lock."""

    account_id: int
    reference: str
    kind: AccountKind
    credit: Money
    owed: Money
    on_its_way: bool


def check(credit: Credit, amount: Money) -> None:
    """Raises :class:`NoCredit`, :class:`OwesMore`, :class:`MoneyOnItsWay`."""
    if amount > credit.credit:
        raise NoCredit(f"{credit.credit} of credit", credit=credit.credit)
    if credit.owed:
        raise OwesMore(f"{credit.owed} is owed", owed=credit.owed)
    if credit.on_its_way:
        raise MoneyOnItsWay("a payment is on its way")


def journal_lines(city: City, credit: Credit, amount: Money) -> tuple[Line, ...]:
    """The credit goes, and the pool owes a refund instead; the fund in which credits stand gives up its claim."""
    roles = city.roles
    if not roles.refunds_payable:
        raise NotInTheCity("no account for refunds that are payable", what="refunds_payable")
    code = roles.customer_credits[credit.kind]
    fund, pool = city.ledger_account(code).fund, roles.pooled_cash_fund
    lines = [Line(code, fund, amount, credit.account_id), Line(roles.refunds_payable, pool, -amount)]
    if fund != pool:
        lines += [Line(roles.claim_on_pooled_cash[fund], fund, -amount), Line(roles.due_to_funds, pool, amount)]
    return tuple(lines)
