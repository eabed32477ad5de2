"""The act that pays a credit back. One journal; accounts payable pays what it makes payable."""

from __future__ import annotations

from datetime import date

from sqlalchemy import text
from sqlalchemy.orm import Session

from accounts.approvals.acts import Deed
from accounts.approvals.rules import Weighed, World
from accounts.cities.queries import RulingCity
from accounts.errors import NotFound
from accounts.ledger import service as ledger
from accounts.ledger.rules import JournalDraft
from accounts.money import Money
from accounts.refunds.models import CreditRefund
from accounts.refunds.rules import Credit, RefundCredit, check, journal_lines
from accounts.staff.rules import ActKind, Permission

_LOCK = text("SELECT id FROM customer_accounts WHERE id = :account FOR UPDATE")
_CREDIT = text("""
    SELECT a.id, a.reference, a.kind, a.credit_cents,
           coalesce((SELECT sum(open_cents) FROM charges WHERE customer_account_id = a.id), 0) AS owed,
           EXISTS (SELECT FROM pending_payments WHERE customer_account_id = a.id) AS on_its_way
      FROM customer_accounts a WHERE a.id = :account""")
_TAKE = text("UPDATE customer_accounts SET credit_cents = credit_cents - :cents WHERE id = :account")


def credit_of(session: Session, account_id: int) -> Credit:
    """The credit of an account, and what stands in the way of paying it back; raises ``NotFound``."""
    row = session.execute(_CREDIT, {"account": account_id}).one_or_none()
    if row is None:
        raise NotFound(f"no account {account_id}")
    return Credit(row.id, row.reference, row.kind, Money(row.credit_cents), Money(int(row.owed)), row.on_its_way)


class Refunding:
    """Pay back what an account has too much (Gov. Code 50050-50056: money that belongs to others)."""

    kind = ActKind.REFUND
    permission = Permission.REFUNDS_MAKE
    command = RefundCredit

    def __init__(self, ruling: RulingCity) -> None:
        self._ruling = ruling

    def world(self, session: Session, command: RefundCredit, today: date) -> World:
        """The day and the account under lock; its credit, and what it owes."""
        ledger.open_business_day(session, today)
        session.execute(_LOCK, {"account": command.account_id})
        credit = credit_of(session, command.account_id)
        return {"credit": str(credit.credit), "owed": str(credit.owed)}

    def weigh(self, session: Session, command: RefundCredit, today: date) -> Weighed[Credit]:
        """Raises ``NotFound``, ``NoCredit``, ``OwesMore``, ``MoneyOnItsWay``."""
        del today
        credit, amount = credit_of(session, command.account_id), Money(command.amount_cents)
        check(credit, amount)
        before = {"reference": credit.reference, "owed_cents": credit.owed.cents, "credit_cents": credit.credit.cents}
        return Weighed(
            plan=credit,
            subject=("account", str(credit.account_id)),
            effect=amount,
            accounts=(credit.account_id,),
            before=before,
            after={**before, "credit_cents": (credit.credit - amount).cents},
        )

    def execute(
        self, session: Session, command: RefundCredit, weighed: Weighed[Credit], deed: Deed
    ) -> dict[str, object]:
        """Ids of the refund and of its journal."""
        amount = Money(command.amount_cents)
        lines = journal_lines(self._ruling.city, weighed.plan, amount)
        draft = JournalDraft(
            "credit-refund", deed.source("refund"), deed.today, deed.actor_id, lines, memo=deed.reason
        )
        journal = ledger.post(session, draft)
        session.execute(_TAKE, {"account": command.account_id, "cents": amount.cents})
        row = CreditRefund(
            customer_account_id=command.account_id, amount_cents=amount, payee=command.payee,
            address=command.address, pay_by=command.pay_by, case_id=command.case_id, journal_id=journal,
            proposal_id=deed.proposal_id, at=deed.now,
        )  # fmt: skip
        session.add(row)
        session.flush()
        return {"refund_id": row.id, "journal_id": journal}
