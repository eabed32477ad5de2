"""The invitation to share an account: its sealed address, its mail, and the job that sends it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from email.message import EmailMessage

import procrastinate
from flask import Flask
from flask_babel import gettext

from accounts.account_links.queries import Waiting, waiting_invitation
from accounts.cities.rules import City
from accounts.database import reading
from portal.city_mail import Heading, city_mail
from portal.i18n import day_in, long_date, speaking
from portal.identity.vault import Unreadable, Vault
from portal.mail import MailRefused
from portal.messages_sent.rules import Kind, Message
from portal.messages_sent.service import sending
from portal.navigation import account_kind
from portal.queue import on_fact
from portal.wiring import Wiring
from portal.words.links import standing_words

PURPOSE = "invitations to accounts"
"""Of the vault in which an invitation's token and address wait for the job."""


@dataclass(frozen=True)
class Envelope:
    """The token of an invitation, and where it goes."""

    token: str
    to: str


def sealed(vault: Vault, envelope: Envelope) -> str:
    """The envelope as it is kept."""
    return vault.lock(json.dumps([envelope.token, envelope.to]).encode()).decode()


def opened(vault: Vault, kept: str) -> Envelope:
    """The envelope again; raises ``Unreadable``."""
    token, to = json.loads(vault.open(kept.encode()))
    return Envelope(token, to)


def register(queue: procrastinate.App, app: Flask, wired: Wiring) -> None:
    """Hang the invitation's mail onto the queue."""

    @on_fact(queue, "share_offered", final=(MailRefused, Unreadable))
    def share_offered(invitation_id: int) -> None:
        with app.app_context():
            send_invitation(wired, invitation_id)


def send_invitation(wired: Wiring, invitation_id: int) -> None:
    """Mail an invitation that still waits; one that was taken back meanwhile is sent no more."""
    with reading(wired.sessions) as session:
        found = waiting_invitation(session, invitation_id, wired.clock.now())
    if found is None:
        return
    envelope = opened(wired.vault(PURPOSE), found.sealed)
    mail = invitation_mail(wired.city().city, found, envelope, wired.settings.base_url)
    message = Message(
        "mail",
        Kind.SHARE_OFFERED,
        envelope.to,
        found.language,
        asked_by=found.invited_by,
        accounts=(found.account_id,),
    )
    sending(wired.sessions, wired.proof_key, message, lambda: wired.mailer.send(mail), now=wired.clock.now())


def invitation_mail(city: City, found: Waiting, envelope: Envelope, base_url: str) -> EmailMessage:
    """The mail, in the language that the inviter chose; the account's number is not in it."""
    language = found.language
    with speaking(language):
        name = city.identity.legal_name.in_(language)
        subject = gettext("You are invited to see an account of %(city)s", city=name)
        words = {
            "kind": account_kind(found.kind),
            "standing": standing_words(found.standing),
            "address": f"{base_url}/my/invitations/{envelope.token}",
            "until": long_date(day_in(found.expires_at, city.identity.time_zone)),
        }
    return city_mail(
        city, Heading(envelope.to, language, subject, f"share-{found.id}"), "account_links/offered", words
    )
