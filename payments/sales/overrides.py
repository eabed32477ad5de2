"""A supervisor's word by which accounts that pay in cash only pay one sale by check."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from accounts import audit
from accounts.cash_only.queries import flagged
from accounts.customer_accounts.access import seen_account
from accounts.database import transaction
from accounts.errors import SamePerson
from accounts.staff.rules import Authority, Permission
from payments.drawers.rules import ReasonNeeded
from payments.sales.held import unfinished, view_of
from payments.sales.models import Sale, SaleOverride
from payments.sales.rules import NoAccountNamed, NotHeldUp, accounts_by_check
from payments.sales.service import SaleDesk

CASH_ONLY = "cash-only"


def let_pass(desk: SaleDesk, by: Authority, sale_id: int, account_ids: Collection[int], reason: str) -> None:
    """Use case: a supervisor lets these accounts, which pay in cash only, pay this sale by check; all or none.

    Each account is named, with the one reason: who lets one pass has not spoken for another. Raises ``NotAllowed``,
    ``SamePerson``, ``ReasonNeeded``, ``NotFound`` for an account that is not for them, :class:`NoAccountNamed`,
    :class:`NotHeldUp`, :class:`SaleIsOver`.
    """
    by.must(Permission.DRAWERS_REVIEW)
    if not reason.strip():
        raise ReasonNeeded("an override needs a reason")
    named = sorted(set(account_ids))
    if not named:
        raise NoAccountNamed("an override names its accounts")
    with transaction(desk.sessions) as session:
        sale = unfinished(session, sale_id)
        if sale.cashier_id == by.actor_id:
            raise SamePerson("an override is another person's")
        for account_id in named:
            seen_account(session, by, account_id)
        view = view_of(session, sale_id)
        held = accounts_by_check(view.draft, flagged(session, named, desk.clock.today()), view.overridden)
        if others := set(named) - set(held):
            raise NotHeldUp(f"nothing holds up {sorted(others)}", accounts=tuple(sorted(others)))
        for account_id in named:
            _grant(session, sale, account_id, by.actor_id, (reason.strip(), desk.clock.now()))


def _grant(session: Session, sale: Sale, account_id: int, actor_id: int, said: tuple[str, datetime]) -> None:
    reason, now = said
    values = {
        "sale_id": sale.id, "kind": CASH_ONLY, "customer_account_id": account_id, "asked_by": sale.cashier_id,
        "granted_by": actor_id, "granted_at": now, "reason": reason,
    }  # fmt: skip
    made = session.execute(
        insert(SaleOverride).values(values).on_conflict_do_nothing().returning(SaleOverride.id)
    ).first()
    if made is None:
        raise NotHeldUp("who lifted it makes the sale now: begin it anew", accounts=(account_id,))
    audit.record(
        session, "cash-only-overridden", subject=("account", account_id), actor_id=actor_id, reason=reason,
        sale=sale.id,
    )  # fmt: skip
