"""What guests are mailed about requests: the link to begin one, and a new link to one. Jobs may run twice."""

from __future__ import annotations

import hashlib

import procrastinate
from flask import Flask
from flask_babel import gettext as _

from accounts.database import reading
from accounts.requests.guests import case_of_guest
from portal import logs
from portal.case_mail import tell_of_link
from portal.city_mail import Heading, city_mail
from portal.guest_requests import ASKED, LINK_ASKED, link_to_begin, looked_for, wanted
from portal.i18n import speaking
from portal.identity.vault import Unreadable
from portal.mail import MailRefused
from portal.queue import on_fact
from portal.wiring import Wiring

_log = logs.logger(__name__)


def register(queue: procrastinate.App, app: Flask, wired: Wiring) -> None:
    """Hang what follows onto the queue."""

    @on_fact(queue, ASKED, final=(MailRefused, Unreadable))
    def guest_request_asked(sealed: str) -> None:
        with app.app_context():
            send_beginning(wired, sealed)

    @on_fact(queue, LINK_ASKED, final=(MailRefused, Unreadable))
    def guest_link_asked(sealed: str) -> None:
        with app.app_context():
            send_link(wired, sealed)


def send_beginning(wired: Wiring, sealed: str) -> None:
    """Mail the link with which a request begins."""
    wish, city = wanted(wired, sealed), wired.city().city
    kind = city.request_kind(wish.kind, wired.clock.today())
    with speaking(wish.language):
        subject = _("Go on with your request")
    heading = Heading(wish.email, wish.language, subject, f"request-{_key(sealed)}")
    words = {"kind": kind.name.in_(wish.language), "address": link_to_begin(wired, wish)}
    mail = city_mail(city, heading, "requests/begin", words)
    wired.mailer.send(mail)
    _log.info("link to begin a request sent")


def send_link(wired: Wiring, sealed: str) -> None:
    """Mail a new link, if there is such a request and this address asked for it; else nobody is told anything."""
    number, email, _language = looked_for(wired, sealed)
    with reading(wired.sessions) as session:
        line = case_of_guest(session, number, email)
    if line is not None:
        tell_of_link(wired, line, f"request-link-{_key(sealed)}")


def _key(sealed: str) -> str:
    return hashlib.sha256(sealed.encode()).hexdigest()[:24]
