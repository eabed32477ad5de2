"""A payment as it can be taken back, and what was taken back before."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from accounts.errors import NotFound
from accounts.money import Money
from payments.posting.rules import Item
from payments.receipts.rules import number_text
from payments.reversals.rules import TakenPayment, TenderHeld

_PAYMENT = text("""
    SELECT p.id, p.journal_id, p.amount_cents, p.paid_at, p.actor_id, j.effective_on, r.series, r.year, r.number,
           (SELECT count(*) FROM payment_reversals v WHERE v.payment_id = p.id) AS reversals,
           (SELECT coalesce(sum(CASE WHEN i.undoes_id IS NULL THEN i.amount_cents ELSE -i.amount_cents END), 0)
              FROM identifications i WHERE i.payment_id = p.id AND i.outcome = 'sender') AS sent_back
      FROM payments p JOIN journals j ON j.id = p.journal_id JOIN receipts r ON r.payment_id = p.id
     WHERE p.id = :payment""")
_TENDERS = text("""
    SELECT t.id, t.kind, t.amount_cents, t.drawer_id, coalesce(d.state <> 'closed', false) AS is_open, t.reference,
           t.bank
      FROM payment_tenders t LEFT JOIN drawers d ON d.id = t.drawer_id
     WHERE t.payment_id = :payment AND NOT EXISTS (SELECT FROM payment_reversals v WHERE v.tender_id = t.id)
     ORDER BY t.ordinal""")
_LOCK_DRAWERS = text("""
    SELECT id FROM drawers WHERE id IN (SELECT drawer_id FROM payment_tenders WHERE payment_id = :payment)
     ORDER BY id FOR SHARE""")
_ITEMS = text("""
    SELECT code, name, quantity, amount_cents, ledger_account, fund, project
      FROM payment_items WHERE payment_id = :payment ORDER BY code = 'suspense', ordinal""")
"""What is in suspense comes last: whatever is not where it was put left from there."""
_REVERSALS = text("""
    SELECT v.id, v.kind, v.amount_cents, v.at, v.reason, v.journal_id, t.kind AS tender, a.display_name AS actor
      FROM payment_reversals v JOIN payment_tenders t ON t.id = v.tender_id JOIN actors a ON a.id = v.actor_id
     WHERE v.payment_id = :payment ORDER BY v.number""")


@dataclass(frozen=True)
class ReversalView:
    """A tender that was taken back, as people read it."""

    id: int
    kind: str
    amount: Money
    at: datetime
    reason: str
    journal_id: int
    tender: str
    actor: str


def taken_payment(session: Session, payment_id: int) -> TakenPayment:
    """A payment with the tenders that were not taken back so far, in three statements; raises ``NotFound``."""
    row = session.execute(_PAYMENT, {"payment": payment_id}).one_or_none()
    if row is None:
        raise NotFound(f"no payment {payment_id}")
    tenders = tuple(
        TenderHeld(one.id, one.kind, Money(one.amount_cents), one.drawer_id, one.is_open, one.reference, one.bank)
        for one in session.execute(_TENDERS, {"payment": payment_id})
    )
    items = tuple(
        Item(one.code, one.name, one.quantity, Money(one.amount_cents), one.ledger_account, one.fund, one.project)
        for one in session.execute(_ITEMS, {"payment": payment_id})
    )
    return TakenPayment(
        id=row.id,
        journal_id=row.journal_id,
        receipt_number=number_text(row.series, row.year, row.number),
        amount=Money(row.amount_cents),
        paid_at=row.paid_at,
        effective_on=row.effective_on,
        actor_id=row.actor_id,
        tenders=tenders,
        items=items,
        reversals=row.reversals,
        sent_back=Money(int(row.sent_back)),
    )


def lock_drawers(session: Session, payment_id: int) -> None:
    """Step: hold a payment's drawers, so that none is counted meanwhile; after accounts and charges."""
    session.execute(_LOCK_DRAWERS, {"payment": payment_id})


def reversals_of(session: Session, payment_id: int) -> list[ReversalView]:
    """What was taken back of a payment, the first one first."""
    return [
        ReversalView(
            row.id, row.kind, Money(row.amount_cents), row.at, row.reason, row.journal_id, row.tender, row.actor
        )
        for row in session.execute(_REVERSALS, {"payment": payment_id})
    ]
