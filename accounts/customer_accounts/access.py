"""Steps before an act on an account: is it there, and may this person see it? Protected and restricted ones are not
there for who may not, in the words of a wrong number."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import text
from sqlalchemy.orm import Session

from accounts.errors import NotFound
from accounts.staff.rules import Authority, Permission

_ACCOUNTS = """
    SELECT id, kind, reference, customer_id, premises_id, system_of_record, source_system, status, opened_on,
           closed_on, is_protected, is_restricted
      FROM customer_accounts WHERE id = ANY (:ids) ORDER BY id"""
_READ, _LOCK = text(_ACCOUNTS), text(f"{_ACCOUNTS} FOR UPDATE")
_HIDDEN = text("""
    WITH RECURSIVE person (id) AS (
        SELECT CAST(:customer AS bigint)
        UNION SELECT c.merged_into FROM customers c JOIN person ON c.id = person.id WHERE c.merged_into IS NOT NULL)
    SELECT EXISTS (SELECT FROM customer_accounts
                    WHERE customer_id IN (SELECT id FROM person)
                      AND ((is_protected AND NOT :protected) OR (is_restricted AND NOT :restricted)))""")


@dataclass(frozen=True, slots=True)
class Account:
    """An account as an act finds it."""

    id: int
    kind: str
    reference: str
    customer_id: int
    premises_id: int | None
    system_of_record: str
    source_system: str
    status: str
    opened_on: date | None
    closed_on: date | None
    is_protected: bool
    is_restricted: bool

    @property
    def is_imported(self) -> bool:
        """Whether another system states what it knows of this account."""
        return self.source_system != "ventanilla"

    def hidden_from(self, by: Authority) -> bool:
        return (self.is_protected and not by.may(Permission.PROTECTED_SEE)) or (
            self.is_restricted and not by.may(Permission.RESTRICTED_SEE)
        )


def seen_account(session: Session, by: Authority, account_id: int) -> Account:
    """Step: the account; raises :class:`~accounts.errors.NotFound` where there is none, or none for this person."""
    return _of(session, by, [account_id], lock=False)[0]


def locked_account(session: Session, by: Authority, account_id: int) -> Account:
    """Step: :func:`seen_account`, and nobody else changes it until commit."""
    return _of(session, by, [account_id], lock=True)[0]


def must_see_customer(session: Session, by: Authority, customer_id: int) -> None:
    """Step: raises :class:`~accounts.errors.NotFound` for a customer who has an account that this person may not see.

    Who changes a protected person's address has read it. Of one who was merged, the other's accounts count.
    """
    values = {
        "customer": customer_id,
        "protected": by.may(Permission.PROTECTED_SEE),
        "restricted": by.may(Permission.RESTRICTED_SEE),
    }
    if session.scalar(_HIDDEN, values):
        raise NotFound(f"no customer {customer_id} for {by.handle}")


def _of(session: Session, by: Authority, ids: Sequence[int], *, lock: bool) -> list[Account]:
    by.must(Permission.ACCOUNTS_SEE)
    rows = session.execute(_LOCK if lock else _READ, {"ids": list(ids)})
    found = [account for row in rows if not (account := Account(*row)).hidden_from(by)]
    if len(found) != len(set(ids)):
        raise NotFound(f"no such account for {by.handle}")
    return found
