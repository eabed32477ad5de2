"""Charges as they stand, what was done to them before, and what hangs on them. Some lock what they read."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from accounts.adjustments.leaks import metered, used_in
from accounts.adjustments.rules import Standing
from accounts.database import Reader, query
from accounts.errors import NotFound
from accounts.money import Money
from accounts.pricing.leak_policies import UsedBefore

_OWNERS = text("SELECT DISTINCT customer_account_id FROM charges WHERE id = ANY (:charges) ORDER BY 1")
_STANDINGS = text("""
    WITH locked AS MATERIALIZED (SELECT * FROM charges WHERE id = ANY (:charges) ORDER BY id FOR UPDATE)
    SELECT c.id, c.customer_account_id, a.reference, a.kind, c.bill_id, c.revenue_line, c.kind AS charge_kind, c.fund,
           c.receivable, c.description, c.amount_cents,
           coalesce((SELECT sum(amount_cents) FROM adjustments WHERE charge_id = c.id), 0) AS adjusted,
           coalesce((SELECT sum(amount_cents) FROM allocations WHERE charge_id = c.id), 0) AS allocated,
           c.open_cents, c.version, c.billed_on, c.due_on, c.working, c.city_release_id, j.kind AS raised_by
      FROM locked c JOIN customer_accounts a ON a.id = c.customer_account_id JOIN journals j ON j.id = c.journal_id
     ORDER BY c.id""")
_CHANGED = query("SELECT coalesce(sum(amount_cents), 0) FROM adjustments WHERE charge_id = ANY (:charges)", "cents")
_WAIVED = text("""
    SELECT j.effective_on
      FROM adjustments a
      JOIN proposals p ON p.id = a.proposal_id AND p.act = 'waiver'
      JOIN journals j ON j.id = a.journal_id
      JOIN charges c ON c.id = a.charge_id
     WHERE c.customer_account_id = :account AND c.kind = :kind AND a.amount_cents < 0
       AND NOT EXISTS (SELECT FROM adjustments r WHERE r.reverses_id = a.id)
     ORDER BY 1""")
_LEAKS = text("""
    SELECT DISTINCT j.effective_on
      FROM customer_accounts here
      JOIN customer_accounts a ON a.id = here.id OR a.premises_id = here.premises_id
      JOIN charges c ON c.customer_account_id = a.id
      JOIN adjustments d ON d.charge_id = c.id AND d.reason = :reason AND d.proposal_id IS NOT NULL
      JOIN journals j ON j.id = d.journal_id
     WHERE here.id = :account AND d.amount_cents < 0
       AND NOT EXISTS (SELECT FROM adjustments r WHERE r.reverses_id = d.id)
     ORDER BY 1""")
_USED = text("""
    SELECT working FROM charges
     WHERE customer_account_id = :account AND working ->> 'rule' = ANY (:rates) AND billed_on > :since
     ORDER BY billed_on""")
_PENALTIES = text("""
    SELECT p.id, p.description, p.amount_cents, p.open_cents, p.working, c.id AS charge_id
      FROM charges c
      JOIN charges p ON p.customer_account_id = c.customer_account_id AND p.kind = 'penalty'
                    AND p.source_system = 'ventanilla'
                    AND split_part(p.source_key, ':', 3) || ':' || split_part(p.source_key, ':', 4)
                        IN ('charge:' || c.id, 'bill:' || c.bill_id)
     WHERE c.id = ANY (:charges)
     ORDER BY p.id, c.id""")
_ON_ITS_WAY = text("""
    SELECT owner_kind, owner_id, amount_cents, created_at FROM pending_payments
     WHERE customer_account_id = :account ORDER BY id""")
_OWED = text("""
    SELECT a.reference, a.kind, a.status, a.credit_cents,
           coalesce((SELECT sum(open_cents) FROM charges WHERE customer_account_id = a.id), 0) AS owed
      FROM customer_accounts a WHERE a.id = :account""")
_OF_CHARGE = text("""
    SELECT a.id, a.charge_id, a.amount_cents, a.reason, j.effective_on, a.proposal_id, p.act, p.reason AS words,
           maker.display_name AS maker, checker.display_name AS checker, a.reverses_id, r.id AS reversed_by,
           a.source_system
      FROM adjustments a
      JOIN journals j ON j.id = a.journal_id
      LEFT JOIN proposals p ON p.id = a.proposal_id
      LEFT JOIN proposal_decisions d ON d.proposal_id = p.id
      LEFT JOIN actors maker ON maker.id = p.proposed_by
      LEFT JOIN actors checker ON checker.id = d.decided_by AND d.verdict = 'approved'
      LEFT JOIN adjustments r ON r.reverses_id = a.id
     WHERE a.charge_id = ANY (:charges) ORDER BY a.id""")
_ADJUSTMENT = text("""
    SELECT a.charge_id, a.amount_cents, a.reason, a.reverses_id, a.proposal_id IS NULL AS is_imported,
           EXISTS (SELECT FROM adjustments r WHERE r.reverses_id = a.id) AS is_reversed
      FROM adjustments a WHERE a.id = :id""")
HISTORY_YEARS = 3
"""Earlier usage that a leak may be compared with."""


@dataclass(frozen=True)
class AdjustmentView:
    """An adjustment of a charge as people read it; names are empty where an outside system made it."""

    id: int
    charge_id: int
    amount: Money
    reason: str
    """A code of the city's, or an outside system's words."""
    on: date
    proposal_id: int | None
    act: str
    """``waiver`` or ``adjustment``; empty for an outside system's."""
    words: str
    maker: str
    checker: str
    reverses_id: int | None
    reversed_by: int | None
    source_system: str

    @property
    def may_be_taken_back(self) -> bool:
        """Ours, not a taking back itself, and not taken back yet."""
        return self.proposal_id is not None and self.reverses_id is None and self.reversed_by is None


@dataclass(frozen=True)
class Made:
    """An adjustment as taking it back needs it."""

    charge_id: int
    amount: Money
    reason: str
    reverses_id: int | None
    is_imported: bool
    is_reversed: bool


@dataclass(frozen=True)
class Balance:
    """What an account owes, and what stands to its credit."""

    reference: str
    kind: str
    status: str
    credit: Money
    owed: Money

    def as_json(self) -> dict[str, object]:
        return {"reference": self.reference, "owed_cents": self.owed.cents, "credit_cents": self.credit.cents}


@dataclass(frozen=True)
class PenaltyOn:
    """A penalty that was computed on a charge, or on the bill it stands on."""

    id: int
    charge_id: int
    description: Mapping[str, str]
    amount: Money
    open: Money
    working: Mapping[str, Any]


@dataclass(frozen=True)
class OnItsWay:
    """Money on its way to an account."""

    owner_kind: str
    owner_id: str
    amount: Money
    since: datetime


def changed_by(session: Reader, charges: Collection[int]) -> Money:
    """By how much these charges together ask more, or less, than when they were raised. One statement."""
    return Money(int(session.execute(_CHANGED, {"charges": list(charges)}).one()[0]))


def owners(session: Session, charges: Collection[int]) -> list[int]:
    """The accounts of these charges."""
    return list(session.scalars(_OWNERS, {"charges": list(charges)}))


def standings(session: Session, charges: Collection[int]) -> dict[int, Standing]:
    """Charges by id, locked; after their accounts. Raises ``NotFound`` for one that is not there."""
    found = {}
    for row in session.execute(_STANDINGS, {"charges": list(charges)}):
        id_, account, reference, kind, bill, line, charge_kind, fund, receivable, description, *more = row
        amount, adjusted, allocated, left, version, billed_on, due_on, working, release, raised_by = more
        found[id_] = Standing(
            id_, account, reference, kind, bill, line, charge_kind, fund, receivable, description,
            Money(amount), Money(int(adjusted)), Money(int(allocated)), Money(left), version, billed_on, due_on,
            working, release, raised_by,
        )  # fmt: skip
    if missing := set(charges) - set(found):
        raise NotFound(f"no charge {min(missing)}")
    return found


def waived(session: Session, account_id: int, kind: str) -> list[date]:
    """Days on which charges of a kind, or parts of them, were forgiven on an account, and not taken back.

    Parts of one charge count each: in pieces, nobody forgives more alone than their limit.
    """
    return list(session.scalars(_WAIVED, {"account": account_id, "kind": kind}))


def leak_credits(session: Session, account_id: int, reason: str) -> list[date]:
    """Days on which leaks were credited at the premises of an account."""
    return list(session.scalars(_LEAKS, {"account": account_id, "reason": reason}))


def used_before(session: Session, account_id: int, rates: Collection[str], on: date) -> list[UsedBefore]:
    """What was used under these rates in earlier bills of an account, by their own workings."""
    since = on.replace(year=on.year - HISTORY_YEARS, day=1)
    rows = session.scalars(_USED, {"account": account_id, "rates": list(rates), "since": since})
    return [used for working in rows if (used := used_in(working)) is not None]


def rates_of(charges: Collection[Standing]) -> set[str]:
    """The rates by which charges for usage were priced."""
    return {read.rate for charge in charges if (read := metered(charge.working)) is not None}


def penalties_on(session: Session, charges: Collection[int]) -> list[PenaltyOn]:
    """Penalties of ours that were computed on these charges or on their bills."""
    rows = session.execute(_PENALTIES, {"charges": list(charges)})
    return [
        PenaltyOn(row.id, row.charge_id, row.description, Money(row.amount_cents), Money(row.open_cents), row.working)
        for row in rows
    ]


def on_its_way(session: Session, account_id: int) -> list[OnItsWay]:
    """Payments that may still arrive for an account."""
    rows = session.execute(_ON_ITS_WAY, {"account": account_id})
    return [OnItsWay(kind, owner, Money(cents), since) for kind, owner, cents, since in rows]


def balance(session: Session, account_id: int) -> Balance:
    """What an account owes now."""
    reference, kind, status, credit, owed = session.execute(_OWED, {"account": account_id}).one()
    return Balance(reference, kind, status, Money(credit), Money(int(owed)))


def adjustment(session: Session, adjustment_id: int) -> Made:
    """An adjustment; raises ``NotFound``."""
    row = session.execute(_ADJUSTMENT, {"id": adjustment_id}).one_or_none()
    if row is None:
        raise NotFound(f"no adjustment {adjustment_id}")
    charge, cents, reason, reverses, is_imported, is_reversed = row
    return Made(charge, Money(cents), reason, reverses, is_imported, is_reversed)


def adjustments_of(session: Session, charges: Sequence[int]) -> list[AdjustmentView]:
    """Every change to what these charges ask, oldest first. One statement."""
    rows = session.execute(_OF_CHARGE, {"charges": list(charges)})
    return [
        AdjustmentView(
            row.id, row.charge_id, Money(row.amount_cents), row.reason, row.effective_on, row.proposal_id,
            row.act or "", row.words or "", row.maker or "", row.checker or "", row.reverses_id, row.reversed_by,
            row.source_system,
        )
        for row in rows
    ]  # fmt: skip
