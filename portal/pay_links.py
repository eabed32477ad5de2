"""What a link to pay carries out of the house: its address, its sealed secret, and its mail and text message."""

from __future__ import annotations

import json
from dataclasses import dataclass
from email.message import EmailMessage

from flask_babel import gettext

from accounts.cities.rules import City
from accounts.money import Money
from portal.city_mail import Heading, city_mail
from portal.i18n import money_text, speaking
from portal.identity.vault import Vault
from portal.receipts import LONGEST_TEXT, gsm_7, septets

PURPOSE = "links to pay"
"""Of the vault in which a link's token and address wait for the job, and for the clerk's screen."""


@dataclass(frozen=True)
class Secret:
    """The token of a link and where it is sent; empty ``to``: shown on the screen only."""

    token: str
    to: str = ""


def sealed(vault: Vault, secret: Secret) -> str:
    """The secret as it is kept."""
    return vault.lock(json.dumps([secret.token, secret.to]).encode()).decode()


def opened(vault: Vault, kept: str) -> Secret:
    """The secret again; raises ``Unreadable``."""
    token, to = json.loads(vault.open(kept.encode()))
    return Secret(token, to)


def link_address(base_url: str, token: str) -> str:
    """The address that is sent: as short as it can be, for a text message."""
    return f"{base_url}/l/{token}"


def link_text(city: City, language: str, amount: Money, address: str) -> str:
    """The text message: whose, how much, where."""
    with speaking(language):
        facts = {
            "city": city.identity.legal_name.in_(language), "amount": money_text(amount), "link": address,
        }  # fmt: skip
        wordings = [
            gettext("%(city)s asks you to pay %(amount)s. Pay here: %(link)s", **facts),
            gettext("%(city)s: pay %(amount)s at %(link)s", **facts),
        ]
    plain = [gsm_7(wording) for wording in wordings]
    return next((said for said in plain if septets(said) <= LONGEST_TEXT), plain[-1])


@dataclass(frozen=True)
class LinkMail:
    """What a mail says of a link. ``until`` is in the reader's words."""

    link_id: int
    language: str
    amount: Money
    address: str
    to: str
    until: str


def link_mail(city: City, mail: LinkMail) -> EmailMessage:
    """The mail, in the customer's language; the same link is always the same message."""
    language = mail.language
    with speaking(language):
        subject = gettext(
            "Pay %(amount)s to %(city)s", amount=money_text(mail.amount), city=city.identity.legal_name.in_(language)
        )
    words = {"amount": mail.amount, "address": mail.address, "until": mail.until}
    return city_mail(city, Heading(mail.to, language, subject, f"pay-link-{mail.link_id}"), "pay_links/sent", words)
