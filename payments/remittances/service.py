"""Payments and reversals go back to the system that owns the balance: each exactly once, acknowledged line by line.

Money that was moved goes back as taken from one charge and paid on another, both under the receipt of its payment.

The database is the batch, the file is made from it: a crash between the two loses nothing, as asking for the number
again writes the same bytes.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import func, select, text, update
from sqlalchemy.orm import Session

from accounts import audit
from accounts.actors.service import actor_id
from accounts.clock import Clock
from accounts.database import Sessions, reading, transaction
from accounts.errors import Conflict
from accounts.exceptions.service import NewException, open_exceptions
from accounts.money import Money
from payments.remittances import queries
from payments.remittances.models import Remittance
from payments.remittances.queries import SentBatch
from payments.remittances.rules import BatchFile, RemittedLine, batch_file, check_answer, file_name, read_answer

_TAKE_TURNS = text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))")
_UNSENT = text("""
    SELECT a.id, c.source_key AS charge, ca.source_key AS account, a.amount_cents, j.effective_on,
           coalesce(r.series || '-' || r.year || '-' || lpad(r.number::text, 6, '0'), '') AS receipt
      FROM allocations a
      JOIN charges c ON c.id = a.charge_id
      JOIN customer_accounts ca ON ca.id = c.customer_account_id
      JOIN journals j ON j.id = a.journal_id
      LEFT JOIN receipts r ON r.payment_id = (SELECT min(payment_id) FROM journal_payments(j.id))
     WHERE c.source_system = :source_system AND ca.system_of_record = 'external'
       AND NOT EXISTS (SELECT 1 FROM remittance_lines l WHERE l.allocation_id = a.id)
     ORDER BY a.id""")
_WRITE_LINES = text("""
    INSERT INTO remittance_lines (allocation_id, remittance_id, line_no, source_account, source_charge,
                                  amount_cents, paid_on, receipt)
    SELECT x.allocation_id, :remittance_id, x.line_no, x.account, x.charge, x.cents, x.paid_on, x.receipt
      FROM unnest(CAST(:ids AS bigint[]), CAST(:numbers AS bigint[]), CAST(:accounts AS text[]),
                  CAST(:charges AS text[]), CAST(:cents AS bigint[]), CAST(:days AS date[]),
                  CAST(:receipts AS text[]))
           AS x (allocation_id, line_no, account, charge, cents, paid_on, receipt)""")


@dataclass(frozen=True)
class Exported:
    """What an export did: the batch and its file; no batch when there was nothing to send."""

    batch: SentBatch | None
    path: Path | None

    def last_line(self) -> str:
        if self.batch is None:
            return "Nothing to send."
        return (
            f"Batch {self.batch.number} for {self.batch.source_system}: {self.batch.line_count:,} lines, "
            f"total ${self.batch.total.dollars:,.2f}, sha256 {self.batch.sha256}: {self.path}"
        )


def export_payments(
    sessions: Sessions, source_system: str, out: Path, *, clock: Clock, actor: str, number: int | None = None
) -> Exported:
    """Send what was not sent yet as the next batch; with ``number``, write that batch's file again, byte for byte.

    ``out`` is a folder (the file then has its usual name) or a file.
    """
    if number is None:
        with transaction(sessions) as session:
            number = _make_batch(session, source_system, clock, actor)
        if number is None:
            return Exported(None, None)
    with reading(sessions) as session:
        sent = queries.batch(session, source_system, number)
        content = _file(sent, queries.lines(session, sent.id))
    path = out / file_name(source_system, number) if out.is_dir() else out
    write_whole(path, content.content)
    return Exported(sent, path)


def _make_batch(session: Session, source_system: str, clock: Clock, actor: str) -> int | None:
    """Gather what is unsent under the next number. One export of a source system at a time; the others wait."""
    session.execute(_TAKE_TURNS, {"name": f"remittances:{source_system}"})
    unsent = session.execute(_UNSENT, {"source_system": source_system}).all()
    if not unsent:
        return None
    last = session.scalar(select(func.max(Remittance.number)).where(Remittance.source_system == source_system))
    number, made_at = (last or 0) + 1, clock.now()
    lines = [
        RemittedLine(place, row.id, row.account or "", row.charge or "", Money(row.amount_cents), row.effective_on,
                     row.receipt)
        for place, row in enumerate(unsent, start=1)
    ]  # fmt: skip
    remittance = Remittance(
        source_system=source_system,
        number=number,
        made_at=made_at,
        line_count=len(lines),
        total_cents=Money(sum(line.amount.cents for line in lines)),
        sha256=batch_file(source_system, number, made_at.date(), lines).sha256,
    )
    session.add(remittance)
    session.flush()
    _write_lines(session, remittance.id, lines)
    audit.record(
        session, "remit", subject=("remittance", remittance.id), actor_id=actor_id(session, actor),
        lines=len(lines), total=str(remittance.total_cents),
    )  # fmt: skip
    return number


def _write_lines(session: Session, remittance_id: int, lines: list[RemittedLine]) -> None:
    session.execute(
        _WRITE_LINES,
        {
            "remittance_id": remittance_id,
            "ids": [line.allocation_id for line in lines],
            "numbers": [line.line_no for line in lines],
            "accounts": [line.source_account for line in lines],
            "charges": [line.source_charge for line in lines],
            "cents": [line.amount.cents for line in lines],
            "days": [line.paid_on for line in lines],
            "receipts": [line.receipt for line in lines],
        },
    )


def _file(sent: SentBatch, lines: list[RemittedLine]) -> BatchFile:
    made = batch_file(sent.source_system, sent.number, sent.made_at.date(), lines)
    if made.sha256 != sent.sha256:
        raise RuntimeError(f"batch {sent.number} for {sent.source_system} no longer makes the file that was sent")
    return made


def write_whole(path: Path, content: bytes) -> None:
    """All of the file or none of it, on the disk when this returns."""
    partial = path.with_name(f".{path.name}.partial")
    with partial.open("wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())
    partial.replace(path)


@dataclass(frozen=True)
class Acknowledged:
    """What the outside system answered. ``was_known``: this batch had been answered before; nothing changed."""

    accepted: int
    rejected: int
    was_known: bool = False


def acknowledge(
    sessions: Sessions, source_system: str, number: int, content: str, *, clock: Clock, actor: str
) -> Acknowledged:
    """Take an acknowledgement; each rejected line becomes an exception. The same answer again changes nothing.

    Raises :class:`~payments.remittances.rules.BadAcknowledgement` if it does not fit the batch to the last line.
    """
    answer = read_answer(content)
    with transaction(sessions) as session:
        session.execute(_TAKE_TURNS, {"name": f"remittances:{source_system}"})
        sent = queries.batch(session, source_system, number)
        check_answer(answer, source_system, number, sent.sha256, sent.line_count)
        if sent.acknowledgement not in ("", content):
            raise Conflict(f"batch {number} for {source_system} was answered before, and otherwise")
        rejected = [line for line in answer.lines if not line.is_accepted]
        result = Acknowledged(len(answer.lines) - len(rejected), len(rejected), sent.acknowledged_at is not None)
        by_number = {line.line_no: line for line in queries.lines(session, sent.id)}
        open_exceptions(session, [_rejection(sent, by_number[line.line_no], line.reason) for line in rejected])
        if not result.was_known:
            session.execute(
                update(Remittance)
                .where(Remittance.id == sent.id)
                .values(acknowledged_at=clock.now(), acknowledgement=content)
            )
            audit.record(
                session, "acknowledge", subject=("remittance", sent.id), actor_id=actor_id(session, actor),
                accepted=result.accepted, rejected=result.rejected,
            )  # fmt: skip
    return result


def _rejection(sent: SentBatch, line: RemittedLine, reason: str) -> NewException:
    return NewException(
        "remittance-rejected",
        f"{sent.source_system}:{sent.number}:{line.line_no}",
        {
            "account": line.source_account, "charge": line.source_charge, "amount": str(line.amount),
            "paid_on": line.paid_on.isoformat(), "receipt": line.receipt, "reason": reason,
        },
        "The money was received here. Settle with the owner of the balance how it takes this payment.",
    )  # fmt: skip
