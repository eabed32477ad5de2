"""Which accounts pay in cash only on a day, and the flags of one account."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from accounts.cash_only.rules import CashOnly
from accounts.database import Reader, query

_FLAGGED = query(
    """
    SELECT DISTINCT ON (f.customer_account_id) f.customer_account_id, f.until_on, f.reason
      FROM cash_only_flags f
     WHERE f.customer_account_id = ANY (:accounts) AND :today BETWEEN f.since_on AND f.until_on
       AND NOT EXISTS (SELECT FROM cash_only_lifts l WHERE l.flag_id = f.id)
     ORDER BY f.customer_account_id, f.until_on DESC, f.id DESC""",
    "account", "until_on", "reason",
)  # fmt: skip
_FLAGS = query(
    """
    SELECT f.id, f.customer_account_id, f.since_on, f.until_on, f.reason, f.authority, f.raised_by, r.display_name,
           f.raised_at, coalesce(b.display_name, ''), l.lifted_at, coalesce(l.reason, '')
      FROM cash_only_flags f
      JOIN actors r ON r.id = f.raised_by
      LEFT JOIN cash_only_lifts l ON l.flag_id = f.id
      LEFT JOIN actors b ON b.id = l.lifted_by
     WHERE f.customer_account_id = ANY (:accounts)
     ORDER BY f.id DESC""",
    "id", "account", "since_on", "until_on", "reason", "authority", "raised_by", "raiser", "raised_at", "lifter",
    "lifted_at", "lift_reason",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Flag:
    """A flag and, where it was lifted, by whom and why (``lifted_at`` none: it was not)."""

    id: int
    account_id: int
    since_on: date
    until_on: date
    reason: str
    authority: str
    raised_by: int
    raiser: str
    raised_at: datetime
    lifter: str
    lifted_at: datetime | None
    lift_reason: str

    def stands(self, on: date) -> bool:
        """Whether checks are refused for it on a day."""
        return self.lifted_at is None and self.since_on <= on <= self.until_on


def flagged(session: Reader, account_ids: Collection[int], today: date) -> dict[int, CashOnly]:
    """Those of these accounts that pay in cash only today, with the flag that stands longest. One statement."""
    rows = session.execute(_FLAGGED, {"accounts": list(account_ids), "today": today})
    return {account: CashOnly(until_on, reason) for account, until_on, reason in rows}


def flags_of(session: Reader, account_ids: Collection[int]) -> list[Flag]:
    """Every flag of these accounts, the newest first. One statement."""
    return [Flag(*row) for row in session.execute(_FLAGS, {"accounts": list(account_ids)})]
