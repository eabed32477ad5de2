"""The act of moving money of a payment: out of one account and into another by two journals, in one transaction."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import text
from sqlalchemy.orm import Session

from accounts.approvals.acts import Deed
from accounts.approvals.rules import Note, Weighed, World
from accounts.ledger import service as ledger
from accounts.ledger.rules import JournalDraft, Line
from accounts.money import ZERO, Money
from accounts.staff.rules import ActKind, Permission
from payments.moves import queries
from payments.moves.models import PaymentMove
from payments.moves.rules import (
    MOVED,
    Holding,
    Move,
    MovedPayment,
    MoveTerms,
    PaymentTakenBack,
    SameAccount,
    in_lines,
    into,
    out_lines,
    out_of,
    shown,
)
from payments.posting.rules import AccountOutcome
from payments.posting.service import lock_accounts

_WRITE = text("""
    WITH x AS (
        SELECT * FROM jsonb_to_recordset(CAST(:shares AS jsonb))
                   AS x (journal bigint, charge bigint, cents bigint, policy text)
    ), laid AS (
        INSERT INTO allocations (journal_id, charge_id, amount_cents, policy)
        SELECT journal, charge, cents, policy FROM x
    ), charged AS (
        UPDATE charges c SET open_cents = c.open_cents - x.cents, version = c.version + 1
          FROM x WHERE c.id = x.charge
    )
    UPDATE customer_accounts a SET credit_cents = a.credit_cents + t.cents
      FROM jsonb_to_recordset(CAST(:credits AS jsonb)) AS t (account bigint, cents bigint)
     WHERE a.id = t.account AND t.cents <> 0""")


@dataclass(frozen=True)
class _Plan:
    payment: MovedPayment
    number: int
    """The how-many-th move of the payment this is, by what was read: two who read the same are told apart by it."""
    out: AccountOutcome
    into: AccountOutcome
    business_day: date


class Moving:
    """Move a misapplied payment. Receipts stay as issued; charges that reopen keep their age."""

    kind = ActKind.MOVE
    permission = Permission.PAYMENTS_MOVE
    command = Move

    def __init__(self, terms: MoveTerms) -> None:
        self._terms = terms

    def world(self, session: Session, command: Move, today: date) -> World:
        """What the payment has where it is, the charges that hold it, and whether the other account is open.

        What the other account owes is no part of it: the money is laid on whatever is open when it comes.
        """
        self._lock(session, command, today)
        holding = self._holding(session, command)
        other = queries.balances(session, [command.to_account_id])[command.to_account_id]
        return {
            f"payment {command.payment_id} on {holding.reference}": str(holding.total),
            "on charges": ", ".join(f"{p.charge.id} v{p.charge.version} {p.amount}" for p in holding.placed),
            f"credit of {holding.reference}": str(holding.account_credit),
            f"{other.reference} is": other.status,
        }

    def weigh(self, session: Session, command: Move, today: date) -> Weighed[_Plan]:
        """Raises ``SameAccount``, ``PaymentTakenBack``, ``MoreThanThere``, ``CreditSpent``, ``NotFound``."""
        payment, amount = queries.payment(session, command.payment_id), Money(command.amount_cents)
        if payment.is_reversed:
            raise PaymentTakenBack(f"payment {payment.id} was reversed")
        locked = lock_accounts(session, {command.to_account_id: amount}, today)
        (part,) = locked.accounts
        plan = _Plan(
            payment,
            queries.moves_so_far(session, payment.id) + 1,
            out_of(self._holding(session, command), amount, self._terms),
            into(part, payment, self._terms),
            locked.business_day or today,
        )
        return self._weighed(session, command, plan, today)

    def execute(self, session: Session, command: Move, weighed: Weighed[_Plan], deed: Deed) -> dict[str, object]:
        """Ids of the move and of its two journals."""
        plan, terms = weighed.plan, self._terms
        out = self._post(session, plan, deed, "move-out", out_lines(plan.out, plan.payment, terms))
        back = self._post(session, plan, deed, "move-in", in_lines(plan.into, plan.payment, terms))
        shares = [
            {"journal": out, "charge": s.charge.id, "cents": -s.amount.cents, "policy": MOVED}
            for s in plan.out.allocated.shares
        ] + [
            {"journal": back, "charge": s.charge.id, "cents": s.amount.cents, "policy": s.policy}
            for s in plan.into.allocated.shares
        ]
        credits_ = [
            {"account": command.from_account_id, "cents": -plan.out.allocated.credit.cents},
            {"account": command.to_account_id, "cents": plan.into.allocated.credit.cents},
        ]
        lay(session, shares, credits_)
        move = PaymentMove(
            payment_id=command.payment_id,
            number=plan.number,
            from_account_id=command.from_account_id,
            to_account_id=command.to_account_id,
            amount_cents=Money(command.amount_cents),
            journal_out=out,
            journal_in=back,
            proposal_id=deed.proposal_id,
            moved_at=deed.now,
        )
        session.add(move)
        session.flush()
        return {"move_id": move.id, "journal_out": out, "journal_in": back}

    def _lock(self, session: Session, command: Move, today: date) -> None:
        """The locks of the house: business day, both accounts by id, then the charges that the money is on."""
        if command.from_account_id == command.to_account_id:
            raise SameAccount("the money is on that account")
        queries.payment(session, command.payment_id)
        lock_accounts(session, {command.from_account_id: ZERO, command.to_account_id: ZERO}, today)
        holding = self._holding(session, command)
        queries.lock_charges(session, [placed.charge.id for placed in holding.placed])

    def _holding(self, session: Session, command: Move) -> Holding:
        """What the payment has on the account that it is to leave; nothing, if it has nothing there."""
        found = {one.account_id: one for one in queries.holdings(session, command.payment_id)}
        return found.get(command.from_account_id) or queries.no_holding(session, command.from_account_id)

    def _post(self, session: Session, plan: _Plan, deed: Deed, kind: str, lines: tuple[Line, ...]) -> int:
        """One of the two journals: same day, same date, same reason. It happened when the payment was made."""
        draft = JournalDraft(kind, deed.source(kind), plan.payment.effective_on, deed.actor_id, lines, deed.reason)
        return ledger.post(session, draft, business_day=plan.business_day)

    def _weighed(self, session: Session, command: Move, plan: _Plan, today: date) -> Weighed[_Plan]:
        accounts = (command.from_account_id, command.to_account_id)
        standing = queries.balances(session, accounts)
        moved = {command.from_account_id: (plan.out, -1), command.to_account_id: (plan.into, 1)}
        before, after = [], []
        for account in accounts:
            (outcome, sign), now = moved[account], standing[account]
            laid = Money(outcome.paid.amount.cents - outcome.allocated.credit.cents)
            before.append(_side(now.reference, now.owed, now.credit))
            owed, credit = now.owed - laid * sign, now.credit + outcome.allocated.credit * sign
            after.append({**_side(now.reference, owed, credit), "charges": list(shown(outcome))})
        return Weighed(
            plan=plan,
            subject=("payment", str(command.payment_id)),
            effect=Money(command.amount_cents),
            accounts=accounts,
            before={"receipt": plan.payment.receipt_number, "accounts": before},
            after={"receipt": plan.payment.receipt_number, "accounts": after},
            notes=self._notes(session, command, plan, today),
        )

    def _notes(self, session: Session, command: Move, plan: _Plan, today: date) -> tuple[Note, ...]:
        """What both people should know: what becomes past due, penalties that the money came too late for."""
        reopened = [
            Note("reopens-past-due", facts)
            for share, facts in zip(plan.out.allocated.shares, shown(plan.out), strict=True)
            if share.charge.due_on < today
        ]
        penalties = queries.penalties_since(session, command.to_account_id, plan.payment.effective_on)
        late = [Note("penalty-to-look-at", facts) for facts in penalties]
        on_their_way = queries.on_their_way(session, (command.from_account_id, command.to_account_id))
        return (*reopened, *late, *(Note("payment-on-its-way", facts) for facts in on_their_way))


def lay(session: Session, shares: Sequence[Mapping[str, object]], credits_: Sequence[Mapping[str, object]]) -> None:
    """Step: write what journals put on charges (negative: took off) and on credits, and keep the sums of both.

    A share is ``{"journal", "charge", "cents", "policy"}``, a credit ``{"account", "cents"}``. Locks come first.
    """
    session.execute(_WRITE, {"shares": json.dumps(list(shares)), "credits": json.dumps(list(credits_))})


def _side(reference: str, owed: Money, credit: Money) -> dict[str, object]:
    return {"reference": reference, "owed_cents": owed.cents, "credit_cents": credit.cents}
