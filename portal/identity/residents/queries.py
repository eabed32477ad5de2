"""Reads of residents' sign-ins for pages of others."""

from __future__ import annotations

from collections.abc import Collection

from accounts.database import Reader, query
from portal.messages_sent.rules import masked_contact

_ADDRESSES = query(
    "SELECT actor_id, email FROM resident_sign_ins WHERE actor_id = ANY (:actors) AND email IS NOT NULL",
    "actor_id", "email",
)  # fmt: skip


def masked_addresses(session: Reader, actor_ids: Collection[int]) -> dict[int, str]:
    """``m•••@example.com`` by actor, for who gave an address. One statement."""
    rows = session.execute(_ADDRESSES, {"actors": list(actor_ids)})
    return {row.actor_id: masked_contact("mail", row.email) for row in rows}
