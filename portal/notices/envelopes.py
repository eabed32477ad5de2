"""What waits in the queue for somebody whose choices others changed; sealed: the queue is no place for addresses."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass

from sqlalchemy import text
from sqlalchemy.orm import Session

from accounts.customer_changes.desk import Applied
from accounts.message_choices.counter import TOLD
from accounts.outbox import announce
from portal.identity.vault import Vault

PURPOSE = "addresses of changed choices"
"""Of the vault in which an address waits for the job that tells it."""
_LANGUAGE = text("SELECT language FROM customers WHERE id = :customer")


@dataclass(frozen=True, slots=True)
class Envelope:
    """One address that hears of a change, and what of: ``choices``, ``number``, ``texts-ended``, ``email``,
    ``paper-asked`` or ``paper``."""

    channel: str
    to: str
    language: str
    what: str
    account_id: int
    way: str = ""
    """``in-person`` or ``phone``, where it was asked for at the counter."""
    end: str = ""
    """The last digits of a number that is meant."""
    asked_by: int | None = None
    """Who at the counter did it."""
    customer_id: int | None = None
    actor_id: int | None = None
    key: str = ""


def sealed(vault: Vault, envelope: Envelope) -> str:
    """The envelope as it is kept, with a name of its own."""
    said = {**asdict(envelope), "key": envelope.key or secrets.token_hex(8)}
    return vault.lock(json.dumps(said).encode()).decode()


def opened(vault: Vault, kept: str) -> Envelope:
    """The envelope again; raises ``Unreadable``."""
    return Envelope(**json.loads(vault.open(kept.encode())))


def sealed_all(vault: Vault, envelopes: Iterable[Envelope]) -> list[str]:
    """Each, sealed."""
    return [sealed(vault, one) for one in envelopes]


def tells_both_ends(vault: Vault) -> Callable[[Session, Applied], None]:
    """A follower of changed customers: the old and the new e-mail address hear that mail goes elsewhere now."""

    def tell(session: Session, applied: Applied) -> None:
        if "email" not in applied.after or not applied.accounts:
            return
        language = session.scalar(_LANGUAGE, {"customer": applied.customer_id}) or ""
        for to in dict.fromkeys((applied.before["email"], applied.after["email"])):
            if to:
                one = Envelope("mail", to, language, "email", applied.accounts[0], customer_id=applied.customer_id)
                announce(session, TOLD, sealed=sealed(vault, one))

    return tell
