"""What one message says, as it stands when it leaves: amounts and dates are looked up at the last moment."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from accounts.database import Reader as Session
from accounts.database import query
from accounts.message_choices.rules import Unit
from portal.notices.queries import PENDING, Use


@dataclass(frozen=True, slots=True)
class Matter:
    """What one message says, as it stands when it leaves. ``over``: why it says nothing any more (a code of ours)."""

    reference: str = ""
    kind: str = ""
    cents: int = 0
    due_on: date | None = None
    number: str = ""
    at: datetime | None = None
    standing: str = ""
    use: Use | None = None
    over: str = ""
    why: str = ""
    """Of a payment that did not go through: a code of the city's return policy, or ``NEVER_PAID``."""


NEVER_PAID = "never-paid"
"""The bank said no before any money came: nothing was posted, so nothing was taken back."""
_OPEN = query(
    f"""
    SELECT a.reference, a.kind, coalesce(sum(c.open_cents), 0)::bigint AS cents,
           coalesce(max({PENDING}), 0)::bigint AS pending, max(c.due_on) AS due_on
      FROM customer_accounts a
      LEFT JOIN charges c ON c.customer_account_id = a.id AND c.open_cents > 0 AND c.due_on BETWEEN :first AND :last
     WHERE a.id = :account GROUP BY a.id""",  # noqa: S608 - our own words
    "reference", "kind", "cents", "pending", "due_on",
)  # fmt: skip
_BILL = query(
    """
    SELECT a.reference, a.kind, b.number, b.due_on, coalesce(sum(c.amount_cents), 0)::bigint AS cents,
           coalesce(sum(c.open_cents), 0)::bigint AS still
      FROM bills b JOIN customer_accounts a ON a.id = b.customer_account_id LEFT JOIN charges c ON c.bill_id = b.id
     WHERE b.id = :about GROUP BY a.id, b.id""",
    "reference", "kind", "number", "due_on", "cents", "still",
)  # fmt: skip
_LINK = query(
    """
    SELECT a.reference, a.kind, l.standing, l.linked_at, l.ended_at
      FROM account_links l JOIN customer_accounts a ON a.id = l.customer_account_id WHERE l.id = :about""",
    "reference", "kind", "standing", "linked_at", "ended_at",
)  # fmt: skip
_RETURN = query(
    """
    SELECT a.reference, a.kind, coalesce(sum(p.amount_cents), 0)::bigint AS cents, max(r.reason) AS reason
      FROM returned_accounts p JOIN customer_accounts a ON a.id = p.customer_account_id
      JOIN returned_payments r ON r.id = p.returned_payment_id
     WHERE p.returned_payment_id = :about AND a.id = :account GROUP BY a.id""",
    "reference", "kind", "cents", "reason",
)  # fmt: skip
_ATTEMPT = query(
    """
    SELECT a.reference, a.kind, l.amount_cents::bigint AS cents
      FROM attempts t JOIN attempt_lines l ON l.attempt_id = t.id JOIN customer_accounts a
        ON a.id = l.customer_account_id
     WHERE t.id = :about AND a.id = :account AND t.state = 'failed'""",
    "reference", "kind", "cents",
)  # fmt: skip
_CASE = query(
    """
    SELECT k.number, coalesce(a.reference, '') AS reference, coalesce(a.kind, '') AS kind
      FROM cases k LEFT JOIN customer_accounts a ON a.id = k.customer_account_id WHERE k.id = :about""",
    "number", "reference", "kind",
)  # fmt: skip
_ACCOUNT = query("SELECT reference, kind FROM customer_accounts WHERE id = :account", "reference", "kind")


def open_matter(session: Session, account_id: int, first: date, last: date, now: datetime) -> Matter:
    """What is open of due dates in these days; over once it is paid, or as much is on its way."""
    row = session.execute(_OPEN, {"account": account_id, "first": first, "last": last, "now": now}).one_or_none()
    if row is None or not row.cents:
        return Matter(over="paid")
    if row.pending >= row.cents:
        return Matter(over="on-its-way")
    return Matter(row.reference, row.kind, row.cents - row.pending, row.due_on)


def bill_matter(session: Session, bill_id: int) -> Matter:
    """A bill: all that it asks. One of which nothing is open any more is no news."""
    row = session.execute(_BILL, {"about": bill_id}).one_or_none()
    if row is None or not row.still:
        return Matter(over="paid")
    return Matter(row.reference, row.kind, row.cents, row.due_on, row.number)


def link_matter(session: Session, link_id: int) -> Matter:
    """Who was let in or taken off, by their standing; not by name, which the reader may not be meant to know."""
    row = session.execute(_LINK, {"about": link_id}).one_or_none()
    if row is None:
        return Matter(over="over")
    return Matter(row.reference, row.kind, at=row.ended_at or row.linked_at, standing=row.standing)


def return_matter(session: Session, account_id: int, return_id: int) -> Matter:
    """What of a payment that came back was on an account."""
    row = session.execute(_RETURN, {"about": return_id, "account": account_id}).one_or_none()
    return Matter(over="over") if row is None else Matter(row.reference, row.kind, row.cents, why=row.reason)


def attempt_matter(session: Session, account_id: int, attempt_id: str) -> Matter:
    """What an attempt that failed after its payer left was to bring an account; over, if it was paid after all."""
    row = session.execute(_ATTEMPT, {"about": attempt_id, "account": account_id}).one_or_none()
    return Matter(over="over") if row is None else Matter(row.reference, row.kind, row.cents, why=NEVER_PAID)


def case_matter(session: Session, case_id: int) -> Matter:
    """The number of a request."""
    row = session.execute(_CASE, {"about": case_id}).one_or_none()
    return Matter(over="over") if row is None else Matter(row.reference, row.kind, number=row.number or "")


def account_matter(session: Session, account_id: int) -> Matter:
    """An account's own number and kind."""
    row = session.execute(_ACCOUNT, {"account": account_id}).one_or_none()
    return Matter(over="over") if row is None else Matter(row.reference, row.kind)


def usage(use: Use) -> Decimal:
    """What was used between the two reads in the unit of the level; a meter that went around counts on."""
    counted = (use.value - use.former) % 10**use.dials * use.multiplier
    return Decimal(counted) * _CUBIC_FEET[use.unit] / _CUBIC_FEET[use.level_unit]


_CUBIC_FEET = {Unit.CCF: Decimal(100), Unit.CF: Decimal(1), Unit.GAL: 1 / Decimal("7.48052")}
"""One US gallon is 231 cubic inches, a cubic foot 1,728 of them."""
