"""Raise a flag (a step of posting a returned payment), and lift it: two people."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from accounts import audit
from accounts.cash_only.models import CashOnlyFlag, CashOnlyLift
from accounts.cash_only.rules import LiftedBefore, LiftNeedsAReason, Wanted
from accounts.clock import Clock
from accounts.customer_accounts.access import locked_account
from accounts.database import Sessions, transaction
from accounts.errors import NotFound, SamePerson
from accounts.staff.rules import Authority, Permission


def raise_flag(session: Session, account_id: int, wanted: Wanted, *, actor_id: int, now: datetime) -> int:
    """Step: from now on the account pays in cash only; the flag's id. The account's row is locked by the caller."""
    flag = CashOnlyFlag(
        customer_account_id=account_id,
        since_on=wanted.since_on,
        until_on=wanted.until_on,
        reason=wanted.reason,
        authority=wanted.authority,
        raised_by=actor_id,
        raised_at=now,
    )
    session.add(flag)
    session.flush()
    audit.record(
        session, "cash-only-raised", subject=("account", account_id), actor_id=actor_id, flag=flag.id,
        until_on=wanted.until_on.isoformat(), returns=wanted.returns, authority=wanted.authority,
    )  # fmt: skip
    return flag.id


def lift(sessions: Sessions, by: Authority, flag_id: int, reason: str, *, clock: Clock) -> None:
    """Use case: the account may pay by check again before the flag's time.

    Raises ``NotAllowed``, ``NotFound``, ``SamePerson`` for who raised it, :class:`LiftNeedsAReason`, and
    :class:`LiftedBefore` where it is lifted or over.
    """
    by.must(Permission.RETURNS_POST)
    if not reason.strip():
        raise LiftNeedsAReason("a flag is lifted for a reason")
    with transaction(sessions) as session:
        flag = session.get(CashOnlyFlag, flag_id)
        if flag is None:
            raise NotFound(f"no flag {flag_id}")
        account = locked_account(session, by, flag.customer_account_id)
        if flag.raised_by == by.actor_id:
            raise SamePerson("whoever raised a flag does not lift it")
        if flag.until_on < clock.today():
            raise LiftedBefore(f"flag {flag_id} ended on {flag.until_on}")
        row = {
            "flag_id": flag_id,
            "raised_by": flag.raised_by,
            "lifted_by": by.actor_id,
            "lifted_at": clock.now(),
            "reason": reason.strip(),
        }
        done = session.execute(
            insert(CashOnlyLift).values(row).on_conflict_do_nothing().returning(CashOnlyLift.flag_id)
        )
        if done.first() is None:
            raise LiftedBefore(f"flag {flag_id} was lifted")
        audit.record(
            session, "cash-only-lifted", subject=("account", account.id), actor_id=by.actor_id, flag=flag_id,
            reason=reason.strip(),
        )  # fmt: skip
