"""Use cases of leaving: a message is claimed, looked at once more, handed over, and its end written down.

Two transactions around the call (intent, call, outcome). Whether it is still true is asked when it leaves, not when
it was queued: a reminder stops once its bill is paid or a payment is on its way.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import text
from sqlalchemy.orm import Session

from accounts.cities.messages import MessagePolicy
from accounts.cities.rules import City
from accounts.database import Sessions, transaction
from accounts.message_choices.queries import Person, address_states, choices_of
from accounts.message_choices.replies import note_address
from accounts.message_choices.rules import AddressState, Channel, address_digest, channels, way_of
from portal import logs
from portal.mail import MailDelayed, MailRefused
from portal.messages_sent.rules import Kind, State, masked_contact
from portal.messages_sent.service import event_of, mail_is_dead
from portal.notices import queries
from portal.notices.matters import Matter
from portal.notices.queueing import FACT
from portal.notices.rules import Known, Reader, addresses_of, language_of, waits
from portal.notices.stopping import link_of
from portal.notices.telling import Pending, matter_of
from portal.notices.words import mail_of, text_of, wording
from portal.texts import TextDelayed, TextRefused
from portal.wiring import Wiring

STALE = timedelta(minutes=5)
"""So long after somebody began to send it, a message is another worker's to take up."""
LATEST = timedelta(days=3)
"""A message that could not leave for so long says nothing new any more."""
_STRANGERS = frozenset({Kind.ACCOUNT_LINKED, Kind.ACCOUNT_UNLINKED, Kind.REQUEST_ANSWERED})
"""Also for people who are not, or no more, on the account."""
_log = logs.logger(__name__)
_ROW = text("""
    SELECT m.id, m.kind, m.channel, m.customer_id, m.actor_id, m.about, m.topic, m.state, m.at, m.claimed_at,
           m.to_digest,
           (SELECT customer_account_id FROM message_accounts WHERE message_id = m.id LIMIT 1) AS account_id
      FROM messages_sent m WHERE m.id = :id FOR UPDATE OF m""")
_TWICE = text("""
    SELECT 1 FROM messages_sent WHERE topic = :topic AND to_digest = :digest AND id <> :id LIMIT 1""")
_CLAIM = text("""
    UPDATE messages_sent SET state = 'sending', claimed_at = :now, to_masked = :masked, to_digest = :digest,
           language = :language WHERE id = :id""")
_EVENT = text("INSERT INTO message_events (message_id, event, code, at) VALUES (:id, :event, :code, :now)")
_STATE = text("UPDATE messages_sent SET state = :state, provider_ref = :ref WHERE id = :id")
_PUT_OFF = text("""
    WITH put_off AS (UPDATE messages_sent SET state = 'queued', due_at = :due WHERE id = :id RETURNING id)
    SELECT announce_fact_in(:fact, jsonb_build_object('message_id', id), 0, :seconds) FROM put_off""")


class SomebodySends(Exception):
    """Another worker has this message in hand: look again later."""


@dataclass(frozen=True, slots=True)
class Ready:
    """A claimed message, and all that it takes to write it."""

    id: int
    kind: Kind
    person: Person
    channel: Channel
    to: str
    digest: bytes
    language: str
    matter: Matter

    @property
    def key(self) -> str:
        """Of its Message-ID: not to be guessed, and the same each time."""
        return f"notice-{self.id}-{self.digest.hex()[:16]}"


def deliver(wired: Wiring, message_id: int) -> None:
    """Use case: send one message of the queue, in an application context; one that is through does nothing.

    Raises ``MailDelayed`` or ``TextDelayed`` for the queue to try again, :class:`SomebodySends`.
    """
    ready = claim(wired, message_id)
    if ready is None:
        return
    now = wired.clock.now()
    try:
        ref = _send(wired, ready)
    except (MailRefused, TextRefused) as error:
        _ended(wired.sessions, ready, State.FAILED, now, code=error.code, dead=event_of(error))
        _log.warning("message refused", message=message_id, error=type(error).__name__, code=error.code)
    except (MailDelayed, TextDelayed):
        _ended(wired.sessions, ready, State.DELAYED, now)
        raise
    else:
        _ended(wired.sessions, ready, State.SENT, now, ref=ref)


def claim(wired: Wiring, message_id: int) -> Ready | None:
    """Use case: take a message in hand, if it is still to be sent and still says something true. Else say why not."""
    city, now = wired.city().city, wired.clock.now()
    policy = city.message_policy(wired.clock.day_of(now))
    with transaction(wired.sessions) as session:
        row = session.execute(_ROW, {"id": message_id}).one_or_none()
        if row is None or row.state not in {"queued", "delayed", "sending"}:
            return None
        if row.state == "sending" and now - row.claimed_at < STALE:
            raise SomebodySends(f"message {message_id}")
        if row.state == "sending" and row.channel == "text":
            # Whether it rang cannot be asked; once too few is better than twice.
            _end(session, row.id, State.FAILED, now, code="unknown")
            return None
        if policy is None or now - row.at > LATEST:
            _end(session, row.id, State.FAILED, now, code="too-late")
            return None
        pending = Pending(
            row.id, Kind(row.kind), row.channel, Person(row.customer_id, row.actor_id), row.account_id, row.about,
            row.topic, bytes(row.to_digest or b""), now, wired.clock.today(),
        )  # fmt: skip
        found = _look(session, wired.proof_key, city, policy, pending)
        if isinstance(found, Ready):
            _claim(session, found, now)
            return found
        if isinstance(found, datetime):
            _put_off(session, row.id, found, now)
        else:
            _end(session, row.id, State.DROPPED, now, code=found)
        return None


def _look(
    session: Session, secret: bytes, city: City, policy: MessagePolicy, pending: Pending
) -> Ready | str | datetime:
    """The message as it would leave now; or why it does not; or until when it waits."""
    kind, person, channel = pending.kind, pending.person, pending.channel
    reader = _reader(session, kind, person, pending.account_id)
    rule = policy.kinds.get(kind.value)  # type: ignore[call-overload]
    if reader is None or rule is None:
        return "not-wanted"
    chosen = choices_of(session, [person])[person]
    at: Channel = "mail" if channel == "mail" else "text"
    to = addresses_of(reader, chosen).get(at, "")
    ways = channels(way_of(rule, kind.value, chosen), has_mail=bool(reader.email), has_text=bool(chosen.text_number))
    digest = address_digest(secret, at, to)
    if why := _kept_from(session, pending, digest, is_wanted=bool(to) and at in ways):
        return why
    identity = city.identity
    known = Known(policy, secret, identity.time_zone, identity.offered, {person: chosen}, {}, pending.now)
    if (until := waits(at, chosen, known)) is not None:
        return until
    matter = matter_of(session, pending)
    if matter.over:
        return matter.over
    return Ready(pending.id, kind, person, at, to, digest, language_of(reader, chosen, identity.offered), matter)


def _kept_from(session: Session, pending: Pending, digest: bytes, *, is_wanted: bool) -> str:
    """Why nothing goes to this address; empty where it may."""
    state = address_states(session, [digest]).get(digest, AddressState.GOOD)
    if state is not AddressState.GOOD:
        return "stopped" if state is AddressState.STOPPED else "unreachable"
    if not is_wanted:
        return "not-wanted"
    values = {"topic": pending.topic, "digest": digest, "id": pending.id}
    return "twice" if digest != pending.digest and session.execute(_TWICE, values).first() else ""


def _claim(session: Session, ready: Ready, now: datetime) -> None:
    masked = masked_contact(ready.channel, ready.to)
    values = {"id": ready.id, "now": now, "masked": masked, "digest": ready.digest, "language": ready.language}
    session.execute(_CLAIM, values)


def _put_off(session: Session, message_id: int, until: datetime, now: datetime) -> None:
    seconds = max(1.0, (until - now).total_seconds())
    session.execute(_PUT_OFF, {"id": message_id, "due": until, "fact": FACT, "seconds": seconds})
    session.execute(_EVENT, {"id": message_id, "event": "put-off", "code": "quiet", "now": now})


def _reader(session: Session, kind: Kind, person: Person, account_id: int | None) -> Reader | None:
    """The person as they are now; none, where they are not on the account any more."""
    if account_id is not None and kind not in _STRANGERS:
        here = [one for one in queries.people_of(session, [account_id]) if one.person == person]
        return next((one for one in here if one.gets_copies or kind is Kind.HIGH_USE), None)
    return next(iter(queries.people_named(session, [person])), None)


def _send(wired: Wiring, ready: Ready) -> str:
    city, base = wired.city().city, wired.settings.base_url
    said = wording(ready.kind, ready.matter, city, ready.language, base)
    if ready.channel == "text":
        return wired.texts.send(ready.to, text_of(said), ready.key) or ""
    stop = link_of(wired, ready.kind, ready.person, ready.digest)
    mail = mail_of(said, city, ready.language, to=ready.to, key=ready.key, base_url=base, stop=stop)
    return wired.mailer.send(mail) or ""


def _ended(
    sessions: Sessions, ready: Ready, state: State, now: datetime, *, code: str = "", ref: str = "", dead: str = ""
) -> None:
    with transaction(sessions) as session:
        _end(session, ready.id, state, now, code=code, ref=ref)
        if dead:
            masked = masked_contact(ready.channel, ready.to)
            note_address(session, ready.channel, ready.digest, masked, dead, code=code, now=now)
            mail_is_dead(session, ready.channel, ready.person, ready.digest, now=now)


def _end(session: Session, message_id: int, state: State, now: datetime, *, code: str = "", ref: str = "") -> None:
    session.execute(_STATE, {"id": message_id, "state": state.value, "ref": ref})
    session.execute(_EVENT, {"id": message_id, "event": state.value, "code": code, "now": now})
