"""The code that a number is confirmed with, the words of consent, and what a text that came in is answered."""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass
from datetime import timedelta

from flask_babel import gettext
from sqlalchemy import text

from accounts.cities.rules import City
from accounts.database import reading
from accounts.message_choices.replies import Answer, Heard, hear
from accounts.message_choices.rules import Meaning, address_digest
from accounts.message_choices.service import Asked, ConsentText
from portal import logs
from portal.i18n import speaking
from portal.identity.vault import Vault
from portal.messages_sent.rules import Kind, Message, masked_contact
from portal.messages_sent.service import sending
from portal.receipts import gsm_7
from portal.wiring import Wiring

PURPOSE = "codes of text messages"
"""Of the vault in which a number and its code wait for the job."""
MOST_CODES_A_DAY = 5
CONSENT_VERSION = "texts-2026-11"
_DIGITS = 6
_SENT = text("SELECT count(*) FROM messages_sent WHERE to_digest = :digest AND kind = 'text-code' AND at > :since")
_log = logs.logger(__name__)


@dataclass(frozen=True)
class Secret:
    """What waits for the job."""

    number: str
    code: str
    language: str


def consent_words(city: City, language: str) -> ConsentText:
    """What somebody agrees to who gives a number (47 CFR 64.1200(f)(9): clear, by whom, not a condition)."""
    with speaking(language):
        words = gettext(
            "I agree that %(city)s sends text messages about my accounts to this number, as I choose below, also by "
            "automatic means. How many depends on my accounts. Message and data rates may apply. I can stop at any "
            "time by replying STOP, or on this page. Nothing that I get from the City depends on this.",
            city=city.identity.legal_name.in_(language),
        )
    return ConsentText(CONSENT_VERSION, language, words)


def asked(vault: Vault, city: City, number: str, language: str) -> Asked:
    """A number with a new code, sealed for the job."""
    code = f"{secrets.randbelow(10**_DIGITS):0{_DIGITS}d}"
    sealed = vault.lock(json.dumps([number, code, language]).encode()).decode()
    return Asked(number, code, sealed, consent_words(city, language))


def send_code(wired: Wiring, recipient_id: int, sealed: str) -> None:
    """Send the code to the number; not more than a few a day, whoever asks."""
    secret = Secret(*json.loads(wired.vault(PURPOSE).open(sealed.encode())))
    now = wired.clock.now()
    digest = address_digest(wired.proof_key, "text", secret.number)
    with reading(wired.sessions) as session:
        sent = session.scalar(_SENT, {"digest": digest, "since": now - timedelta(days=1)}) or 0
    if sent >= MOST_CODES_A_DAY:
        _log.warning("too many codes for a number", recipient=recipient_id)
        return
    city = wired.city().city
    with speaking(secret.language):
        body = gsm_7(
            gettext(
                "%(city)s: your code is %(code)s. Enter it on our page, or reply YES to get texts. Reply STOP "
                "to end, HELP for help.",
                city=city.identity.name.in_(secret.language), code=secret.code,
            )
        )  # fmt: skip
    message = Message("text", Kind.TEXT_CODE, secret.number, secret.language)
    sending(
        wired.sessions, wired.proof_key, message,
        lambda: wired.texts.send(secret.number, body, f"text-code-{recipient_id}"), now=now,
    )  # fmt: skip


def answer_text(wired: Wiring, provider_id: str, number: str, body: str) -> str:
    """Use case: a text came in; what is answered, empty where nothing is. The same text gets the same answer."""
    city, now = wired.city().city, wired.clock.now()
    policy = city.message_policy(wired.clock.day_of(now))
    if policy is None:
        return ""
    heard = Heard(provider_id, number, body, masked_contact("text", number))
    answer = hear(wired.sessions, wired.proof_key, policy, heard, language=city.identity.languages[0], now=now)
    _log.info("text received", meaning=answer.meaning.value, is_new=answer.is_new)
    return gsm_7(_said(answer, city))


def _said(answer: Answer, city: City) -> str:
    """One confirmation of a stop is allowed and says nothing else (47 CFR 64.1200(a)(12))."""
    given = {
        "city": city.identity.name.in_(answer.language), "phone": city.identity.phone,
    }  # fmt: skip
    with speaking(answer.language):
        return {
            Meaning.STOP: gettext("%(city)s: you will get no more texts. Reply START to get them again.", **given),
            Meaning.START: gettext("%(city)s: you get texts about your accounts. Reply STOP to end.", **given),
            Meaning.HELP: gettext("%(city)s: for help call %(phone)s. Reply STOP to end texts.", **given),
            Meaning.OTHER: gettext("%(city)s: nobody reads this number. Call %(phone)s. STOP ends texts.", **given),
        }[answer.meaning]
