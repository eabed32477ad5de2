"""What somebody reads whose choices were changed for them, and the mail that asks for bills without paper."""

from __future__ import annotations

import procrastinate
from flask import Flask
from flask_babel import gettext
from sqlalchemy import text

from accounts.cities.rules import City
from accounts.database import reading, transaction
from accounts.message_choices.counter import OFFERED, TOLD
from accounts.message_choices.papers import OFFER_DAYS
from accounts.message_choices.queries import asked_paperless
from accounts.message_choices.rules import BY_PHONE, quiet_until
from portal.i18n import long_datetime, speaking
from portal.identity.vault import Unreadable
from portal.mail import MailRefused
from portal.messages_sent.rules import Channel, Kind, Message
from portal.messages_sent.service import sending
from portal.notices.envelopes import PURPOSE, Envelope, opened
from portal.notices.links import paper_link
from portal.notices.matters import Matter, account_matter
from portal.notices.paperless_words import paperless_words
from portal.notices.words import Wording, account_fact, mail_of, text_of
from portal.queue import on_fact
from portal.texts import TextRefused
from portal.wiring import Wiring

_LATER = text("SELECT announce_fact_in(:fact, jsonb_build_object('sealed', CAST(:sealed AS text)), 0, :seconds)")
_FINAL = (MailRefused, TextRefused, Unreadable)


def register(queue: procrastinate.App, app: Flask, wired: Wiring) -> None:
    """Hang what follows a change at the counter onto the queue."""

    @on_fact(queue, TOLD, final=_FINAL)
    def choices_changed(sealed: str) -> None:
        with app.app_context():
            tell_of_change(wired, sealed)

    @on_fact(queue, OFFERED, final=_FINAL)
    def paperless_asked(asked_id: int, sealed: str) -> None:
        with app.app_context():
            ask_confirmation(wired, asked_id, sealed)


def tell_of_change(wired: Wiring, sealed: str) -> None:
    """One address hears that choices were changed; a text waits for the morning."""
    one, city, now = opened(wired.vault(PURPOSE), sealed), wired.city().city, wired.clock.now()
    policy = city.message_policy(wired.clock.day_of(now))
    if one.channel == "text" and policy is not None:
        until = quiet_until(now, policy.quiet_minutes, city.identity.time_zone)
        if until is not None:
            with transaction(wired.sessions) as session:
                seconds = max(1.0, (until - now).total_seconds())
                session.execute(_LATER, {"fact": TOLD, "sealed": sealed, "seconds": seconds})
            return
    language = one.language if one.language in city.identity.offered else city.identity.offered[0]
    with reading(wired.sessions) as session:
        matter = account_matter(session, one.account_id)
    with speaking(language):
        said = _wording(one, matter, city, language, long_datetime(now, city.identity.time_zone))
    _send(wired, one, said, language, Kind.CHOICES_CHANGED)


def ask_confirmation(wired: Wiring, asked_id: int, sealed: str) -> None:
    """The mail with the words that are agreed to, and the link by which they are."""
    one, city = opened(wired.vault(PURPOSE), sealed), wired.city().city
    with reading(wired.sessions) as session:
        asked = asked_paperless(session, asked_id)
        matter = account_matter(session, one.account_id)
    if asked is None:
        return  # taken back meanwhile
    words = paperless_words(city, asked.language)
    with speaking(asked.language):
        said = Wording(
            gettext("Confirm bills without paper"),
            (
                gettext("You asked the City for bills without paper. They begin once you confirm it here."),
                *words.words.split("\n"),
                gettext("If you did not ask for it, do nothing: your bills stay on paper. The link ends after "
                        "%(days)s days.", days=OFFER_DAYS),
            ),
            (),
            facts=(account_fact(matter),),
            action=(
                gettext("Read a sample and confirm"),
                paper_link(wired.proof_key, wired.settings.base_url, asked_id),
            ),
        )  # fmt: skip
    _send(wired, one, said, asked.language, Kind.PAPERLESS_ASKED)


def _send(wired: Wiring, one: Envelope, said: Wording, language: str, kind: Kind) -> None:
    city, key = wired.city().city, f"{kind.value}-{one.key}"
    channel: Channel = "mail" if one.channel == "mail" else "text"
    message = Message(
        channel, kind, one.to, language, asked_by=one.asked_by, accounts=(one.account_id,), key=key,
        reader=one.actor_id,
    )  # fmt: skip

    def leave() -> str:
        if channel == "text":
            return wired.texts.send(one.to, text_of(said), key) or ""
        base = wired.settings.base_url
        return wired.mailer.send(mail_of(said, city, language, to=one.to, key=key, base_url=base)) or ""

    sending(wired.sessions, wired.proof_key, message, leave, now=wired.clock.now())


def _wording(one: Envelope, matter: Matter, city: City, language: str, at: str) -> Wording:
    """Inside of the language: what was changed, how it was asked for, and what to do about it."""
    name, phone = city.identity.name.in_(language), city.identity.phone
    what = _what(one)
    how = ""
    if one.way:
        how = (
            gettext("Somebody asked the City for it by phone.")
            if one.way == BY_PHONE
            else gettext("Somebody asked the City for it in person.")
        )
    wrong = gettext("If that was you, you need do nothing. If not, call us at %(phone)s.", phone=phone)
    short = gettext("%(city)s: how we tell you about your account was changed. Not you? Call %(phone)s.",
                    city=name, phone=phone)  # fmt: skip
    return Wording(
        gettext("How we tell you about your account was changed"),
        tuple(sentence for sentence in (what, how, wrong) if sentence),
        (f"{short} {gettext('Reply STOP to end.')}",),
        facts=(account_fact(matter), (gettext("When"), at)),
    )


def _what(one: Envelope) -> str:
    said = {
        "choices": gettext("What we send you, by which way, in which language or at what hours was changed."),
        "number": gettext(
            "Text messages are to go to the number ending in %(digits)s, as soon as that number says yes.",
            digits=one.end,
        ),
        "texts-ended": gettext("Text messages about your account have ended."),
        "email": gettext("The e-mail address of your account is another one now. We wrote to both."),
        "paper-asked": gettext(
            "Bills without paper were asked for. They begin only when the mail that asks you is confirmed."
        ),
        "paper": gettext("Your bills come on paper again."),
    }
    return said[one.what]
