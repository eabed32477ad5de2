"""The receipt on letter paper: an accessible PDF."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from flask_babel import gettext

from accounts.cities.rules import City
from payments.receipts.rules import ReceiptPage
from portal.documents.receipt_view import (
    AccountView,
    ItemView,
    ReceiptView,
    TenderView,
    receipt_view,
    reversed_sentence,
)
from portal.documents.receipt_words import channel_words, tender_words
from portal.documents.typesetting import qr_svg, read_drawing, typeset
from portal.i18n import long_datetime, money_text, short_date, speaking
from portal.wiring import wiring

__all__ = [
    "ReceiptView", "channel_words", "receipt_pdf", "receipt_view", "reversed_sentence", "tender_words",
]  # fmt: skip


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


def _paper(view: ReceiptView, city: City) -> dict[str, object]:
    """All that ``receipt.typ`` prints: it holds no words of its own."""
    return {
        "language": view.language,
        "title": gettext("Receipt %(number)s", number=view.number),
        **_head(view, city),
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
        "accounts": _groups(view),
        "sums": [*_parts(view), [gettext("Total paid"), money_text(view.total)]],
        "tenders": _paper_tenders(view),
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


def _head(view: ReceiptView, city: City) -> dict[str, object]:
    identity = city.identity
    return {
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


def _parts(view: ReceiptView) -> list[list[str]]:
    """What the total is made of, where it is made of more than one thing."""
    if view.fee is None:
        return []
    return [
        [gettext("Paid without the fee") if view.items else gettext("Paid on accounts"), money_text(view.amount)],
        [view.fee.name, money_text(view.fee.amount)],
    ]


def _groups(view: ReceiptView) -> list[dict[str, Any]]:
    """Each account with its lines, then what was bought."""
    groups = [_paper_account(account) for account in view.accounts]
    if view.items:
        rows = [_paper_item(item) for item in view.items]
        groups.append({"label": gettext("Also paid for"), "rows": rows, "new_balance": ""})
    return groups


def _paper_account(account: AccountView) -> dict[str, Any]:
    rows = [
        [line.description, short_date(line.due_on) if line.due_on else "", money_text(line.amount)]
        for line in account.lines
    ]
    return {"label": account.label, "rows": rows, "new_balance": money_text(account.new_balance)}


def _paper_item(item: ItemView) -> list[str]:
    name = f"{item.name} ({item.detail})" if item.detail else item.name
    return [name, "", money_text(item.amount)]


def _paper_tenders(view: ReceiptView) -> dict[str, Any] | None:
    """How it was paid, where one line does not tell it all."""
    if not view.tells_tenders:
        return None
    rows = [row for tender in view.tenders for row in _paper_tender(tender)]
    return {"label": gettext("How it was paid"), "amount": gettext("Amount"), "rows": rows}


def _paper_tender(tender: TenderView) -> list[list[str]]:
    if not tender.change:
        return [[tender.words, money_text(tender.amount)]]
    given = gettext("%(tender)s, given", tender=tender.words)
    return [[given, money_text(tender.given)], [gettext("Change given"), money_text(tender.change)]]
