"""Let in whom an OpenID provider vouches for: an identity that is linked to a person, and nobody by e-mail alone.

Roles from a provider's groups hold for the session that begins and for no longer: they stand beside the session, not
among the grants. So nobody has to grant them, a group that was taken away is gone at the next sign-in, and the
database's ban on granting to oneself stays as it is.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date, datetime

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from accounts import audit
from accounts.actors.models import Actor
from accounts.actors.service import SYSTEM, actor_id
from accounts.cities.rules import City
from accounts.database import Sessions, transaction
from accounts.errors import DomainError
from portal.identity.oidc import Vouched
from portal.identity.providers import JOIN_BY_GROUPS, ProviderTerms
from portal.identity.sessions import Screen
from portal.identity.staff import people
from portal.identity.staff.models import StaffIdentity, StaffSignIn
from portal.identity.staff.people import NewPerson
from portal.identity.staff.signing_in import SignedIn, begin_session

_TAKE_TURNS = text("SELECT pg_advisory_xact_lock(hashtextextended(:issuer || ' ' || :subject, 0))")
_MOST_NAMESAKES = 99


class IdentityUnknown(DomainError):
    """The provider knows them, we do not: not linked, or they have left. ``facts["subject"]`` is theirs."""


def enter(
    sessions: Sessions,
    terms: ProviderTerms,
    city: City,
    vouched: Vouched,
    screen: Screen,
    *,
    today: date,
    now: datetime,
) -> SignedIn:
    """Use case: begin a session for a linked identity; take the person on first, where the provider's groups may.

    Raises :class:`IdentityUnknown`, which is written down.
    """
    known_roles = {role.code for role in city.staff_policy(today).roles}
    roles = tuple(role for role in terms.roles_of(vouched.groups) if role in known_roles)
    with transaction(sessions) as session:
        session.execute(_TAKE_TURNS, {"issuer": vouched.issuer, "subject": vouched.subject})
        found = _linked(session, vouched)
        if found is None and terms.join == JOIN_BY_GROUPS and roles:
            found = _take_on(session, terms, vouched)
        if found is not None and found.offboarded_at is None:
            seat = Screen(screen.client, screen.browser, roles)
            return begin_session(session, found, terms.name, now, seat)
        audit.record(
            session, "sign-in-refused", subject=("sign-in", found.id if found else "unknown"),
            actor_id=found.actor_id if found else None, why=IdentityUnknown.__name__, method=terms.name,
        )  # fmt: skip
    raise IdentityUnknown(f"{terms.name} vouches for somebody who is not linked", subject=vouched.subject)


def _linked(session: Session, vouched: Vouched) -> StaffSignIn | None:
    return session.scalar(
        select(StaffSignIn)
        .join(StaffIdentity, StaffIdentity.sign_in_id == StaffSignIn.id)
        .where(StaffIdentity.issuer == vouched.issuer, StaffIdentity.subject == vouched.subject)
        .with_for_update(of=StaffSignIn)
    )


def _take_on(session: Session, terms: ProviderTerms, vouched: Vouched) -> StaffSignIn:
    """A new person with a name of their own; whoever is called alike here stays who they are."""
    system, why = actor_id(session, SYSTEM), f"came by {terms.name}"
    username = _free_username(session, vouched.username)
    added = people.add(session, NewPerson(username, vouched.name, vouched.email), by=system, reason=why)
    people.link(session, added, vouched.issuer, vouched.subject, by=system, reason=why)
    return added


def _free_username(session: Session, wished: str) -> str:
    """The wished name as user names are written, or the next one that no actor of ours ever had."""
    plain = unicodedata.normalize("NFKD", wished.partition("@")[0]).encode("ascii", "ignore").decode().lower()
    begin = re.sub(r"^[^a-z]+|[^a-z0-9.\-]", "", plain)[:36] or "staff"
    names = [begin if len(begin) > 1 else f"{begin}-1", *(f"{begin}-{n}" for n in range(2, _MOST_NAMESAKES))]
    handles = [f"staff:{name}" for name in names]
    taken = set(session.scalars(select(Actor.handle).where(Actor.handle.in_(handles))))
    free = next((name for name, handle in zip(names, handles, strict=True) if handle not in taken), None)
    if free is None:
        raise people.UsernameTaken(f"{begin} and all its numbers are taken")
    return free
