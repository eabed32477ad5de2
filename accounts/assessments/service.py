"""Raise what was priced: charges with their revenue shares, and the penalties of a day."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from sqlalchemy import text
from sqlalchemy.orm import Session

from accounts.assessments.rules import LateCharge, penalties_due, penalty_charge, shared_revenue
from accounts.charges.rules import NewCharge
from accounts.charges.service import raise_charges
from accounts.cities.queries import RulingCity
from accounts.cities.rules import City
from accounts.database import Sessions, reading, transaction
from accounts.ledger import service as ledger
from accounts.ledger.rules import JournalDraft, Source
from accounts.money import ZERO, Money, total
from accounts.pauses.queries import NOT_PAUSED

BATCH = 500
"""Accounts that are assessed in one transaction, under one journal."""
Progress = Callable[[int, int], None]
"""Told after each batch: accounts done, accounts in all."""
Item = TypeVar("Item")

_LATE_ACCOUNTS = text(f"""
    SELECT DISTINCT c.customer_account_id
      FROM charges c JOIN customer_accounts a ON a.id = c.customer_account_id
     WHERE a.kind = :kind AND c.open_cents > 0 AND c.delinquent_on <= :on
       AND c.kind NOT IN ('penalty', 'opening') AND c.revenue_line = ANY (:lines) AND {NOT_PAUSED}
     ORDER BY 1""")  # noqa: S608 - our own words
_LOCK = text("SELECT id FROM customer_accounts WHERE id = ANY (:accounts) ORDER BY id FOR UPDATE")
_LATE = text(f"""
    SELECT c.id, c.customer_account_id, c.bill_id, c.revenue_line, c.open_cents, c.delinquent_on
      FROM charges c JOIN customer_accounts a ON a.id = c.customer_account_id
     WHERE c.customer_account_id = ANY (:accounts) AND c.open_cents > 0 AND c.delinquent_on <= :on
       AND c.kind NOT IN ('penalty', 'opening') AND c.revenue_line = ANY (:lines) AND {NOT_PAUSED}
     ORDER BY c.id""")  # noqa: S608 - our own words
_ALREADY = text("""
    SELECT c.source_key, c.amount_cents + coalesce(sum(a.amount_cents), 0) AS cents
      FROM charges c LEFT JOIN adjustments a ON a.charge_id = c.id AND a.source_key LIKE 'rebill:%'
     WHERE c.customer_account_id = ANY (:accounts) AND c.kind = 'penalty' AND c.source_system = 'ventanilla'
       AND c.source_key LIKE 'penalty:%'
     GROUP BY c.id HAVING c.amount_cents + coalesce(sum(a.amount_cents), 0) > 0""")
"""What was forgiven counts; what a wrong bill had earned too much does not."""
_REPLACED = text("""
    WITH RECURSIVE chain AS (
        SELECT i.bill_id AS bill, r.corrects_bill_id AS older
          FROM billing_items i JOIN billing_runs r ON r.id = i.run_id AND r.corrects_bill_id IS NOT NULL
         WHERE i.bill_id = ANY (:bills)
         UNION
        SELECT c.bill, r.corrects_bill_id
          FROM chain c JOIN billing_items i ON i.bill_id = c.older
          JOIN billing_runs r ON r.id = i.run_id AND r.corrects_bill_id IS NOT NULL
    )
    SELECT 'bill:' || bill AS base, 'bill:' || older AS older FROM chain
     UNION ALL
    SELECT 'charge:' || n.id, 'charge:' || o.id
      FROM chain
      JOIN charges n ON n.bill_id = chain.bill AND n.kind <> 'penalty'
      JOIN charges o ON o.bill_id = chain.older AND o.kind <> 'penalty' AND o.revenue_line = n.revenue_line
                    AND o.working ->> 'rule' = n.working ->> 'rule'""")


@dataclass(frozen=True)
class Assessed:
    """What a run raised."""

    charges: int = 0
    amount: Money = ZERO

    def plus(self, charges: Sequence[NewCharge]) -> Assessed:
        return Assessed(self.charges + len(charges), self.amount + total(c.amount for c in charges))


def raise_assessed(
    session: Session,
    city: City,
    charges: Sequence[NewCharge],
    *,
    source: Source,
    kind: str,
    effective_on: date,
    actor_id: int,
) -> list[int]:
    """Step: raise charges, and hand on the parts of their revenue in a journal beside; ids in order."""
    ids = raise_charges(session, charges, source=source, kind=kind, effective_on=effective_on, actor_id=actor_id)
    if lines := tuple(shared_revenue(city, charges)):
        shares = Source(source.kind, source.id, "share-revenue")
        ledger.post(session, JournalDraft(f"{kind}-shares", shares, effective_on, actor_id, lines))
    return ids


def assess_penalties(
    sessions: Sessions,
    ruling: RulingCity,
    account_kind: str,
    on: date,
    actor_id: int,
    *,
    progress: Progress | None = None,
) -> Assessed:
    """Use case: raise the penalties that delinquent charges of a kind of account have earned by ``on``.

    Each stage is raised once for its bill or charge, whenever and however often this runs; once also for a bill and
    the one that was made in its place. Balances brought in on
    day one and penalties earn none; external lines never do. While a pause of penalties holds on an account, none is
    raised there; what is still open when it is over earns them then.
    """
    lines = [code for code in ruling.city.revenue_lines if ruling.city.penalties_for(code)]
    if not lines:
        return Assessed()
    with reading(sessions) as session:
        found = session.scalars(_LATE_ACCOUNTS, {"kind": account_kind, "on": on, "lines": lines})
        accounts = list(found)
    assessed, done = Assessed(), 0
    for batch in batches(accounts):
        with transaction(sessions) as session:
            assessed = assessed.plus(_penalize(session, ruling, batch, lines, on=on, actor_id=actor_id))
        done += len(batch)
        if progress:
            progress(done, len(accounts))
    return assessed


def batches(items: Sequence[Item], size: int = BATCH) -> Iterator[Sequence[Item]]:
    """``items`` in runs of ``size``."""
    return (items[start : start + size] for start in range(0, len(items), size))


def lock_accounts(session: Session, accounts: Sequence[int], on: date) -> None:
    """Step: the locks of the house in their order, business day before accounts, so that no payment slips between."""
    ledger.open_business_day(session, on)
    session.execute(_LOCK, {"accounts": list(accounts)})


def _penalize(
    session: Session, ruling: RulingCity, accounts: Sequence[int], lines: Sequence[str], *, on: date, actor_id: int
) -> list[NewCharge]:
    lock_accounts(session, accounts, on)
    rows = session.execute(_LATE, {"accounts": list(accounts), "on": on, "lines": list(lines)})
    late = [LateCharge(id_, account, bill, line, Money(cents), day) for id_, account, bill, line, cents, day in rows]
    raised = session.execute(_ALREADY, {"accounts": list(accounts)})
    already = {key: Money(int(cents)) for key, cents in raised}
    replaced = defaultdict[str, list[str]](list)
    for base, older in session.execute(_REPLACED, {"bills": list({one.bill_id for one in late if one.bill_id})}):
        replaced[base].append(older)
    due = penalties_due(ruling.city, late, already, on, replaced=replaced)
    charges = [penalty_charge(ruling.city, ruling.release_id, penalty) for penalty in due]
    if charges:
        # Named by its first penalty, which no other journal can hold.
        source = Source("penalties", charges[0].source_key or "", "raise")
        raise_assessed(
            session, ruling.city, charges, source=source, kind="penalties", effective_on=on, actor_id=actor_id
        )
    return charges
