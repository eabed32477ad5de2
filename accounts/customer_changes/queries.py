"""Changes of a customer as their page tells them, and letters that came back: what they stop and what waits."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from accounts.customer_changes.rules import Handling, awaits_re_mail, blocks_shut_off, stops_mail
from accounts.customers.queries import customer, records_of, records_of_each
from accounts.errors import NotFound
from accounts.premises.rules import address_key
from accounts.staff.rules import Authority, Permission

PAGE = 50
_CHANGES = """
    SELECT c.id, c.customer_id, c.effective_on, c.wanted, c.reason, c.document, c.document_note, c.forgets_old_name,
           a.display_name, c.at, coalesce(o.outcome, ''), coalesce(o.before, '{}'), coalesce(o.after, '{}'),
           o.version, coalesce(o.note, ''), coalesce(d.display_name, ''), o.at
      FROM customer_changes c
      JOIN actors a ON a.id = c.actor_id
      LEFT JOIN customer_change_outcomes o ON o.change_id = c.id
      LEFT JOIN actors d ON d.id = o.actor_id"""
_CHANGES_OF = text(f"{_CHANGES} WHERE c.customer_id = ANY (:customers) ORDER BY c.id DESC LIMIT :most")
_PENDING = text(
    f"{_CHANGES} WHERE c.customer_id = ANY (:customers) AND o.change_id IS NULL ORDER BY c.effective_on, c.id"
)
_CHANGE = text(f"{_CHANGES} WHERE c.id = :id")
_LETTERS = """
    SELECT m.id, m.customer_id, c.name, m.customer_account_id, ca.reference, m.returned_on, m.address, m.address_key,
           m.mail_kind, m.reference, m.evidence, a.display_name, m.at, c.mailing_address,
           coalesce((SELECT jsonb_agg(jsonb_build_array(e.handling, e.handled_on, e.address, e.note, h.display_name)
                                      ORDER BY e.id)
                       FROM returned_mail_events e JOIN actors h ON h.id = e.actor_id
                      WHERE e.returned_mail_id = m.id), '[]')
      FROM returned_mail m
      JOIN customers c ON c.id = m.customer_id
      JOIN actors a ON a.id = m.actor_id
      LEFT JOIN customer_accounts ca ON ca.id = m.customer_account_id"""
_LETTERS_OF = text(f"{_LETTERS} WHERE m.customer_id = ANY (:customers) ORDER BY m.id DESC")
_LETTER = text(f"{_LETTERS} WHERE m.id = :id")
_HIDDEN = """
    WITH RECURSIVE hidden (id) AS (
        SELECT customer_id FROM customer_accounts
         WHERE (is_protected AND NOT :protected) OR (is_restricted AND NOT :restricted)
        UNION SELECT c.id FROM customers c JOIN hidden ON c.merged_into = hidden.id)"""
_QUEUE = text(
    f"{_HIDDEN} {_LETTERS}"  # noqa: S608 - our own words
    " WHERE NOT EXISTS (SELECT FROM returned_mail_events e WHERE e.returned_mail_id = m.id"
    "                      AND e.handling IN ('re-mailed', 'not-needed', 'mistake'))"
    "   AND m.customer_id NOT IN (SELECT id FROM hidden) AND (CAST(:after AS bigint) IS NULL OR m.id > :after)"
    " ORDER BY m.id LIMIT :most"
)


@dataclass(frozen=True)
class ChangeEntry:
    """A change with what became of it: ``outcome`` is empty while it waits for its day."""

    id: int
    customer_id: int
    effective_on: date
    wanted: dict[str, str]
    reason: str
    document: str
    document_note: str
    forgets_old_name: bool
    actor: str
    at: datetime
    outcome: str
    before: dict[str, str]
    after: dict[str, str]
    version: int | None
    note: str
    settled_by: str
    settled_at: datetime | None

    @property
    def is_pending(self) -> bool:
        return not self.outcome


@dataclass(frozen=True, slots=True)
class Handled:
    """What was done about a letter, when, to or at which address, and by whom."""

    handling: Handling
    on: date
    address: str
    note: str
    actor: str


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter that came back, and all that was done about it, in its order."""

    id: int
    customer_id: int
    customer: str
    account_id: int | None
    account: str | None
    returned_on: date
    address: str
    address_key: str
    mail_kind: str
    reference: str
    evidence: str
    actor: str
    at: datetime
    mailing_address: str
    """The customer's now."""
    handled: tuple[Handled, ...]

    @property
    def done(self) -> frozenset[Handling]:
        return frozenset(item.handling for item in self.handled)

    @property
    def stops_mail(self) -> bool:
        return stops_mail(self.done)

    @property
    def blocks_shut_off(self) -> bool:
        return blocks_shut_off(self.done)

    @property
    def awaits_re_mail(self) -> bool:
        return awaits_re_mail(self.done)

    @property
    def can_be_sent(self) -> bool:
        """Whether an address to send it to is known; else somebody has to find one."""
        return self.awaits_re_mail and Handling.NEW_ADDRESS in self.done


@dataclass(frozen=True, slots=True)
class LettersPage:
    """Longest waiting first; ``next_after`` is the key of the next page, if there is one."""

    letters: tuple[Letter, ...]
    next_after: int | None


def changes_of(session: Session, customer_id: int, *, limit: int = PAGE) -> list[ChangeEntry]:
    """Changes of a customer and of all that were merged into them, newest first."""
    values = {"customers": records_of(session, customer_id), "most": limit}
    return [ChangeEntry(*row) for row in session.execute(_CHANGES_OF, values)]


def pending_changes(session: Session, customer_id: int) -> list[ChangeEntry]:
    """Changes that wait for their day, the next first."""
    rows = session.execute(_PENDING, {"customers": records_of(session, customer_id)})
    return [ChangeEntry(*row) for row in rows]


def change(session: Session, change_id: int) -> ChangeEntry:
    """One change, for who reads an audit line; raises :class:`~accounts.errors.NotFound`."""
    row = session.execute(_CHANGE, {"id": change_id}).one_or_none()
    if row is None:
        raise NotFound(f"no change {change_id}")
    return ChangeEntry(*row)


def letters_of(session: Session, customer_id: int) -> list[Letter]:
    """Every letter to a customer that ever came back, newest first, with where it was forwarded to."""
    return _letters(session, records_of(session, customer_id))


def letter(session: Session, letter_id: int) -> Letter:
    """One letter that came back; raises :class:`~accounts.errors.NotFound`."""
    row = session.execute(_LETTER, {"id": letter_id}).one_or_none()
    if row is None:
        raise NotFound(f"no letter {letter_id}")
    return _letter(row)


def returned_mail(session: Session, customer_id: int) -> list[Letter]:
    """Why no service of this customer may be shut off: letters that came back, and nobody was there since."""
    return [letter for letter in stopping(session, customer_id) if letter.blocks_shut_off]


def stopping(session: Session, customer_id: int) -> list[Letter]:
    """Letters that stop mail to the address from which they came back.

    One from an address that is the customer's no more (the source of the account stated a new one) stops nothing.
    """
    return stop_mail_to(customer(session, customer_id).mailing_address, letters_of(session, customer_id))


def stop_mail_to(mailing_address: str, letters: Sequence[Letter]) -> list[Letter]:
    """Those of a customer's letters that stop mail, their mailing address being this one."""
    now = address_key(mailing_address)
    return [letter for letter in letters if letter.stops_mail and (not now or letter.address_key == now)]


def where_to_mail(session: Session, customer_id: int, address: str) -> str | None:
    """Where a letter meant for ``address`` goes: there, to where the last one was forwarded, or nowhere (none)."""
    return _where(_letters(session, records_of(session, customer_id)), address)


def where_to_mail_each(session: Session, wanted: Collection[tuple[int, str]]) -> dict[tuple[int, str], str | None]:
    """The same for many customers and addresses of theirs. Two statements."""
    kept = records_of_each(session, {customer_id for customer_id, _ in wanted})
    letters: dict[int, list[Letter]] = defaultdict(list)
    for letter in _letters(session, list(kept)):
        letters[kept[letter.customer_id]].append(letter)
    return {(customer_id, address): _where(letters[customer_id], address) for customer_id, address in wanted}


def _where(found: Sequence[Letter], address: str) -> str | None:
    tried: set[str] = set()
    while (key := address_key(address)) not in tried:
        tried.add(key)
        open_ = [letter for letter in found if letter.address_key == key and not _is_lifted(letter)]
        if not open_:
            return address
        forwarded = [item.address for item in open_[0].handled if item.handling is Handling.RE_MAILED]
        if not forwarded:
            return None
        if address_key(forwarded[0]) == key:
            return address
        address = forwarded[0]
    return None


def re_mail_queue(session: Session, by: Authority, *, after: int | None = None, limit: int = PAGE) -> LettersPage:
    """Letters that still have to reach somebody, of customers whom this person may see."""
    values: dict[str, Any] = {
        "after": after,
        "most": limit + 1,
        "protected": by.may(Permission.PROTECTED_SEE),
        "restricted": by.may(Permission.RESTRICTED_SEE),
    }
    found = [_letter(row) for row in session.execute(_QUEUE, values)]
    return LettersPage(tuple(found[:limit]), found[limit - 1].id if len(found) > limit else None)


def _is_lifted(letter: Letter) -> bool:
    return bool({Handling.NEW_ADDRESS, Handling.MISTAKE} & letter.done)


def _letters(session: Session, customers: Sequence[int]) -> list[Letter]:
    return [_letter(row) for row in session.execute(_LETTERS_OF, {"customers": list(customers)})]


def _letter(row: Any) -> Letter:
    *facts, handled = row
    events = (Handled(Handling(kind), date.fromisoformat(on), *rest) for kind, on, *rest in handled)
    return Letter(*(*facts, tuple(events)))
