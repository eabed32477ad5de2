"""People who work here, already signed in, so that a test begins at its own matter."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select

from accounts.actors.models import ActorKind
from accounts.actors.service import actor_id
from accounts.database import transaction
from accounts.staff.models import StaffGrant
from portal.identity.models import StaffSignIn
from portal.identity.signing_in import begin_session
from tests.page_client import PageClient
from tests.portal.scene import Scene

SINCE = date(2024, 1, 2)
WINDOW = "192.0.2.40"


def staff_of(scene: Scene, *roles: str, name: str = "", lang: str = "en", until: date | None = None) -> PageClient:
    """A browser in which somebody with these roles is signed in; the same name is the same person."""
    username = name or (roles[0].replace("_", "-") if roles else "nobody")
    with transaction(scene.sessions) as session:
        system = actor_id(session, "system")
        actor = actor_id(session, f"staff:{username}", ActorKind.STAFF, username.title())
        found = session.scalar(select(StaffSignIn).where(StaffSignIn.actor_id == actor))
        if found is None:
            found = StaffSignIn(actor_id=actor, username=username, language=lang)
            session.add(found)
            session.add_all(
                StaffGrant(
                    actor_id=actor, role=role, since_on=SINCE, until_on=until, reason="hired", granted_by=system
                )
                for role in roles
            )
            session.flush()
        began = begin_session(session, found, "password", scene.clock.now())
    client = scene.guest(WINDOW, lang)
    with client.browser.session_transaction() as kept:
        kept["_user_id"], kept["last_actor"] = began.token, began.actor_id
    return client


def actor_of(scene: Scene, client: PageClient) -> int:
    """The actor who is signed in there."""
    with client.browser.session_transaction() as kept:
        return int(kept["last_actor"])
