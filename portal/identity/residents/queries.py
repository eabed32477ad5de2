"""A resident's sign-in as its own page shows it. Nothing that is read here opens a door."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from accounts.database import Reader, query
from portal.identity.residents.models import (
    ResidentEmailChange,
    ResidentIdentity,
    ResidentPasskey,
    ResidentRecoveryCode,
    ResidentSession,
    ResidentSignIn,
)
from portal.identity.residents.rules import Ways
from portal.identity.sessions import Lifetime, is_over
from portal.messages_sent.rules import masked_contact

_MOST_SESSIONS = 20
_ADDRESSES = query(
    "SELECT actor_id, email FROM resident_sign_ins WHERE actor_id = ANY (:actors) AND email IS NOT NULL",
    "actor_id", "email",
)  # fmt: skip

_AT_COUNTER = query("""
    SELECT e.id, a.id, a.reference, e.document, i.email, e.new_masked, e.asked_at, e.asked_by, asker.display_name,
           approver.display_name, e.waits_until
      FROM resident_email_changes e
      JOIN resident_sign_ins i ON i.id = e.sign_in_id
      JOIN customer_accounts a ON a.id = e.customer_account_id
      JOIN actors asker ON asker.id = e.asked_by
      LEFT JOIN actors approver ON approver.id = e.approved_by
     WHERE e.asked_by IS NOT NULL AND e.ended_at IS NULL AND e.expires_at > :now
       AND (:account = 0 OR a.id = :account)
       AND (NOT a.is_protected OR :protected) AND (NOT a.is_restricted OR :restricted)
     ORDER BY e.id LIMIT 100""",
    "id", "account_id", "reference", "document", "former", "new_masked", "asked_at", "asked_by", "asker", "approver",
    "waits_until",
)  # fmt: skip


@dataclass(frozen=True)
class SeenSession:
    """One screen. ``ended_at`` only where somebody ended it."""

    id: int
    method: str
    client: str
    browser: str
    started_at: datetime
    seen_at: datetime
    is_running: bool


@dataclass(frozen=True)
class Passkey:
    """A passkey, as its person named it."""

    id: int
    name: str
    added_at: datetime
    used_at: datetime | None


@dataclass(frozen=True)
class LinkedIdentity:
    """A provider by which they sign in."""

    id: int
    issuer: str
    linked_at: datetime
    used_at: datetime | None


@dataclass(frozen=True)
class PendingChange:
    """Another address that is wished for, and which mailboxes have said yes."""

    expires_at: datetime
    old_said_yes: bool
    new_said_yes: bool


@dataclass(frozen=True)
class OwnSignIn:
    """All of a sign-in that its person sees."""

    email: str
    language: str
    has_password: bool
    has_app: bool
    asks_second: bool
    codes_left: int
    change: PendingChange | None
    sessions: tuple[SeenSession, ...]
    passkeys: tuple[Passkey, ...]
    identities: tuple[LinkedIdentity, ...]

    @property
    def ways(self) -> Ways:
        """By what they can sign in."""
        return Ways(bool(self.email), self.has_password, len(self.passkeys), len(self.identities))


def own_sign_in(session: Session, sign_in_id: int, lifetime: Lifetime, now: datetime) -> OwnSignIn:
    """The sign-in of who asks. Five statements, however much there is."""
    codes = (
        select(func.count())
        .where(ResidentRecoveryCode.sign_in_id == ResidentSignIn.id, ResidentRecoveryCode.used_at.is_(None))
        .scalar_subquery()
    )
    found, codes_left = session.execute(select(ResidentSignIn, codes).where(ResidentSignIn.id == sign_in_id)).one()
    return OwnSignIn(
        email=found.email or "",
        language=found.language,
        has_password=bool(found.password_hash),
        has_app=found.totp_secret is not None,
        asks_second=found.asks_second,
        codes_left=codes_left,
        change=_change(session, sign_in_id, now),
        sessions=_sessions(session, sign_in_id, lifetime, now),
        passkeys=_passkeys(session, sign_in_id),
        identities=_identities(session, sign_in_id),
    )


def masked_addresses(session: Reader, actor_ids: Collection[int]) -> dict[int, str]:
    """``m•••@example.com`` by actor, for who gave an address. One statement."""
    rows = session.execute(_ADDRESSES, {"actors": list(actor_ids)})
    return {row.actor_id: masked_contact("mail", row.email) for row in rows}


@dataclass(frozen=True)
class AtCounter:
    """Another address that the counter asked for; ``approved_by`` and ``waits_until`` once a second person agreed."""

    id: int
    account_id: int
    reference: str
    document: str
    former: str
    new: str
    asked_at: datetime
    asked_by: int
    asker: str
    approver: str
    waits_until: datetime | None


def at_counter(
    session: Reader, now: datetime, *, sees_protected: bool, sees_restricted: bool, account_id: int = 0
) -> list[AtCounter]:
    """What the counter asked for and nobody has ended, oldest first; of one account if named. One statement."""
    asked = {"now": now, "account": account_id, "protected": sees_protected, "restricted": sees_restricted}
    return [
        AtCounter(
            row.id, row.account_id, row.reference, row.document, masked_contact("mail", row.former or ""),
            row.new_masked, row.asked_at, row.asked_by, row.asker, row.approver or "", row.waits_until,
        )
        for row in session.execute(_AT_COUNTER, asked)
    ]  # fmt: skip


def _change(session: Session, sign_in_id: int, now: datetime) -> PendingChange | None:
    found = session.execute(
        select(
            ResidentEmailChange.expires_at, ResidentEmailChange.old_said_yes_at, ResidentEmailChange.new_said_yes_at
        ).where(
            ResidentEmailChange.sign_in_id == sign_in_id,
            ResidentEmailChange.ended_at.is_(None),
            ResidentEmailChange.expires_at > now,
        )
    ).first()
    return PendingChange(found[0], found[1] is not None, found[2] is not None) if found else None


def _sessions(session: Session, sign_in_id: int, lifetime: Lifetime, now: datetime) -> tuple[SeenSession, ...]:
    rows = session.scalars(
        select(ResidentSession)
        .where(ResidentSession.sign_in_id == sign_in_id)
        .order_by(ResidentSession.seen_at.desc(), ResidentSession.id.desc())
        .limit(_MOST_SESSIONS)
    )
    seen = [
        SeenSession(
            row.id, row.method, row.client, row.browser, row.started_at, row.seen_at,
            row.ended_at is None and not is_over(row.started_at, row.seen_at, lifetime, now),
        )
        for row in rows
    ]  # fmt: skip
    return tuple(sorted(seen, key=lambda each: not each.is_running))


def _passkeys(session: Session, sign_in_id: int) -> tuple[Passkey, ...]:
    rows = session.execute(
        select(ResidentPasskey.id, ResidentPasskey.name, ResidentPasskey.added_at, ResidentPasskey.used_at)
        .where(ResidentPasskey.sign_in_id == sign_in_id)
        .order_by(ResidentPasskey.id)
    )
    return tuple(Passkey(*row) for row in rows)


def _identities(session: Session, sign_in_id: int) -> tuple[LinkedIdentity, ...]:
    rows = session.execute(
        select(ResidentIdentity.id, ResidentIdentity.issuer, ResidentIdentity.linked_at, ResidentIdentity.used_at)
        .where(ResidentIdentity.sign_in_id == sign_in_id)
        .order_by(ResidentIdentity.id)
    )
    return tuple(LinkedIdentity(*row) for row in rows)
