"""What a payment has where, and what was moved of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from accounts.charges.rules import OpenCharge
from accounts.errors import NotFound
from accounts.money import ZERO, Money
from payments.moves.rules import Holding, MovedPayment, Placed
from payments.receipts.rules import number_text

_PAYMENT = text("""
    SELECT p.id, r.series, r.year, r.number, p.amount_cents, j.effective_on, p.paid_at,
           EXISTS (SELECT FROM journals b WHERE b.reverses_id = p.journal_id)
           OR p.amount_cents + p.fee_cents <= (SELECT coalesce(sum(v.amount_cents), 0) FROM payment_reversals v
                                                WHERE v.payment_id = p.id) AS is_reversed
      FROM payments p JOIN journals j ON j.id = p.journal_id JOIN receipts r ON r.payment_id = p.id
     WHERE p.id = :payment""")
_PLACED = text("""
    WITH through AS MATERIALIZED (SELECT journal_id FROM payment_journals(:payment)),
         placed AS (
             SELECT l.charge_id, sum(l.amount_cents) AS cents, min(l.id) AS met_at
               FROM allocations l JOIN through t ON t.journal_id = l.journal_id
              GROUP BY l.charge_id HAVING sum(l.amount_cents) > 0)
    SELECT c.id, c.customer_account_id, c.revenue_line, c.kind, c.fund, c.receivable, c.open_cents, c.due_on,
           c.version, c.description, c.delinquent_on, p.cents,
           (SELECT coalesce(sum(amount_cents), 0) FROM allocations WHERE charge_id = c.id) AS met
      FROM placed p JOIN charges c ON c.id = p.charge_id
     ORDER BY p.met_at, c.id""")
_CREDITS = text("""
    SELECT s.customer_account_id, -sum(s.amount_cents) AS cents
      FROM postings s JOIN ledger_accounts g ON g.id = s.ledger_account_id AND g.kind = 'liability'
     WHERE s.journal_id IN (SELECT journal_id FROM payment_journals(:payment)) AND s.customer_account_id IS NOT NULL
     GROUP BY s.customer_account_id HAVING sum(s.amount_cents) <> 0""")
_ACCOUNTS = text("SELECT id, reference, kind, credit_cents FROM customer_accounts WHERE id = ANY (:ids) ORDER BY id")
_SO_FAR = text("SELECT count(*) FROM moves WHERE payment_id = :payment")
_LOCK_PAYMENT = text("SELECT pg_advisory_xact_lock(hashtextextended('payment:' || CAST(:payment AS text), 0))")
_LOCK_CHARGES = text("SELECT id FROM charges WHERE id = ANY (:ids) ORDER BY id FOR UPDATE")
_STANDING = text("""
    SELECT a.id, a.reference, a.status, a.credit_cents,
           (SELECT coalesce(sum(open_cents), 0) FROM charges WHERE customer_account_id = a.id) AS owed
      FROM customer_accounts a WHERE a.id = ANY (:ids)""")
_LATER_PENALTIES = text("""
    SELECT id, description, amount_cents, open_cents, billed_on FROM charges
     WHERE customer_account_id = :account AND kind = 'penalty' AND source_system = 'ventanilla' AND billed_on > :since
     ORDER BY id""")
_ON_ITS_WAY = text("""
    SELECT customer_account_id, owner_id, amount_cents, created_at FROM pending_payments
     WHERE customer_account_id = ANY (:ids) ORDER BY id""")
_MOVES = """
    SELECT m.id, m.payment_id, r.series, r.year, r.number, m.amount_cents, m.moved_at, m.proposal_id,
           f.id AS from_id, f.reference AS from_reference, t.id AS to_id, t.reference AS to_reference,
           p.reason, maker.display_name AS maker, checker.display_name AS checker, m.journal_out, m.journal_in
      FROM moves m
      JOIN receipts r ON r.payment_id = m.payment_id
      JOIN customer_accounts f ON f.id = m.from_account_id
      JOIN customer_accounts t ON t.id = m.to_account_id
      JOIN proposals p ON p.id = m.proposal_id
      JOIN actors maker ON maker.id = p.proposed_by
      JOIN proposal_decisions d ON d.proposal_id = p.id
      LEFT JOIN actors checker ON checker.id = d.decided_by AND d.verdict = 'approved'
     WHERE {} ORDER BY m.id"""
_PAYMENTS_ON = text("""
    SELECT p.id, r.series, r.year, r.number, p.amount_cents, j.effective_on, p.paid_at, false AS is_reversed
      FROM payments p JOIN journals j ON j.id = p.journal_id JOIN receipts r ON r.payment_id = p.id
     WHERE NOT EXISTS (SELECT FROM journals b WHERE b.reverses_id = p.journal_id)
       AND p.amount_cents + p.fee_cents > (SELECT coalesce(sum(v.amount_cents), 0) FROM payment_reversals v
                                            WHERE v.payment_id = p.id)
       AND p.id IN (SELECT q.id FROM postings s JOIN payments q ON q.journal_id = s.journal_id
                     WHERE s.customer_account_id = :account
                    UNION SELECT payment_id FROM moves WHERE to_account_id = :account
                    UNION SELECT payment_id FROM identifications WHERE customer_account_id = :account)
     ORDER BY p.id DESC LIMIT :most""")
_OF_PAYMENT = text(_MOVES.format("m.payment_id = :id"))
_OF_ACCOUNT = text(_MOVES.format(":id IN (m.from_account_id, m.to_account_id)"))


@dataclass(frozen=True)
class MoveView:
    """A move as people read it; ``checker`` is empty where its maker did it alone."""

    id: int
    payment_id: int
    receipt_number: str
    from_account_id: int
    from_reference: str
    to_account_id: int
    to_reference: str
    amount: Money
    moved_at: datetime
    reason: str
    maker: str
    checker: str
    proposal_id: int
    journal_out: int
    journal_in: int


@dataclass(frozen=True)
class Balance:
    """An account of a move, as it stands."""

    reference: str
    status: str
    credit: Money
    owed: Money


def payment(session: Session, payment_id: int) -> MovedPayment:
    """A payment; raises ``NotFound``."""
    row = session.execute(_PAYMENT, {"payment": payment_id}).one_or_none()
    if row is None:
        raise NotFound(f"no payment {payment_id}")
    id_, series, year, number, cents, effective_on, paid_at, is_reversed = row
    return MovedPayment(id_, number_text(series, year, number), Money(cents), effective_on, paid_at, is_reversed)


def payments_on(session: Session, account_id: int, *, most: int = 24) -> list[MovedPayment]:
    """Payments that reached an account, by themselves or by a move, newest first. One statement."""
    rows = session.execute(_PAYMENTS_ON, {"account": account_id, "most": most})
    return [
        MovedPayment(id_, number_text(series, year, number), Money(cents), effective_on, paid_at, is_reversed)
        for id_, series, year, number, cents, effective_on, paid_at, is_reversed in rows
    ]


def holdings(session: Session, payment_id: int) -> list[Holding]:
    """What a payment has on which accounts now, as it can be moved. Three statements."""
    placed: dict[int, list[Placed]] = defaultdict(list)
    for row in session.execute(_PLACED, {"payment": payment_id}):
        placed[row.customer_account_id].append(_placed(row))
    credits_ = {account: Money(int(cents)) for account, cents in session.execute(_CREDITS, {"payment": payment_id})}
    accounts = session.execute(_ACCOUNTS, {"ids": [*placed, *credits_]})
    return [
        Holding(id_, reference, kind, tuple(placed.get(id_, ())), credits_.get(id_, ZERO), Money(credit))
        for id_, reference, kind, credit in accounts
    ]


def no_holding(session: Session, account_id: int) -> Holding:
    """An account on which a payment has nothing."""
    id_, reference, kind, credit = session.execute(_ACCOUNTS, {"ids": [account_id]}).one()
    return Holding(id_, reference, kind, (), ZERO, Money(credit))


def moves_so_far(session: Session, payment_id: int) -> int:
    """How often money of a payment was moved."""
    return int(session.execute(_SO_FAR, {"payment": payment_id}).scalar_one())


def lock_payment(session: Session, payment_id: int) -> None:
    """Step: one at a time takes money of this payment back, or out of suspense; before every other lock.

    The row never changes, and what is in suspense has no account that could be locked for it.
    """
    session.execute(_LOCK_PAYMENT, {"payment": payment_id})


def lock_charges(session: Session, charges: Collection[int]) -> None:
    """Step: lock charges that may be paid already; after their account."""
    session.execute(_LOCK_CHARGES, {"ids": list(charges)})


def balances(session: Session, accounts: Collection[int]) -> dict[int, Balance]:
    """How these accounts stand."""
    rows = session.execute(_STANDING, {"ids": list(accounts)})
    return {id_: Balance(ref, status, Money(credit), Money(int(owed))) for id_, ref, status, credit, owed in rows}


def penalties_since(session: Session, account_id: int, since: date) -> list[dict[str, object]]:
    """Penalties of ours on an account that were raised after a day, for the evidence."""
    rows = session.execute(_LATER_PENALTIES, {"account": account_id, "since": since})
    return [
        {
            "charge_id": row.id,
            "description": row.description,
            "cents": row.amount_cents,
            "open_cents": row.open_cents,
            "billed_on": row.billed_on.isoformat(),
        }
        for row in rows
    ]


def on_their_way(session: Session, accounts: Collection[int]) -> list[dict[str, object]]:
    """Payments that may still arrive for these accounts, for the evidence."""
    rows = session.execute(_ON_ITS_WAY, {"ids": list(accounts)})
    return [
        {"account_id": account, "owner": owner, "cents": cents, "since": since.isoformat()}
        for account, owner, cents, since in rows
    ]


def moves_of_payment(session: Session, payment_id: int) -> list[MoveView]:
    """Every move of a payment, the first one first. One statement."""
    return [_view(row) for row in session.execute(_OF_PAYMENT, {"id": payment_id})]


def moves_of_account(session: Session, account_id: int) -> list[MoveView]:
    """Every move from or to an account, the first one first. One statement."""
    return [_view(row) for row in session.execute(_OF_ACCOUNT, {"id": account_id})]


def _placed(row: Any) -> Placed:
    charge = OpenCharge(
        id=row.id,
        customer_account_id=row.customer_account_id,
        revenue_line=row.revenue_line,
        kind=row.kind,
        fund=row.fund,
        open=Money(row.open_cents),
        due_on=row.due_on,
        version=row.version,
        description=tuple(row.description.items()),
        delinquent_on=row.delinquent_on,
        receivable=row.receivable,
    )
    return Placed(charge, Money(int(row.cents)), Money(int(row.met)))


def _view(row: Any) -> MoveView:
    return MoveView(
        id=row.id,
        payment_id=row.payment_id,
        receipt_number=number_text(row.series, row.year, row.number),
        from_account_id=row.from_id,
        from_reference=row.from_reference,
        to_account_id=row.to_id,
        to_reference=row.to_reference,
        amount=Money(row.amount_cents),
        moved_at=row.moved_at,
        reason=row.reason,
        maker=row.maker,
        checker=row.checker or "",
        proposal_id=row.proposal_id,
        journal_out=row.journal_out,
        journal_in=row.journal_in,
    )
