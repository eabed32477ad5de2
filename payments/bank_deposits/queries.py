"""Deposits as people look at them: what waits in the vault, what is on its way, and each with all that is in it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from accounts.errors import NotFound
from accounts.money import Money
from payments.bank_deposits.rules import Batch, Composition, Kind
from payments.receipts.rules import number_text

_FREE = """NOT EXISTS (SELECT FROM bank_deposit_batches l
                        WHERE l.batch_id = v.id AND l.kind = '{kind}' AND l.is_live)"""
_BAG = f"v.cash_cents + v.checks_cents > 0 AND {_FREE.format(kind='bag')}"
_TERMINAL = f"v.terminal_cents > 0 AND {_FREE.format(kind='terminal')}"
_STILL_HERE = """v.cash_cents + v.checks_cents > 0 AND NOT EXISTS (
           SELECT FROM bank_deposit_batches l JOIN bank_deposits d ON d.id = l.deposit_id
            WHERE l.batch_id = v.id AND l.kind = 'bag' AND l.is_live AND d.state = 'sealed' AND (
                  EXISTS (SELECT FROM bank_deposit_handovers h
                           WHERE h.deposit_id = d.id AND h.to_kind IN ('courier', 'bank'))
                  OR EXISTS (SELECT FROM bank_matched_journals m WHERE m.journal_id = d.journal_id)))"""
"""Whoever puts money into a bag, or seals it, has not taken it to the bank yet."""
_BATCH = """v.id, v.drawer_id, v.business_day, v.made_at, v.cash_cents, v.checks_cents, v.checks_count,
           v.terminal_cents, d.cashier_id, d.till, a.display_name AS cashier, (v.count_id IS NOT NULL) AS is_count"""
_WAITING = text(f"""
    SELECT {_BATCH}, {_BAG} AS has_bag, {_TERMINAL} AS has_terminal
      FROM vault_batches v JOIN drawers d ON d.id = v.drawer_id JOIN actors a ON a.id = d.cashier_id
     WHERE {_BAG} OR {_TERMINAL}
     ORDER BY v.made_at, v.id LIMIT :most""")  # noqa: S608 - our own words
_WAITING_SUM = text(f"""
    SELECT count(*) FILTER (WHERE {_BAG}) AS bags, count(*) FILTER (WHERE {_TERMINAL}) AS settlements,
           coalesce(sum(v.cash_cents + v.checks_cents) FILTER (WHERE {_BAG}), 0)::bigint AS bag_cents,
           coalesce(sum(v.terminal_cents) FILTER (WHERE {_TERMINAL}), 0)::bigint AS terminal_cents,
           count(*) FILTER (WHERE {_STILL_HERE} AND v.made_at < :before) AS late,
           min(v.made_at) FILTER (WHERE {_BAG}) AS oldest
      FROM vault_batches v""")  # noqa: S608
_OF = text(f"""
    SELECT {_BATCH}, true AS has_bag, true AS has_terminal
      FROM vault_batches v JOIN drawers d ON d.id = v.drawer_id JOIN actors a ON a.id = d.cashier_id
     WHERE v.id = ANY (:batches) ORDER BY v.id""")  # noqa: S608
_CHECKS = text("""
    SELECT v.id AS batch, t.id, t.kind, t.reference, t.bank, t.amount_cents, r.series, r.year, r.number
      FROM vault_batches v
      JOIN payment_tenders t ON t.drawer_id = v.drawer_id AND t.kind IN ('check', 'money_order')
      LEFT JOIN receipts r ON r.payment_id = t.payment_id
     WHERE v.id = ANY (:batches) AND v.count_id IS NOT NULL
       AND NOT EXISTS (SELECT FROM payment_reversals x WHERE x.tender_id = t.id AND x.kind = 'void')
     ORDER BY v.id, t.id""")
_DEPOSITS = """
    SELECT d.*, p.display_name AS preparer, v.display_name AS verifier, g.display_name AS giver_up, j.business_day,
           (SELECT count(*) FROM bank_deposit_batches b WHERE b.deposit_id = d.id) AS batches,
           (SELECT h.to_kind FROM bank_deposit_handovers h WHERE h.deposit_id = d.id
             ORDER BY h.number DESC LIMIT 1) AS with_kind
      FROM bank_deposits d JOIN actors p ON p.id = d.prepared_by LEFT JOIN actors v ON v.id = d.verified_by
      LEFT JOIN actors g ON g.id = d.given_up_by LEFT JOIN journals j ON j.id = d.journal_id
"""
_LISTED = text(f"{_DEPOSITS} WHERE d.id < :before ORDER BY d.id DESC LIMIT :most")
_ONE = text(f"{_DEPOSITS} WHERE d.id = :id")
_BATCHES_IN = text("SELECT batch_id FROM bank_deposit_batches WHERE deposit_id = :id ORDER BY batch_id")
_HANDOVERS = text("""
    SELECT h.number, h.at, f.display_name AS giver, h.to_kind, coalesce(t.display_name, h.to_name) AS receiver,
           h.to_actor_id, h.reference
      FROM bank_deposit_handovers h JOIN actors f ON f.id = h.handed_by LEFT JOIN actors t ON t.id = h.to_actor_id
     WHERE h.deposit_id = :id ORDER BY h.number""")
_ARRIVED = text("""
    SELECT l.on_day, l.statement_id FROM bank_deposits d JOIN bank_matched_journals m ON m.journal_id = d.journal_id
      JOIN bank_matches b ON b.id = m.match_id JOIN bank_lines l ON l.id = b.line_id
     WHERE d.id = :id AND m.ledger_account = d.ledger_account""")


@dataclass(frozen=True)
class WaitingBatch:
    """A batch with where it came from; which parts of it wait."""

    batch: Batch
    till: str
    cashier: str
    is_count: bool
    """An accepted count; else a drop or a pickup."""
    has_bag: bool
    has_terminal: bool


@dataclass(frozen=True)
class Waiting:
    """What waits in the vault. ``late``: batches of cash or checks that have not left for the bank, in a bag or not,
    for longer than the policy allows."""

    bags: int
    settlements: int
    bag: Money
    terminal: Money
    late: int
    oldest: datetime | None


@dataclass(frozen=True)
class CheckLine:
    """A check or money order of the list that goes with the bag."""

    batch_id: int
    kind: str
    number: str
    bank: str
    amount: Money
    receipt: str


@dataclass(frozen=True)
class Handover:
    number: int
    at: datetime
    giver: str
    to_kind: str
    receiver: str
    receiver_id: int | None
    reference: str


@dataclass(frozen=True)
class DepositLine:
    """A deposit in a list."""

    id: int
    kind: Kind
    state: str
    bank_account: str
    made_of: Composition
    batches: int
    bag_number: str
    reference: str
    prepared_by: int
    preparer: str
    prepared_at: datetime
    verified_by: int | None
    verifier: str
    verified_at: datetime | None
    business_day: date | None
    journal_id: int | None
    giver_up: str
    given_up_reason: str
    denominations: dict[int, int]
    with_kind: str
    """In whose hands a sealed bag is: ``staff``, ``courier``, ``bank``; empty with its verifier."""
    version: int


@dataclass(frozen=True)
class DepositDetails:
    """One deposit with its batches, its checks and its custody log."""

    line: DepositLine
    batches: tuple[WaitingBatch, ...]
    checks: tuple[CheckLine, ...]
    handovers: tuple[Handover, ...]
    arrived_on: date | None
    """The day on which the bank's statement shows it."""

    @property
    def cashiers(self) -> frozenset[int]:
        """Who took the money."""
        return frozenset(one.batch.cashier_id for one in self.batches)


def waiting_batches(session: Session, most: int = 200) -> list[WaitingBatch]:
    """Batches that are in no deposit, whole or in part, the oldest first."""
    return [_waiting(row) for row in session.execute(_WAITING, {"most": most})]


def waiting(session: Session, now: datetime, within_hours: int) -> Waiting:
    """The sum of what waits, for boards."""
    row = session.execute(_WAITING_SUM, {"before": now - timedelta(hours=within_hours)}).one()
    return Waiting(row.bags, row.settlements, Money(row.bag_cents), Money(row.terminal_cents), row.late, row.oldest)


def batches_of(session: Session, ids: Iterable[int]) -> list[WaitingBatch]:
    """These batches; fewer where one is not there."""
    return [_waiting(row) for row in session.execute(_OF, {"batches": sorted(set(ids))})]


def checks_of(session: Session, ids: Sequence[int]) -> list[CheckLine]:
    """Checks and money orders of batches, in the order in which they were taken."""
    rows = session.execute(_CHECKS, {"batches": list(ids)})
    return [
        CheckLine(row.batch, row.kind, row.reference, row.bank, Money(row.amount_cents), _receipt(row))
        for row in rows
    ]


def deposits(session: Session, *, before: int | None = None, most: int = 50) -> list[DepositLine]:
    """The newest deposits; ``before``: those that are older than the deposit of that id."""
    return [_line(row) for row in session.execute(_LISTED, {"before": before or 2**62, "most": most})]


def deposit(session: Session, deposit_id: int) -> DepositDetails:
    """One deposit; raises :class:`~accounts.errors.NotFound`. Six statements."""
    row = session.execute(_ONE, {"id": deposit_id}).one_or_none()
    if row is None:
        raise NotFound(f"no bank deposit {deposit_id}")
    ids = list(session.scalars(_BATCHES_IN, {"id": deposit_id}))
    is_bag = row.kind == Kind.BAG.value
    arrived = session.execute(_ARRIVED, {"id": deposit_id}).first()
    return DepositDetails(
        _line(row),
        tuple(batches_of(session, ids)),
        tuple(checks_of(session, ids)) if is_bag else (),
        tuple(
            Handover(h.number, h.at, h.giver, h.to_kind, h.receiver, h.to_actor_id, h.reference)
            for h in session.execute(_HANDOVERS, {"id": deposit_id})
        ),
        arrived.on_day if arrived else None,
    )


def _waiting(row: Any) -> WaitingBatch:
    batch = Batch(
        row.id, row.drawer_id, row.cashier_id, row.business_day, row.made_at, Money(row.cash_cents),
        Money(row.checks_cents), row.checks_count, Money(row.terminal_cents),
    )  # fmt: skip
    return WaitingBatch(batch, row.till, row.cashier, row.is_count, row.has_bag, row.has_terminal)


def _receipt(row: Any) -> str:
    return number_text(row.series, row.year, row.number) if row.number else ""


def _line(row: Any) -> DepositLine:
    return DepositLine(
        id=row.id, kind=Kind(row.kind), state=row.state, bank_account=row.bank_account,
        made_of=Composition(
            Money(row.cash_cents), Money(row.checks_cents), row.checks_count, Money(row.terminal_cents)
        ),
        batches=row.batches, bag_number=row.bag_number, reference=row.reference, prepared_by=row.prepared_by,
        preparer=row.preparer, prepared_at=row.prepared_at, verified_by=row.verified_by, verifier=row.verifier or "",
        verified_at=row.verified_at, business_day=row.business_day, journal_id=row.journal_id,
        giver_up=row.giver_up or "", given_up_reason=row.given_up_reason,
        denominations=dict(sorted(((int(cents), n) for cents, n in row.denominations.items()), reverse=True)),
        with_kind=row.with_kind or "", version=row.version,
    )  # fmt: skip
