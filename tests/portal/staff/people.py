"""People who work here, already signed in, so that a test begins at its own matter."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select

from accounts.actors.models import ActorKind
from accounts.actors.service import actor_id
from accounts.clock import Clock
from accounts.database import Sessions, transaction
from accounts.staff.models import StaffGrant
from portal.identity.providers import ProviderTerms
from portal.identity.staff.models import StaffSignIn
from portal.identity.staff.signing_in import SignedIn, begin_session
from tests.page_client import PageClient
from tests.portal.scene import Scene

SINCE = date(2024, 1, 2)
WINDOW = "192.0.2.40"
PROVIDER = ProviderTerms(
    name="elm", label="Elm ID", issuer="https://id.example", client_id="window", client_secret="of tests"
)
"""Another service by which people may sign in; nothing answers there."""


def staff_of(scene: Scene, *roles: str, name: str = "", lang: str = "en", until: date | None = None) -> PageClient:
    """A browser in which somebody with these roles is signed in; the same name is the same person."""
    began = signed_in(scene.sessions, scene.wired.clock, *roles, name=name, lang=lang, until=until)
    client = scene.guest(WINDOW, lang)
    with client.browser.session_transaction() as kept:
        kept["_user_id"], kept["last_actor"] = began.token, began.actor_id
    return client


def signed_in(
    sessions: Sessions, clock: Clock, *roles: str, name: str = "", lang: str = "en", until: date | None = None
) -> SignedIn:
    """A session of somebody with these roles since long ago."""
    username = name or (roles[0].replace("_", "-") if roles else "nobody")
    with transaction(sessions) as session:
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
        return begin_session(session, found, "password", clock.now())


def actor_of(scene: Scene, client: PageClient) -> int:
    """The actor who is signed in there."""
    with client.browser.session_transaction() as kept:
        return int(kept["last_actor"])
