"""Receipts on their way to people: the view that pages show, the mail with its PDF, and the text message.

All of it works in an application context without a request, and speaks the language it is given.
"""

from __future__ import annotations

import unicodedata
from email.message import EmailMessage
from typing import Final

from flask_babel import gettext

from accounts.cities.rules import City
from payments.receipts.rules import ReceiptPage
from portal.city_mail import Heading, city_mail
from portal.documents.receipt import ReceiptView, receipt_pdf, receipt_view, reversed_sentence
from portal.i18n import money_text, speaking
from portal.mail import Attachment

__all__ = ["ReceiptView", "receipt_mail", "receipt_text", "receipt_view", "reversed_sentence"]

LONGEST_TEXT = 160
_GSM_7: Final = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§"
    "¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
"""The basic alphabet of text messages (3GPP TS 23.038); one character outside it halves what a message holds."""
_GSM_7_LONG: Final = frozenset("^{}\\[~]|€")
"""Characters of the same alphabet that take the room of two."""
_PLAIN: Final = str.maketrans({"‘": "'", "’": "'", "“": '"', "”": '"', "–": "-", "—": "-", "…": "...", "·": "-"})


def receipt_mail(receipt: ReceiptPage, city: City, base_url: str, *, sender: str = "", key: str = "") -> EmailMessage:
    """The receipt in the payer's language, with its PDF. The same receipt always has the same Message-ID.

    ``sender`` is the address it comes from, if not the city's own; ``key`` tells one that is sent again from others.
    """
    language = receipt.language
    view = receipt_view(receipt, city, language, base_url)
    with speaking(language):
        subject = gettext(
            "Receipt %(number)s from %(city)s", number=view.number, city=city.identity.legal_name.in_(language)
        )
        words = {
            "receipt": view,
            "reversed_sentence": reversed_sentence(view),
        }
        name = gettext("receipt-%(number)s.pdf", number=view.number)
    own = f"receipt-{view.number}" + (f"-{key}" if key else "")
    heading = Heading(receipt.email, language, subject, own, sender=sender)
    paper = Attachment(name, receipt_pdf(receipt, city, language, base_url))
    return city_mail(city, heading, "receipts/issued", words, [paper])


def receipt_text(receipt: ReceiptPage, city: City, base_url: str) -> str:
    """The receipt in one text message: as much of it as fits, the link before the city's name."""
    view = receipt_view(receipt, city, receipt.language, base_url)
    facts = {
        "city": city.identity.legal_name.in_(receipt.language),
        "amount": "",
        "number": view.number,
        "link": view.page_url,
    }
    with speaking(receipt.language):
        facts["amount"] = money_text(view.total)
        wordings = [
            gettext("%(city)s: you paid %(amount)s. Receipt %(number)s: %(link)s", **facts),
            gettext("You paid %(amount)s. Receipt: %(link)s", **facts),
            gettext("You paid %(amount)s. Receipt %(number)s.", **facts),
        ]
    plain = [gsm_7(wording) for wording in wordings]
    return next((text for text in plain if septets(text) <= LONGEST_TEXT), plain[-1])


def gsm_7(text: str) -> str:
    """``text`` in the alphabet of text messages: ``Río`` is written ``Rio``, ``año`` stays as it is."""
    return "".join(map(_gsm_7_character, unicodedata.normalize("NFC", text.translate(_PLAIN))))


def septets(text: str) -> int:
    """How much of a text message's 160 places a text takes."""
    return len(text) + sum(character in _GSM_7_LONG for character in text)


def _gsm_7_character(character: str) -> str:
    if character in _GSM_7 or character in _GSM_7_LONG:
        return character
    bare = unicodedata.normalize("NFKD", character)[:1]
    return bare if bare in _GSM_7 else "?"
