"""What residents are mailed about their sign-in: links, and what was changed. Jobs may run twice."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import procrastinate
from flask import Flask
from flask_babel import gettext as _

from accounts.database import reading
from portal import logs
from portal.city_mail import Heading, city_mail
from portal.i18n import day_in, speaking
from portal.identity.residents.changes import CHANGED
from portal.identity.residents.mailed_links import ASKED, REGISTER, Envelope, is_taken, waiting
from portal.identity.residents.rules import FROM_COUNTER, NEW_EMAIL, OLD_EMAIL, SIGN_IN
from portal.identity.vault import ADDRESSES, Unreadable
from portal.mail import MailRefused
from portal.queue import on_fact
from portal.wiring import Wiring

_log = logs.logger(__name__)
WHAT_CHANGED: Mapping[str, Callable[[], str]] = {
    "password-chosen": lambda: _("A password was chosen for your sign-in."),
    "password-changed": lambda: _("The password of your sign-in was changed."),
    "password-dropped": lambda: _("Your sign-in has no password any more. We mail you a link each time."),
    "second-step-on": lambda: _("A second step is asked for from now on when you sign in."),
    "second-step-off": lambda: _("No second step is asked for any more when you sign in."),
    "recovery-codes-renewed": lambda: _("New recovery codes were made. The old ones are good no longer."),
    "passkey-added": lambda: _("A passkey was added to your sign-in."),
    "passkey-removed": lambda: _("A passkey was removed from your sign-in."),
    "identity-linked": lambda: _("Another way to sign in was added."),
    "identity-removed": lambda: _("One of the ways to sign in was removed."),
    "email-changed": lambda: _("From now on you sign in with this e-mail address."),
    "email-changed-away": lambda: _("Your sign-in has another e-mail address now. This one is not used any more."),
}
"""Acts of which somebody is told, as sentences."""


def register(queue: procrastinate.App, app: Flask, wired: Wiring) -> None:
    """Hang the mail of sign-ins onto the queue."""

    @on_fact(queue, ASKED, final=(MailRefused, Unreadable))
    def resident_link_asked(link_id: int, sealed: str, why: str) -> None:
        with app.app_context():
            send_link(wired, link_id, sealed, why)

    @on_fact(queue, CHANGED, final=(MailRefused, Unreadable))
    def resident_sign_in_changed(sign_in_id: int, act: str, language: str, sealed: str, key: str) -> None:
        with app.app_context():
            tell_of_change(wired, sign_in_id, act, language=language, sealed=sealed, key=key)


def send_link(wired: Wiring, link_id: int, sealed: str, why: str) -> None:
    """Mail a link; one that has ended meanwhile is sent no more."""
    envelope = Envelope.opened(wired.vault(ADDRESSES), sealed)
    with reading(wired.sessions) as session:
        found = waiting(session, link_id, wired.clock.now())
        taken = why in (NEW_EMAIL, FROM_COUNTER) and is_taken(session, envelope.to)
    if found is None:
        return
    zone = wired.city().city.identity.time_zone
    words = {
        "address": f"{wired.settings.base_url}/my/links/{envelope.token}",
        "is_known": found.is_known,
        "is_taken": taken,
        "wanted_to_register": why == REGISTER,
        "why": why,
        "objects_until": day_in(found.objects_until, zone) if found.objects_until else None,
        "good_until": day_in(found.expires_at, zone),
    }
    with speaking(found.language):
        subject = _subject(found.kind, is_known=found.is_known)
    heading = Heading(envelope.to, found.language, subject, f"sign-in-link-{link_id}")
    template = "link" if found.kind == SIGN_IN else "email_change"
    mail = city_mail(wired.city().city, heading, f"resident_sign_ins/{template}", words)
    wired.mailer.send(mail)
    _log.info("sign-in link sent", link=link_id)


def tell_of_change(wired: Wiring, sign_in_id: int, act: str, *, language: str, sealed: str, key: str) -> None:
    """Mail what was changed; whoever did not do it learns of it, and what to do then."""
    envelope = Envelope.opened(wired.vault(ADDRESSES), sealed)
    with speaking(language):
        subject, said = _("Your sign-in was changed"), WHAT_CHANGED[act]()
    heading = Heading(envelope.to, language, subject, f"sign-in-{sign_in_id}-{key}")
    words = {"said": said, "base_url": wired.settings.base_url}
    mail = city_mail(wired.city().city, heading, "resident_sign_ins/changed", words)
    wired.mailer.send(mail)
    _log.info("told of a changed sign-in", act=act)


def _subject(kind: str, *, is_known: bool) -> str:
    if kind in (OLD_EMAIL, NEW_EMAIL):
        return _("A change of e-mail address")
    return _("Your sign-in link") if is_known else _("Confirm your e-mail address")
