"""The files of a printing: each kept once it is made, and given out to who may have it, with a line in the audit."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from accounts import audit, kill_points
from accounts.bill_printings import queries
from accounts.bill_printings.freezing import SUBJECT
from accounts.bill_printings.models import BillPrinting, BillPrintPart
from accounts.bill_printings.queries import Frozen, MadePart, PrintingView
from accounts.bill_printings.rules import FileChanged, FileLost, NotMadeYet, file_name, mark
from accounts.database import Sessions, reading, transaction
from accounts.documents.store import DocumentStore
from accounts.errors import NotFound
from accounts.money import Money
from accounts.staff.rules import Authority, Permission

TAKEN, TAKEN_AGAIN = "bill-print-taken", "bill-print-taken-again"
LIST = 0
"""The list of all bills, among the parts."""
_IS_TAKEN = text("""
    SELECT EXISTS (SELECT FROM audit_entries WHERE act = :act AND subject_kind = :kind AND subject_id = :id
                      AND details ->> 'part' = CAST(:part AS text))""")
_HEADINGS = ("mark", "part", "sequence", "account", "bill", "bill_amount", "amount_due", "pages", "language", "zip")


@dataclass(frozen=True)
class TakenFile:
    """A file with its bytes; ``is_copy``: somebody took it before, and its name says so."""

    name: str
    content: bytes
    is_copy: bool


def keep_part(
    sessions: Sessions, store: DocumentStore, printing_id: int, number: int, made: tuple[bytes, Sequence[int]], *,
    now: datetime,
) -> None:  # fmt: skip
    """Use case: a part is made; again, by another worker or after a cut, it must be the same.

    Raises :class:`rules.FileChanged`.
    """
    content, pages = made
    digest = store.keep(content)
    kill_points.reached("bill-printings.part-on-disk")
    with transaction(sessions) as session:
        values = {"printing_id": printing_id, "number": number, "pages": list(pages), "size": len(content),
                  "sha256": digest, "made_at": now}  # fmt: skip
        session.execute(insert(BillPrintPart).values(values).on_conflict_do_nothing())
        kept = session.get_one(BillPrintPart, (printing_id, number))
        if kept.sha256 != digest:
            raise FileChanged(f"part {number} of printing {printing_id} is another one", part=number)
    kill_points.reached("bill-printings.part-kept")


def finish(sessions: Sessions, store: DocumentStore, found: PrintingView, *, now: datetime) -> None:
    """Use case: every part is made, so the list of all is; again changes nothing."""
    with reading(sessions) as session:
        digest = store.keep(whole_list(session, found))
    with transaction(sessions) as session:
        row = session.get_one(BillPrinting, found.id, with_for_update=True)
        if row.made_at is None:
            row.made_at, row.list_sha256 = now, digest
            audit.record(
                session, "bill-printing-made", subject=(SUBJECT, found.id), actor_id=row.begun_by, parts=found.parts
            )


def take(sessions: Sessions, store: DocumentStore, by: Authority, printing_id: int, part: int) -> TakenFile:
    """Use case: somebody takes a part, or the list (:data:`LIST`); a second time its name says that it is a reprint.

    Raises ``NotAllowed``, ``NotFound``, :class:`rules.NotMadeYet`, or :class:`rules.FileLost` where the folder does
    not have the file that was made.
    """
    by.must(Permission.BILLS_RUN)
    with reading(sessions) as session:
        digest = digest_of_file(session, printing_id, part)
    try:
        content = store.read(digest)
    except NotFound as lost:
        raise FileLost(f"part {part} of printing {printing_id} is lost", part=part) from lost
    with transaction(sessions) as session:
        session.get_one(BillPrinting, printing_id, with_for_update=True)
        asked = {"act": TAKEN, "kind": SUBJECT, "id": str(printing_id), "part": part}
        is_copy = bool(session.scalar(_IS_TAKEN, asked))
        name = file_name(printing_id, part, copy=is_copy)
        act = TAKEN_AGAIN if is_copy else TAKEN
        audit.record(session, act, subject=(SUBJECT, printing_id), actor_id=by.actor_id, part=part, file=name)
    return TakenFile(name, content, is_copy)


def digest_of_file(session: Session, printing_id: int, part: int) -> str:
    """Step: of a part, or the list (:data:`LIST`); raises ``NotFound`` and :class:`rules.NotMadeYet`."""
    found = queries.printing(session, printing_id)
    if not LIST <= part <= found.parts:
        raise NotFound(f"no part {part} in printing {printing_id}")
    if part == LIST:
        if found.made_at is None:
            raise NotMadeYet(f"the list of printing {printing_id} is not made")
        return found.list_sha256
    kept = session.get(BillPrintPart, (printing_id, part))
    if kept is None:
        raise NotMadeYet(f"part {part} of printing {printing_id} is not made")
    return kept.sha256


def whole_list(session: Session, found: PrintingView) -> bytes:
    """Step: the list of all bills, worked out from what was frozen and from the pages of the parts."""
    return "".join(_list(session, found)).encode()


def _list(session: Session, found: PrintingView) -> Iterator[str]:
    """CSV: a line for each bill, then the control totals of each part and of all. No names and no addresses."""
    yield _line(_HEADINGS)
    totals = []
    for part in queries.made_parts(session, found.id):
        bills = queries.frozen_part(session, found, part.number)
        yield from (_bill(found, part, bill, pages) for bill, pages in zip(bills, part.pages, strict=True))
        totals.append((part.number, len(bills), _sum(bill.amount for bill in bills),
                       _sum(bill.open for bill in bills), sum(part.pages)))  # fmt: skip
    for number, bills_, amount, open_, pages in totals:
        yield _line(("TOTAL", number, "", "", bills_, amount, open_, pages, "", ""))
    yield _line((
        "TOTAL", "", "", "", sum(one[1] for one in totals), _sum(one[2] for one in totals),
        _sum(one[3] for one in totals), sum(one[4] for one in totals), "", "",
    ))  # fmt: skip


def _bill(found: PrintingView, part: MadePart, bill: Frozen, pages: int) -> str:
    from_end = bill.address[-1].rsplit(" ", 1)[-1] if bill.address else ""
    return _line((
        mark(found.id, part.number, bill.sequence), part.number, bill.sequence, bill.reference, bill.bill_number,
        bill.amount, bill.open, pages, bill.language, from_end if from_end[:5].isdigit() else "",
    ))  # fmt: skip


def _sum(amounts: Iterator[Money]) -> Money:
    return Money(sum(amount.cents for amount in amounts))


def _line(cells: Sequence[object]) -> str:
    line = io.StringIO(newline="")
    csv.writer(line, lineterminator="\r\n").writerow([_said(cell) for cell in cells])
    return line.getvalue()


def _said(cell: object) -> str:
    said = str(cell)
    return f"'{said}" if said.startswith(("=", "+", "@", "\t")) else said
