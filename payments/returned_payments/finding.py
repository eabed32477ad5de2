"""Tenders that the bank may have sent back: found by what its advice says, and suggested for a line of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from accounts.customer_accounts.rules import number_key, shown
from accounts.database import Reader, query
from accounts.errors import NotFound
from accounts.money import Money
from payments.receipts.rules import number_text, numbers_typed
from payments.returned_payments.rules import RETURNABLE, numbers_in, same_number

MOST_FOUND = 20
ACCOUNTS_OF = """
    SELECT jsonb_agg(jsonb_build_array(x.id, x.kind, x.reference, c.name) ORDER BY x.id)
      FROM customer_accounts x JOIN customers c ON c.id = x.customer_id
     WHERE x.id IN (SELECT s.customer_account_id FROM postings s
                     WHERE s.journal_id = p.journal_id AND s.customer_account_id IS NOT NULL)"""
HIDDEN = """EXISTS (
        SELECT FROM postings s JOIN customer_accounts x ON x.id = s.customer_account_id
         WHERE s.journal_id = p.journal_id
           AND ((x.is_protected AND NOT :sees_protected) OR (x.is_restricted AND NOT :sees_restricted)))"""
_TENDERS = f"""
    SELECT t.id, t.payment_id, t.kind, t.amount_cents, t.reference, t.bank, p.paid_at, q.series, q.year, q.number,
           q.id AS receipt_id, ({ACCOUNTS_OF}) AS accounts, coalesce(d.state = 'closed', true) AS left_the_drawer
      FROM payment_tenders t
      JOIN payments p ON p.id = t.payment_id
      JOIN receipts q ON q.payment_id = p.id
      LEFT JOIN drawers d ON d.id = t.drawer_id
     WHERE t.kind = ANY (:kinds) AND NOT EXISTS (SELECT FROM payment_reversals v WHERE v.tender_id = t.id)
       AND NOT {HIDDEN}"""  # noqa: S608 - our own words
_FOUND = (
    "id", "payment_id", "kind", "amount_cents", "reference", "bank", "paid_at", "series", "year", "number",
    "receipt_id", "accounts", "left_the_drawer",
)  # fmt: skip
_BY = query(
    f"""{_TENDERS}
       AND (CAST(:cents AS bigint) IS NULL OR t.amount_cents = :cents)
       AND (:number = '' OR ltrim(regexp_replace(t.reference, '\\D', '', 'g'), '0') = :number)
       AND (:bank = '' OR t.bank ILIKE '%' || :bank || '%')
       AND (CAST(:receipts AS bigint[]) IS NULL OR q.number = ANY (:receipts))
       AND (:account = '' OR EXISTS (SELECT FROM postings s JOIN customer_accounts x ON x.id = s.customer_account_id
                                      WHERE s.journal_id = p.journal_id AND x.reference = :account))
     ORDER BY t.id DESC LIMIT :most""",
    *_FOUND,
)
_OF_AMOUNT = query(f"{_TENDERS} AND t.amount_cents = :cents ORDER BY t.id DESC LIMIT :most", *_FOUND)
_ONE = query(f"{_TENDERS} AND t.id = :id", *_FOUND)


@dataclass(frozen=True, slots=True)
class PaidAccount:
    """An account that a payment was for."""

    id: int
    kind: str
    reference: str
    holder: str

    @property
    def number(self) -> str:
        return shown(self.reference)


@dataclass(frozen=True, slots=True)
class FoundTender:
    """A check (or the like) that was taken and not taken back."""

    id: int
    payment_id: int
    kind: str
    amount: Money
    reference: str
    bank: str
    paid_at: datetime
    receipt_number: str
    receipt_id: int
    accounts: tuple[PaidAccount, ...]
    left_the_drawer: bool


@dataclass(frozen=True, slots=True)
class Criteria:
    """What the bank's advice says of the item; what is empty does not count."""

    number: str = ""
    amount: Money | None = None
    bank: str = ""
    receipt: str = ""
    account: str = ""

    @property
    def is_empty(self) -> bool:
        return not (self.number or self.amount or self.bank or self.receipt or self.account)


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A tender that a line of the bank may mean. ``score`` 3: amount and number; 2: the amount, alone with it; 1: the
    amount, among others."""

    tender: FoundTender
    score: int


def find(session: Reader, criteria: Criteria, *, sees_protected: bool, sees_restricted: bool) -> list[FoundTender]:
    """Tenders that fit all that is known, the newest first; none for nothing. One statement."""
    if criteria.is_empty:
        return []
    receipts = [typed.number for typed in numbers_typed(criteria.receipt)] if criteria.receipt else None
    values = {
        "cents": criteria.amount.cents if criteria.amount else None,
        "number": next(iter(numbers_in(criteria.number)), "-" if criteria.number else ""),
        "bank": criteria.bank.replace("%", "").replace("_", ""),
        "receipts": receipts,
        "account": number_key(criteria.account),
        **_sight(sees_protected, sees_restricted),
    }
    return [_tender(row) for row in session.execute(_BY, values)]


def suggest(
    session: Reader, amount: Money, reference: str, text: str, *, sees_protected: bool, sees_restricted: bool
) -> list[Suggestion]:
    """Items that a bank's line (BAI2 555, 557) may mean: of that amount, best first. One statement."""
    values = {"cents": amount.cents, **_sight(sees_protected, sees_restricted)}
    found = [_tender(row) for row in session.execute(_OF_AMOUNT, values)]
    said = numbers_in(reference, text)
    alone = len(found) == 1
    scored = [
        Suggestion(one, 3 if any(same_number(one.reference, number) for number in said) else 2 if alone else 1)
        for one in found
    ]
    return sorted(scored, key=lambda one: (-one.score, -one.tender.id))


def tender(session: Reader, tender_id: int, *, sees_protected: bool, sees_restricted: bool) -> FoundTender:
    """One that can come back; raises ``NotFound`` for any other, and for one that is not for the reader."""
    row = session.execute(_ONE, {"id": tender_id, **_sight(sees_protected, sees_restricted)}).one_or_none()
    if row is None:
        raise NotFound(f"no tender {tender_id} that can come back")
    return _tender(row)


def _sight(sees_protected: bool, sees_restricted: bool) -> dict[str, object]:
    return {
        "kinds": sorted(RETURNABLE), "most": MOST_FOUND,
        "sees_protected": sees_protected, "sees_restricted": sees_restricted,
    }  # fmt: skip


def accounts_of(rows: Sequence[Sequence[Any]] | None) -> tuple[PaidAccount, ...]:
    """Accounts as a statement gives them."""
    return tuple(PaidAccount(*row) for row in rows or ())


def _tender(row: Any) -> FoundTender:
    return FoundTender(
        id=row.id,
        payment_id=row.payment_id,
        kind=row.kind,
        amount=Money(row.amount_cents),
        reference=row.reference,
        bank=row.bank,
        paid_at=row.paid_at,
        receipt_number=number_text(row.series, row.year, row.number),
        receipt_id=row.receipt_id,
        accounts=accounts_of(row.accounts),
        left_the_drawer=row.left_the_drawer,
    )
