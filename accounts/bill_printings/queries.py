"""Printings as pages show them, and as whoever makes their files needs them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from accounts.bill_printings.rules import Counts, NotMadeYet, counts_of
from accounts.errors import NotFound
from accounts.money import Money

_PRINTING = """
    SELECT p.id, p.billing_run_id, p.city_release_id, p.state, p.bills, p.counted_at, p.has_changed, p.seen,
           p.part_size, p.parts, b.display_name, p.begun_at, coalesce(f.display_name, ''), p.frozen_on, p.frozen_at,
           p.made_at, p.list_sha256, r.bill_date, r.cycle,
           (SELECT count(*) FROM bill_print_parts WHERE printing_id = p.id), p.counts
      FROM bill_printings p
      JOIN actors b ON b.id = p.begun_by
      LEFT JOIN actors f ON f.id = p.frozen_by
      JOIN billing_runs r ON r.id = p.billing_run_id"""
_LIST = text(f"{_PRINTING} ORDER BY p.id DESC OFFSET :skip LIMIT :most")
_ONE = text(f"{_PRINTING} WHERE p.id = :id")
_OF_RUN = text("SELECT id FROM bill_printings WHERE billing_run_id = :run")
_ITEMS = text("""
    SELECT i.bill_id, a.id, a.reference, c.name, b.number, i.outcome, i.reason, i.sequence, i.part, i.amount_cents
      FROM bill_printing_items i
      JOIN customer_accounts a ON a.id = i.customer_account_id
      JOIN customers c ON c.id = a.customer_id
      JOIN bills b ON b.id = i.bill_id
     WHERE i.printing_id = :id AND i.outcome = :outcome AND a.id > :after
       AND (:sees_protected OR NOT a.is_protected) AND (:sees_restricted OR NOT a.is_restricted)
     ORDER BY a.id LIMIT :most""")
_PARTS = text("""
    SELECT p.number, cardinality(p.pages), (SELECT sum(n) FROM unnest(p.pages) n), s.asked, s.open, p.size, p.sha256,
           p.made_at, t.at, t.by
      FROM bill_print_parts p
      JOIN LATERAL (SELECT sum(amount_cents) AS asked, sum(open_cents) AS open FROM bill_printing_items
                     WHERE printing_id = p.printing_id AND sequence > (p.number - 1) * :size
                       AND sequence <= p.number * :size) s ON true
      LEFT JOIN LATERAL (SELECT e.at, w.display_name AS by FROM audit_entries e JOIN actors w ON w.id = e.actor_id
                          WHERE e.act IN ('bill-print-taken', 'bill-print-taken-again')
                            AND e.subject_kind = 'bill_printing' AND e.subject_id = CAST(:id AS text)
                            AND e.details ->> 'part' = CAST(p.number AS text)
                          ORDER BY e.id DESC LIMIT 1) t ON true
     WHERE p.printing_id = :id AND p.number > :after ORDER BY p.number LIMIT :most""")
_SINCE = text("""
    SELECT count(*) FROM bill_printing_items i
     WHERE i.printing_id = :id AND i.outcome = 'printed' AND EXISTS (
           SELECT FROM consents c WHERE c.kind = 'paperless' AND c.customer_account_id = i.customer_account_id
              AND c.agreed_at > :since
              AND NOT EXISTS (SELECT FROM consent_revocations e WHERE e.consent_id = c.id))""")
_OF_PART = text("""
    SELECT i.sequence, i.bill_id, i.customer_account_id, a.reference, b.number, i.language, i.name, i.address,
           i.service_address, i.amount_cents, i.open_cents
      FROM bill_printing_items i
      JOIN bills b ON b.id = i.bill_id
      JOIN customer_accounts a ON a.id = i.customer_account_id
     WHERE i.printing_id = :id AND i.sequence > :after AND i.sequence <= :last ORDER BY i.sequence""")
_FILES = text("""
    SELECT DISTINCT ON (details ->> 'part') CAST(details ->> 'part' AS bigint), act FROM audit_entries
     WHERE subject_kind = 'bill_printing' AND subject_id = CAST(:id AS text)
       AND act IN ('bill-print-lost', 'bill-print-made-again', 'bill-print-differs')
     ORDER BY details ->> 'part', id DESC""")
_MADE = text("SELECT number, sha256, pages FROM bill_print_parts WHERE printing_id = :id ORDER BY number")


@dataclass(frozen=True)
class PrintingView:
    """A printing as pages show it."""

    id: int
    run_id: int
    city_release_id: int
    state: str
    bills: int
    """Of the run."""
    counted_at: datetime | None
    has_changed: bool
    seen: int
    part_size: int
    parts: int
    begun_by: str
    begun_at: datetime
    frozen_by: str
    frozen_on: date | None
    frozen_at: datetime | None
    made_at: datetime | None
    list_sha256: str
    bill_date: date
    cycle: str
    parts_made: int
    counts: Counts
    """As far as they are counted."""

    @property
    def frozen(self) -> tuple[date, datetime]:
        """The day and the instant of its list; raises :class:`rules.NotMadeYet` where it is not frozen."""
        if self.frozen_on is None or self.frozen_at is None:
            raise NotMadeYet(f"the list of printing {self.id} is not frozen")
        return self.frozen_on, self.frozen_at


@dataclass(frozen=True, slots=True)
class ItemView:
    """What became of one bill."""

    bill_id: int
    account_id: int
    reference: str
    holder: str
    bill_number: str
    outcome: str
    reason: str
    sequence: int | None
    part: int | None
    amount: Money


@dataclass(frozen=True, slots=True)
class PartView:
    """A file that is made, and who took it last."""

    number: int
    bills: int
    pages: int
    amount: Money
    open: Money
    size: int
    sha256: str
    made_at: datetime
    taken_at: datetime | None
    taken_by: str


@dataclass(frozen=True, slots=True)
class Frozen:
    """A bill as it goes on paper."""

    sequence: int
    bill_id: int
    account_id: int
    reference: str
    bill_number: str
    language: str
    name: str
    address: tuple[str, ...]
    service_address: str
    amount: Money
    open: Money


@dataclass(frozen=True, slots=True)
class MadePart:
    """A file under its digest, and the pages of each of its bills."""

    number: int
    sha256: str
    pages: tuple[int, ...]


def printings(session: Session, *, skip: int = 0, most: int = 25) -> list[PrintingView]:
    """The newest first. One statement."""
    return [_printing(row) for row in session.execute(_LIST, {"skip": skip, "most": most})]


def printing(session: Session, printing_id: int) -> PrintingView:
    """One; raises ``NotFound``. One statement."""
    row = session.execute(_ONE, {"id": printing_id}).one_or_none()
    if row is None:
        raise NotFound(f"no printing {printing_id}")
    return _printing(row)


def printing_of(session: Session, run_id: int) -> int | None:
    """The printing of a run, if somebody has begun one."""
    found = session.scalar(_OF_RUN, {"run": run_id})
    return None if found is None else int(found)


def items(
    session: Session, printing_id: int, outcome: str, *, after: int = 0, most: int, sees_protected: bool,
    sees_restricted: bool,
) -> list[ItemView]:  # fmt: skip
    """Bills of a printing by account, of accounts that this person may see. One statement."""
    asked = {
        "id": printing_id, "outcome": outcome, "after": after, "most": most, "sees_protected": sees_protected,
        "sees_restricted": sees_restricted,
    }  # fmt: skip
    return [ItemView(*(*row[:-1], Money(row[-1]))) for row in session.execute(_ITEMS, asked)]


def parts(session: Session, found: PrintingView, *, after: int = 0, most: int) -> list[PartView]:
    """Its files that are made. One statement."""
    rows = session.execute(_PARTS, {"id": found.id, "size": found.part_size, "after": after, "most": most})
    return [
        PartView(*(number, bills, int(pages), Money(int(asked)), Money(int(open_)), *rest, by or ""))
        for number, bills, pages, asked, open_, *rest, by in rows
    ]


def made_again(session: Session, printing_id: int) -> dict[int, str]:
    """Of files that were lost, by their number, what the audit says of them last. One statement."""
    return {int(number): act for number, act in session.execute(_FILES, {"id": printing_id})}


def consented_since(session: Session, found: PrintingView) -> int:
    """How many get this bill on paper although they have given paper up since. One statement."""
    return int(session.scalar(_SINCE, {"id": found.id, "since": found.frozen[1]}) or 0)


def frozen_part(session: Session, found: PrintingView, number: int) -> list[Frozen]:
    """The bills of a part, in their order. One statement."""
    last = number * found.part_size
    rows = session.execute(_OF_PART, {"id": found.id, "after": last - found.part_size, "last": last})
    return [_frozen(row) for row in rows]


def made_parts(session: Session, printing_id: int) -> list[MadePart]:
    """The files that are made. One statement."""
    return [
        MadePart(number, sha256, tuple(pages))
        for number, sha256, pages in session.execute(_MADE, {"id": printing_id})
    ]


def _frozen(row: Sequence[Any]) -> Frozen:
    *facts, address, service_address, asked, open_ = row
    return Frozen(*(*facts, tuple(address), service_address, Money(asked), Money(open_)))


def _printing(row: Sequence[Any]) -> PrintingView:
    *facts, kept = row
    return PrintingView(*(*facts, counts_of(kept)))
