"""Sums of the books. A ledger account's balance is always summed, never kept."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from accounts.ledger.models import LedgerAccount, LedgerKind, Posting
from accounts.money import Money

TrialLine = tuple[str, str, str, LedgerKind, Money]
"""Code, fund, name, kind and balance (debits positive) of a ledger account."""


def trial_balance(session: Session) -> list[TrialLine]:
    """Every ledger account with its balance, by fund and code. Each fund sums to zero, or the books are wrong."""
    sums = (
        select(Posting.ledger_account_id, func.sum(Posting.amount_cents).label("balance"))
        .group_by(Posting.ledger_account_id)
        .subquery()
    )
    rows = session.execute(
        select(
            LedgerAccount.code,
            LedgerAccount.fund,
            LedgerAccount.name,
            LedgerAccount.kind,
            func.coalesce(sums.c.balance, 0),
        )
        .outerjoin(sums, sums.c.ledger_account_id == LedgerAccount.id)
        .order_by(LedgerAccount.fund, LedgerAccount.code)
    )
    return [(code, fund, name, kind, _money(balance)) for code, fund, name, kind, balance in rows]


def _money(value: object) -> Money:
    return value if isinstance(value, Money) else Money(int(str(value)))
