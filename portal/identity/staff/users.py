"""Who is signed in, from a token: one statement for the person, their roles and their clock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from flask_login import UserMixin

from accounts.cities.rules import City
from accounts.cities.staffing import Permission
from accounts.database import OneByOne, query
from accounts.staff.rules import Authority, Grant, authority
from portal.identity.sessions import SEEN_AGAIN, is_over, token_digest
from portal.identity.staff.kept import KEPT_FOR
from portal.identity.staff.signing_in import PASSWORD

_WHO = query("""
    SELECT s.id, s.started_at, s.seen_at, s.ended_at, s.method, s.provider_roles, i.id, i.actor_id, i.username,
           i.language, i.offboarded_at, a.handle, a.display_name,
           (SELECT jsonb_agg(jsonb_build_array(g.role, g.since_on, g.until_on) ORDER BY g.id)
              FROM staff_grants g WHERE g.actor_id = i.actor_id)
      FROM staff_sessions s
      JOIN staff_sign_ins i ON i.id = s.sign_in_id
      JOIN actors a ON a.id = i.actor_id
     WHERE s.token_digest = :digest""",
    "session_id", "started_at", "seen_at", "ended_at", "method", "provider_roles", "sign_in_id", "actor_id",
    "username", "language", "offboarded_at", "handle", "display_name", "grants",
)  # fmt: skip
_SEEN = query("UPDATE staff_sessions SET seen_at = :now WHERE id = :id RETURNING id", "id")


@dataclass(frozen=True)
class StaffUser(UserMixin):  # type: ignore[misc]
    """The person at the screen, with what they may do today."""

    token: str
    sign_in_id: int
    username: str
    name: str
    language: str
    authority: Authority
    roles: tuple[str, ...]
    session_id: int = 0
    method: str = PASSWORD
    """``password``, or the name of the OpenID provider by which they came."""

    @property
    def actor_id(self) -> int:
        return self.authority.actor_id

    def get_id(self) -> str:
        """What Flask-Login keeps in the browser's signed cookie."""
        return self.token

    def may(self, permission: Permission) -> bool:
        """Does one of their roles hold the permission?"""
        return self.authority.may(permission)


@dataclass(frozen=True)
class Known:
    """What a token says: who is there (nobody, once time is up), and whose session it was within a day, so that what
    they were typing is kept for them. Nobody's, where they have left."""

    user: StaffUser | None
    actor_id: int | None


NOBODY = Known(None, None)


def who(reader: OneByOne, token: str, city: City, now: datetime, today: date) -> Known:
    """Whose token this is. A session ends when nobody used it for a while, and after a working day.

    Roles are those that were granted here, and those that a provider vouched for as this session began.
    """
    row = reader.execute(_WHO, {"digest": token_digest(token)}).one_or_none()
    if row is None:
        return NOBODY
    policy = city.staff_policy(today)
    if row.offboarded_at is not None:
        return NOBODY
    if row.ended_at is not None or is_over(row.started_at, row.seen_at, policy, now):
        return Known(None, row.actor_id) if now - row.seen_at < KEPT_FOR else NOBODY
    if now - row.seen_at > SEEN_AGAIN:
        reader.execute(_SEEN, {"id": row.session_id, "now": now})
    grants = [Grant(role, date.fromisoformat(since), _day(until)) for role, since, until in row.grants or ()]
    grants += [Grant(role, today, today) for role in row.provider_roles]
    allowed = authority(city, row.actor_id, row.handle, grants, today)
    held = {grant.role for grant in grants if grant.covers(today)}
    roles = tuple(role.code for role in policy.roles if role.code in held)
    user = StaffUser(
        token,
        row.sign_in_id,
        row.username,
        row.display_name,
        row.language,
        allowed,
        roles,
        row.session_id,
        row.method,
    )
    return Known(user, row.actor_id)


def _day(written: str | None) -> date | None:
    return date.fromisoformat(written) if written else None
