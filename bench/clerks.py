"""The pages that a clerk opens all day, asked for by somebody who is signed in and may see everything."""

from __future__ import annotations

import urllib.parse
from collections.abc import Sequence
from datetime import date

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from accounts.actors.models import ActorKind
from accounts.actors.service import SYSTEM, actor_id
from accounts.database import reading, transaction
from accounts.staff.models import StaffGrant
from bench.place import Place
from portal.identity.staff.models import StaffSignIn
from portal.identity.staff.signing_in import begin_session

_ROLES = ("supervisor", "auditor")
_HOLDER = text("SELECT c.name FROM customers c JOIN customer_accounts a ON a.customer_id = c.id WHERE a.id = :id")
_CHARGE = text("SELECT min(id) FROM charges WHERE customer_account_id = :id")


def signed_in(place: Place) -> dict[str, object]:
    """What the session cookie of such a person holds."""
    with transaction(place.sessions) as session:
        person = session.scalar(select(StaffSignIn).where(StaffSignIn.username == "bench-clerk")) or _hired(session)
        began = begin_session(session, person, "password", place.clock.now())
    return {"_user_id": began.token, "last_actor": began.actor_id}


def _hired(session: Session) -> StaffSignIn:
    machine = actor_id(session, SYSTEM)
    actor = actor_id(session, "staff:bench-clerk", ActorKind.STAFF, "Bench Clerk")
    person = StaffSignIn(actor_id=actor, username="bench-clerk", language="en")
    session.add(person)
    session.add_all(
        StaffGrant(actor_id=actor, role=role, since_on=date(2024, 1, 2), reason="hired", granted_by=machine)
        for role in _ROLES
    )
    session.flush()
    return person


def paths(
    place: Place, known: int, known_reference: str, veteran: int, veteran_reference: str
) -> Sequence[tuple[str, str]]:
    """Name and address of each page: an account with three charges, and one with three hundred."""
    with reading(place.sessions) as session:
        holder = str(session.scalar(_HOLDER, {"id": known}))
        charge = int(session.scalar(_CHARGE, {"id": veteran}) or 0)
    one, other = f"/staff/accounts/{known_reference}", f"/staff/accounts/{veteran_reference}"
    asked = urllib.parse.urlencode({"q": holder})
    return [
        ("Staff: search for a name", f"/staff/search?{asked}"),
        ("Staff: suggestions for a name", f"/staff/search/suggest?{asked}"),
        ("Staff: account, 3 charges", one),
        ("Staff: account, 300 charges", other),
        ("Staff: bills of 300 charges", f"{other}/bills"),
        ("Staff: payments", f"{other}/payments"),
        ("Staff: timeline of 300 charges", f"{other}/timeline"),
        ("Staff: why is this the amount", f"{other}/charges/{charge}"),
        ("Staff: as the resident sees", f"{one}/as-resident"),
        ("Staff: approvals", "/staff/approvals"),
        ("Staff: exceptions", "/staff/exceptions"),
        ("Staff: who has seen this account", f"{one}/audit"),
    ]
