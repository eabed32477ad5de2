"""Payments on an account, newest first, and where each cent of them went; also what took it away again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from accounts.charges.rules import EXPLICIT
from accounts.money import ZERO, Money
from payments.receipts.rules import ReceiptTender, number_text

PAGE = 20
_HIDDEN = "((x.is_protected AND NOT :sees_protected) OR (x.is_restricted AND NOT :sees_restricted))"
# Money of a payment goes through its own journal, those of its moves, those that took it out of suspense, and those
# that took a part of it back; credit is what met no charge. What mirrors the whole payment undoes it instead.
_PAYMENTS = text(f"""
    WITH mine AS (
        SELECT journal_id, -sum(amount_cents) AS cents FROM postings
         WHERE customer_account_id = :account GROUP BY journal_id),
    through AS MATERIALIZED (
        SELECT w.payment_id, mine.* FROM mine CROSS JOIN LATERAL journal_payments(mine.journal_id) w
         WHERE NOT EXISTS (SELECT FROM journals j JOIN payments p ON p.journal_id = j.reverses_id
                            WHERE j.id = mine.journal_id)),
    placed AS (SELECT payment_id, sum(cents) AS cents FROM through GROUP BY payment_id)
    SELECT p.id, p.paid_at, p.channel, p.tender, p.tender_brand, p.tender_last4, placed.cents,
           p.amount_cents + p.fee_cents AS total_cents, r.id AS receipt_id, r.series, r.year, r.number, r.language,
           doer.display_name AS taken_by, back.posted_at AS reversed_at, back.effective_on AS reversed_on,
           back.memo AS reversed_why, undoer.display_name AS reversed_by,
           (SELECT jsonb_agg(jsonb_build_array(c.id, c.description, l.cents, l.is_chosen, c.due_on)
                             ORDER BY c.due_on, c.id)
              FROM (SELECT charge_id, sum(amount_cents) AS cents, bool_or(policy = :explicit) AS is_chosen
                      FROM allocations
                     WHERE journal_id IN (SELECT journal_id FROM through WHERE payment_id = p.id)
                     GROUP BY charge_id HAVING sum(amount_cents) <> 0) AS l
              JOIN charges c ON c.id = l.charge_id
             WHERE c.customer_account_id = :account) AS shares,
           (SELECT jsonb_agg(jsonb_build_array(v.moved_at, v.amount_cents, v.from_account_id = :account,
                                               CASE WHEN {_HIDDEN} THEN '' ELSE x.reference END) ORDER BY v.id)
              FROM moves v JOIN customer_accounts x
                ON x.id = CASE :account WHEN v.from_account_id THEN v.to_account_id ELSE v.from_account_id END
             WHERE v.payment_id = p.id AND :account IN (v.from_account_id, v.to_account_id)) AS moves,
           (SELECT jsonb_agg(jsonb_build_array(v.at, v.amount_cents, v.reason, who.display_name) ORDER BY v.id)
              FROM payment_reversals v JOIN journals j ON j.id = v.journal_id AND j.reverses_id IS NULL
              JOIN actors who ON who.id = v.actor_id
             WHERE v.payment_id = p.id) AS taken_back,
           EXISTS (SELECT FROM postings o WHERE o.journal_id = p.journal_id AND o.customer_account_id <> :account)
               AS is_shared,
           NOT EXISTS (SELECT FROM postings o JOIN customer_accounts x ON x.id = o.customer_account_id
                        WHERE o.journal_id = p.journal_id AND {_HIDDEN}) AS is_whole_seen
      FROM placed
      JOIN payments p ON p.id = placed.payment_id
      JOIN receipts r ON r.payment_id = p.id
      JOIN actors doer ON doer.id = p.actor_id
      LEFT JOIN journals back ON back.reverses_id = p.journal_id
      LEFT JOIN actors undoer ON undoer.id = back.actor_id
     WHERE (CAST(:receipt AS bigint) IS NULL OR r.id = :receipt)
       AND (CAST(:at AS timestamptz) IS NULL OR (p.paid_at, p.id) < (CAST(:at AS timestamptz), CAST(:id AS bigint)))
     ORDER BY p.paid_at DESC, p.id DESC LIMIT :most""")  # noqa: S608 - our own words


@dataclass(frozen=True, slots=True)
class Share:
    """What of a payment meets a charge now, after whatever was moved."""

    charge_id: int
    description: Mapping[str, str]
    amount: Money
    is_chosen: bool
    """Whether the payer named this charge."""
    due_on: date


@dataclass(frozen=True, slots=True)
class Moved:
    """Money of a payment that left for another account, or came from there; empty where that is hidden."""

    at: datetime
    amount: Money
    is_out: bool
    reference: str


@dataclass(frozen=True, slots=True)
class TakenBack:
    """A tender of a payment that came back, or that the city owes: the rest of the payment stands."""

    at: datetime
    amount: Money
    why: str
    by: str


@dataclass(frozen=True, slots=True)
class Undone:
    """Why a payment does not count any more."""

    at: datetime
    on: date
    why: str
    by: str


@dataclass(frozen=True, slots=True)
class AccountPayment:
    """A payment, and what of it is on this account: ``amount`` = shares + ``credit``."""

    id: int
    paid_at: datetime
    channel: str
    tender: ReceiptTender
    taken_by: str
    amount: Money
    total: Money
    """Of the whole receipt, with other accounts and the service fee."""
    receipt_id: int
    number: str
    language: str
    shares: tuple[Share, ...]
    moves: tuple[Moved, ...]
    is_shared: bool
    """Whether it was for other accounts too."""
    is_whole_seen: bool
    """Whether the reader may see every account that it was for; else its receipt is not theirs to print or send."""
    undone: Undone | None
    taken_back: tuple[TakenBack, ...] = ()

    @property
    def credit(self) -> Money:
        """What met no charge."""
        return self.amount - sum((share.amount for share in self.shares), ZERO)


@dataclass(frozen=True, slots=True)
class PaymentsPage:
    """Newest first; ``next_before`` is the key of the next page, if there is one."""

    payments: tuple[AccountPayment, ...]
    next_before: tuple[datetime, int] | None


def payments_of(
    session: Session,
    account_id: int,
    *,
    sees_protected: bool,
    sees_restricted: bool,
    receipt_id: int | None = None,
    before: tuple[datetime, int] | None = None,
    limit: int = PAGE,
) -> PaymentsPage:
    """One page of the payments on an account, or the one of a receipt. One statement."""
    at, id_ = before or (None, None)
    values = {
        "account": account_id, "explicit": EXPLICIT, "receipt": receipt_id, "at": at, "id": id_, "most": limit + 1,
        "sees_protected": sees_protected, "sees_restricted": sees_restricted,
    }  # fmt: skip
    found = [_payment(row) for row in session.execute(_PAYMENTS, values)]
    last = found[limit - 1] if len(found) > limit else None
    return PaymentsPage(tuple(found[:limit]), (last.paid_at, last.id) if last else None)


def _payment(row: Any) -> AccountPayment:
    undone = None
    if row.reversed_at is not None:
        undone = Undone(row.reversed_at, row.reversed_on, row.reversed_why, row.reversed_by)
    return AccountPayment(
        id=row.id,
        paid_at=row.paid_at,
        channel=row.channel,
        tender=ReceiptTender(row.tender, row.tender_brand, row.tender_last4),
        taken_by=row.taken_by,
        amount=Money(int(row.cents)),
        total=Money(int(row.total_cents)),
        receipt_id=row.receipt_id,
        number=number_text(row.series, row.year, row.number),
        language=row.language,
        shares=tuple(_share(*share) for share in row.shares or ()),
        moves=tuple(
            Moved(datetime.fromisoformat(at), Money(cents), is_out=is_out, reference=reference)
            for at, cents, is_out, reference in row.moves or ()
        ),
        is_shared=row.is_shared,
        is_whole_seen=row.is_whole_seen,
        undone=undone,
        taken_back=tuple(
            TakenBack(datetime.fromisoformat(at), Money(cents), why, by)
            for at, cents, why, by in row.taken_back or ()
        ),
    )


def _share(charge_id: int, description: Mapping[str, str], cents: int, *rest: Any) -> Share:
    is_chosen, due_on = rest
    return Share(charge_id, description, Money(int(cents)), is_chosen, date.fromisoformat(due_on))
