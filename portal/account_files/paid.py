"""Everything that was paid on the accounts of one resident, newest first, in one statement however many they are."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from accounts.customer_accounts.rules import shown
from accounts.database import Reader, query
from accounts.money import Money
from payments.receipts.rules import number_text

PAGE = 25
_BATCH = 500
# As in ``payments``: what of a payment is on an account is what its own journal, its moves and the parts of it that
# came back put there. A receipt for accounts that are not all the reader's is named, and not shown.
_PAID = query(
    """
    WITH mine AS (
        SELECT customer_account_id AS account_id, journal_id, -sum(amount_cents) AS cents FROM postings
         WHERE customer_account_id = ANY (:accounts) GROUP BY customer_account_id, journal_id),
    through AS (
        SELECT p.id AS payment_id, mine.* FROM mine JOIN payments p ON p.journal_id = mine.journal_id
         UNION ALL SELECT v.payment_id, mine.* FROM mine JOIN moves v ON v.journal_out = mine.journal_id
         UNION ALL SELECT v.payment_id, mine.* FROM mine JOIN moves v ON v.journal_in = mine.journal_id
         UNION ALL SELECT v.payment_id, mine.* FROM mine JOIN identifications v ON v.journal_id = mine.journal_id
         UNION ALL SELECT DISTINCT v.payment_id, mine.*
                     FROM mine JOIN payment_reversals v ON v.journal_id = mine.journal_id
                     JOIN journals j ON j.id = v.journal_id AND j.reverses_id IS NULL),
    placed AS (SELECT payment_id, account_id, sum(cents) AS cents FROM through GROUP BY payment_id, account_id)
    SELECT p.id, p.paid_at, p.channel, p.tender, a.id AS account_id, a.kind, a.reference,
           placed.cents::bigint AS cents, r.series, r.year, r.number,
           CASE WHEN NOT EXISTS (SELECT FROM postings o
                                  WHERE o.journal_id = p.journal_id AND o.customer_account_id IS NOT NULL
                                    AND o.customer_account_id <> ALL (:accounts))
                THEN r.token ELSE '' END AS token,
           back.effective_on AS reversed_on
      FROM placed
      JOIN payments p ON p.id = placed.payment_id
      JOIN receipts r ON r.payment_id = p.id
      JOIN customer_accounts a ON a.id = placed.account_id
      LEFT JOIN journals back ON back.reverses_id = p.journal_id
     WHERE (:account = 0 OR placed.account_id = :account)
       AND p.paid_at >= :since AND p.paid_at < :until
       AND (CAST(:at AS timestamptz) IS NULL
            OR (p.paid_at, p.id, placed.account_id)
               < (CAST(:at AS timestamptz), CAST(:id AS bigint), CAST(:last AS bigint)))
     ORDER BY p.paid_at DESC, p.id DESC, placed.account_id DESC LIMIT :most""",
    "id", "paid_at", "channel", "tender", "account_id", "kind", "reference", "cents", "series", "year", "number",
    "token", "reversed_on",
)  # fmt: skip

Key = tuple[datetime, int, int]
"""Where a page goes on: instant, payment, account of the last line before it."""


@dataclass(frozen=True, slots=True)
class Paid:
    """What one payment put on one account. ``token`` opens the receipt; empty where it names others' accounts too."""

    payment_id: int
    paid_at: datetime
    channel: str
    tender: str
    account_id: int
    kind: str
    reference: str
    amount: Money
    receipt: str
    token: str
    reversed_on: date | None

    @property
    def number(self) -> str:
        """The account as people read it."""
        return shown(self.reference)

    @property
    def key(self) -> Key:
        return self.paid_at, self.payment_id, self.account_id


@dataclass(frozen=True, slots=True)
class PaidPage:
    """Newest first; ``next_before`` is where the next page goes on, if there is one."""

    lines: tuple[Paid, ...]
    next_before: Key | None


@dataclass(frozen=True, slots=True)
class Asked:
    """Of which account (0: of all), from and until which instant (the second is not in it)."""

    accounts: Collection[int]
    since: datetime
    until: datetime
    account_id: int = 0


def paid_on(session: Reader, asked: Asked, *, before: Key | None = None, limit: int = PAGE) -> PaidPage:
    """One page of what was paid. One statement."""
    at, id_, last = before or (None, None, None)
    values = {
        "accounts": list(asked.accounts), "account": asked.account_id, "since": asked.since, "until": asked.until,
        "at": at, "id": id_, "last": last, "most": limit + 1,
    }  # fmt: skip
    found = [_paid(row) for row in session.execute(_PAID, values)]
    return PaidPage(tuple(found[:limit]), found[limit - 1].key if len(found) > limit else None)


def all_paid(session: Reader, asked: Asked) -> Iterator[Paid]:
    """Every line, for a file: so many at a time."""
    before: Key | None = None
    while True:
        page = paid_on(session, asked, before=before, limit=_BATCH)
        yield from page.lines
        before = page.next_before
        if before is None:
            return


def _paid(row: Any) -> Paid:
    return Paid(
        payment_id=row.id,
        paid_at=row.paid_at,
        channel=row.channel,
        tender=row.tender,
        account_id=row.account_id,
        kind=row.kind,
        reference=row.reference,
        amount=Money(row.cents),
        receipt=number_text(row.series, row.year, row.number),
        token=row.token,
        reversed_on=row.reversed_on,
    )
