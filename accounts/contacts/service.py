"""Use cases of the counter's memory: write a note, log a contact, follow up. Everything is added, nothing edited."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from accounts import audit
from accounts.actors.models import Actor, ActorKind
from accounts.cities.desk import DeskPolicy
from accounts.clock import Clock
from accounts.contacts import rules
from accounts.contacts.models import AccountNote, Contact, FollowUp, FollowUpEnd, NotePin
from accounts.contacts.rules import AlreadyEnded, ForNobody, NewContact, NewFollowUp
from accounts.customer_accounts.access import seen_account
from accounts.database import Sessions, transaction
from accounts.errors import NotFound
from accounts.staff.rules import Authority, Permission


@dataclass(frozen=True, slots=True)
class Logged:
    """A contact, and what it left to be done."""

    contact_id: int
    follow_up_id: int | None = None


def add_note(
    sessions: Sessions, by: Authority, account_id: int, text: str, *, clock: Clock, pinned: bool = False
) -> int:
    """Use case: write a note; its id. Raises ``NotAllowed``, ``NotFound`` or :class:`rules.NothingSaid`."""
    by.must(Permission.CONTACTS_LOG)
    said, now = rules.words(text), clock.now()
    with transaction(sessions) as session:
        account = seen_account(session, by, account_id)
        note = AccountNote(customer_account_id=account.id, text=said, author_id=by.actor_id, at=now)
        session.add(note)
        session.flush()
        if pinned:
            session.add(NotePin(note_id=note.id, is_pinned=True, actor_id=by.actor_id, at=now))
        _audit(session, "note-added", account.id, by, note=note.id, pinned=pinned)
        return note.id


def pin_note(sessions: Sessions, by: Authority, note_id: int, *, pinned: bool, clock: Clock) -> None:
    """Use case: pin a note to the top of its account, or take it down; again changes nothing."""
    by.must(Permission.CONTACTS_LOG)
    with transaction(sessions) as session:
        account_id = session.scalar(select(AccountNote.customer_account_id).where(AccountNote.id == note_id))
        account = seen_account(session, by, account_id or 0)
        if _is_pinned(session, note_id) == pinned:
            return
        session.add(NotePin(note_id=note_id, is_pinned=pinned, actor_id=by.actor_id, at=clock.now()))
        _audit(session, "note-pinned" if pinned else "note-unpinned", account.id, by, note=note_id)


def log_contact(
    sessions: Sessions,
    by: Authority,
    policy: DeskPolicy,
    account_id: int | None,
    contact: NewContact,
    *,
    clock: Clock,
    follow_up: NewFollowUp | None = None,
) -> Logged:
    """Use case: log a contact about an account (or about none), with what is to be done after it.

    Raises ``NotAllowed``, ``NotFound``, ``NotOnTheList``, and what :func:`add_follow_up` raises.
    """
    by.must(Permission.CONTACTS_LOG)
    rules.check_contact(policy, contact)
    with transaction(sessions) as session:
        if account_id is not None:
            seen_account(session, by, account_id)
        row = Contact(
            customer_account_id=account_id, channel=contact.channel, direction=contact.direction,
            topic=contact.topic, verified_by=contact.verified_by, outcome=contact.outcome,
            language=contact.language, spoke_with=contact.spoke_with.strip(), text=contact.text.strip(),
            actor_id=by.actor_id, at=clock.now(),
        )  # fmt: skip
        session.add(row)
        session.flush()
        _audit(session, "contact-logged", account_id, by, contact=row.id, verified_by=contact.verified_by)
        if follow_up is None:
            return Logged(row.id)
        wanted = rules.addressed(policy, follow_up, clock.today())
        return Logged(row.id, _add(session, by, account_id, wanted, now=clock.now(), contact_id=row.id))


def add_follow_up(
    sessions: Sessions,
    by: Authority,
    policy: DeskPolicy,
    account_id: int | None,
    wanted: NewFollowUp,
    *,
    clock: Clock,
) -> int:
    """Use case: something to do by a day, without a contact; its id.

    Raises ``NotAllowed``, ``NotFound``, :class:`rules.NothingSaid`, :class:`rules.DueInThePast`,
    ``NotOnTheList`` or :class:`rules.ForNobody`.
    """
    by.must(Permission.CONTACTS_LOG)
    wanted = rules.addressed(policy, wanted, clock.today())
    with transaction(sessions) as session:
        if account_id is not None:
            seen_account(session, by, account_id)
        return _add(session, by, account_id, wanted, now=clock.now())


def leave_follow_up(
    session: Session, by: Authority, policy: DeskPolicy, account_id: int | None, wanted: NewFollowUp, *, clock: Clock
) -> int:
    """Step: :func:`add_follow_up` in the caller's transaction, for acts that leave something to do."""
    return _add(session, by, account_id, rules.addressed(policy, wanted, clock.today()), now=clock.now())


def finish(sessions: Sessions, by: Authority, follow_up_id: int, outcome: str, *, clock: Clock) -> None:
    """Use case: it is done, and this came of it. Raises :class:`rules.AlreadyEnded` if somebody was before."""
    by.must(Permission.CONTACTS_LOG)
    said = rules.words(outcome)
    with transaction(sessions) as session:
        old = _open(session, by, follow_up_id)
        _end(session, by, old, "done", outcome=said, now=clock.now())


def hand_on(
    sessions: Sessions, by: Authority, policy: DeskPolicy, follow_up_id: int, wanted: NewFollowUp, *, clock: Clock
) -> int:
    """Use case: it goes to somebody else, or to another day, with a word why; the id of the next one.

    The first ends as handed on, and the next one names it. Raises as :func:`add_follow_up` and :func:`finish` do.
    """
    by.must(Permission.CONTACTS_LOG)
    wanted = rules.addressed(policy, wanted, clock.today())
    with transaction(sessions) as session:
        old = _open(session, by, follow_up_id)
        _end(session, by, old, "handed-on", outcome=wanted.text, now=clock.now())
        return _add(
            session, by, old.customer_account_id, wanted,
            now=clock.now(), contact_id=old.contact_id, follows_id=old.id,
        )  # fmt: skip


def _add(
    session: Session,
    by: Authority,
    account_id: int | None,
    wanted: NewFollowUp,
    *,
    now: datetime,
    contact_id: int | None = None,
    follows_id: int | None = None,
) -> int:
    if wanted.for_actor_id is not None:
        kind = session.scalar(select(Actor.kind).where(Actor.id == wanted.for_actor_id))
        if kind is not ActorKind.STAFF:
            raise ForNobody(f"actor {wanted.for_actor_id} does not work here")
    row = FollowUp(
        kind=wanted.kind.value, customer_account_id=account_id, contact_id=contact_id, follows_id=follows_id,
        due_on=wanted.due_on, for_actor_id=wanted.for_actor_id, for_division=wanted.for_division, text=wanted.text,
        actor_id=by.actor_id, at=now,
    )  # fmt: skip
    session.add(row)
    session.flush()
    details = {"follow_up": row.id, "kind": row.kind, "due_on": row.due_on.isoformat(), "division": row.for_division}
    _audit(session, "follow-up-added", account_id, by, **details, for_actor=row.for_actor_id)
    return row.id


def _open(session: Session, by: Authority, follow_up_id: int) -> FollowUp:
    row = session.get(FollowUp, follow_up_id)
    if row is None:
        raise NotFound(f"no follow-up {follow_up_id}")
    if row.customer_account_id is not None:
        seen_account(session, by, row.customer_account_id)
    return row


def _end(session: Session, by: Authority, old: FollowUp, how: str, *, outcome: str, now: datetime) -> None:
    """The key lets one end in, whoever else is about to write theirs."""
    ended = (
        insert(FollowUpEnd)
        .values(follow_up_id=old.id, how=how, outcome=outcome, actor_id=by.actor_id, at=now)
        .on_conflict_do_nothing()
        .returning(FollowUpEnd.follow_up_id)
    )
    if session.scalar(ended) is None:
        raise AlreadyEnded(f"follow-up {old.id} has ended")
    _audit(session, f"follow-up-{how}", old.customer_account_id, by, follow_up=old.id)


def _is_pinned(session: Session, note_id: int) -> bool:
    last = select(NotePin.is_pinned).where(NotePin.note_id == note_id).order_by(NotePin.id.desc()).limit(1)
    return bool(session.scalar(last))


def _audit(session: Session, act: str, account_id: int | None, by: Authority, **details: object) -> None:
    """What was said stays in its own table: the audit names it."""
    subject: tuple[str, object] = ("", "") if account_id is None else ("account", account_id)
    audit.record(session, act, subject=subject, actor_id=by.actor_id, **details)
