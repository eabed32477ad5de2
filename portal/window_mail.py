"""What the counter sends by mail or text message: links to pay, notices of what came back. Jobs may run twice."""

from __future__ import annotations

import procrastinate
from flask import Flask

from accounts.database import reading
from payments.pay_links.queries import link
from portal import logs
from portal.i18n import long_datetime, speaking
from portal.identity.vault import Unreadable
from portal.mail import MailRefused
from portal.messages_sent.rules import Channel, Kind, Message
from portal.messages_sent.service import sending
from portal.notices.jobs import tell_of_return
from portal.pay_links import PURPOSE, LinkMail, link_address, link_mail, link_text, opened
from portal.queue import on_fact
from portal.returned_payments import Notice, notice_mail, notices
from portal.texts import TextRefused
from portal.wiring import Wiring

_log = logs.logger(__name__)


def register(queue: procrastinate.App, app: Flask, wired: Wiring) -> None:
    """Hang the counter's mail onto the queue."""

    @on_fact(queue, "pay_link_sent", final=(MailRefused, TextRefused, Unreadable))
    def pay_link_sent(pay_link_id: int) -> None:
        with app.app_context():
            send_pay_link(wired, pay_link_id)

    @on_fact(queue, "payment_returned")
    def payment_returned(returned_payment_id: int, journal_id: int) -> None:
        del journal_id
        tell_of_return(wired, returned_payment_id)
        with app.app_context():
            send_notices(wired, returned_payment_id)


def send_pay_link(wired: Wiring, link_id: int) -> None:
    """Mail or text a link in the customer's language; one that has ended meanwhile is sent no more."""
    with reading(wired.sessions) as session:
        found = link(session, link_id, wired.clock.now(), sees_protected=True, sees_restricted=True)
    if found is None or found.has_ended or found.channel == "qr":
        return
    secret, city = opened(wired.vault(PURPOSE), found.sealed), wired.city().city
    address = link_address(wired.settings.base_url, secret.token)
    channel: Channel = "mail" if found.channel == "mail" else "text"

    def send() -> object:
        with speaking(found.language):
            if channel == "mail":
                until = long_datetime(found.expires_at, city.identity.time_zone)
                mail = LinkMail(link_id, found.language, found.amount, address, secret.to, until)
                return wired.mailer.send(link_mail(city, mail))
            body = link_text(city, found.language, found.amount, address)
            return wired.texts.send(secret.to, body, f"pay-link-{link_id}")

    accounts = tuple(line.account_id for line in found.lines)
    message = Message(
        channel, Kind.PAY_LINK, secret.to, found.language, asked_by=found.sender_id, accounts=accounts,
        key=f"pay-link:{link_id}",
    )  # fmt: skip
    sending(wired.sessions, wired.proof_key, message, send, now=wired.clock.now())


def send_notices(wired: Wiring, return_id: int) -> None:
    """Mail the notice of a returned payment to each holder with an address; for others a person prints the letter.

    An address that refuses is noted; the others still hear.
    """
    with reading(wired.sessions) as session:
        found = notices(session, return_id, wired.city().city)
    for notice in found:
        if notice.to.email:
            _send_notice(wired, notice)


def _send_notice(wired: Wiring, notice: Notice) -> None:
    mail = notice_mail(notice, wired.city().city, wired.settings.base_url)
    to = notice.to
    key = f"payment-returned:{notice.return_id}:{to.account_id}"
    message = Message("mail", Kind.PAYMENT_RETURNED, to.email, to.language, accounts=(to.account_id,), key=key)
    try:
        sending(wired.sessions, wired.proof_key, message, lambda: wired.mailer.send(mail), now=wired.clock.now())
    except MailRefused as error:
        _log.warning("notice not delivered", returned=notice.return_id, error=type(error).__name__)
