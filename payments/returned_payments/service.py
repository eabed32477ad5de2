"""Post what the bank sent back: the tender's money out of wherever it is now, the fee, the flag, the notice; once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from accounts import audit, kill_points
from accounts.assessments.rules import Dates, charge_of
from accounts.assessments.service import raise_assessed
from accounts.cash_only.service import raise_flag
from accounts.customer_accounts.access import seen_account
from accounts.database import reading, transaction
from accounts.errors import NotFound
from accounts.exceptions.service import open_exception
from accounts.ledger.rules import Source
from accounts.money import ZERO
from accounts.outbox import SOMEBODY_WAITS, announce
from accounts.staff.rules import Authority, Permission
from payments.moves import queries as moves
from payments.moves.rules import CreditSpent
from payments.returned_payments import queries
from payments.returned_payments.models import Presentment, ReturnedAccount, ReturnedPayment
from payments.returned_payments.rules import (
    SOURCE,
    Looked,
    LookedElsewhere,
    MissingMoney,
    Return,
    check_again,
    reason_of,
)
from payments.returned_payments.weighing import ReturnDesk, payment_of, weighed
from payments.reversals import queries as reversals
from payments.reversals.models import PaymentReversal
from payments.reversals.rules import RETURNED, AlreadyTakenBack, PartlyGone
from payments.reversals.service import Reason, take_back, weigh_back

_DAY_AFTER = 1
_LOCK_HOLDERS = text("""
    SELECT c.id FROM customers c
     WHERE c.id IN (SELECT customer_id FROM customer_accounts WHERE id = ANY (:accounts))
     ORDER BY c.id FOR NO KEY UPDATE""")


@dataclass(frozen=True)
class Posted:
    """A return in the books; ``again``: it had been posted before, and nothing was done."""

    id: int
    again: bool = False


def post(desk: ReturnDesk, by: Authority, command: Return, seen: str) -> Posted:
    """Use case: the bank took it back. ``seen`` is the print of what was looked at.

    A return that was posted before is found, and nothing is done. Raises what :func:`weighing.look` raises,
    :class:`LookedElsewhere`, and :class:`MissingMoney`: then nothing is posted, and a line in the exceptions names
    what is missing.
    """
    by.must(Permission.RETURNS_POST)
    try:
        with transaction(desk.sessions) as session:
            posted = _post(session, desk, by, command, seen)
            kill_points.reached("returned_payments.posted")
    except (PartlyGone, CreditSpent) as gone:
        raise _named(desk, by, command, gone) from gone
    except IntegrityError:
        with reading(desk.sessions) as session:
            known = _known(session, command.tender_id)
        if known is None:
            raise
        return Posted(known, again=True)
    kill_points.reached("returned_payments.done")
    return posted


def present_again(desk: ReturnDesk, by: Authority, return_id: int, on: date, note: str) -> int:
    """Use case: write down that the bank was asked to collect it once more; the how-many-th time.

    Raises ``NotAllowed``, ``NotFound``, ``NotAgain``, ``AgainTooOften``, ``AgainTooLate``, ``DayNotPossible``.
    """
    by.must(Permission.RETURNS_POST)
    policy = desk.ruling.city.return_policy(desk.clock.today())
    with transaction(desk.sessions) as session:
        found = session.scalar(select(ReturnedPayment).where(ReturnedPayment.id == return_id))
        if found is None:
            raise NotFound(f"no return {return_id}")
        accounts = session.scalars(
            select(ReturnedAccount.customer_account_id).where(ReturnedAccount.returned_payment_id == return_id)
        ).all()
        for account in accounts:
            seen_account(session, by, account)
        session.execute(_LOCK_HOLDERS, {"accounts": list(accounts)})
        before = len(queries.presented(session, return_id))
        check_again(reason_of(policy, found.reason), policy, found.returned_on, before, on)
        session.add(
            Presentment(
                returned_payment_id=return_id, number=before + 1, presented_on=on, note=note.strip(),
                actor_id=by.actor_id, at=desk.clock.now(),
            )
        )  # fmt: skip
        for account in accounts:
            audit.record(
                session, "returned-payment-presented", subject=("account", account), actor_id=by.actor_id,
                returned_payment=return_id, count=before + 1,
            )  # fmt: skip
        return before + 1


def _post(session: Session, desk: ReturnDesk, by: Authority, command: Return, seen: str) -> Posted:
    payment_id = payment_of(session, command.tender_id)
    holders = [holding.account_id for holding in moves.holdings(session, payment_id)]
    session.execute(_LOCK_HOLDERS, {"accounts": holders})
    today = desk.clock.today()
    try:
        found = weigh_back(
            session, desk.terms, payment_id, tender_ids=[command.tender_id], kind=RETURNED, today=today
        )  # fmt: skip
    except AlreadyTakenBack:
        known = _known(session, command.tender_id)
        if known is None:
            raise
        return Posted(known, again=True)
    looked = weighed(session, desk, by, command, found)
    if looked.seen != seen:
        raise LookedElsewhere("what was looked at is not what is there now")
    return Posted(_write(session, desk, by, looked, today))


def _write(session: Session, desk: ReturnDesk, by: Authority, looked: Looked, today: date) -> int:
    command, now = looked.command, desk.clock.now()
    source = Source(SOURCE, str(command.tender_id), "take-back")
    why = Reason(source, SOURCE, by.actor_id, looked.reason.code, now, today)
    journal = take_back(session, desk.terms, looked.plan, why)
    fee_charge = _raise_fee(session, desk, by, looked, today)
    row = ReturnedPayment(
        payment_id=looked.plan.payment.id,
        tender_id=command.tender_id,
        reversal_id=session.scalars(
            select(PaymentReversal.id).where(PaymentReversal.tender_id == command.tender_id)
        ).one(),
        reason=looked.reason.code,
        amount_cents=looked.tender.amount,
        returned_on=command.returned_on,
        bank_reference=command.bank_reference.strip(),
        earlier=looked.earlier,
        fee_cents=looked.fee.line.amount if looked.fee else ZERO,
        fee_charge_id=fee_charge,
        no_fee=looked.no_fee,
        actor_id=by.actor_id,
        at=now,
    )
    session.add(row)
    session.flush()
    flags = {account: raise_flag(session, account, wanted, actor_id=by.actor_id, now=now)
             for account, _reference, wanted in looked.flags}  # fmt: skip
    _write_accounts(session, by, looked, row, flags)
    announce(session, "payment_returned", priority=SOMEBODY_WAITS, returned_payment_id=row.id, journal_id=journal)
    return row.id


def _write_accounts(
    session: Session, by: Authority, looked: Looked, row: ReturnedPayment, flags: Mapping[int, int]
) -> None:
    for outcome in looked.plan.outcomes:
        account = outcome.paid.customer_account_id
        session.add(
            ReturnedAccount(
                returned_payment_id=row.id, customer_account_id=account, amount_cents=outcome.paid.amount,
                flag_id=flags.get(account),
            )
        )  # fmt: skip
        audit.record(
            session, "payment-returned", subject=("account", account), actor_id=by.actor_id,
            receipt=looked.plan.payment.receipt_number, amount_cents=outcome.paid.amount.cents,
            returned_payment=row.id, code=looked.reason.code,
        )  # fmt: skip
    if not looked.plan.outcomes:
        audit.record(
            session, "payment-returned", subject=("payment", looked.plan.payment.id), actor_id=by.actor_id,
            receipt=looked.plan.payment.receipt_number, amount_cents=looked.tender.amount.cents,
            returned_payment=row.id, code=looked.reason.code,
        )  # fmt: skip


def _raise_fee(session: Session, desk: ReturnDesk, by: Authority, looked: Looked, today: date) -> int | None:
    fee = looked.fee
    if fee is None:
        return None
    dates = Dates(today, fee.due_on, date.fromordinal(fee.due_on.toordinal() + _DAY_AFTER))
    city, tender = desk.ruling.city, looked.command.tender_id
    charge = charge_of(
        city, desk.ruling.release_id, fee.account_id, fee.line, dates, source_key=f"returned:{tender}"
    )  # fmt: skip
    (charge_id,) = raise_assessed(
        session, city, [charge], source=Source(SOURCE, str(tender), "fee"), kind="fee", effective_on=today,
        actor_id=by.actor_id,
    )  # fmt: skip
    return charge_id


def _known(session: Session, tender_id: int) -> int | None:
    return session.scalar(select(ReturnedPayment.id).where(ReturnedPayment.tender_id == tender_id))


def _named(desk: ReturnDesk, by: Authority, command: Return, gone: PartlyGone | CreditSpent) -> MissingMoney:
    """A line in the exceptions: the bank took it back, and what of it is not where it was put."""
    missing = gone.facts["missing"]
    with transaction(desk.sessions) as session:
        payment_id = payment_of(session, command.tender_id)
        payment = reversals.taken_payment(session, payment_id)
        tender = next(one for one in payment.tenders if one.id == command.tender_id)
        holdings = moves.holdings(session, payment_id)
        line = open_exception(
            session,
            "returned-short",
            f"tender {command.tender_id}",
            {
                "receipt": payment.receipt_number, "amount_cents": tender.amount.cents,
                "missing_cents": missing.cents,  # type: ignore[attr-defined]
                "reason": command.reason, "returned_on": command.returned_on.isoformat(), "payment": payment_id,
            },
            "See where the money went, bring it back there, then post the return.",
            customer_account_id=holdings[0].account_id if holdings else None,
        )  # fmt: skip
        audit.record(
            session, "returned-payment-short", subject=("payment", payment_id), actor_id=by.actor_id, exception=line,
            missing_cents=missing.cents,  # type: ignore[attr-defined]
        )  # fmt: skip
    return MissingMoney(f"{missing} of it is gone", missing=missing, line=line)
