"""Take a payment back: the act of voiding it, and the step that every other reason uses."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from accounts import kill_points
from accounts.approvals.acts import Deed
from accounts.approvals.rules import Note, Weighed, World
from accounts.ledger import service as ledger
from accounts.ledger.models import Journal
from accounts.ledger.rules import JournalDraft, Line, Source, merged
from accounts.money import ZERO
from accounts.staff.rules import ActKind, Permission
from payments.moves import queries as moves
from payments.moves.rules import shown
from payments.moves.service import lay
from payments.posting.service import lock_accounts
from payments.reversals import queries
from payments.reversals.models import PaymentReversal
from payments.reversals.rules import (
    AlreadyTakenBack,
    NotAtTheWindow,
    Plan,
    ReversalTerms,
    TakenPayment,
    TenderHeld,
    TookTheMoney,
    Void,
    lines,
    plan,
    void_kind,
)


@dataclass(frozen=True)
class Reason:
    """Why and by whom a payment is taken back."""

    source: Source
    kind: str
    """Of the journal: ``void``, ``returned-payment``."""
    actor_id: int
    words: str
    at: datetime
    on: date
    proposal_id: int | None = None


def weigh_back(
    session: Session, terms: ReversalTerms, payment_id: int, *, tender_ids: Collection[int], kind: str, today: date
) -> Plan:
    """Step: lock all that taking tenders back touches (day, accounts, charges), and say what it would do.

    Raises ``NotFound``, :class:`AlreadyTakenBack` for a tender that was taken back, and what ``rules.plan`` refuses.
    """
    payment = _locked(session, payment_id, today)
    wanted = [(tender, kind) for tender in payment.tenders if tender.id in tender_ids]
    if not wanted or len(wanted) != len(set(tender_ids)):
        raise AlreadyTakenBack(f"a tender of payment {payment_id} was taken back before")
    return plan(payment, wanted, moves.holdings(session, payment_id), terms)


def take_back(session: Session, terms: ReversalTerms, found: Plan, why: Reason) -> int:
    """Step: post what :func:`weigh_back` said, in the same transaction; returns the journal's id.

    The journal is linked to the first one where it mirrors all of it; in any case each tender's row names it.
    """
    booked = lines(found, terms)
    day = ledger.open_business_day(session, why.on)
    mirrors = _mirrors(session, found.payment, booked)
    draft = JournalDraft(
        why.kind, why.source, why.on, why.actor_id, booked, why.words,
        reverses_id=found.payment.journal_id if mirrors else None,
    )  # fmt: skip
    journal = ledger.post(session, draft, business_day=day)
    lay(
        session,
        [
            {"journal": journal, "charge": s.charge.id, "cents": -s.amount.cents, "policy": why.kind}
            for outcome in found.outcomes
            for s in outcome.allocated.shares
        ],
        [
            {"account": outcome.paid.customer_account_id, "cents": -outcome.allocated.credit.cents}
            for outcome in found.outcomes
        ],
    )
    for number, (tender, kind) in enumerate(found.tenders, start=found.payment.reversals + 1):
        session.add(_row(found.payment, tender, kind, why, number=number, journal=journal))
    session.flush()
    kill_points.reached("reversals.posted")
    return journal


class Voiding:
    """The act: a supervisor voids, or a cashier asks for it. Nobody voids what they took themselves."""

    kind = ActKind.VOID
    permission = Permission.PAYMENTS_VOID
    command = Void

    def __init__(self, terms: ReversalTerms) -> None:
        self._terms = terms

    def world(self, session: Session, command: Void, today: date) -> World:
        """What of the payment stands, and whether its drawers are open."""
        payment = _locked(session, command.payment_id, today)
        stands = {
            f"{tender.kind} {tender.id}": f"{tender.amount}, drawer {'open' if tender.drawer_is_open else 'counted'}"
            for tender in payment.tenders
        }
        holdings = moves.holdings(session, command.payment_id)
        return {
            f"payment {payment.id}": str(payment.amount),
            **stands,
            **{
                f"on {holding.reference}": f"{holding.total}; credit {holding.account_credit}" for holding in holdings
            },
        }

    def weigh(self, session: Session, command: Void, today: date) -> Weighed[Plan]:
        """Raises :class:`AlreadyTakenBack`, :class:`NotAtTheWindow`, ``PartlyGone``, ``CreditSpent``."""
        payment = queries.taken_payment(session, command.payment_id)
        if not payment.tenders:
            raise AlreadyTakenBack("nothing of it is left") if payment.reversals else NotAtTheWindow("no tenders")
        wanted = [(tender, void_kind(tender)) for tender in payment.tenders]
        found = plan(payment, wanted, moves.holdings(session, payment.id), self._terms)
        accounts = tuple(outcome.paid.customer_account_id for outcome in found.outcomes)
        return Weighed(
            plan=found,
            subject=("payment", str(payment.id)),
            effect=found.amount,
            accounts=accounts,
            before={"receipt": payment.receipt_number},
            after={
                "receipt": payment.receipt_number,
                "taken_by": payment.actor_id,
                "charges": [facts for outcome in found.outcomes for facts in shown(outcome)],
                "tenders": [
                    {"kind": tender.kind, "cents": tender.amount.cents, "how": how} for tender, how in found.tenders
                ],
            },
            notes=tuple(_notes(found, today)),
        )

    def execute(self, session: Session, command: Void, weighed: Weighed[Plan], deed: Deed) -> dict[str, object]:
        """The id of the journal; raises :class:`TookTheMoney`."""
        if weighed.plan.payment.actor_id == deed.actor_id:
            raise TookTheMoney(f"{deed.actor_id} took payment {command.payment_id}")
        why = Reason(deed.source("void"), "void", deed.actor_id, deed.reason, deed.now, deed.today, deed.proposal_id)
        return {"journal_id": take_back(session, self._terms, weighed.plan, why)}


def _notes(found: Plan, today: date) -> list[Note]:
    """What both people should know: charges that become past due, and money that no drawer can give back."""
    notes = [
        Note("reopens-past-due", facts)
        for outcome in found.outcomes
        for share, facts in zip(outcome.allocated.shares, shown(outcome), strict=True)
        if share.charge.due_on < today
    ]
    late = [tender for tender, kind in found.tenders if kind != "void"]
    return [*notes, *(Note("drawer-counted", {"cents": tender.amount.cents}) for tender in late)]


def _locked(session: Session, payment_id: int, today: date) -> TakenPayment:
    """The locks of the house: business day, accounts by id, the charges that the money is on, its drawers.

    The payment's row never changes and is not locked; ``moves.lock_payment`` stands for it, so that nobody finds the
    owner of its money in suspense meanwhile.
    """
    queries.taken_payment(session, payment_id)
    moves.lock_payment(session, payment_id)
    holdings = moves.holdings(session, payment_id)
    lock_accounts(session, {holding.account_id: ZERO for holding in holdings}, today)
    holdings = moves.holdings(session, payment_id)
    moves.lock_charges(session, [placed.charge.id for holding in holdings for placed in holding.placed])
    queries.lock_drawers(session, payment_id)
    return queries.taken_payment(session, payment_id)


def _mirrors(session: Session, payment: TakenPayment, booked: tuple[Line, ...]) -> bool:
    """Is this the payment's own journal with its signs turned, and not reversed before?"""
    if session.scalar(select(Journal.id).where(Journal.reverses_id == payment.journal_id)) is not None:
        return False
    first = ledger.lines_of(session, payment.journal_id)
    return {(x.code, x.customer_account_id): -x.amount for x in merged(booked)} == {
        (x.code, x.customer_account_id): x.amount for x in first
    }


def _row(
    payment: TakenPayment, tender: TenderHeld, kind: str, why: Reason, *, number: int, journal: int
) -> PaymentReversal:
    return PaymentReversal(
        payment_id=payment.id, number=number, tender_id=tender.id, kind=kind, amount_cents=tender.amount,
        journal_id=journal, drawer_id=tender.drawer_id if kind == "void" else None, proposal_id=why.proposal_id,
        actor_id=why.actor_id, at=why.at, reason=why.words,
    )  # fmt: skip
