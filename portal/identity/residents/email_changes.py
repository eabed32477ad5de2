"""Another e-mail address: it is taken when both mailboxes have said yes, and nothing changes until then."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from accounts import audit
from accounts.database import Sessions, transaction
from accounts.outbox import SOMEBODY_WAITS, announce
from portal.identity.residents.changes import note_change, own
from portal.identity.residents.mailed_links import ASKED, add_link, end_links, open_link
from portal.identity.residents.models import (
    ResidentEmailChange,
    ResidentIdentity,
    ResidentLink,
    ResidentPasskey,
    ResidentSignIn,
)
from portal.identity.residents.rules import (
    CHANGE_LIFE,
    NEW_EMAIL,
    OLD_EMAIL,
    EmailTaken,
    LinkOver,
    SameEmail,
    TooManyMails,
    address_of,
)
from portal.identity.residents.second_steps import forget_second_step
from portal.identity.residents.signing_in import SUBJECT, Door, end_sessions
from portal.identity.residents.users import ResidentUser
from portal.identity.vault import Unreadable


@dataclass(frozen=True)
class Answered:
    """What became of a change by an answer: it is ``done``, ``stopped``, or ``waits`` for the other mailbox."""

    state: str


def ask(sessions: Sessions, door: Door, user: ResidentUser, typed: str, *, client: str, now: datetime) -> None:
    """Use case: a person wants another address; a link goes to the one that they have, another one to the new one.

    The same is done for an address that has a sign-in of its own: only its mailbox hears of that. Raises
    :class:`SameEmail` or :class:`TooManyMails`.
    """
    email = address_of(typed)
    with transaction(sessions) as session:
        found, throttle = own(session, user), door.mails
        if email == found.email:
            raise SameEmail("they have this address")
        seat, name = throttle.client(client), throttle.name(email)
        may_ask = throttle.may_try(session, seat, name, now)
        if may_ask:
            throttle.count(session, seat, name, now)
            _begin(session, door, found, email, now)
        audit.record(
            session, "email-change-asked" if may_ask else "sign-in-link-refused", subject=(SUBJECT, found.id),
            actor_id=found.actor_id,
        )  # fmt: skip
    if not may_ask:
        raise TooManyMails()


def cancel(sessions: Sessions, user: ResidentUser, now: datetime) -> None:
    """Use case: the person thinks better of it."""
    with transaction(sessions) as session:
        if end_changes(session, user.sign_in_id, now):
            audit.record(session, "email-change-stopped", subject=(SUBJECT, user.sign_in_id), actor_id=user.actor_id)


def answer(sessions: Sessions, door: Door, token: str, *, says_yes: bool, now: datetime) -> Answered:
    """Use case: one of the two mailboxes says yes or no; the last yes makes the change.

    Raises :class:`LinkOver`, or :class:`EmailTaken` where the new address got a sign-in of its own meanwhile.
    """
    with transaction(sessions) as session:
        whose = open_link(session, token, now).sign_in_id
        found = session.scalar(select(ResidentSignIn).where(ResidentSignIn.id == whose).with_for_update())
        link = open_link(session, token, now, lock=True)
        change = _open_change(session, link, now)
        if found is None or change is None:
            raise LinkOver("the change is over")
        link.used_at = now
        if not says_yes:
            end_changes(session, found.id, now)
            audit.record(session, "email-change-stopped", subject=(SUBJECT, found.id), actor_id=found.actor_id)
            return Answered("stopped")
        if link.kind == OLD_EMAIL:
            change.old_said_yes_at = now
        else:
            change.new_said_yes_at = now
        if not _is_agreed(found, change, now):
            return Answered("waits")
        _take_on(session, door, found, wanted_address(door, change), now)
        if change.asked_by is not None:
            _only_the_mailbox_opens(session, door, found)
        return Answered("done")


def end_changes(session: Session, sign_in_id: int, now: datetime) -> int:
    """Step: nothing that this person wished for comes true any more, and its links are over; how many wishes."""
    mine = update(ResidentEmailChange).where(
        ResidentEmailChange.sign_in_id == sign_in_id, ResidentEmailChange.ended_at.is_(None)
    )
    ended = session.execute(mine.values(ended_at=now).returning(ResidentEmailChange.id)).scalars().all()
    links = update(ResidentLink).where(ResidentLink.change_id.in_(ended), ResidentLink.used_at.is_(None))
    session.execute(links.values(used_at=now))
    return len(ended)


def _begin(session: Session, door: Door, found: ResidentSignIn, email: str, now: datetime) -> None:
    end_changes(session, found.id, now)
    until = now + CHANGE_LIFE
    sealed = door.addresses.lock(email.encode())
    change = ResidentEmailChange(sign_in_id=found.id, new_email=sealed, asked_at=now, expires_at=until)
    session.add(change)
    session.flush()
    for kind, to in ((OLD_EMAIL, found.email), (NEW_EMAIL, email)):
        if to is not None:
            link = ResidentLink(kind=kind, sign_in_id=found.id, change_id=change.id, language=found.language)
            envelope = add_link(session, door, link, to, now=now, until=until)
            announce(session, ASKED, priority=SOMEBODY_WAITS, link_id=link.id, sealed=envelope, why=kind)


def _open_change(session: Session, link: ResidentLink, now: datetime) -> ResidentEmailChange | None:
    wanted = select(ResidentEmailChange).where(
        ResidentEmailChange.id == link.change_id,
        ResidentEmailChange.ended_at.is_(None),
        ResidentEmailChange.expires_at > now,
    )
    return session.scalar(wanted.with_for_update())


def _is_agreed(found: ResidentSignIn, change: ResidentEmailChange, now: datetime) -> bool:
    """Has everybody said yes who must? For a lost mailbox two people of the city do, once nobody has objected."""
    if change.new_said_yes_at is None:
        return False
    if found.email is None or change.old_said_yes_at is not None:
        return True
    return change.approved_by is not None and change.waits_until is not None and change.waits_until <= now


def _only_the_mailbox_opens(session: Session, door: Door, found: ResidentSignIn) -> None:
    """Whoever held the rest of the sign-in may not be who stood at the counter: it all ends."""
    found.password_hash = ""
    for owned in (ResidentPasskey, ResidentIdentity):
        session.execute(delete(owned).where(owned.sign_in_id == found.id))
    if found.asks_second:
        forget_second_step(session, door, found)


def wanted_address(door: Door, change: ResidentEmailChange) -> str:
    """The address that is wished for; raises :class:`LinkOver` where no key opens it any more."""
    try:
        return door.addresses.open(change.new_email).decode()
    except Unreadable as error:
        raise LinkOver("encrypted under a key that is known no more") from error


def _take_on(session: Session, door: Door, found: ResidentSignIn, email: str, now: datetime) -> None:
    """All screens are signed out: who is at them cannot be known from a mailbox."""
    door.tries.take_turns(session, door.tries.name(email))
    if session.scalar(select(ResidentSignIn.id).where(ResidentSignIn.email == email)) is not None:
        raise EmailTaken("it has a sign-in of its own")
    before = found.email
    found.email, found.verified_at = email, now
    end_changes(session, found.id, now)
    end_links(session, found.id, now)
    end_sessions(session, found.id, now)
    note_change(session, door, found, "email-changed")
    if before:
        note_change(session, door, found, "email-changed-away", tell=before)
