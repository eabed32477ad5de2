"""Use cases of what comes back: texts that people send us, and addresses that turn out to be dead or good again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from accounts import audit
from accounts.actors.service import SYSTEM, actor_id
from accounts.cities.messages import MessagePolicy
from accounts.consents.models import Consent, ConsentRevocation
from accounts.database import Sessions, transaction
from accounts.message_choices.models import AddressEvent, MessageRecipient, TextConfirmation, TextReceived
from accounts.message_choices.queries import TEXTS
from accounts.message_choices.rules import Channel, Meaning, address_digest, address_key, meaning_of
from accounts.message_choices.service import agree_to_texts, stop_texts
from accounts.staff.rules import Authority, Permission


@dataclass(frozen=True, slots=True)
class Heard:
    """A text as the provider hands it on; ``provider_id`` is its own name for it."""

    provider_id: str
    number: str
    body: str
    masked: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What the sender is to read: by what they asked for, in which language; ``is_new`` once for each text.

    ``joined``: by it somebody gets texts that got none.
    """

    meaning: Meaning
    language: str
    is_new: bool
    joined: bool = False


def hear(
    sessions: Sessions, secret: bytes, policy: MessagePolicy, heard: Heard, *, language: str, now: datetime
) -> Answer:
    """Use case: a text came in. It is kept once; STOP holds for its number whoever uses it, START ends that.

    ``language`` is what is answered in where neither the word nor the person says which.
    """
    meaning, spoken = meaning_of(heard.body, policy)
    digest, number = address_digest(secret, "text", heard.number), f"+{address_key('text', heard.number)}"
    with transaction(sessions) as session:
        people = session.scalars(
            select(MessageRecipient).where(MessageRecipient.text_number == number).with_for_update()
        ).all()
        answered_in = spoken or next((one.language for one in people if one.language), "") or language
        one = insert(TextReceived).values(
            provider_id=heard.provider_id, digest=digest, from_masked=heard.masked, meaning=meaning.value,
            language=answered_in, at=now,
        )  # fmt: skip
        if session.scalar(one.on_conflict_do_nothing().returning(TextReceived.id)) is None:
            return Answer(meaning, answered_in, is_new=False)
        system, joined = actor_id(session, SYSTEM), False
        if meaning is Meaning.STOP:
            note_address(session, "text", digest, heard.masked, "stopped", code=heard.provider_id, now=now)
            for person in people:
                stop_texts(session, person, by=system, now=now, reason="stopped by text")
            audit.record(session, "texts-stopped", actor_id=system, to=heard.masked)
        elif meaning is Meaning.START:
            note_address(session, "text", digest, heard.masked, "started", code=heard.provider_id, now=now)
            joined = _join(session, number, list(people), heard.provider_id, by=system, now=now)
            audit.record(session, "texts-started", actor_id=system, to=heard.masked)
        return Answer(meaning, answered_in, is_new=True, joined=joined)


def note_address(
    session: Session,
    channel: Channel,
    digest: bytes,
    masked: str,
    event: str,
    *,
    now: datetime,
    code: str = "",
    by: int | None = None,
) -> None:
    """Step: something happened to an address (``models.AddressEvent``)."""
    session.add(
        AddressEvent(channel=channel, digest=digest, to_masked=masked, event=event, code=code, actor_id=by, at=now)
    )


def lift(
    sessions: Sessions, by: Authority, channel: Channel, digest: bytes, masked: str, *, reason: str, now: datetime
) -> None:
    """Use case: an address that was dead works again, as somebody told the counter. STOP is not lifted by it.

    Raises ``NotAllowed``.
    """
    by.must(Permission.CUSTOMERS_CHANGE)
    with transaction(sessions) as session:
        note_address(session, channel, digest, masked, "lifted", now=now, by=by.actor_id)
        audit.record(session, "address-lifted", actor_id=by.actor_id, to=masked, channel=channel, reason=reason)


def _join(
    session: Session, number: str, people: list[MessageRecipient], provider_id: str, *, by: int, now: datetime
) -> bool:
    """Whoever was asked for this number agrees by the reply; who had agreed before and stopped, agrees anew."""
    waiting = session.scalars(
        select(TextConfirmation)
        .where(TextConfirmation.number == number, TextConfirmation.expires_at > now)
        .with_for_update()
    ).all()
    for one in waiting:
        row = session.get(MessageRecipient, one.recipient_id, with_for_update=True)
        if row is not None:
            agree_to_texts(session, row, one, "reply", by=by, now=now, evidence={"text": provider_id})
    asked = {one.recipient_id for one in waiting}
    again = 0
    for row in people:
        former = session.get(Consent, row.text_consent_id) if row.id not in asked else None
        if former is not None and _has_ended(session, former.id):
            consent = Consent(
                kind=TEXTS, text_version=former.text_version, language=former.language,
                text_sha256=former.text_sha256, actor_id=by, method="reply",
                evidence={"recipient": row.id, "text": provider_id, "after": former.id}, agreed_at=now,
            )  # fmt: skip
            session.add(consent)
            session.flush()
            row.text_consent_id = consent.id
            again += 1
    return bool(waiting) or again > 0


def _has_ended(session: Session, consent_id: int) -> bool:
    return session.get(ConsentRevocation, consent_id) is not None
