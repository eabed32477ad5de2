"""The words of a receipt in one language, which its page, its PDF and its mail all read, and the PDF itself."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from flask import current_app
from flask_babel import force_locale, gettext

from accounts.cities.rules import City
from accounts.customer_accounts.rules import shown
from accounts.money import Money
from payments.receipts.rules import (
    Content,
    ReceiptAccount,
    ReceiptLine,
    ReceiptPage,
    ReceiptTender,
    in_language,
)
from portal.documents.typesetting import qr_svg, read_drawing, typeset
from portal.i18n import locale_name, long_date, long_datetime, money_text, short_date
from portal.wiring import wiring

BRANDS = {
    "amex": "American Express",
    "cartes_bancaires": "Cartes Bancaires",
    "diners": "Diners Club",
    "discover": "Discover",
    "eftpos_au": "eftpos",
    "jcb": "JCB",
    "mastercard": "Mastercard",
    "unionpay": "UnionPay",
    "visa": "Visa",
}
"""The processor's names of card networks, as cards show them."""


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
    policy: str
    """Under which rule the money was laid on the charges."""
    reversed_on: date | None
    page_url: str
    pdf_url: str
    verify_url: str

    @property
    def paid_on(self) -> date:
        return self.issued_at.date()


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
            tender=tender_words(content.tender),
            channel=channel_words(receipt.channel),
            accounts=tuple(_account(account, language) for account in content.accounts),
            policy=_policy(content),
            reversed_on=receipt.reversed_at.astimezone(zone).date() if receipt.reversed_at else None,
            page_url=_address("public.receipt", receipt.token, base_url),
            pdf_url=_address("public.receipt_pdf", receipt.token, base_url),
            verify_url=_address("public.receipt_verify", receipt.token, base_url),
        )


def receipt_pdf(
    receipt: ReceiptPage, city: City, language: str, base_url: str, *, printed_again_at: datetime | None = None
) -> bytes:
    """The receipt as an accessible PDF (PDF/UA-1) in ``language``.

    One that is ``printed_again_at`` a later time says on each page that it is a duplicate.
    """
    view = receipt_view(receipt, city, language, base_url)
    with speaking(language):
        paper = _paper(view, city)
        if printed_again_at is not None:
            paper |= _duplicate(view, printed_again_at, city)
        return typeset("receipt", paper, printed_again_at or view.issued_at)


def speaking(language: str) -> AbstractContextManager[None]:
    """Words and formats of ``language``, whatever the language of the request, and without one."""
    return force_locale(locale_name(language))


def _address(endpoint: str, token: str, base_url: str) -> str:
    """An absolute address on the city's own host, whichever host a request came to."""
    base = urlsplit(base_url)
    urls = current_app.url_map.bind(base.netloc, base.path or "/", url_scheme=base.scheme)
    return str(urls.build(endpoint, {"token": token}, force_external=True))


def tender_words(tender: ReceiptTender) -> str:
    """``Visa ending in 4242``, ``Cash``."""
    digits = tender.last4
    if tender.kind == "card" and digits:
        brand = BRANDS.get(tender.brand)
        if brand:
            return gettext("%(brand)s ending in %(digits)s", brand=brand, digits=digits)
        return gettext("Card ending in %(digits)s", digits=digits)
    if tender.kind == "bank_debit" and digits:
        return gettext("Bank account ending in %(digits)s", digits=digits)
    names = {
        "card": gettext("Card"),
        "bank_debit": gettext("Bank account"),
        "cash": gettext("Cash"),
        "check": gettext("Paper check"),
    }
    return names.get(tender.kind, tender.kind)


def channel_words(channel: str) -> str:
    """``Online``, ``At the counter``."""
    names = {"web": gettext("Online"), "counter": gettext("At the counter"), "mail": gettext("By mail")}
    return names.get(channel, channel)


def _account(account: ReceiptAccount, language: str) -> AccountView:
    lines = [_line(line, language) for line in account.lines]
    if account.credit:
        lines.append(LineView(gettext("Credit for later charges"), None, account.credit))
    return AccountView(
        label=_label(account.kind, shown(account.reference)),
        masked=_masked(account.kind, account.reference[-3:]),
        lines=tuple(lines),
        paid=account.paid,
        new_balance=account.new_balance,
    )


def _line(line: ReceiptLine, language: str) -> LineView:
    return LineView(in_language(line.description, language), line.due_on, line.amount)


def _label(kind: str, number: str) -> str:
    if kind == "license":
        return gettext("Business license %(number)s", number=number)
    if kind == "citation":
        return gettext("Citation %(number)s", number=number)
    return gettext("Utility account %(number)s", number=number)


def _masked(kind: str, digits: str) -> str:
    if kind == "license":
        return gettext("Business license ending in %(digits)s", digits=digits)
    if kind == "citation":
        return gettext("Citation ending in %(digits)s", digits=digits)
    return gettext("Utility account ending in %(digits)s", digits=digits)


def _policy(content: Content) -> str:
    lines = [line for account in content.accounts for line in account.lines]
    sentences = []
    if not lines or not all(line.is_chosen for line in lines):
        sentences.append(
            gettext(
                "What is paid first is set by the city. Rule: %(authority)s, version %(version)s.",
                authority=content.policy_authority,
                version=content.policy_version,
            )
            if content.policy_authority
            else gettext(
                "What is paid first is set by the city. Rule: version %(version)s.", version=content.policy_version
            )
        )
    if any(line.is_chosen for line in lines):
        sentences.append(gettext("The charges that you chose were paid first."))
    return " ".join(sentences)


def _paper(view: ReceiptView, city: City) -> dict[str, object]:
    """All that ``receipt.typ`` prints: it holds no words of its own."""
    identity = city.identity
    return {
        "language": view.language,
        "title": gettext("Receipt %(number)s", number=view.number),
        "city": {
            "name": identity.legal_name.in_(view.language),
            "lines": list(identity.address),
            "contact": [identity.phone, urlsplit(identity.website).netloc or identity.website],
            "primary": identity.colors.primary,
            "dark": identity.colors.primary_dark,
        },
        "seal": {
            "drawing": read_drawing(wiring().settings.city_folder / identity.seal),
            "alt": identity.seal_description.in_(view.language),
        },
        "heading": gettext("Receipt"),
        "duplicate": None,
        "paid": {"label": gettext("Amount paid"), "amount": money_text(view.total)},
        "reversed": reversed_sentence(view),
        "facts": [
            {"term": gettext("Receipt number"), "value": view.number},
            {"term": gettext("Date"), "value": long_datetime(view.issued_at, city.identity.time_zone)},
            {"term": gettext("Paid with"), "value": view.tender},
            {"term": gettext("Where"), "value": view.channel},
        ],
        "columns": [gettext("What was paid"), gettext("Due"), gettext("Amount"), gettext("New balance")],
        "accounts": [_paper_account(account) for account in view.accounts],
        "sums": [*_parts(view), [gettext("Total paid"), money_text(view.total)]],
        "policy": view.policy,
        "check": {
            "heading": gettext("Is this receipt genuine?"),
            "text": gettext(
                "Scan the code or open this address. It shows the number, date, and amount in our records."
            ),
            "address": view.verify_url,
            "code": qr_svg(view.verify_url),
            "alt": gettext("QR code that opens the page where anyone can check this receipt"),
        },
        "page": gettext("Page %(page)s of %(pages)s", page="{page}", pages="{pages}"),
    }


def _duplicate(view: ReceiptView, at: datetime, city: City) -> dict[str, object]:
    """What a second print says more: two of one number must never be taken for two payments."""
    return {
        "title": gettext("Receipt %(number)s (DUPLICATE)", number=view.number),
        "duplicate": {
            "word": gettext("DUPLICATE"),
            "note": gettext(
                "Printed again on %(when)s. It proves the same payment as the first receipt.",
                when=long_datetime(at, city.identity.time_zone),
            ),
        },
    }


def reversed_sentence(view: ReceiptView) -> str:
    """That the payment was reversed, and when; empty for one that stands."""
    if view.reversed_on is None:
        return ""
    on = long_date(view.reversed_on)
    return gettext("This payment was reversed on %(date)s. It does not count as paid.", date=on)


def _parts(view: ReceiptView) -> list[list[str]]:
    """What the total is made of, where it is made of more than one thing."""
    if view.fee is None:
        return []
    return [[gettext("Paid on accounts"), money_text(view.amount)], [view.fee.name, money_text(view.fee.amount)]]


def _paper_account(account: AccountView) -> dict[str, Any]:
    rows = [
        [line.description, short_date(line.due_on) if line.due_on else "", money_text(line.amount)]
        for line in account.lines
    ]
    return {"label": account.label, "rows": rows, "new_balance": money_text(account.new_balance)}
