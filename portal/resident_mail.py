"""What residents are mailed about their sign-in: links, and what was changed. Jobs may run twice."""

from __future__ import annotations

from collections.abc import Mapping
from email.message import EmailMessage
from typing import Any

import procrastinate
from flask import Flask, current_app
from flask_babel import gettext as _

from accounts.cities.rules import City
from accounts.database import reading
from portal import logs
from portal.documents.receipt import speaking
from portal.identity.residents.mailed_links import ASKED, REGISTER, Envelope, waiting
from portal.identity.vault import ADDRESSES, Unreadable
from portal.mail import MailRefused, compose
from portal.navigation import CityView
from portal.queue import on_fact
from portal.wiring import Wiring

_log = logs.logger(__name__)


def register(queue: procrastinate.App, app: Flask, wired: Wiring) -> None:
    """Hang the mail of sign-ins onto the queue."""

    @on_fact(queue, ASKED, final=(MailRefused, Unreadable))
    def resident_link_asked(link_id: int, sealed: str, why: str) -> None:
        with app.app_context():
            send_link(wired, link_id, sealed, why)


def send_link(wired: Wiring, link_id: int, sealed: str, why: str) -> None:
    """Mail a link; one that has ended meanwhile is sent no more."""
    with reading(wired.sessions) as session:
        found = waiting(session, link_id, wired.clock.now())
    if found is None:
        return
    envelope = Envelope.opened(wired.vault(ADDRESSES), sealed)
    words = {
        "address": f"{wired.settings.base_url}/my/links/{envelope.token}",
        "base_url": wired.settings.base_url,
        "is_known": found.is_known,
        "wanted_to_register": why == REGISTER,
    }
    with speaking(found.language):
        subject = _("Your sign-in link") if found.is_known else _("Confirm your e-mail address")
    mail = sign_in_mail(
        wired.city().city, "link", to=envelope.to, language=found.language, subject=subject,
        message_id=f"sign-in-link-{link_id}", words=words,
    )  # fmt: skip
    wired.mailer.send(mail)
    _log.info("sign-in link sent", link=link_id)


def sign_in_mail(
    city: City, template: str, *, to: str, language: str, subject: str, message_id: str, words: Mapping[str, Any]
) -> EmailMessage:
    """A mail about a sign-in, in its person's language."""
    whole = {
        "city": CityView.of(city, language, seal_url=""),
        "colors": city.identity.colors,
        "language": language,
        "locale_code": language,
        "subject": subject,
        **words,
    }
    with speaking(language):
        text, html = (
            current_app.jinja_env.get_template(f"email/resident_sign_ins/{template}.{ending}").render(whole)
            for ending in ("txt", "html")
        )
    return compose(
        sender=f"{city.identity.mail_sender_name.in_(language)} <{city.identity.mail_sender}>",
        to=to,
        subject=subject,
        text=text,
        html=html,
        message_id=message_id,
        language=language,
    )
