"""A customer as the counter sees it, and all the records that are one person."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from accounts.database import Reader, query
from accounts.errors import NotFound

_CARD = query("""
    SELECT id, kind, name, last_name, email, phone, mailing_address, language, version, merged_into, created_at
      FROM customers WHERE id = :id""",
    "id", "kind", "name", "last_name", "email", "phone", "mailing_address", "language", "version", "merged_into",
    "created_at",
)  # fmt: skip
_EVERYONE = query(
    """
    WITH RECURSIVE same (id) AS (
        SELECT CAST(:id AS bigint)
        UNION SELECT c.id FROM customers c JOIN same ON c.merged_into = same.id)
    SELECT id FROM same ORDER BY id""",
    "id",
)


@dataclass(frozen=True, slots=True)
class CustomerCard:
    """Who they are and how to reach them. ``version`` goes into the form that changes it."""

    id: int
    kind: str
    name: str
    last_name: str
    email: str
    phone: str
    mailing_address: str
    language: str
    version: int
    merged_into: int | None
    created_at: datetime


def customer(session: Reader, customer_id: int) -> CustomerCard:
    """One customer; raises :class:`~accounts.errors.NotFound`.

    Whether a person may see them is their accounts' to say (``customer_accounts.access.must_see_customer``).
    """
    row = session.execute(_CARD, {"id": customer_id}).one_or_none()
    if row is None:
        raise NotFound(f"no customer {customer_id}")
    return CustomerCard(*row)


_EACH = query(
    """
    WITH RECURSIVE same (kept, id) AS (
        SELECT c, c FROM unnest(CAST(:customers AS bigint[])) AS c
        UNION SELECT same.kept, c.id FROM customers c JOIN same ON c.merged_into = same.id)
    SELECT kept, id FROM same""",
    "kept", "id",
)  # fmt: skip


def records_of(session: Reader, customer_id: int) -> list[int]:
    """The customer and all that were merged into them: whose history is read as one."""
    return [id_ for (id_,) in session.execute(_EVERYONE, {"id": customer_id})]


def records_of_each(session: Reader, customers: Collection[int]) -> dict[int, int]:
    """Every record of each of these customers, and whose it is. One statement."""
    return {id_: kept for kept, id_ in session.execute(_EACH, {"customers": list(customers)})}
