"""What is about to be paid online on some accounts."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from accounts.charges.queries import open_charges
from accounts.database import Reader, query
from accounts.money import ZERO, Money
from payments.collisions.rules import Promised, displaced

_PROMISES = query(
    """
    SELECT a.id, a.token, a.session_id, k.id, l.customer_account_id, l.amount_cents,
           (SELECT coalesce(sum((q ->> 'open')::bigint), 0)::bigint FROM jsonb_array_elements(l.quoted) q),
           a.created_at
      FROM attempt_lines l
      JOIN attempts a ON a.id = l.attempt_id
      LEFT JOIN pay_links k ON k.basket_id = a.basket_id
     WHERE l.customer_account_id = ANY (:accounts) AND a.state IN ('sending', 'open', 'processing', 'unknown')
    UNION ALL
    SELECT '', '', NULL, k.id, i.customer_account_id, i.amount_cents, NULL, k.created_at
      FROM pay_link_lines i
      JOIN pay_links k ON k.id = i.pay_link_id
     WHERE i.customer_account_id = ANY (:accounts) AND k.canceled_at IS NULL AND k.expires_at > :now
       AND NOT EXISTS (SELECT FROM attempts a WHERE a.basket_id = k.basket_id
                          AND a.state IN ('sending', 'open', 'processing', 'unknown', 'succeeded'))
     ORDER BY 8""",
    "attempt_id", "token", "session_id", "link_id", "account_id", "cents", "quoted", "begun_at",
)  # fmt: skip
"""A page whose time is over counts until the processor has said so: it may have been paid in its last minute."""
_PAID = query(
    """
    SELECT a.id, a.token, a.session_id, l.customer_account_id, l.amount_cents, a.created_at
      FROM attempts a JOIN attempt_lines l ON l.attempt_id = a.id
     WHERE a.id = ANY (:attempts) AND a.state = 'succeeded' AND l.customer_account_id = ANY (:accounts)
     ORDER BY a.id, l.customer_account_id""",
    "attempt_id", "token", "session_id", "account_id", "cents", "begun_at",
)  # fmt: skip


def in_the_way(reader: Reader, sold: Mapping[int, Money], now: datetime) -> tuple[Promised, ...]:
    """Promises that taking so much by account leaves nothing to pay. Two statements, one where there are none."""
    if not sold:
        return ()
    rows = reader.execute(_PROMISES, {"accounts": list(sold), "now": now}).all()
    if not rows:
        return ()
    owed = owed_by(reader, list(sold))
    promises = (
        Promised(
            attempt_id=row.attempt_id,
            token=row.token,
            session_id=row.session_id,
            link_id=row.link_id,
            account_id=row.account_id,
            amount=Money(row.cents),
            quoted=owed.get(row.account_id, ZERO) if row.quoted is None else Money(row.quoted),
            begun_at=row.begun_at,
        )
        for row in rows
    )
    return displaced(promises, owed, sold)


def paid_of(reader: Reader, attempts: Collection[str], account_ids: Sequence[int]) -> tuple[Promised, ...]:
    """What those of the attempts that were paid have brought to these accounts. One statement, or none."""
    if not attempts or not account_ids:
        return ()
    rows = reader.execute(_PAID, {"attempts": list(attempts), "accounts": list(account_ids)})
    return tuple(
        Promised(
            row.attempt_id, row.token, row.session_id, None, row.account_id, Money(row.cents), Money(row.cents),
            row.begun_at,
        )
        for row in rows
    )  # fmt: skip


def owed_by(reader: Reader, account_ids: Sequence[int]) -> dict[int, Money]:
    """What each account owes now; those that owe nothing are left out. One statement."""
    owed: dict[int, Money] = {}
    for charge in open_charges(reader, account_ids):
        owed[charge.customer_account_id] = owed.get(charge.customer_account_id, ZERO) + charge.open
    return owed
