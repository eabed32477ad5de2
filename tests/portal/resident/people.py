"""Residents, already signed in, so that a test begins at its own matter."""

from __future__ import annotations

from sqlalchemy import select

from accounts.clock import Clock
from accounts.database import Sessions, transaction
from portal.identity.passwords import hasher
from portal.identity.residents.cookies import NAME
from portal.identity.residents.mailed_links import new_sign_in
from portal.identity.residents.models import ResidentSignIn
from portal.identity.residents.signing_in import SignedIn, begin_session
from portal.identity.sessions import Screen
from tests.page_client import PageClient
from tests.portal.scene import Scene

HOME = "198.51.100.20"
PASSWORD = "siete mesas azules vuelan"


def resident_of(scene: Scene, email: str = "ana@example.com", *, lang: str = "en", password: str = "") -> PageClient:
    """A browser in which the resident with this address is signed in; the same address is the same person."""
    began = signed_in(scene.sessions, scene.wired.clock, email, lang=lang, password=password)
    client = scene.guest(HOME, lang)
    client.browser.set_cookie(NAME, began.token)
    return client


def signed_in(
    sessions: Sessions, clock: Clock, email: str = "ana@example.com", *, lang: str = "en", password: str = ""
) -> SignedIn:
    """A session that begins now; ``began.actor_id`` is who they are."""
    with transaction(sessions) as session:
        found = session.scalar(select(ResidentSignIn).where(ResidentSignIn.email == email))
        if found is None:
            found = new_sign_in(session, lang, email=email, verified_at=clock.now())
        if password:
            found.password_hash = hasher().hash(password)
        return begin_session(session, found, "link", Screen(HOME, "Firefox, Windows"), clock.now())


def actor_of(scene: Scene, email: str = "ana@example.com") -> int:
    """The actor of the resident with this address."""
    return int(scene.scalar("SELECT actor_id FROM resident_sign_ins WHERE email = :email", email=email))


def link_in(scene: Scene, number: int = -1) -> str:
    """The path of the link in a mail that was sent, the newest one unless told otherwise."""
    body = scene.outbox.mails[number].get_body(("plain",))
    assert body is not None
    (link,) = [word for word in body.get_content().split() if "/my/links/" in word]
    return "/" + link.split("/", 3)[3]
