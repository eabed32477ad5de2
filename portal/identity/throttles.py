"""Refusals are counted by client and by name, known or not, and too many shut the door for a while.

Names and addresses are kept as keyed HMACs only, so that a counter tells nobody who tried.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, func, select, text
from sqlalchemy.orm import Session

from accounts.customer_accounts.rules import keyed_digest


@dataclass(frozen=True)
class Limits:
    """So many within so long, after which nobody gets in from there."""

    per_client_and_name: tuple[int, timedelta]
    per_client: tuple[int, timedelta]
    per_name: tuple[int, timedelta]

    @property
    def longest(self) -> timedelta:
        """What is older, no rule reads any more."""
        return max(self.per_client_and_name[1], self.per_client[1], self.per_name[1])


@dataclass(frozen=True)
class Throttle:
    """One kind of tries: the table in which they are counted, whose they are, and how many are too many.

    ``table`` is a model with ``id``, ``client_digest``, ``name_digest`` and ``missed_at``; the same client or name is
    another one under another ``kind``.
    """

    table: Any
    secret: bytes
    kind: str
    limits: Limits

    def client(self, address: str) -> bytes:
        """How a client is counted."""
        return self._digest("client", address)

    def name(self, name: str) -> bytes:
        """How a name is counted; names that nobody has are counted too, and never written down."""
        return self._digest("name", name)

    def may_try(self, session: Session, client: bytes, name: bytes, now: datetime) -> bool:
        """Step: may this client try at this name? Tries at one name take turns: many at once count as many."""
        self.take_turns(session, name)
        same_client, same_name = self.table.client_digest == client, self.table.name_digest == name
        at, limits = self.table.missed_at, self.limits
        row = session.execute(
            select(
                func.count().filter(same_client, same_name, at > now - limits.per_client_and_name[1]),
                func.count().filter(same_client, at > now - limits.per_client[1]),
                func.count().filter(same_name, at > now - limits.per_name[1]),
            ).where(same_client | same_name, at > now - limits.longest)
        ).one()
        most = (limits.per_client_and_name[0], limits.per_client[0], limits.per_name[0])
        return all(count < limit for count, limit in zip(row, most, strict=True))

    def take_turns(self, session: Session, name: bytes) -> None:
        """Step: until this transaction ends, nobody else tries at this name."""
        session.execute(text("SELECT pg_advisory_xact_lock(:turn)"), {"turn": int.from_bytes(name[:8], signed=True)})

    def count(self, session: Session, client: bytes, name: bytes, now: datetime) -> None:
        """Step: one more."""
        session.add(self.table(client_digest=client, name_digest=name, missed_at=now))

    def forget(self, session: Session, name: bytes, client: bytes | None = None) -> None:
        """Step: this name begins anew, for one client or for all."""
        gone = delete(self.table).where(self.table.name_digest == name)
        session.execute(gone if client is None else gone.where(self.table.client_digest == client))

    def _digest(self, kind: str, what: str) -> bytes:
        return keyed_digest(self.secret, f"{self.kind} {kind}\x1f{what}".encode(errors="surrogatepass"))


def forget_old(session: Session, table: Any, longest: timedelta, now: datetime) -> int:
    """Step: remove what no rule reads any more; returns how many there were."""
    old = delete(table).where(table.missed_at < now - longest).returning(table.id)
    return len(session.execute(old).all())
