"""Sending with a line in the log; and the wish of somebody at the counter that a receipt be sent again."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from accounts import audit
from accounts.database import Sessions, transaction
from accounts.outbox import SOMEBODY_WAITS, announce
from portal.identity.vault import Vault
from portal.mail import MailRefused
from portal.messages_sent.rules import Message, Outcome, masked_contact
from portal.texts import TextRefused

PURPOSE = "addresses of receipts"
"""Of the vault in which the address waits for the job."""
_NOTE = text("""
    INSERT INTO messages_sent (customer_account_id, at, channel, kind, to_masked, language, about, outcome, asked_by)
    SELECT id, :at, :channel, :kind, :to_masked, :language, :about, :outcome, :asked_by
      FROM customer_accounts WHERE id = ANY (:ids) OR reference = ANY (:references)
     ORDER BY id""")


def sending(sessions: Sessions, message: Message, act: Callable[[], object], *, now: datetime) -> None:
    """Use case: send by ``act`` and write down how it ended, for each account; what ``act`` raises goes on.

    A process that dies between the two leaves no line, and its job sends again.
    """
    outcome = Outcome.DELAYED
    try:
        act()
        outcome = Outcome.SENT
    except (MailRefused, TextRefused):
        outcome = Outcome.REFUSED
        raise
    finally:
        with transaction(sessions) as session:
            _note(session, message, outcome, now)


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


def _note(session: Session, message: Message, outcome: Outcome, now: datetime) -> None:
    values = {
        "at": now, "channel": message.channel, "kind": message.kind.value, "language": message.language,
        "to_masked": masked_contact(message.channel, message.to), "about": message.about, "outcome": outcome.value,
        "asked_by": message.asked_by, "ids": list(message.accounts), "references": list(message.references),
    }  # fmt: skip
    session.execute(_NOTE, values)
