"""Links in mails: to register an address, and to sign in. Asking does the same for addresses known and unknown.

A mail goes out either way, and only it says which of the two it is; the page that asked is told nothing.
"""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from accounts import audit
from accounts.actors.models import ActorKind
from accounts.actors.service import actor_id
from accounts.database import Sessions, reading, transaction
from accounts.outbox import SOMEBODY_WAITS, announce
from portal.identity.passwords import check_strength, hasher
from portal.identity.residents.models import ResidentEmailChange, ResidentLink, ResidentSignIn
from portal.identity.residents.rules import LINK, LINK_LIFE, SIGN_IN, LinkOver, TooManyMails, address_of
from portal.identity.residents.signing_in import SUBJECT, Door, Half, SignedIn, begin_or_ask
from portal.identity.sessions import Screen, new_token, token_digest
from portal.identity.vault import Unreadable, Vault

ASKED = "resident_link_asked"
REGISTER = "register"
"""Why a link was asked for: to have a sign-in, or (:data:`~rules.SIGN_IN`) to use the one there is."""


@dataclass(frozen=True)
class OpenLink:
    """A link that still holds. ``is_new`` where its address has no sign-in yet; ``sign_in_id`` whose it is."""

    id: int
    kind: str
    email: str
    is_new: bool
    change_id: int | None
    objects_until: datetime | None = None
    """Of a change that the counter asked for: until when the former mailbox may stop it."""


@dataclass(frozen=True)
class Envelope:
    """What the job must know to send a link: it waits encrypted, as a queue is no place for it."""

    token: str
    to: str

    def sealed(self, vault: Vault) -> str:
        """As it waits in the queue."""
        return vault.lock(json.dumps([self.token, self.to]).encode()).decode()

    @classmethod
    def opened(cls, vault: Vault, sealed: str) -> Envelope:
        """As it was; raises :class:`~portal.identity.vault.Unreadable`."""
        token, to = json.loads(vault.open(sealed.encode()))
        return cls(token, to)


@dataclass(frozen=True)
class Waiting:
    """A link that is to be mailed. ``is_known`` where its address had a sign-in when it was asked for."""

    kind: str
    language: str
    is_known: bool
    expires_at: datetime
    objects_until: datetime | None = None


def waiting(session: Session, link_id: int, now: datetime) -> Waiting | None:
    """The link, unless it has ended meanwhile."""
    found = session.execute(
        select(
            ResidentLink.kind, ResidentLink.language, ResidentLink.sign_in_id, ResidentLink.change_id,
            ResidentLink.expires_at,
        ).where(ResidentLink.id == link_id, ResidentLink.used_at.is_(None), ResidentLink.expires_at > now)
    ).one_or_none()  # fmt: skip
    if found is None:
        return None
    is_known, until = found.sign_in_id is not None, _waits_until(session, found.change_id)
    return Waiting(found.kind, found.language, is_known, found.expires_at, until)


def is_taken(session: Session, email: str) -> bool:
    """Has this address a sign-in? For mail to the address itself only."""
    return session.scalar(select(ResidentSignIn.id).where(ResidentSignIn.email == email)) is not None


def ask_for_link(
    sessions: Sessions, door: Door, typed: str, *, why: str, client: str, language: str, now: datetime
) -> None:
    """Use case: a link to this address, to sign in with or to register it.

    The same statements run whether somebody has a sign-in there or not. Raises :class:`TooManyMails` for either.
    """
    email = address_of(typed)
    with transaction(sessions) as session:
        throttle = door.mails
        seat, name = throttle.client(client), throttle.name(email)
        may_ask = throttle.may_try(session, seat, name, now)
        found = session.scalar(select(ResidentSignIn).where(ResidentSignIn.email == email))
        if may_ask:
            throttle.count(session, seat, name, now)
            spoken = found.language if found else language
            link = ResidentLink(kind=SIGN_IN, sign_in_id=found.id if found else None, language=spoken)
            sealed = add_link(session, door, link, email, now=now, until=now + LINK_LIFE)
            announce(session, ASKED, priority=SOMEBODY_WAITS, link_id=link.id, sealed=sealed, why=why)
        audit.record(
            session, "sign-in-link-asked" if may_ask else "sign-in-link-refused",
            subject=(SUBJECT, found.id if found else "unknown"), actor_id=found.actor_id if found else None,
        )  # fmt: skip
    if not may_ask:
        raise TooManyMails()


def add_link(session: Session, door: Door, link: ResidentLink, email: str, *, now: datetime, until: datetime) -> str:
    """Step: a link to ``email``; returns what the job that mails it must know, sealed."""
    token = new_token()
    link.token_digest, link.email = token_digest(token), door.addresses.lock(email.encode())
    link.made_at, link.expires_at = now, until
    session.add(link)
    session.flush()
    return Envelope(token, email).sealed(door.addresses)


def link_of(sessions: Sessions, door: Door, token: str, now: datetime) -> OpenLink:
    """What a link that still holds is for; raises :class:`LinkOver`. Looking at it uses nothing up."""
    with reading(sessions) as session:
        found = open_link(session, token, now)
        email = address_in(door, found)
        owner = session.scalar(select(ResidentSignIn.id).where(ResidentSignIn.email == email))
        until = _waits_until(session, found.change_id)
        return OpenLink(found.id, found.kind, email, owner is None, found.change_id, until)


def enter_by_link(
    sessions: Sessions, door: Door, token: str, screen: Screen, *, password: str, language: str, now: datetime
) -> SignedIn | Half:
    """Use case: sign in by a link; an address that is new has its sign-in from now on, with the password if one was
    chosen. A link takes the place of the password only: the second proof is asked for all the same.

    Raises :class:`LinkOver`, and :class:`~portal.identity.passwords.WeakPassword`, after which the link still holds.
    """
    with transaction(sessions) as session:
        email, throttle = address_in(door, open_link(session, token, now)), door.tries
        throttle.take_turns(session, throttle.name(email))
        found = session.scalar(select(ResidentSignIn).where(ResidentSignIn.email == email).with_for_update())
        link = open_link(session, token, now, lock=True)  # people before their links, as everywhere: no deadlock
        if link.kind != SIGN_IN or (link.sign_in_id is not None and (found is None or found.id != link.sign_in_id)):
            raise LinkOver("not to sign in with, or the address has moved on")
        if found is None:
            found = _register(session, email, password, language, now)
        link.used_at, link.sign_in_id = now, found.id
        end_links(session, found.id, now)
        throttle.forget(session, throttle.name(email))
        return begin_or_ask(session, found, LINK, screen, now)


def end_links(session: Session, sign_in_id: int, now: datetime) -> None:
    """Step: no other link by which this person could sign in holds any longer."""
    others = update(ResidentLink).where(
        ResidentLink.sign_in_id == sign_in_id, ResidentLink.kind == SIGN_IN, ResidentLink.used_at.is_(None)
    )
    session.execute(others.values(used_at=now))


def open_link(session: Session, token: str, now: datetime, *, lock: bool = False) -> ResidentLink:
    """Step: the link of this token; raises :class:`LinkOver`."""
    wanted = select(ResidentLink).where(
        ResidentLink.token_digest == token_digest(token),
        ResidentLink.used_at.is_(None),
        ResidentLink.expires_at > now,
    )
    found = session.scalar(wanted.with_for_update() if lock else wanted)
    if found is None:
        raise LinkOver("used, too old, or never made")
    return found


def address_in(door: Door, link: ResidentLink) -> str:
    """Where a link was sent; one whose address no key opens any more is over."""
    try:
        return door.addresses.open(link.email).decode()
    except Unreadable as error:
        raise LinkOver("encrypted under a key that is known no more") from error


def _waits_until(session: Session, change_id: int | None) -> datetime | None:
    if change_id is None:
        return None
    return session.scalar(select(ResidentEmailChange.waits_until).where(ResidentEmailChange.id == change_id))


def _register(session: Session, email: str, password: str, language: str, now: datetime) -> ResidentSignIn:
    if password:
        check_strength(password, [email, email.partition("@")[0]])
    found = new_sign_in(session, language, email=email, verified_at=now)
    found.password_hash = hasher().hash(password) if password else ""
    audit.record(session, "resident-registered", subject=(SUBJECT, found.id), actor_id=found.actor_id)
    return found


def new_sign_in(
    session: Session, language: str, *, email: str | None = None, verified_at: datetime | None = None
) -> ResidentSignIn:
    """Step: a person who can be named as the doer of something, by a handle that says nothing of them."""
    handle = secrets.token_hex(6)
    actor = actor_id(session, f"resident:{handle}", ActorKind.RESIDENT, f"Resident {handle[:6]}")
    found = ResidentSignIn(actor_id=actor, email=email, verified_at=verified_at, language=language)
    session.add(found)
    session.flush()
    return found
