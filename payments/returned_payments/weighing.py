"""What posting a return would do, as it stands: the plan, the fee, the flags. The same before and under the locks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from accounts.cash_only import queries as cash_only
from accounts.cash_only.rules import Wanted, flag_needed
from accounts.cities.queries import RulingCity
from accounts.clock import Clock
from accounts.customer_accounts.access import seen_account
from accounts.database import Sessions, reading
from accounts.errors import NotFound
from accounts.pricing.effective import in_force
from accounts.staff.rules import Authority, Permission
from payments.moves import queries as moves
from payments.posting.models import PaymentTender
from payments.returned_payments import queries
from payments.returned_payments.rules import (
    Looked,
    Return,
    check,
    fee_for,
    is_late,
    reason_of,
)
from payments.reversals import queries as reversals
from payments.reversals import rules as taking_back
from payments.reversals.rules import RETURNED, AlreadyTakenBack, Plan, ReversalTerms


@dataclass(frozen=True)
class ReturnDesk:
    """What posting a return needs."""

    sessions: Sessions
    clock: Clock
    ruling: RulingCity
    terms: ReversalTerms


def look(desk: ReturnDesk, by: Authority, command: Return) -> Looked:
    """Use case: what posting it would do. Nothing is changed.

    Raises ``NotAllowed``, ``NotFound``, ``AlreadyTakenBack``, ``NotReturnable``, ``StillHere``, ``NoSuchReturn``,
    ``DayNotPossible``, ``PartlyGone``, ``CreditSpent``.
    """
    by.must(Permission.RETURNS_POST)
    with reading(desk.sessions) as session:
        payment_id = payment_of(session, command.tender_id)
        payment = reversals.taken_payment(session, payment_id)
        held = [(tender, RETURNED) for tender in payment.tenders if tender.id == command.tender_id]
        if not held:
            raise AlreadyTakenBack(f"tender {command.tender_id} was taken back before")
        found = taking_back.plan(payment, held, moves.holdings(session, payment_id), desk.terms)
        return weighed(session, desk, by, command, found)


def weighed(session: Session, desk: ReturnDesk, by: Authority, command: Return, found: Plan) -> Looked:
    """Step: what a plan comes to with all that follows it; the same before and under the locks."""
    city, today = desk.ruling.city, desk.clock.today()
    (tender, _kind), policy = found.tenders[0], city.return_policy(today)
    reason = reason_of(policy, command.reason)
    paid_on = desk.clock.day_of(found.payment.paid_at)
    check(tender, command, min(paid_on, found.payment.effective_on), today)
    accounts = [outcome.paid.customer_account_id for outcome in found.outcomes]
    for account in accounts:
        seen_account(session, by, account)
    earlier = queries.earlier_returns(session, accounts)
    fee, no_fee = fee_for(city, reason, [outcome.paid for outcome in found.outcomes], earlier, today)
    return Looked(
        command=command,
        plan=found,
        tender=tender,
        reason=reason,
        earlier=earlier,
        fee=fee,
        no_fee=no_fee,
        flags=_flags(session, desk, command, found, today),
        is_late=is_late(reason, city.calendar, paid_on, command.returned_on),
    )


def _flags(
    session: Session, desk: ReturnDesk, command: Return, found: Plan, today: date
) -> tuple[tuple[int, str, Wanted], ...]:
    """Flags that this return brings, where none stands as long."""
    city = desk.ruling.city
    policy, cash = city.return_policy(today), in_force(city.cash_policies, today)
    if cash is None or not reason_of(policy, command.reason).counts:
        return ()
    accounts = [outcome.paid.customer_account_id for outcome in found.outcomes]
    days, standing = queries.return_days(session, accounts), cash_only.flagged(session, accounts, today)
    wanted = []
    for outcome in found.outcomes:
        account = outcome.paid.customer_account_id
        counted = [day for day, code in days.get(account, ()) if (known := policy.reason(code)) and known.counts]
        flag = flag_needed([*counted, command.returned_on], today, cash)
        if flag and (account not in standing or standing[account].until_on < flag.until_on):
            wanted.append((account, outcome.paid.reference, flag))
    return tuple(wanted)


def payment_of(session: Session, tender_id: int) -> int:
    """Step: the payment of a tender; raises ``NotFound``."""
    found = session.execute(
        select(PaymentTender.payment_id, PaymentTender.kind).where(PaymentTender.id == tender_id)
    ).one_or_none()
    if found is None:
        raise NotFound(f"no tender {tender_id}")
    return int(found.payment_id)
