"""Bills that are due, people who are told, and a clock that a test may set."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, time, timedelta
from email.message import EmailMessage
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Engine, event

from accounts.account_links import sharing
from accounts.account_links.rules import Offer
from accounts.account_links.service import link
from accounts.account_links.sharing import NewInvitation
from accounts.clock import FixedClock
from accounts.database import transaction
from accounts.message_choices.queries import Person
from accounts.message_choices.rules import Way
from accounts.message_choices.service import Wanted, ask_number, choose, confirm_number
from portal.notices.jobs import register
from portal.notices.text_codes import PURPOSE, asked
from portal.queue import queue_app
from tests.portal.resident.people import actor_of, signed_in
from tests.portal.scene import Known, Scene

NUMBER = "(559) 555-0123"
LOG = """SELECT m.kind, m.channel, m.to_masked, m.language, m.state, m.about,
                (SELECT e.code FROM message_events e WHERE e.message_id = m.id ORDER BY e.id DESC LIMIT 1) AS code
           FROM messages_sent m ORDER BY m.id"""


def at(scene: Scene, hour: int, minute: int = 0, *, days: int = 0) -> None:
    """It is that time of day in the city, some days from today."""
    zone = ZoneInfo(scene.city.identity.time_zone)
    day = scene.clock.today() + timedelta(days=days)
    scene.wired.clock = FixedClock(datetime.combine(day, time(hour, minute), zone))


def owe(scene: Scene, known: Known, cents: int, *, days: int) -> None:
    """Something is due in so many days (or was due)."""
    with transaction(scene.sessions) as session:
        scene._raise(session, [scene._charge(known.id, "water", cents, days)])


def resident(scene: Scene, known: Known, email: str, *, lang: str = "en") -> int:
    """A resident who keeps this account; their actor."""
    signed_in(scene.sessions, scene.clock, email, lang=lang)
    actor = actor_of(scene, email)
    link(scene.sessions, actor, known.id, "proof", now=scene.clock.now())
    forget_facts(scene)
    return actor


def lets_in(scene: Scene, known: Known, holder: int, who: tuple[str, str], offer: Offer) -> None:
    """A holder shares the account with somebody of this address and language."""
    email, lang = who
    signed_in(scene.sessions, scene.clock, email, lang=lang)
    new, now = NewInvitation(f"token of {email} to {known.id}", "", email, lang, offer), scene.clock.now()
    sharing.invite(scene.sessions, holder, known.id, new, now=now)
    sharing.accept(scene.sessions, actor_of(scene, email), new.token, now=now)
    forget_facts(scene)


def texts_to(scene: Scene, actor: int, number: str = NUMBER, language: str = "en") -> None:
    """They confirmed a number."""
    parts, now = scene.wired, scene.wired.clock.now()
    with scene.app.app_context():
        one = asked(parts.vault(PURPOSE), scene.city, number, language)
    person = Person(actor_id=actor)
    ask_number(scene.sessions, parts.proof_key, person, one, by=actor, now=now, minutes=15)
    confirm_number(scene.sessions, parts.proof_key, person, one.code, by=actor, now=now)
    forget_facts(scene)


def wants(scene: Scene, actor: int, language: str = "", **ways: Way) -> None:
    """What they chose, by kind."""
    policy = scene.city.message_policy(scene.today)
    assert policy is not None
    chosen = {kind.replace("_", "-"): way for kind, way in ways.items()}
    choose(scene.sessions, policy, Person(actor_id=actor), Wanted(chosen, language), by=actor)


def forget_facts(scene: Scene) -> None:
    """What followed so far is not this test's matter."""
    scene.run_as_owner("UPDATE procrastinate_jobs SET status = 'succeeded' WHERE status = 'todo'")


def run(scene: Scene, *, tries: int = 1) -> None:
    """What waits is sent; each job so often."""
    app = queue_app(scene.db.app_url)
    register(app, scene.app, scene.wired)
    waiting = scene.facts()
    forget_facts(scene)
    for name, args in waiting:
        for _ in range(tries):
            app.tasks[name](**args)


def log(scene: Scene) -> list[Any]:
    """Every message, oldest first, with why it is where it is."""
    return scene.rows(LOG)


@contextmanager
def statements(engine: Engine) -> Iterator[list[str]]:
    """What is sent to the database meanwhile."""
    sent: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        sent.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(engine, "before_cursor_execute", note)


def words(mail: EmailMessage) -> str:
    """The plain text of a mail."""
    body = mail.get_body(("plain",))
    assert body is not None
    return str(body.get_content())
