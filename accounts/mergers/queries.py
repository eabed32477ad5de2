"""Records that are likely the same person, and the mergers that there were."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from accounts.customers.queries import records_of
from accounts.errors import NotFound
from accounts.mergers.rules import Traits, shared
from accounts.staff.rules import Authority, Permission

MOST = 50
_TRAITS = """
    SELECT c.id, c.name, c.kind, c.email, search_phone(c.phone), c.mailing_address,
           coalesce(array_agg(a.premises_id) FILTER (WHERE a.premises_id IS NOT NULL), '{}'),
           coalesce(array_agg(a.reference ORDER BY a.id) FILTER (WHERE a.id IS NOT NULL), '{}'), c.created_at
      FROM customers c LEFT JOIN customer_accounts a ON a.customer_id = c.id"""
_ONE = text(f"{_TRAITS} WHERE c.id = :id GROUP BY c.id")
# Each way by its own index: an OR would read every customer of the city.
_OTHERS = text(f"""{_TRAITS}
     WHERE c.id <> :id AND c.merged_into IS NULL AND c.kind = :kind AND c.id IN (
           SELECT id FROM customers WHERE email <> '' AND lower(email) = lower(:email)
           UNION SELECT id FROM customers WHERE phone <> '' AND search_phone(phone) = search_phone(:phone)
           UNION SELECT id FROM customers WHERE mailing_address <> '' AND lower(mailing_address) = lower(:address)
           UNION SELECT customer_id FROM customer_accounts WHERE premises_id = ANY (:premises))
       AND NOT EXISTS (SELECT FROM customer_accounts h WHERE h.customer_id = c.id
                          AND ((h.is_protected AND NOT :protected) OR (h.is_restricted AND NOT :restricted)))
     GROUP BY c.id ORDER BY c.id LIMIT 1000""")  # noqa: S608 - our own words
_MERGERS = text("""
    SELECT m.id, m.from_id, f.name, m.into_id, i.name, m.reason, a.display_name, b.display_name, m.at,
           (SELECT coalesce(array_agg(ca.reference ORDER BY ca.id), '{}')
              FROM merger_accounts ma JOIN customer_accounts ca ON ca.id = ma.customer_account_id
             WHERE ma.merger_id = m.id),
           coalesce(e.reason, ''), coalesce(ea.display_name, ''), coalesce(eb.display_name, ''), e.at
      FROM mergers m
      JOIN customers f ON f.id = m.from_id
      JOIN customers i ON i.id = m.into_id
      JOIN actors a ON a.id = m.actor_id
      JOIN actors b ON b.id = m.approved_by
      LEFT JOIN merger_ends e ON e.merger_id = m.id
      LEFT JOIN actors ea ON ea.id = e.actor_id
      LEFT JOIN actors eb ON eb.id = e.approved_by
     WHERE m.from_id = ANY (:customers) OR m.into_id = ANY (:customers)
     ORDER BY m.id DESC""")
_ORIGINS = text("""
    SELECT ma.customer_account_id, m.from_id, f.name, m.id
      FROM merger_accounts ma
      JOIN mergers m ON m.id = ma.merger_id
      JOIN customers f ON f.id = m.from_id
     WHERE ma.customer_account_id = ANY (:accounts)
       AND NOT EXISTS (SELECT FROM merger_ends e WHERE e.merger_id = m.id)
     ORDER BY m.id""")


@dataclass(frozen=True, slots=True)
class Duplicate:
    """A record that is likely the same person; ``shares`` says why (see ``rules.shared``)."""

    customer_id: int
    name: str
    shares: tuple[str, ...]
    accounts: tuple[str, ...]
    """References."""
    created_at: datetime


@dataclass(frozen=True, slots=True)
class MergerEntry:
    """A merger: who asked and who agreed, which accounts moved, and how it ended, if it did (``undone_at``)."""

    id: int
    from_id: int
    from_name: str
    into_id: int
    into_name: str
    reason: str
    actor: str
    approver: str
    at: datetime
    accounts: tuple[str, ...]
    undone_reason: str
    undone_by: str
    undone_approver: str
    undone_at: datetime | None

    @property
    def stands(self) -> bool:
        return self.undone_at is None


@dataclass(frozen=True, slots=True)
class Origin:
    """The record from which an account came by a merger that stands."""

    merger_id: int
    customer_id: int
    name: str


def duplicates(session: Session, by: Authority, customer_id: int) -> list[Duplicate]:
    """Records that are likely the same person as this customer, those that share the most first.

    Of the same kind, of the same name, and with the same e-mail, telephone, mailing address or premises. Records with
    an account that this person may not see are left out. Raises :class:`~accounts.errors.NotFound`.
    """
    row = session.execute(_ONE, {"id": customer_id}).one_or_none()
    if row is None:
        raise NotFound(f"no customer {customer_id}")
    return _alike(session, by, _traits(row), customer_id)


def known_already(session: Session, by: Authority, traits: Traits) -> list[Duplicate]:
    """Records that are likely the person who is about to be entered anew: to be shown before they are."""
    return _alike(session, by, traits, 0)


def mergers_of(session: Session, customer_id: int) -> list[MergerEntry]:
    """Mergers of a customer and of all that were merged into them, newest first; those taken back too."""
    rows = session.execute(_MERGERS, {"customers": records_of(session, customer_id)})
    return [MergerEntry(*(*row[:9], tuple(row[9]), *row[10:])) for row in rows]


def origins(session: Session, accounts: Sequence[int]) -> dict[int, Origin]:
    """Account → the record it came from first; accounts that no standing merger moved are not there."""
    found: dict[int, Origin] = {}
    for account, customer, name, merger in session.execute(_ORIGINS, {"accounts": list(accounts)}):
        found.setdefault(account, Origin(merger, customer, name))
    return found


def _alike(session: Session, by: Authority, one: Traits, but: int) -> list[Duplicate]:
    values = {
        "id": but,
        "kind": one.kind,
        "email": one.email,
        "phone": one.phone,
        "address": one.mailing_address,
        "premises": sorted(one.premises),
        "protected": by.may(Permission.PROTECTED_SEE),
        "restricted": by.may(Permission.RESTRICTED_SEE),
    }
    found = [
        Duplicate(row[0], row[1], shares, tuple(row[7]), row[8])
        for row in session.execute(_OTHERS, values)
        if (shares := shared(one, _traits(row)))
    ]
    return sorted(found, key=lambda duplicate: (-len(duplicate.shares), duplicate.customer_id))[:MOST]


def _traits(row: Sequence[object]) -> Traits:
    _, name, kind, email, phone, address, premises, *_ = row
    return Traits(str(kind), str(name), str(email), str(phone), str(address), frozenset(premises))  # type: ignore[call-overload]
