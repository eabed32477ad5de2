"""Why a charge is what it is: how it was worked out or where it came from, and all that changed it since."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

from sqlalchemy import text
from sqlalchemy.orm import Session

from accounts.cities.queries import release
from accounts.errors import NotFound
from accounts.explanations.rules import CannotRecompute
from accounts.explanations.words import Assessed, assessed, late_charges, unexplained
from accounts.money import Money, total

ASSESSED = "c.source_system = 'ventanilla' AND NOT c.working ? 'imported'"
"""Charges ``c`` that we assessed: not those of other systems, nor balances that were brought in on day one."""
_KINDS = {"utility": "utilities", "license": "licenses", "citation": "citations"}
_CHARGE = text(f"""
    SELECT c.id, c.customer_account_id, c.revenue_line, c.kind, c.fund, c.description, c.amount_cents, c.open_cents,
           c.billed_on, c.due_on, c.delinquent_on, c.working, c.city_release_id, c.source_system, c.source_key,
           c.journal_id, c.bill_id, a.reference, a.kind AS account_kind, b.number AS bill_number,
           b.period_from, b.period_to, j.effective_on AS raised_on, {ASSESSED} AS is_assessed,
           (SELECT source_id FROM source_effects e
             WHERE e.journal_id = c.journal_id AND e.source_kind = 'import' LIMIT 1) AS import_mark
      FROM charges c
      JOIN customer_accounts a ON a.id = c.customer_account_id
      JOIN journals j ON j.id = c.journal_id
      LEFT JOIN bills b ON b.id = c.bill_id
     WHERE c.id = :charge""")  # noqa: S608 - our own words
_CHANGES = text("""
    SELECT x.kind, x.cents, x.reason, x.policy, x.source_system, x.source_key, x.journal_id, j.effective_on,
           j.business_day, j.kind AS journal_kind, j.memo, r.handle, e.source_kind, e.source_id
      FROM (SELECT 1 AS place, 'adjustment' AS kind, id, amount_cents AS cents, reason, '' AS policy, source_system,
                   source_key, journal_id
              FROM adjustments WHERE charge_id = :charge
             UNION ALL
            SELECT 2, CASE WHEN amount_cents > 0 THEN 'payment' ELSE 'taken_back' END, id, -amount_cents, '', policy,
                   '', NULL, journal_id
              FROM allocations WHERE charge_id = :charge) x
      JOIN journals j ON j.id = x.journal_id
      JOIN actors r ON r.id = j.actor_id
      LEFT JOIN LATERAL (SELECT source_kind, source_id FROM source_effects
                          WHERE journal_id = j.id ORDER BY 1, 2 LIMIT 1) e ON true
     ORDER BY x.journal_id, x.place, x.id""")
_LATE = text("SELECT id, description FROM charges WHERE id = ANY (:charges)")
_IMPORTED = text("""
    SELECT r.kind, r.content, f.id, f.profile, f.file_name, f.file_sha256, f.started_at, l.file_name, l.started_at
      FROM (SELECT) AS one
      LEFT JOIN import_runs f ON f.id = :run
      LEFT JOIN imported_rows r ON r.source_system = :system AND r.kind = ANY (:kinds) AND r.source_key = :key
                               AND r.customer_account_id = :account
      LEFT JOIN import_runs l ON l.id = r.run_id
     ORDER BY array_position(CAST(:kinds AS text[]), r.kind) LIMIT 1""")


@dataclass(frozen=True, slots=True)
class Imported:
    """Where a line was brought in from. What is not known is empty: nothing is made up."""

    source_system: str
    row_key: str
    """The key of the source's row."""
    profile: str
    """The profile that read it."""
    run_id: int | None = None
    """The run that brought it in."""
    file_name: str = ""
    file_sha256: str = ""
    imported_at: datetime | None = None
    content: Mapping[str, Any] | None = None
    """What was kept of the row when it was last taken: its balances in cents by part."""
    last_file_name: str = ""
    last_seen_at: datetime | None = None
    """The last run whose file had this row."""
    workings: Mapping[str, Any] | None = None
    """Whatever the source said about how it came to the amount."""


@dataclass(frozen=True, slots=True)
class Change:
    """What changed a charge after it was raised. ``amount`` is what it added to what is open (payments: negative)."""

    kind: Literal["adjustment", "payment", "taken_back"]
    amount: Money
    open_after: Money
    reason: str
    """Of an adjustment, in the words in which it was given."""
    policy: str
    """Of a payment: the version of the allocation order, or ``explicit`` where the payer named this charge."""
    source_system: str
    """Of an adjustment: who made it."""
    source_key: str | None
    journal_id: int
    on: date
    business_day: date
    journal_kind: str
    memo: str
    by: str
    """Handle of the actor."""
    source_kind: str | None
    """What caused its journal, and which one: ``past-payment``, ``17:2026-10-15``."""
    source_id: str | None


@dataclass(frozen=True, slots=True)
class Explanation:
    """A charge, why it is what it is, and what became of it: amount + adjusted - paid = open."""

    charge_id: int
    customer_account_id: int
    reference: str
    account_kind: str
    revenue_line: str
    kind: str
    fund: str
    description: Mapping[str, str]
    amount: Money
    open: Money
    billed_on: date
    due_on: date
    delinquent_on: date
    bill_number: str | None
    period_from: date | None
    period_to: date | None
    journal_id: int
    raised_on: date
    source_system: str
    source_key: str | None
    release_id: int | None
    origin: Literal["assessed", "imported", "opening"]
    """``opening``: a balance brought in on a line that is our own since then."""
    assessed: Assessed | None
    imported: Imported | None
    changes: tuple[Change, ...]

    @property
    def adjusted(self) -> Money:
        """All adjustments together."""
        return total(change.amount for change in self.changes if change.kind == "adjustment")

    @property
    def paid(self) -> Money:
        """All payments together, less what was taken back."""
        return -total(change.amount for change in self.changes if change.kind != "adjustment")

    @property
    def adds_up(self) -> bool:
        """Whether amount + adjusted - paid is what stands open."""
        return self.amount + self.adjusted - self.paid == self.open

    @property
    def agrees(self) -> bool:
        """Whether a line that we assessed comes to the charge's amount again; nothing else can be worked out."""
        return self.assessed is not None and self.assessed.agrees and self.assessed.recomputed == self.amount


def explanation(session: Session, charge_id: int, *, may_see_confidential: bool = False) -> Explanation:
    """All that explains a charge, in four statements at most; raises :class:`NotFound`.

    Without ``may_see_confidential`` what is (gross receipts that a business declared) has no value; it stays flagged.
    """
    row = session.execute(_CHARGE, {"charge": charge_id}).one_or_none()
    if row is None:
        raise NotFound(f"no charge {charge_id}")
    shown = _assessed(session, row) if row.is_assessed else None
    if shown is not None and not may_see_confidential:
        shown = shown.redacted()
    imported = None if row.is_assessed else _imported(session, row)
    return Explanation(
        charge_id=row.id,
        customer_account_id=row.customer_account_id,
        reference=row.reference,
        account_kind=row.account_kind,
        revenue_line=row.revenue_line,
        kind=row.kind,
        fund=row.fund,
        description=row.description,
        amount=Money(row.amount_cents),
        open=Money(row.open_cents),
        billed_on=row.billed_on,
        due_on=row.due_on,
        delinquent_on=row.delinquent_on,
        bill_number=row.bill_number,
        period_from=row.period_from,
        period_to=row.period_to,
        journal_id=row.journal_id,
        raised_on=row.raised_on,
        source_system=row.source_system,
        source_key=row.source_key,
        release_id=row.city_release_id,
        origin=_origin(row),
        assessed=shown,
        imported=imported,
        changes=_changes(session, row),
    )


def _origin(row: Any) -> Literal["assessed", "imported", "opening"]:
    if row.is_assessed:
        return "assessed"
    return "opening" if row.source_system == "ventanilla" or row.kind == "opening" else "imported"


def _assessed(session: Session, row: Any) -> Assessed:
    if row.city_release_id is None:
        return unexplained(row.working, CannotRecompute("no_working", "nothing says under which release it was made"))
    late = late_charges(row.working)
    found = session.execute(_LATE, {"charges": late}).all() if late else []
    described: dict[int, dict[str, str]] = {one.id: one.description for one in found}
    return assessed(release(session, row.city_release_id), row.working, row.revenue_line, described)


def _imported(session: Session, row: Any) -> Imported:
    said: dict[str, Any] = dict(row.working.get("imported") or {})
    key = str(said.pop("key", None) or row.source_key or "")
    profile = str(said.pop("profile", ""))
    system = row.source_system
    if system == "ventanilla" and row.source_key and f":{key}" in row.source_key:
        system = row.source_key[: row.source_key.index(f":{key}")]
    kinds = [_KINDS[row.account_kind], f"{_KINDS[row.account_kind]}.bills"]
    run = (row.import_mark or "").partition("-")[0]
    values = {
        "run": int(run) if run.isdigit() else None,
        "system": system,
        "kinds": kinds[::-1] if row.bill_id is not None else kinds,
        "key": key,
        "account": row.customer_account_id,
    }
    _kind, content, run_id, ran_by, file_name, sha256, at, last_file, last_at = session.execute(
        _IMPORTED, values
    ).one()
    return Imported(
        source_system=system,
        row_key=key,
        profile=profile or (ran_by or "").partition("@")[0],
        run_id=run_id,
        file_name=file_name or "",
        file_sha256=sha256 or "",
        imported_at=at,
        content=content,
        last_file_name=last_file or "",
        last_seen_at=last_at,
        workings={**said, **{name: part for name, part in row.working.items() if name != "imported"}} or None,
    )


def _changes(session: Session, row: Any) -> tuple[Change, ...]:
    open_now = Money(row.amount_cents)
    changes = []
    for kind, cents, *rest in session.execute(_CHANGES, {"charge": row.id}):
        open_now += Money(cents)
        changes.append(Change(kind, Money(cents), open_now, *rest))
    return tuple(changes)
