"""Another address for who has lost the former mailbox: asked for at the counter, approved by a second person.

The former mailbox is told and may object for some days (the city's ``lost_mailbox``); then the new one is asked to
say yes (``email_changes.answer``), after which nothing but that mailbox opens the sign-in.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from accounts import audit
from accounts.account_links.models import AccountLink
from accounts.account_links.rules import Standing
from accounts.customer_accounts.access import seen_account
from accounts.database import Sessions, transaction
from accounts.outbox import SOMEBODY_WAITS, announce
from accounts.staff.rules import Authority, Permission
from portal.identity.residents.email_changes import end_changes, wanted_address
from portal.identity.residents.mailed_links import ASKED, add_link
from portal.identity.residents.models import ResidentEmailChange, ResidentLink, ResidentSignIn
from portal.identity.residents.rules import (
    ANSWER_LIFE,
    AT_COUNTER,
    COUNTER_LIFE,
    FROM_COUNTER,
    NEW_EMAIL,
    OLD_EMAIL,
    NotAtTheCounter,
    RecoveryOver,
    SameEmail,
    SamePerson,
    address_of,
)
from portal.identity.residents.signing_in import SUBJECT, Door
from portal.messages_sent.rules import masked_contact


@dataclass(frozen=True)
class Seen:
    """Whom the counter has before it: a holder's link to an account, and the kind of paper that they showed."""

    account_id: int
    link_id: int
    document: str


def ask(sessions: Sessions, door: Door, by: Authority, seen: Seen, typed: str, *, now: datetime) -> int:
    """Use case: the counter asks for another address; the id of the wish. Former wishes end.

    Raises ``NotAllowed``, ``NotFound``, :class:`NotAtTheCounter`, :class:`SameEmail`.
    """
    by.must(Permission.CUSTOMERS_CHANGE)
    email = address_of(typed)
    with transaction(sessions) as session:
        seen_account(session, by, seen.account_id)
        found = _holder(session, seen)
        if email == found.email:
            raise SameEmail("they have this address")
        end_changes(session, found.id, now)
        change = ResidentEmailChange(
            sign_in_id=found.id, new_email=door.addresses.lock(email.encode()), asked_at=now,
            expires_at=now + COUNTER_LIFE, asked_by=by.actor_id, customer_account_id=seen.account_id,
            document=seen.document, new_masked=masked_contact("mail", email),
        )  # fmt: skip
        session.add(change)
        session.flush()
        _note(session, "lost-mailbox-asked", change, by, document=seen.document)
        return change.id


def approve(
    sessions: Sessions, door: Door, by: Authority, change_id: int, *, objection_days: int, now: datetime
) -> None:
    """Use case: a second person agrees; the former mailbox is told and has ``objection_days`` to object.

    Raises ``NotAllowed``, ``NotFound``, :class:`SamePerson`, :class:`RecoveryOver`.
    """
    with transaction(sessions) as session:
        found, change = _to_decide(session, by, change_id, now)
        change.approved_by, change.waits_until = by.actor_id, now + timedelta(days=objection_days)
        change.expires_at = change.waits_until + ANSWER_LIFE
        _note(session, "lost-mailbox-approved", change, by)
        if found.email is not None:
            link = ResidentLink(kind=OLD_EMAIL, sign_in_id=found.id, change_id=change.id, language=found.language)
            _mail(session, door, link, found.email, AT_COUNTER, now=now, until=change.waits_until)


def refuse(sessions: Sessions, by: Authority, change_id: int, reason: str, *, now: datetime) -> None:
    """Use case: a second person does not agree, and says why; nothing changes. Raises as :func:`approve` does."""
    with transaction(sessions) as session:
        found, change = _to_decide(session, by, change_id, now)
        end_changes(session, found.id, now)
        _note(session, "lost-mailbox-refused", change, by, reason=reason)


def ask_new_mailboxes(sessions: Sessions, door: Door, now: datetime) -> int:
    """Use case of the job: nobody has objected in time, so the new mailboxes are asked; how many were. Once each."""
    with transaction(sessions) as session:
        asked = select(ResidentLink.id).where(
            ResidentLink.change_id == ResidentEmailChange.id, ResidentLink.kind == NEW_EMAIL
        )
        due = select(ResidentEmailChange).where(
            ResidentEmailChange.asked_by.is_not(None),
            ResidentEmailChange.ended_at.is_(None),
            ResidentEmailChange.waits_until <= now,
            ResidentEmailChange.expires_at > now,
            ~asked.exists(),
        )
        changes = session.scalars(due.order_by(ResidentEmailChange.id).with_for_update(skip_locked=True)).all()
        for change in changes:
            language = session.scalars(
                select(ResidentSignIn.language).where(ResidentSignIn.id == change.sign_in_id)
            ).one()
            link = ResidentLink(kind=NEW_EMAIL, sign_in_id=change.sign_in_id, change_id=change.id, language=language)
            _mail(session, door, link, wanted_address(door, change), FROM_COUNTER, now=now, until=change.expires_at)
        return len(changes)


def _mail(
    session: Session, door: Door, link: ResidentLink, to: str, why: str, *, now: datetime, until: datetime
) -> None:
    envelope = add_link(session, door, link, to, now=now, until=until)
    announce(session, ASKED, priority=SOMEBODY_WAITS, link_id=link.id, sealed=envelope, why=why)


def _holder(session: Session, seen: Seen) -> ResidentSignIn:
    """The sign-in of a holder of the account, locked."""
    found = session.scalar(
        select(ResidentSignIn)
        .join(AccountLink, AccountLink.actor_id == ResidentSignIn.actor_id)
        .where(
            AccountLink.id == seen.link_id,
            AccountLink.customer_account_id == seen.account_id,
            AccountLink.ended_at.is_(None),
            AccountLink.standing == Standing.HOLDER.value,
        )
        .with_for_update(of=ResidentSignIn)
    )
    if found is None or found.email is None:
        raise NotAtTheCounter("no holder with an address")
    return found


def _to_decide(
    session: Session, by: Authority, change_id: int, now: datetime
) -> tuple[ResidentSignIn, ResidentEmailChange]:
    """The sign-in and the wish, both locked in this order."""
    by.must(Permission.APPROVALS_DECIDE)
    wanted = select(ResidentEmailChange).where(
        ResidentEmailChange.id == change_id, ResidentEmailChange.asked_by.is_not(None)
    )
    whose = session.scalar(wanted.with_only_columns(ResidentEmailChange.sign_in_id))
    locked = select(ResidentSignIn).where(ResidentSignIn.id == whose).with_for_update()
    found, change = session.scalar(locked), session.scalar(wanted.with_for_update())
    if found is None or change is None or change.customer_account_id is None:
        raise RecoveryOver("never asked for, or forgotten")
    seen_account(session, by, change.customer_account_id)
    if change.ended_at is not None or change.approved_by is not None or change.expires_at <= now:
        raise RecoveryOver("decided, stopped or too old")
    if change.asked_by == by.actor_id:
        raise SamePerson("whoever asked does not approve")
    return found, change


def _note(session: Session, act: str, change: ResidentEmailChange, by: Authority, **details: str) -> None:
    audit.record(
        session, act, subject=(SUBJECT, change.sign_in_id), actor_id=by.actor_id,
        account=change.customer_account_id, **details,
    )  # fmt: skip
