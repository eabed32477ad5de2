"""Use cases of choosing: ways, quiet hours, a number for texts by double consent, use levels."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from hashlib import sha256

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from accounts import audit
from accounts.cities.messages import MessagePolicy
from accounts.consents.models import Consent, ConsentRevocation
from accounts.database import Sessions, transaction
from accounts.message_choices.models import MessageChoice, MessageRecipient, TextConfirmation, UseLevel
from accounts.message_choices.queries import TEXTS, Person
from accounts.message_choices.rules import (
    MOST_WRONG_CODES,
    BadLevel,
    Unit,
    Way,
    WrongCode,
    address_key,
    check_quiet,
    check_way,
)
from accounts.outbox import SOMEBODY_WAITS, announce

LARGEST_LEVEL = Decimal(1_000_000)


@dataclass(frozen=True, slots=True)
class ConsentText:
    """The words that somebody agreed to, as they were shown."""

    version: str
    language: str
    words: str

    @property
    def digest(self) -> bytes:
        return sha256(self.words.encode()).digest()


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a form of choices says; ``quiet`` None: the city's own quiet hours."""

    ways: Mapping[str, Way] = field(default_factory=dict)
    language: str = ""
    quiet: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """A number to be confirmed: its code, and the same sealed for the job that sends it."""

    number: str
    code: str
    sealed: str
    text: ConsentText


def choose(sessions: Sessions, policy: MessagePolicy, person: Person, wanted: Wanted, *, by: int) -> None:
    """Use case: how a person wants to be told.

    Raises :class:`rules.MustBeTold`, :class:`rules.NoNumber`, :class:`rules.BadQuietHours`.
    """
    with transaction(sessions) as session:
        write_choices(session, policy, person, wanted)
        ways = {kind: way.value for kind, way in wanted.ways.items()}
        _audit(session, "messages-chosen", person, by, ways=ways, language=wanted.language)


def write_choices(session: Session, policy: MessagePolicy, person: Person, wanted: Wanted) -> None:
    """Step of :func:`choose`."""
    if wanted.quiet is not None:
        check_quiet(policy, wanted.quiet)
    row = recipient_row(session, person)
    has_number = row.text_number != "" and not _is_over(session, row.text_consent_id)
    for kind, way in wanted.ways.items():
        check_way(policy.kinds.get(kind), kind, way, has_number=has_number)  # type: ignore[call-overload]
    if wanted.ways:
        rows = [{"recipient_id": row.id, "kind": kind, "way": way.value} for kind, way in wanted.ways.items()]
        all_ = insert(MessageChoice).values(rows)
        keys = ["recipient_id", "kind"]
        session.execute(all_.on_conflict_do_update(index_elements=keys, set_={"way": all_.excluded.way}))
    row.language = wanted.language
    row.quiet_from, row.quiet_until = wanted.quiet or (None, None)


def ask_number(
    sessions: Sessions, secret: bytes, person: Person, asked: Asked, *, by: int, now: datetime, minutes: int
) -> None:
    """Use case: a code goes to a number; nothing else does until the code, or a reply that says yes, comes back."""
    with transaction(sessions) as session:
        put_number(session, secret, person, asked, now=now, minutes=minutes)
        _audit(session, "text-number-asked", person, by)


def put_number(session: Session, secret: bytes, person: Person, asked: Asked, *, now: datetime, minutes: int) -> None:
    """Step of :func:`ask_number`."""
    row = recipient_row(session, person)
    values = {
        "number": f"+{address_key('text', asked.number)}", "code_digest": _code(secret, row.id, asked.code),
        "language": asked.text.language, "text_version": asked.text.version, "text_sha256": asked.text.digest,
        "wrong": 0, "asked_at": now, "expires_at": now + timedelta(minutes=minutes),
    }  # fmt: skip
    one = insert(TextConfirmation).values(recipient_id=row.id, **values)
    session.execute(one.on_conflict_do_update(index_elements=["recipient_id"], set_=values))
    announce(session, "text_code_asked", priority=SOMEBODY_WAITS, recipient_id=row.id, sealed=asked.sealed)


def confirm_number(
    sessions: Sessions, secret: bytes, person: Person, code: str, *, by: int, now: datetime, evidence: str = ""
) -> None:
    """Use case: the code came back, so texts go to that number; raises :class:`rules.WrongCode`.

    A wrong try is counted and stays counted; after a few the code is good no more.
    """
    with transaction(sessions) as session:
        row = recipient_row(session, person)
        waiting = session.get(TextConfirmation, row.id, with_for_update=True)
        is_open = waiting is not None and waiting.expires_at > now and waiting.wrong < MOST_WRONG_CODES
        fits = waiting is not None and hmac.compare_digest(waiting.code_digest, _code(secret, row.id, code.strip()))
        if waiting is not None and is_open and fits:
            agree_to_texts(session, row, waiting, "code", by=by, now=now, evidence={"where": evidence})
            return
        if waiting is not None:
            waiting.wrong += 1
    raise WrongCode("not the code, or too late")


def agree_to_texts(
    session: Session,
    row: MessageRecipient,
    waiting: TextConfirmation,
    method: str,
    *,
    by: int,
    now: datetime,
    evidence: Mapping[str, object],
) -> None:
    """Step: the second half of a double consent, by code or by reply; a former number's consent ends."""
    end_consent(session, row.text_consent_id, by, now, "another number")
    consent = Consent(
        kind=TEXTS, text_version=waiting.text_version, language=waiting.language, text_sha256=waiting.text_sha256,
        actor_id=by, method=method, evidence={"recipient": row.id, **evidence}, agreed_at=now,
    )  # fmt: skip
    session.add(consent)
    session.flush()
    row.text_number, row.text_consent_id = waiting.number, consent.id
    session.delete(waiting)
    _audit(session, "text-number-confirmed", _person(row), by, consent=consent.id, method=method)


def end_texts(sessions: Sessions, person: Person, *, by: int, now: datetime, reason: str = "") -> None:
    """Use case: no texts any more; the consent ends, and what was to go by text goes by mail."""
    with transaction(sessions) as session:
        row = recipient_row(session, person)
        stop_texts(session, row, by=by, now=now, reason=reason)


def stop_texts(session: Session, row: MessageRecipient, *, by: int, now: datetime, reason: str) -> None:
    """Step of :func:`end_texts`; again changes nothing."""
    session.execute(delete(TextConfirmation).where(TextConfirmation.recipient_id == row.id))
    if end_consent(session, row.text_consent_id, by, now, reason):
        _audit(session, "text-number-ended", _person(row), by, reason=reason)


def set_level(
    sessions: Sessions, person: Person, account_id: int, level: Decimal | None, unit: Unit, *, by: int
) -> None:
    """Use case: tell me when this account's use is above ``level``; None: no more. Raises :class:`rules.BadLevel`.

    Whether the account is theirs to ask about, the caller has made sure.
    """
    if level is not None and not 0 < level <= LARGEST_LEVEL:
        raise BadLevel(f"{level}")
    with transaction(sessions) as session:
        row = recipient_row(session, person)
        if level is None:
            session.execute(
                delete(UseLevel).where(UseLevel.recipient_id == row.id, UseLevel.customer_account_id == account_id)
            )
        else:
            values = {"level": level, "unit": unit.value}
            one = insert(UseLevel).values(recipient_id=row.id, customer_account_id=account_id, **values)
            session.execute(
                one.on_conflict_do_update(index_elements=["recipient_id", "customer_account_id"], set_=values)
            )
        said = "" if level is None else f"{level} {unit.value}"
        audit.record(session, "use-level-set", subject=("account", account_id), actor_id=by, level=said)


def recipient_row(session: Session, person: Person) -> MessageRecipient:
    """Step: the person's row, locked; made on first sight."""
    session.execute(
        insert(MessageRecipient)
        .values(customer_id=person.customer_id, actor_id=person.actor_id, language="", text_number="")
        .on_conflict_do_nothing()
    )
    found = select(MessageRecipient).where(
        MessageRecipient.customer_id == person.customer_id
        if person.actor_id is None
        else MessageRecipient.actor_id == person.actor_id
    )
    return session.scalars(found.with_for_update()).one()


def _person(row: MessageRecipient) -> Person:
    return Person(row.customer_id, row.actor_id)


def _is_over(session: Session, consent_id: int | None) -> bool:
    return consent_id is None or session.get(ConsentRevocation, consent_id) is not None


def end_consent(session: Session, consent_id: int | None, by: int, now: datetime, reason: str) -> bool:
    """Step: a consent ends; whether it ended by this."""
    if consent_id is None:
        return False
    one = insert(ConsentRevocation).values(consent_id=consent_id, actor_id=by, reason=reason, revoked_at=now)
    return session.scalar(one.on_conflict_do_nothing().returning(ConsentRevocation.consent_id)) is not None


def _code(secret: bytes, recipient_id: int, code: str) -> bytes:
    return hmac.new(secret, f"text code {recipient_id} {code}".encode(), sha256).digest()


def _audit(session: Session, act: str, person: Person, by: int, **details: object) -> None:
    kind, key = ("customer", person.customer_id) if person.actor_id is None else ("actor", person.actor_id)
    audit.record(session, act, subject=(kind, key), actor_id=by, **details)
