"""Sending with a line in the log; and the wish of somebody at the counter that a receipt be sent again."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from accounts import audit
from accounts.actors.service import SYSTEM, actor_id
from accounts.database import Sessions, reading, transaction
from accounts.message_choices.papers import paper_again
from accounts.message_choices.queries import Person, address_states
from accounts.message_choices.replies import note_address
from accounts.message_choices.rules import AddressState, Channel, address_digest
from accounts.outbox import SOMEBODY_WAITS, announce
from portal.identity.vault import Vault
from portal.mail import MailRefused, NoSuchAddress
from portal.messages_sent.rules import STANDS_AFTER, UNASKED, Message, PrintedLetter, State, masked_contact
from portal.texts import STOPPED, TextRefused

PURPOSE = "addresses of receipts"
"""Of the vault in which the address waits for the job."""
_NOTE = text("""
    WITH noted AS (
        INSERT INTO messages_sent (key, at, channel, kind, to_masked, to_digest, language, about, state, provider_ref,
                                   asked_by, actor_id)
        VALUES (nullif(:key, ''), :at, :channel, :kind, :to_masked, :digest, :language, :about, :state, :ref,
                :asked_by, :reader)
        ON CONFLICT (key) DO UPDATE SET state = excluded.state, provider_ref = excluded.provider_ref
        RETURNING id),
    accounts AS (
        INSERT INTO message_accounts (message_id, customer_account_id)
        SELECT n.id, a.id FROM noted n, customer_accounts a WHERE a.id = ANY (:ids) OR a.reference = ANY (:references)
        ON CONFLICT DO NOTHING)
    INSERT INTO message_events (message_id, event, code, at) SELECT id, :state, :code, :at FROM noted""")
_HAPPENED = text("""
    WITH changed AS (
        UPDATE messages_sent SET state = :state WHERE id = :id AND state = ANY (:from_states) RETURNING id)
    INSERT INTO message_events (message_id, event, code, at) SELECT id, :state, :code, :at FROM changed
    RETURNING message_id""")
_AT_ADDRESS = text("""
    SELECT DISTINCT m.customer_id, m.actor_id FROM messages_sent m
     WHERE m.to_digest = :digest AND m.channel = 'mail' AND num_nonnulls(m.customer_id, m.actor_id) = 1
       AND NOT EXISTS (SELECT FROM messages_sent n
                        WHERE n.id > m.id AND n.channel = 'mail' AND n.to_digest <> m.to_digest
                          AND (n.customer_id = m.customer_id OR n.actor_id = m.actor_id))""")
_BY_REF = text("""
    SELECT id, channel, to_digest, to_masked, actor_id, customer_id FROM messages_sent
     WHERE provider_ref = :ref ORDER BY id DESC LIMIT 1""")


def sending(sessions: Sessions, secret: bytes, message: Message, act: Callable[[], object], *, now: datetime) -> None:
    """Use case: send by ``act`` and write down how it ended; what ``act`` raises goes on.

    To a number that said stop nothing goes, nor what nobody asked for to an address that is dead.
    ``act`` may return the other side's name for what it took. A process that dies between the two leaves no line, and
    its job sends again. ``secret`` is the key of digests; an address that is refused for good is marked as dead.
    """
    digest = address_digest(secret, message.channel, message.to)
    with reading(sessions) as reader:
        known = address_states(reader, [digest]).get(digest, AddressState.GOOD)
    if not is_let_through(message, known):
        with transaction(sessions) as session:
            why = "stopped" if known is AddressState.STOPPED else "unreachable"
            _note(session, message, State.DROPPED, digest, now, code=why, ref="")
        return
    state, code, ref, dead = State.DELAYED, "", "", ""
    try:
        ref = str(act() or "")
        state = State.SENT
    except (MailRefused, TextRefused) as error:
        state, code, dead = State.FAILED, error.code, event_of(error)
        raise
    finally:
        with transaction(sessions) as session:
            _note(session, message, state, digest, now, code=code, ref=ref)
            if dead:
                masked = masked_contact(message.channel, message.to)
                note_address(session, message.channel, digest, masked, dead, code=code, now=now)
                mail_is_dead(session, message.channel, Person(actor_id=message.reader), digest, now=now)


def note_letter(session: Session, letter: PrintedLetter, *, now: datetime) -> None:
    """Step: a letter was printed; each printing stands among the messages of its account."""
    values = {
        "key": "", "at": now, "channel": "letter", "kind": letter.kind.value, "language": letter.language,
        "to_masked": letter.to_masked, "digest": None, "about": "", "state": State.PRINTED.value, "code": "",
        "ref": "", "asked_by": letter.asked_by, "ids": [letter.account_id], "references": [],
        "reader": None,
    }  # fmt: skip
    session.execute(_NOTE, values)


def is_let_through(message: Message, known: AddressState) -> bool:
    """Whether it may go: who has just given an address that was dead may know better."""
    if known is AddressState.DEAD:
        return message.kind not in UNASKED
    return known is AddressState.GOOD


def event_of(error: MailRefused | TextRefused) -> str:
    """What a refusal says of the address; nothing, where it was the message or the server."""
    if isinstance(error, TextRefused):
        return "stopped" if error.code == STOPPED else "refused"
    return "refused" if isinstance(error, NoSuchAddress) else ""


def reported(
    sessions: Sessions, ref: str, state: State, *, now: datetime, code: str = "", address_event: str = ""
) -> bool:
    """Use case: the other side says what became of a message that it calls ``ref``; whether it was news.

    Reports come late, twice and out of order (``rules.STANDS_AFTER``). A report about nothing of ours is none.
    """
    with transaction(sessions) as session:
        row = session.execute(_BY_REF, {"ref": ref}).one_or_none() if ref else None
        if row is None or not happened(session, row.id, state, now=now, code=code):
            return False
        if address_event and row.to_digest is not None:
            channel: Channel = "mail" if row.channel == "mail" else "text"
            note_address(session, channel, row.to_digest, row.to_masked, address_event, code=code, now=now)
            mail_is_dead(session, channel, Person(row.customer_id, row.actor_id), bytes(row.to_digest), now=now)
        return True


def mail_is_dead(session: Session, channel: Channel, reader: Person, digest: bytes, *, now: datetime) -> None:
    """Step: what follows where mail came back: bills of whoever is reached there come on paper again.

    That is its reader, and everybody whose last mail went to this address: what came back may be a receipt, which is
    nobody's by name, and the next bill would not be sent there.
    """
    if channel != "mail":
        return
    found = {Person(*row) for row in session.execute(_AT_ADDRESS, {"digest": digest})}
    for person in sorted({*found, reader} - {Person()}, key=lambda one: (one.customer_id or 0, one.actor_id or 0)):
        paper_again(session, person, by=actor_id(session, SYSTEM), now=now, reason="mail came back")


def happened(session: Session, message_id: int, state: State, *, now: datetime, code: str = "") -> bool:
    """Step: a message is in another state, if it may come to it from where it is."""
    before = [one.value for one in STANDS_AFTER[state]]
    values = {"id": message_id, "state": state.value, "code": code, "at": now, "from_states": before}
    return session.execute(_HAPPENED, values).first() is not None


def ask_receipt_again(
    sessions: Sessions, vault: Vault, account_id: int | None, receipt: tuple[int, str], to: str, *, by: int
) -> None:
    """Use case: the receipt (its id and number) is to be mailed to ``to``; a job does it, in the words of the first.

    The address waits encrypted: the queue is no place for it. ``account_id`` is None for a receipt without accounts.
    """
    receipt_id, number = receipt
    with transaction(sessions) as session:
        audit.record(
            session,
            "receipt-sent-again",
            subject=("receipt", receipt_id) if account_id is None else ("account", account_id),
            actor_id=by,
            receipt=number,
            to=masked_contact("mail", to),
        )
        announce(
            session,
            "receipt_asked_again",
            priority=SOMEBODY_WAITS,
            receipt_id=receipt_id,
            to=vault.lock(to.encode()).decode(),
            asked_by=by,
            key=secrets.token_hex(4),
        )


def note_reprint(sessions: Sessions, account_id: int, number: str, *, by: int, language: str) -> None:
    """Use case: somebody prints a duplicate of a receipt."""
    with transaction(sessions) as session:
        audit.record(
            session,
            "receipt-reprinted",
            subject=("account", account_id),
            actor_id=by,
            receipt=number,
            language=language,
        )


def _note(
    session: Session, message: Message, state: State, digest: bytes, now: datetime, *, code: str, ref: str
) -> None:
    values = {
        "key": message.key, "at": now, "channel": message.channel, "kind": message.kind.value,
        "language": message.language, "to_masked": masked_contact(message.channel, message.to), "digest": digest,
        "about": message.about, "state": state.value, "code": code, "ref": ref, "asked_by": message.asked_by,
        "ids": list(message.accounts), "references": list(message.references), "reader": message.reader,
    }  # fmt: skip
    session.execute(_NOTE, values)
