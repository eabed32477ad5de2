"""Charges of outside systems as they stand here, and changes to what they ask."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import text

from accounts.imports.records import Batch
from accounts.ledger import service as ledger
from accounts.ledger.rules import JournalDraft, Line
from accounts.money import Money


@dataclass(frozen=True, slots=True)
class Standing:
    """A charge of an outside system as it stands here; ``paid`` are its allocations in cents, oldest first."""

    id: int
    account_id: int
    open_cents: int
    paid: list[int]
    revenue_line: str


_LOCK_ACCOUNTS = text("SELECT id FROM customer_accounts WHERE id = ANY (:accounts) ORDER BY id FOR UPDATE")
_STANDINGS = text("""
    WITH locked AS MATERIALIZED (
        SELECT id, customer_account_id, open_cents, revenue_line, source_key FROM charges
         WHERE source_system = :system AND source_key = ANY (:keys) ORDER BY id FOR UPDATE)
    SELECT l.source_key, l.id, l.customer_account_id, l.open_cents,
           coalesce((SELECT array_agg(amount_cents ORDER BY a.id) FROM allocations a WHERE a.charge_id = l.id), '{}'),
           l.revenue_line
      FROM locked l""")


def standings(batch: Batch, accounts: Iterable[int], keys: Sequence[str]) -> dict[str, Standing]:
    """Charges of the outside system by key, locked in the order of the house: day, accounts, charges."""
    ledger.open_business_day(batch.session, batch.today)
    batch.session.execute(_LOCK_ACCOUNTS, {"accounts": sorted(set(accounts))})
    rows = batch.session.execute(_STANDINGS, {"system": batch.profile.source_system, "keys": list(keys)})
    return {key: Standing(*values) for key, *values in rows}


@dataclass(frozen=True, slots=True)
class Adjust:
    """A change to what a charge asks."""

    standing: Standing
    amount: Money
    reason: str
    source_key: str


_INSERT_ADJUSTMENTS = text("""
    WITH x AS (
        SELECT * FROM jsonb_to_recordset(CAST(:rows AS jsonb))
                   AS x (charge bigint, cents bigint, reason text, key text)
    ), written AS (
        INSERT INTO adjustments (charge_id, amount_cents, reason, source_system, source_key, journal_id)
        SELECT charge, cents, reason, :system, key, :journal FROM x
    )
    UPDATE charges c SET open_cents = c.open_cents + t.cents, version = c.version + 1
      FROM (SELECT charge, sum(cents) AS cents FROM x GROUP BY charge) AS t
     WHERE c.id = t.charge""")


def adjust(batch: Batch, adjustments: Sequence[Adjust]) -> None:
    """Step: post adjustments of external charges. Ups and downs have a journal each, so that none nets to nothing."""
    for effect, signed in (("increases", 1), ("decreases", -1)):
        part = [item for item in adjustments if item.amount.cents * signed > 0]
        if part:
            _adjust(batch, effect, part)


def _adjust(batch: Batch, effect: str, adjustments: Sequence[Adjust]) -> None:
    lines: list[Line] = []
    for item in adjustments:
        terms = batch.terms.line(item.standing.revenue_line)
        lines.append(Line(terms.receivable, terms.fund, item.amount, item.standing.account_id))
        lines.append(Line(terms.other_side(), terms.fund, -item.amount))
    draft = JournalDraft(
        "adjustment", batch.source(effect), batch.today, batch.actor_id, tuple(lines), batch.profile.name
    )
    journal_id = ledger.post(batch.session, draft)
    rows = [
        {"charge": a.standing.id, "cents": a.amount.cents, "reason": a.reason, "key": a.source_key}
        for a in adjustments
    ]
    batch.session.execute(
        _INSERT_ADJUSTMENTS,
        {"rows": json.dumps(rows), "system": batch.profile.source_system, "journal": journal_id},
    )
