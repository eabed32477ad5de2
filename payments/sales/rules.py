"""A sale while it is made, and why it may not be taken yet. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from accounts.cities.rules import City
from accounts.cities.window import CatalogItem
from accounts.errors import Conflict, DomainError
from accounts.money import ZERO, Money, total
from payments.posting.rules import SPLIT, Item, Paid, Tender, Tendered
from payments.sales.drafts import (
    CASH,
    CHECK,
    MONEY_ORDER,
    SUSPENSE,
    TERMINAL,
    Draft,
    ItemLine,
    TenderLine,
)

_LAST4 = re.compile(r"\d{4}")


class NothingToTake(DomainError):
    """There is nothing in the sale."""


class NotPaidInFull(DomainError):
    """The tenders do not come to what is sold: ``facts["missing"]``; negative where they come to more."""


class ChangeFromCash(DomainError):
    """Change is given of cash only: nobody's check is cashed (domain practice; GFOA, Revenue Control Policy)."""


class TenderIncomplete(DomainError):
    """A tender lacks what the receipt and the deposit need: ``facts["kind"]``, ``facts["needs"]``."""


class NotMadeOutToTheCity(DomainError):
    """A third party's check is not taken."""


class ProjectNeeded(DomainError):
    """The item is sold for one of its projects only: ``facts["item"]``."""


class PriceIsFixed(DomainError):
    """The city has set what the item costs: ``facts["price"]``."""


class DrawerFull(DomainError):
    """With this cash the drawer would hold more than the city lets it: drop some first. ``facts["limit"]``."""


class PaysInCashOnly(DomainError):
    """The account pays no check for now: ``facts["references"]``, ``facts["until"]``."""


class NotHeldUp(Conflict):
    """Nothing holds this account up in the sale: it is not in it, pays by check, or was let pass."""


class NoAccountNamed(DomainError):
    """A word for a sale names the accounts that it is for."""


class SaleIsOver(Conflict):
    """The sale was taken or given up: ``facts["state"]``."""


class SaleChanged(Conflict):
    """The sale was changed on another screen since this one showed it."""


class PaidMeanwhile(Conflict):
    """Less is owed than the screen showed, because somebody has paid since: ``facts["references"]``."""


class NotAllItems(DomainError):
    """The catalog does not have this item today: ``facts["item"]``."""


class AmountMissing(DomainError):
    """A line asks for nothing, or for less."""


def check_owed(accounts: Iterable[Paid], shown: Mapping[int, Money]) -> None:
    """Raises :class:`PaidMeanwhile` where an account owes less than a screen ``shown`` (by its id) said.

    More is no reason: what is taken still meets what is owed.
    """
    fewer = [
        account.reference
        for account in accounts
        if total(charge.open for charge in account.charges) < shown.get(account.customer_account_id, ZERO)
    ]
    if fewer:
        raise PaidMeanwhile("somebody has paid since", references=fewer)


def check(draft: Draft) -> None:
    """Raise the first reason why this may not be taken, whatever drawer and accounts say."""
    if not draft.accounts and not draft.items:
        raise NothingToTake("nothing is sold")
    amounts = [line.amount for lines in (draft.accounts, draft.items, draft.tenders) for line in lines]
    if any(amount <= ZERO for amount in amounts):
        raise AmountMissing("an amount is not above zero")
    for tender in draft.tenders:
        check_tender(tender)
    if draft.missing:
        raise NotPaidInFull(f"{draft.missing} is missing", missing=draft.missing)


def check_tender(tender: TenderLine) -> None:
    """Raise why this tender is not taken, whatever it pays."""
    needs = {
        CASH: (),
        CHECK: ("reference", "bank"),
        MONEY_ORDER: ("reference",),
        TERMINAL: ("reference", "brand", "last4"),
    }.get(tender.kind)
    if needs is None:
        raise TenderIncomplete(f"no tender {tender.kind}", kind=tender.kind, needs="kind")
    for name in needs:
        if not getattr(tender, name).strip():
            raise TenderIncomplete(f"a {tender.kind} needs its {name}", kind=tender.kind, needs=name)
    if tender.kind == TERMINAL and not _LAST4.fullmatch(tender.last4):
        raise TenderIncomplete("four digits of the card", kind=tender.kind, needs="last4")
    if tender.kind == CHECK and not tender.made_out_to_city:
        raise NotMadeOutToTheCity("a third party's check")
    if tender.given != tender.amount and (tender.kind != CASH or tender.given < tender.amount):
        raise ChangeFromCash(f"{tender.given} given for {tender.amount} by {tender.kind}")


def items_of(draft: Draft, city: City, on: date) -> tuple[Item, ...]:
    """What is sold, with its place in the distribution.

    Raises :class:`NotAllItems`, :class:`PriceIsFixed` and :class:`ProjectNeeded`.
    """
    catalog = {item.code: item for item in city.catalog(on)}
    return tuple(_item(line, catalog, city) for line in draft.items)


def _item(line: ItemLine, catalog: Mapping[str, CatalogItem], city: City) -> Item:
    if line.code == SUSPENSE:
        words = dict.fromkeys(city.identity.languages, line.note or "—")
        return Item(SUSPENSE, words, 1, line.amount, city.roles.suspense, city.roles.pooled_cash_fund, line.project)
    found = catalog.get(line.code)
    if found is None:
        raise NotAllItems(f"no item {line.code}", item=line.code)
    if found.unit is not None and line.amount != found.unit * line.quantity:
        raise PriceIsFixed(f"{line.code} costs {found.unit}", price=found.unit)
    if line.project not in {project.code for project in found.projects} and (line.project or found.needs_project):
        raise ProjectNeeded(f"{line.code} needs a project", item=line.code)
    fund = city.ledger_account(found.ledger_account).fund
    return Item(
        line.code, dict(found.name.root), line.quantity, line.amount, found.ledger_account, fund, line.project
    )


def tendered_in(draft: Draft, drawer_id: int) -> tuple[Tendered, ...]:
    """The tenders as they are posted, all in one drawer."""
    return tuple(
        Tendered(
            Tender(line.kind, line.brand, line.last4, line.reference), line.amount, line.given, drawer_id, line.bank
        )
        for line in draft.tenders
    )


def tender_of(tendered: Sequence[Tendered]) -> Tender:
    """The payment's tender as a whole: the only one, one kind without its particulars, or a split."""
    if len(tendered) == 1:
        return tendered[0].tender
    kinds = {one.tender.kind for one in tendered}
    return Tender(kinds.pop() if len(kinds) == 1 else SPLIT)


def accounts_by_check(draft: Draft, flagged: Collection[int], overridden: Collection[int]) -> list[int]:
    """Accounts of the sale that may not be paid by check, though a part of it is paid so."""
    if not any(line.kind == CHECK for line in draft.tenders):
        return []
    return [
        line.customer_account_id
        for line in draft.accounts
        if line.customer_account_id in flagged and line.customer_account_id not in overridden
    ]


@dataclass(frozen=True)
class SaleView:
    """A sale as its page shows it."""

    id: int
    form_key: str
    state: str
    draft: Draft
    note: str
    language: str
    cashier_id: int
    version: int
    receipt_id: int | None = None
    overridden: tuple[int, ...] = field(default=())
    """Accounts whose hold a supervisor, other than who makes the sale now, has lifted for it."""
