"""The city as one frozen value: everything that differs between cities, and questions to it. No I/O.

``City.model_validate(city.model_dump(mode="json"))`` is the same city; that JSON is what a release keeps.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import TypeVar

from accounts.cities.banks import BankAccount, BankPolicy
from accounts.cities.billing import BillingChecks
from accounts.cities.chart import AccountKind, ChartAccount, Fund, RevenueLine, RevenuePart, Roles
from accounts.cities.corrections import AdjustmentPolicy, FeeCatalog, WaiverPolicy
from accounts.cities.desk import DeskPolicy
from accounts.cities.identity import Calendar, Colors, Holiday, Identity
from accounts.cities.journal_layouts import JournalLayout
from accounts.cities.mail import LockboxProfile, MailPolicy
from accounts.cities.messages import MessagePolicy
from accounts.cities.oversight import OversightPolicy
from accounts.cities.policies import (
    AllocationPolicy,
    BillingPolicy,
    LicenseClass,
    LicensePolicy,
    Lookup,
    Lookups,
    Payments,
    Proof,
    Rank,
    ReceiptSeries,
    ServiceFee,
)
from accounts.cities.requests import DocumentPolicy, DraftPolicy, RequestKind, kinds_on
from accounts.cities.returns import PayLinkPolicy, ReturnPolicy
from accounts.cities.scanning import ScanLayout
from accounts.cities.staffing import StaffPolicy
from accounts.cities.window import CashPolicy, CatalogItem, Till, till_of
from accounts.errors import DomainError
from accounts.pricing.effective import Effective, in_force
from accounts.pricing.leak_policies import LeakPolicy
from accounts.pricing.penalties import PenaltyRule
from accounts.pricing.rules import Rate
from accounts.pricing.texts import Frozen, Text

__all__ = [
    "AccountKind", "AllocationPolicy", "BillingPolicy", "Calendar", "ChartAccount", "City", "Colors", "Effective",
    "Fund", "Holiday", "Identity", "LicenseClass", "LicensePolicy", "Lookup", "NotInTheCity", "Payments",
    "PenaltyRule", "Proof", "Rank", "Rate", "ReceiptSeries", "RevenueLine", "RevenuePart", "Roles", "ServiceFee",
    "Text", "active",
]  # fmt: skip

T = TypeVar("T")

active = in_force
"""The item of an effective-dated list that is in force on a day, if any: ``active(items, on)``."""


class NotInTheCity(DomainError):
    """The rules of the city do not have that code, or nothing in force that day: ``facts["what"]``."""


class City(Frozen):
    """One city. Each field is a top-level key of the folder's TOML files."""

    identity: Identity
    calendar: Calendar
    funds: dict[str, Fund]
    ledger_accounts: tuple[ChartAccount, ...]
    roles: Roles
    revenue_lines: dict[str, RevenueLine]
    rates: tuple[Rate, ...]
    penalties: tuple[PenaltyRule, ...] = ()
    license_classes: tuple[LicenseClass, ...] = ()
    service_fees: tuple[ServiceFee, ...] = ()
    allocation_policies: tuple[AllocationPolicy, ...]
    billing_policies: tuple[BillingPolicy, ...]
    billing_checks: tuple[BillingChecks, ...] = ()
    """None: a billing run holds only what cannot be billed at all."""
    license_policies: tuple[LicensePolicy, ...]
    leak_policies: tuple[LeakPolicy, ...] = ()
    """None: the city gives no credit for leaks."""
    lookups: Lookups
    staff_policies: tuple[StaffPolicy, ...] = ()
    desk_policies: tuple[DeskPolicy, ...] = ()
    fee_catalogs: tuple[FeeCatalog, ...] = ()
    waiver_policies: tuple[WaiverPolicy, ...] = ()
    """None: the city forgives nothing."""
    adjustment_policies: tuple[AdjustmentPolicy, ...] = ()
    receipt_series: tuple[ReceiptSeries, ...]
    payments: Payments
    tills: tuple[Till, ...] = ()
    """None: the city has no window."""
    cash_policies: tuple[CashPolicy, ...] = ()
    catalog_items: tuple[CatalogItem, ...] = ()
    return_policies: tuple[ReturnPolicy, ...] = ()
    pay_link_policies: tuple[PayLinkPolicy, ...] = ()
    scan_lines: tuple[ScanLayout, ...] = ()
    """Of the city's bills; those without one are found by their number only."""
    bank_accounts: tuple[BankAccount, ...] = ()
    """By code and period."""
    bank_policies: tuple[BankPolicy, ...] = ()
    journal_layouts: tuple[JournalLayout, ...] = ()
    """None: journals go to the accounting system in the neutral form alone."""
    oversight_policies: tuple[OversightPolicy, ...] = ()
    """None: the rules against fraud look for nothing."""
    mail_policies: tuple[MailPolicy, ...] = ()
    """None: the city logs no mail."""
    lockbox_profiles: tuple[LockboxProfile, ...] = ()
    message_policies: tuple[MessagePolicy, ...] = ()
    """None: nobody is told anything that they did not ask for."""
    request_kinds: tuple[RequestKind, ...] = ()
    """None: people ask for nothing in writing here."""
    document_policies: tuple[DocumentPolicy, ...] = ()
    draft_policies: tuple[DraftPolicy, ...] = ()
    violations: dict[str, Text] = {}
    """The citation register's words for a violation, and what people call it."""

    def violation(self, words: str) -> Text:
        """What people call a violation; the register's own words in every language where the city has none."""
        known = self.violations.get(words.strip().upper())
        return known or Text(dict.fromkeys(self.identity.languages, words))

    def revenue_line(self, code: str) -> RevenueLine:
        if code not in self.revenue_lines:
            raise NotInTheCity(f"no revenue line {code!r}", what=code)
        return self.revenue_lines[code]

    def ledger_account(self, code: str) -> ChartAccount:
        return _one((account for account in self.ledger_accounts if account.code == code), f"ledger account {code!r}")

    def rate(self, code: str) -> Rate:
        """A rate with all its versions, as ``price`` takes it."""
        return _one((rate for rate in self.rates if rate.code == code), f"rate {code!r}")

    def penalty(self, code: str) -> PenaltyRule:
        return _one((rule for rule in self.penalties if rule.code == code), f"penalty {code!r}")

    def rule(self, code: str) -> Rate | PenaltyRule:
        """The rule that a working names: a rate, a service fee or a penalty. Codes are unique among them."""
        rules: tuple[Rate | PenaltyRule, ...] = (*self.rates, *self.service_fees, *self.penalties)
        return _one((rule for rule in rules if rule.code == code), f"rule {code!r}")

    def penalties_for(self, revenue_line: str) -> tuple[PenaltyRule, ...]:
        """Penalties that charges of a line can incur. None for an external line: only its owner assesses."""
        if self.revenue_line(revenue_line).is_external:
            return ()
        return tuple(rule for rule in self.penalties if revenue_line in rule.applies_to)

    def license_class(self, code: str) -> LicenseClass:
        return _one((kind for kind in self.license_classes if kind.code == code), f"license class {code!r}")

    def service_fee(self, tender: str, channel: str, on: date) -> ServiceFee | None:
        """The fee rule in force for a tender on a channel; none where paying so costs nothing."""
        for fee in self.service_fees:
            version = fee.version(on)
            if (fee.tender, fee.channel) == (tender, channel) and version and version.shape.type != "none":
                return fee
        return None

    def allocation_policy(self, on: date) -> AllocationPolicy:
        return _one((p for p in self.allocation_policies if p.covers(on)), f"allocation policy on {on}")

    def billing_policy(self, on: date) -> BillingPolicy:
        return _one((p for p in self.billing_policies if p.covers(on)), f"billing policy on {on}")

    def billing_check(self, on: date) -> BillingChecks | None:
        """What is looked at before a bill of a day goes out; none where nothing is."""
        return in_force(self.billing_checks, on)

    def license_policy(self, on: date) -> LicensePolicy:
        return _one((p for p in self.license_policies if p.covers(on)), f"license policy on {on}")

    def staff_policy(self, on: date) -> StaffPolicy:
        return _one((p for p in self.staff_policies if p.covers(on)), f"staff policy on {on}")

    def leak_policy(self, on: date) -> LeakPolicy | None:
        """How leaks are credited that are asked for on a day; none where the city does not."""
        return in_force(self.leak_policies, on)

    def desk_policy(self, on: date) -> DeskPolicy:
        return _one((p for p in self.desk_policies if p.covers(on)), f"desk policy on {on}")

    def fee_catalog(self, on: date) -> FeeCatalog | None:
        """What the counter may post by hand on a day; none where it may post nothing."""
        return in_force(self.fee_catalogs, on)

    def waiver_policy(self, on: date) -> WaiverPolicy | None:
        """What is forgiven on a day, and how often; none where nothing is."""
        return in_force(self.waiver_policies, on)

    def adjustment_policy(self, on: date) -> AdjustmentPolicy:
        return _one((p for p in self.adjustment_policies if p.covers(on)), f"adjustment policy on {on}")

    def correction_reason(self, code: str, on: date) -> Text | None:
        """What the reason of a waiver or an adjustment of ours says; none for words of another system."""
        waivers, adjustments = self.waiver_policy(on), in_force(self.adjustment_policies, on)
        known = (waivers.reason(code) if waivers else None) or (adjustments.reason(code) if adjustments else None)
        return known.name if known else None

    def message_policy(self, on: date) -> MessagePolicy | None:
        """What people are told of itself on a day; none where they are told nothing."""
        return in_force(self.message_policies, on)

    def due_on(self, billed_on: date) -> date:
        """The last day to pay a utility bill on time."""
        policy = self.billing_policy(billed_on)
        due = billed_on + timedelta(days=policy.due_after_days)
        return self.calendar.next_business_day(due) if policy.roll_to_business_day else due

    def delinquent_on(self, billed_on: date) -> date:
        """The first day on which a utility bill is delinquent (``penalty_lines`` counts from it)."""
        policy = self.billing_policy(billed_on)
        last = self.due_on(billed_on) + timedelta(days=policy.grace_days)
        if policy.roll_to_business_day:
            last = self.calendar.next_business_day(last)
        return last + timedelta(days=1)

    def till(self, code: str) -> Till:
        return _one(iter([found] if (found := till_of(self.tills, code)) else []), f"till {code!r}")

    def cash_policy(self, on: date) -> CashPolicy:
        return _one((p for p in self.cash_policies if p.covers(on)), f"cash policy on {on}")

    def oversight_policy(self, on: date) -> OversightPolicy | None:
        """What is looked for on a day; none where nothing is."""
        return in_force(self.oversight_policies, on)

    def return_policy(self, on: date) -> ReturnPolicy:
        return _one((p for p in self.return_policies if p.covers(on)), f"policy for returned payments on {on}")

    def pay_link_policy(self, on: date) -> PayLinkPolicy:
        return _one((p for p in self.pay_link_policies if p.covers(on)), f"policy for links to pay on {on}")

    def catalog(self, on: date) -> tuple[CatalogItem, ...]:
        """What the window sells on a day beside what is owed."""
        return tuple(item for item in self.catalog_items if item.covers(on))

    def catalog_item(self, code: str, on: date) -> CatalogItem:
        return _one((item for item in self.catalog(on) if item.code == code), f"catalog item {code!r} on {on}")

    def scan_layouts(self, on: date) -> tuple[ScanLayout, ...]:
        """The scan lines that bills may carry on a day; they are tried in this order."""
        return tuple(layout for layout in self.scan_lines if layout.covers(on))

    def banks(self, on: date) -> tuple[BankAccount, ...]:
        """The bank accounts of a day."""
        return tuple(account for account in self.bank_accounts if account.covers(on))

    def bank_account(self, code: str, on: date) -> BankAccount:
        return _one((account for account in self.banks(on) if account.code == code), f"bank account {code!r} on {on}")

    def bank_policy(self, on: date) -> BankPolicy:
        return _one((p for p in self.bank_policies if p.covers(on)), f"bank policy on {on}")

    def layouts(self, on: date) -> tuple[JournalLayout, ...]:
        """The layouts in which journals may be written on a day, beside the neutral one."""
        return tuple(layout for layout in self.journal_layouts if layout.covers(on))

    def journal_layout(self, code: str, on: date) -> JournalLayout:
        return _one(
            (layout for layout in self.layouts(on) if layout.code == code), f"journal layout {code!r} on {on}"
        )

    def mail_policy(self, on: date) -> MailPolicy:
        return _one((p for p in self.mail_policies if p.covers(on)), f"mail policy on {on}")

    def lockbox_profile(self, code: str) -> LockboxProfile:
        return _one((p for p in self.lockbox_profiles if p.code == code), f"lockbox profile {code!r}")

    def requests(self, on: date) -> tuple[RequestKind, ...]:
        """What people may ask for on a day."""
        return kinds_on(self.request_kinds, on)

    def request_kind(self, code: str, on: date) -> RequestKind:
        return _one((kind for kind in self.requests(on) if kind.code == code), f"request {code!r} on {on}")

    def document_policy(self, on: date) -> DocumentPolicy:
        return _one((p for p in self.document_policies if p.covers(on)), f"document policy on {on}")

    def draft_policy(self, on: date) -> DraftPolicy | None:
        """How long requests that nobody handed in are kept; for good where nothing says it."""
        return in_force(self.draft_policies, on)

    def series_of(self, channel: str) -> tuple[str, ...]:
        """Codes of the receipt series of a channel."""
        return tuple(series.code for series in self.receipt_series if series.channel == channel)

    def web_series(self) -> tuple[str, ...]:
        """Codes of the receipt series of the web."""
        return tuple(series.code for series in self.receipt_series if series.channel == "web")


def _one(found: Iterator[T], what: str) -> T:
    item = next(found, None)
    if item is None:
        raise NotInTheCity(f"the city has no {what}", what=what)
    return item
