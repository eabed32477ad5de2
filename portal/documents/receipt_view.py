"""A receipt in the words of one language, which its page, its PDF, its mail and the printed slip all read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from flask import current_app
from flask_babel import gettext

from accounts.cities.rules import City
from accounts.customer_accounts.rules import shown
from accounts.money import Money, total
from payments.receipts.rules import (
    ReceiptAccount,
    ReceiptItem,
    ReceiptLine,
    ReceiptPage,
    ReceiptTendered,
    in_language,
)
from portal.documents.receipt_words import (
    account_label,
    account_masked,
    channel_words,
    policy_words,
    tender_words,
    tendered_words,
)
from portal.i18n import long_date, money_text, speaking


@dataclass(frozen=True)
class LineView:
    """One line of an account. ``due_on`` is None for what became credit."""

    description: str
    due_on: date | None
    amount: Money


@dataclass(frozen=True)
class AccountView:
    """``label`` names the account; ``masked`` tells only the end of its number."""

    label: str
    masked: str
    lines: tuple[LineView, ...]
    paid: Money
    new_balance: Money


@dataclass(frozen=True)
class ItemView:
    """Something that was bought. ``detail`` says how many, and for which project."""

    name: str
    detail: str
    amount: Money


@dataclass(frozen=True)
class TenderView:
    """One of the tenders: what of it was kept, and for cash what was handed over and given back."""

    words: str
    amount: Money
    given: Money
    change: Money


@dataclass(frozen=True)
class FeeView:
    name: str
    amount: Money


@dataclass(frozen=True)
class ReceiptView:
    """A receipt in the words of one language. Instants are in the city's time zone."""

    token: str
    number: str
    language: str
    issued_at: datetime
    total: Money
    amount: Money
    fee: FeeView | None
    tender: str
    channel: str
    accounts: tuple[AccountView, ...]
    items: tuple[ItemView, ...]
    tenders: tuple[TenderView, ...]
    """What a person took, tender by tender; empty for what was paid on the processor's page."""
    policy: str
    """Under which rule the money was laid on the charges."""
    reversed_on: date | None
    taken_back: tuple[str, ...]
    """Of a payment that stands in part: a sentence for each tender that does not count any more."""
    page_url: str
    pdf_url: str
    verify_url: str

    @property
    def paid_on(self) -> date:
        return self.issued_at.date()

    @property
    def change(self) -> Money:
        """What was given back in cash."""
        return total(one.change for one in self.tenders)

    @property
    def tells_tenders(self) -> bool:
        """Is there more to tell of how it was paid than one line says?"""
        return len(self.tenders) > 1 or bool(self.change)

    @property
    def on_accounts(self) -> Money:
        return total(account.paid for account in self.accounts)


def receipt_view(receipt: ReceiptPage, city: City, language: str, base_url: str) -> ReceiptView:
    """The words of a receipt; needs an application context, no request."""
    zone, content = ZoneInfo(city.identity.time_zone), receipt.content
    with speaking(language):
        return ReceiptView(
            token=receipt.token,
            number=receipt.number,
            language=language,
            issued_at=receipt.issued_at.astimezone(zone),
            total=content.total,
            amount=content.amount,
            fee=FeeView(in_language(content.fee.name, language), content.fee.amount) if content.fee else None,
            tender=tendered_words(content.tendered[0])
            if len(content.tendered) == 1
            else tender_words(content.tender),
            channel=_where(receipt),
            accounts=tuple(_account(account, language) for account in content.accounts),
            items=tuple(_item(item, language) for item in content.items),
            tenders=tuple(_tender(one) for one in content.tendered),
            policy=policy_words(content),
            reversed_on=receipt.reversed_at.astimezone(zone).date() if receipt.reversed_at else None,
            taken_back=() if receipt.reversed_at else tuple(_taken_back(receipt, zone)),
            page_url=_address("public.receipt", receipt.token, base_url),
            pdf_url=_address("public.receipt_pdf", receipt.token, base_url),
            verify_url=_address("public.receipt_verify", receipt.token, base_url),
        )


def reversed_sentence(view: ReceiptView) -> str:
    """That the payment was reversed, or what of it, and when; empty for one that stands whole."""
    if view.reversed_on is None:
        return " ".join(view.taken_back)
    on = long_date(view.reversed_on)
    return gettext("This payment was reversed on %(date)s. It does not count as paid.", date=on)


def _where(receipt: ReceiptPage) -> str:
    """Where it was paid; with who brought it, and the paper receipt that was written first."""
    content = receipt.content
    said = [channel_words(receipt.channel)]
    if content.payer:
        said.append(gettext("brought by %(name)s", name=content.payer))
    if content.manual_number:
        said.append(gettext("paper receipt %(number)s", number=content.manual_number))
    return ", ".join(said)


def _taken_back(receipt: ReceiptPage, zone: ZoneInfo) -> list[str]:
    tendered = dict(enumerate(receipt.content.tendered, start=1))
    sentences = []
    for one in receipt.taken_back:
        facts = {
            "tender": tendered_words(tendered[one.ordinal]),
            "amount": money_text(one.amount),
            "date": long_date(one.at.astimezone(zone).date()),
        }
        if one.kind == "returned":
            words = gettext(
                "%(tender)s: the bank returned %(amount)s on %(date)s. That part does not count as paid.", **facts
            )
        else:
            words = gettext(
                "%(tender)s: %(amount)s was taken back on %(date)s. That part does not count as paid.", **facts
            )
        sentences.append(words)
    return sentences


def _address(endpoint: str, token: str, base_url: str) -> str:
    """An absolute address on the city's own host, whichever host a request came to."""
    base = urlsplit(base_url)
    urls = current_app.url_map.bind(base.netloc, base.path or "/", url_scheme=base.scheme)
    return str(urls.build(endpoint, {"token": token}, force_external=True))


def _account(account: ReceiptAccount, language: str) -> AccountView:
    lines = [_line(line, language) for line in account.lines]
    if account.credit:
        lines.append(LineView(gettext("Credit for later charges"), None, account.credit))
    return AccountView(
        label=account_label(account.kind, shown(account.reference)),
        masked=account_masked(account.kind, account.reference[-3:]),
        lines=tuple(lines),
        paid=account.paid,
        new_balance=account.new_balance,
    )


def _line(line: ReceiptLine, language: str) -> LineView:
    return LineView(in_language(line.description, language), line.due_on, line.amount)


def _item(item: ReceiptItem, language: str) -> ItemView:
    details = []
    if item.quantity > 1:
        details.append(gettext("Quantity: %(count)s", count=item.quantity))
    if item.project:
        details.append(gettext("Project: %(code)s", code=item.project))
    return ItemView(in_language(item.name, language), ", ".join(details), item.amount)


def _tender(one: ReceiptTendered) -> TenderView:
    return TenderView(tendered_words(one), one.amount, one.given, one.change)
