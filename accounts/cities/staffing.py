"""Who works here: roles with their permissions and limits, as the city sets them, effective-dated with authority."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Self

from pydantic import Field, model_validator

from accounts.money import Money
from accounts.pricing.effective import Effective
from accounts.pricing.texts import Frozen, Text


class Permission(StrEnum):
    """What a page or an act may demand. A role holds some of them."""

    ACCOUNTS_SEE = "accounts.see"
    PROTECTED_SEE = "accounts.see-protected"
    """Safe at Home and the like (Gov. Code 6205 ff.)."""
    RESTRICTED_SEE = "accounts.see-restricted"
    CONFIDENTIAL_SEE = "accounts.see-confidential"
    """Declared receipts (Rev. & Tax. Code 19542)."""
    CONTACTS_LOG = "contacts.log"
    RECEIPTS_SEND = "receipts.send"
    CUSTOMERS_CHANGE = "customers.change"
    CUSTOMERS_MERGE = "customers.merge"
    ACCOUNTS_OPEN = "accounts.open"
    """Open and close accounts."""
    ACCOUNTS_RESTRICT = "accounts.restrict"
    FEES_POST = "fees.post"
    WAIVERS_MAKE = "waivers.make"
    ADJUSTMENTS_MAKE = "adjustments.make"
    PAYMENTS_MOVE = "payments.move"
    PAYMENTS_VOID = "payments.void"
    """Ask for a void; who may do it stands in the role's limits."""
    WINDOW_TAKE = "window.take"
    """Have a drawer, take money at the window, and count a colleague's float."""
    DRAWERS_REVIEW = "drawers.review"
    """Accept or reject counts, collect cash from drawers, override what holds a sale up."""
    MAIL_LOG = "mail.log"
    """Open the mail, and enter what came in it."""
    SUSPENSE_WORK = "suspense.work"
    RETURNS_POST = "returns.post"
    """Post what the bank sent back."""
    BILLS_RUN = "bills.run"
    """Make a billing run, work what it holds, review it, and begin the correction of a bill."""
    BILLS_APPROVE = "bills.approve"
    """Let a run that others made and reviewed be posted."""
    DEPOSITS_MAKE = "deposits.make"
    BANK_RECONCILE = "bank.reconcile"
    JOURNALS_EXPORT = "journals.export"
    DAYS_CLOSE = "days.close"
    REPORTS_SEE = "reports.see"
    FINDINGS_SEE = "findings.see"
    """What the rules against fraud point at."""
    FINDINGS_WORK = "findings.work"
    """Ask the rules at once, and say what became of a finding; an auditor sees, and changes nothing."""
    EXCEPTIONS_WORK = "exceptions.work"
    CASES_WORK = "cases.work"
    """See what people asked for, answer them, and sign off."""
    CASES_DECIDE = "cases.decide"
    APPEALS_DECIDE = "cases.decide-appeals"
    REFUNDS_MAKE = "refunds.make"
    APPROVALS_SEE = "approvals.see"
    APPROVALS_DECIDE = "approvals.decide"
    """Decide at all; which acts and up to which amount is in the role's limits."""
    CITY_PROPOSE = "city.propose"
    AUDIT_READ = "audit.read"
    STAFF_MANAGE = "staff.manage"


class ActKind(StrEnum):
    """Acts that move money or rules, by the name under which limits and approvals know them."""

    ADJUSTMENT = "adjustment"
    CITY_RELEASE = "city-release"
    FEE = "fee"
    IDENTIFICATION = "identification"
    """Money from suspense to whom it belongs."""
    JOURNAL = "journal"
    MERGER = "merger"
    MOVE = "move"
    PLAN_EXCEPTION = "plan-exception"
    REFUND = "refund"
    VOID = "void"
    WAIVER = "waiver"


UpTo = Annotated[Decimal, Field(ge=0, max_digits=12, decimal_places=2)]


class Limit(Frozen):
    """Up to which amount (dollars) a role does an act alone, and decides on another person's. Left out: never."""

    act: ActKind
    alone: UpTo | None = None
    decide: UpTo | None = None

    @property
    def alone_up_to(self) -> Money | None:
        return None if self.alone is None else Money.rounded(self.alone)

    @property
    def decide_up_to(self) -> Money | None:
        return None if self.decide is None else Money.rounded(self.decide)


class StaffRole(Frozen):
    """A role, as the city names and fills it."""

    code: Annotated[str, Field(pattern=r"^[a-z][a-z_]{1,30}$")]
    name: Text
    permissions: tuple[Permission, ...]
    limits: tuple[Limit, ...] = ()

    @model_validator(mode="after")
    def _names_each_act_once(self) -> Self:
        _no_repeats([limit.act for limit in self.limits], f"role {self.code} has two limits for")
        _no_repeats(self.permissions, f"role {self.code} has twice")
        return self


class StaffPolicy(Effective):
    """The roles of a time, and how long a screen stays open."""

    roles: Annotated[tuple[StaffRole, ...], Field(min_length=1)]
    idle_minutes: Annotated[int, Field(ge=1, le=240)] = 15
    """A screen that nobody used for so long asks who is there; what was typed is kept."""
    absolute_hours: Annotated[int, Field(ge=1, le=24)] = 10
    """After so long everybody signs in anew."""
    second_factor_hours: Annotated[int, Field(ge=0, le=24)] = 10
    """For so long a window remembers that a person gave the second factor there, when people take turns at it."""

    @model_validator(mode="after")
    def _names_each_role_once(self) -> Self:
        _no_repeats([role.code for role in self.roles], "two roles are called")
        return self

    def role(self, code: str) -> StaffRole | None:
        """The role of that code, if the policy knows it."""
        return next((role for role in self.roles if role.code == code), None)


def _no_repeats(found: Sequence[str], what: str) -> None:
    for item in found:
        if list(found).count(item) > 1:
            raise ValueError(f"{what} {item}")
