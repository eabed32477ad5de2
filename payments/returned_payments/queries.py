"""Returns that were posted, and what came back on an account."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from accounts.customer_accounts.rules import shown
from accounts.database import Reader, query
from accounts.errors import NotFound
from accounts.money import Money
from payments.receipts.rules import number_text
from payments.returned_payments.finding import ACCOUNTS_OF, HIDDEN, PaidAccount, accounts_of

PAGE = 25
_RETURNS = f"""
    SELECT b.id, b.tender_id, b.payment_id, t.kind, t.reference, t.bank, b.amount_cents, b.reason, b.returned_on,
           b.bank_reference, b.earlier, b.fee_cents, b.fee_charge_id, b.no_fee, b.at, a.display_name, p.paid_at,
           q.series, q.year, q.number, q.id AS receipt_id, v.journal_id, ({ACCOUNTS_OF}) AS accounts
      FROM returned_payments b
      JOIN payment_tenders t ON t.id = b.tender_id
      JOIN payments p ON p.id = b.payment_id
      JOIN receipts q ON q.payment_id = p.id
      JOIN payment_reversals v ON v.id = b.reversal_id
      JOIN actors a ON a.id = b.actor_id
     WHERE NOT {HIDDEN}"""  # noqa: S608 - our own words
_POSTED = (
    "id", "tender_id", "payment_id", "kind", "reference", "bank", "amount_cents", "reason", "returned_on",
    "bank_reference", "earlier", "fee_cents", "fee_charge_id", "no_fee", "at", "actor", "paid_at", "series", "year",
    "number", "receipt_id", "journal_id", "accounts",
)  # fmt: skip
_PAGE = query(
    f"""{_RETURNS} AND (CAST(:before AS bigint) IS NULL OR b.id < :before) ORDER BY b.id DESC LIMIT :most""", *_POSTED
)
_RETURN = query(f"{_RETURNS} AND b.id = :id", *_POSTED)
_PARTS = query(
    """
    SELECT e.customer_account_id, x.kind, x.reference, e.amount_cents, f.until_on, f.id
      FROM returned_accounts e JOIN customer_accounts x ON x.id = e.customer_account_id
      LEFT JOIN cash_only_flags f ON f.id = e.flag_id
     WHERE e.returned_payment_id = :id ORDER BY e.id""",
    "account", "kind", "reference", "cents", "until_on", "flag",
)  # fmt: skip
_REOPENED = query(
    """
    SELECT c.customer_account_id, c.id, c.description, c.due_on, -l.amount_cents, c.open_cents
      FROM allocations l JOIN charges c ON c.id = l.charge_id
     WHERE l.journal_id = :journal ORDER BY c.due_on, c.id""",
    "account", "id", "description", "due_on", "cents", "open_cents",
)  # fmt: skip
_AGAIN = query(
    """
    SELECT s.number, s.presented_on, s.note, a.display_name
      FROM presentments s JOIN actors a ON a.id = s.actor_id
     WHERE s.returned_payment_id = :id ORDER BY s.number""",
    "number", "presented_on", "note", "actor",
)  # fmt: skip
_DAYS = query(
    """
    SELECT e.customer_account_id, b.returned_on, b.reason
      FROM returned_accounts e JOIN returned_payments b ON b.id = e.returned_payment_id
     WHERE e.customer_account_id = ANY (:accounts) ORDER BY b.returned_on, b.id""",
    "account", "returned_on", "reason",
)  # fmt: skip
_EARLIER = query(
    """
    SELECT count(DISTINCT b.id)
      FROM returned_payments b
      JOIN returned_accounts e ON e.returned_payment_id = b.id
      JOIN customer_accounts x ON x.id = e.customer_account_id
     WHERE x.customer_id IN (SELECT customer_id FROM customer_accounts WHERE id = ANY (:accounts))""",
    "count",
)

_FEE_ACCOUNT = query(
    """
    SELECT c.customer_account_id FROM returned_payments b JOIN charges c ON c.id = b.fee_charge_id
     WHERE b.id = :id""",
    "account",
)  # fmt: skip
_ADDRESSEES = query(
    """
    SELECT x.id, x.kind, x.reference, c.name, c.email, c.language, c.mailing_address, coalesce(p.address, ''),
           coalesce(p.city, ''), coalesce(p.state, ''), coalesce(p.zip_code, '')
      FROM returned_accounts e
      JOIN customer_accounts x ON x.id = e.customer_account_id
      JOIN customers c ON c.id = x.customer_id
      LEFT JOIN premises p ON p.id = x.premises_id
     WHERE e.returned_payment_id = :id ORDER BY e.id""",
    "account", "kind", "reference", "name", "email", "language", "mailing_address", "address", "city", "state",
    "zip_code",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Reopened:
    """A charge that was met by the payment, and is open again with its age."""

    account_id: int
    charge_id: int
    description: dict[str, str]
    due_on: date
    amount: Money
    open: Money


@dataclass(frozen=True, slots=True)
class ReturnedPart:
    """What of it was on an account; ``flag_id`` is the flag that followed, if one did."""

    account_id: int
    kind: str
    reference: str
    amount: Money
    cash_only_until: date | None
    flag_id: int | None


@dataclass(frozen=True, slots=True)
class Presented:
    """Once more at the bank."""

    number: int
    presented_on: date
    note: str
    actor: str


@dataclass(frozen=True, slots=True)
class ReturnView:
    """A return as it was posted."""

    id: int
    tender_id: int
    payment_id: int
    kind: str
    reference: str
    bank: str
    amount: Money
    reason: str
    returned_on: date
    bank_reference: str
    earlier: int
    fee: Money
    fee_charge_id: int | None
    no_fee: str
    at: datetime
    actor: str
    paid_at: datetime
    receipt_number: str
    receipt_id: int
    journal_id: int
    accounts: tuple[PaidAccount, ...]


@dataclass(frozen=True, slots=True)
class ReturnsPage:
    """Newest first; ``next_before`` is the key of the next page, if there is one."""

    returns: tuple[ReturnView, ...]
    next_before: int | None


def returns(
    session: Reader, *, sees_protected: bool, sees_restricted: bool, before: int | None = None, limit: int = PAGE
) -> ReturnsPage:
    """One page of what came back. One statement."""
    sight = {"sees_protected": sees_protected, "sees_restricted": sees_restricted}
    found = [_view(row) for row in session.execute(_PAGE, {"before": before, "most": limit + 1, **sight})]
    return ReturnsPage(tuple(found[:limit]), found[limit - 1].id if len(found) > limit else None)


def returned(session: Reader, return_id: int, *, sees_protected: bool, sees_restricted: bool) -> ReturnView:
    """A return; raises ``NotFound``. One statement."""
    sight = {"sees_protected": sees_protected, "sees_restricted": sees_restricted}
    row = session.execute(_RETURN, {"id": return_id, **sight}).one_or_none()
    if row is None:
        raise NotFound(f"no return {return_id}")
    return _view(row)


def parts(session: Reader, return_id: int) -> list[ReturnedPart]:
    """The accounts of a return. One statement."""
    rows = session.execute(_PARTS, {"id": return_id})
    return [ReturnedPart(r.account, r.kind, r.reference, Money(r.cents), r.until_on, r.flag) for r in rows]


def reopened(session: Reader, journal_id: int) -> list[Reopened]:
    """The charges that a return opened again, the oldest first. One statement."""
    rows = session.execute(_REOPENED, {"journal": journal_id})
    return [
        Reopened(r.account, r.id, r.description, r.due_on, Money(r.cents), Money(r.open_cents)) for r in rows
    ]  # fmt: skip


def presented(session: Reader, return_id: int) -> list[Presented]:
    """How often it went to the bank again. One statement."""
    return [Presented(*row) for row in session.execute(_AGAIN, {"id": return_id})]


def return_days(session: Reader, account_ids: Collection[int]) -> dict[int, list[tuple[date, str]]]:
    """When payments of these accounts came back, and why. One statement."""
    found: dict[int, list[tuple[date, str]]] = defaultdict(list)
    for account, day, reason in session.execute(_DAYS, {"accounts": list(account_ids)}):
        found[account].append((day, reason))
    return found


def earlier_returns(session: Reader, account_ids: Sequence[int]) -> int:
    """How many payments of the holders of these accounts came back before. One statement."""
    (count,) = session.execute(_EARLIER, {"accounts": list(account_ids)}).one()
    return int(count)


def _view(row: Any) -> ReturnView:
    return ReturnView(
        id=row.id,
        tender_id=row.tender_id,
        payment_id=row.payment_id,
        kind=row.kind,
        reference=row.reference,
        bank=row.bank,
        amount=Money(row.amount_cents),
        reason=row.reason,
        returned_on=row.returned_on,
        bank_reference=row.bank_reference,
        earlier=row.earlier,
        fee=Money(row.fee_cents),
        fee_charge_id=row.fee_charge_id,
        no_fee=row.no_fee,
        at=row.at,
        actor=row.actor,
        paid_at=row.paid_at,
        receipt_number=number_text(row.series, row.year, row.number),
        receipt_id=row.receipt_id,
        journal_id=row.journal_id,
        accounts=accounts_of(row.accounts),
    )


@dataclass(frozen=True, slots=True)
class Addressee:
    """Whoever holds an account of a return, and how they are reached."""

    account_id: int
    kind: str
    reference: str
    name: str
    email: str
    language: str
    address: tuple[str, ...]
    """Lines of the address where their mail goes."""

    @property
    def number(self) -> str:
        return shown(self.reference)


def addressees(session: Reader, return_id: int) -> list[Addressee]:
    """Who is told of a return. One statement."""
    return [
        Addressee(r.account, r.kind, r.reference, r.name, r.email, r.language, _lines(r))
        for r in session.execute(_ADDRESSEES, {"id": return_id})
    ]


def _lines(row: Any) -> tuple[str, ...]:
    if row.mailing_address:
        return tuple(part.strip() for part in row.mailing_address.splitlines() if part.strip())
    place = f"{row.city}, {row.state} {row.zip_code}".strip(", ") if row.city else ""
    return tuple(part for part in (row.address, place) if part)


def fee_account(session: Reader, return_id: int) -> int | None:
    """The account that the fee of a return is on; none without a fee. One statement."""
    row = session.execute(_FEE_ACCOUNT, {"id": return_id}).one_or_none()
    return int(row.account) if row else None
