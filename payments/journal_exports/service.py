"""Journals of closed days go to the accounting system: each once, in numbered batches that balance in every fund.

The database is the batch and keeps its bytes; a file is written from there. A crash between the two loses nothing,
as asking for the number again writes the same bytes, marked as a copy.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, insert, select, text
from sqlalchemy.orm import Session

from accounts import audit, kill_points
from accounts.cities.journal_layouts import JournalLayout
from accounts.cities.rules import City
from accounts.clock import Clock
from accounts.database import Sessions, transaction
from accounts.errors import NotFound
from accounts.ledger.models import BusinessDay
from accounts.staff.rules import Authority, Permission
from payments.journal_exports import queries
from payments.journal_exports.models import JournalAnswer, JournalBatch, JournalBatchLine
from payments.journal_exports.queries import SentJournals
from payments.journal_exports.rules import (
    NEUTRAL,
    Answer,
    AnsweredBefore,
    DayNotClosed,
    ExportChanged,
    NothingToExport,
    file_name,
    lines_of,
    read_answers,
    totals_of,
)
from payments.journal_exports.writing import Batch, Parsed, account_of, extension_of, read_back, written

SUBJECT = "journal_batch"
TAKEN = "journals-file-taken"
_IS_TAKEN = text("""
    SELECT EXISTS (SELECT FROM audit_entries WHERE act IN (:taken, 'journals-exported-again')
                      AND subject_kind = :kind AND subject_id = :number)""")
_TAKE_TURNS = text("SELECT pg_advisory_xact_lock(hashtextextended('journal-exports', 0))")
_ONCE = text("""
    INSERT INTO exported_journals (journal_id, batch_id)
    SELECT j.id, :batch FROM journals j JOIN business_days d ON d.day = j.business_day
     WHERE d.state = 'closed' AND d.day <= :through
       AND NOT EXISTS (SELECT FROM exported_journals e WHERE e.journal_id = j.id)""")
_CONTENT = text("SELECT content FROM journal_batches WHERE id = :batch")
_CHUNK = 65_536


@dataclass(frozen=True)
class ExportedFile:
    """A batch with its bytes. ``is_copy``: it was written before, and its name says so."""

    batch: SentJournals
    name: str
    content: bytes
    is_copy: bool = False

    def pieces(self) -> Iterator[bytes]:
        """The content in pieces, for a response that streams."""
        for start in range(0, len(self.content), _CHUNK):
            yield self.content[start : start + _CHUNK]

    def last_line(self) -> str:
        """What the command line says."""
        sent = self.batch
        return (
            f"Batch {sent.number}{' (copy)' if self.is_copy else ''}: {sent.journals:,} journals of {sent.first_day} "
            f"through {sent.last_day}, {sent.lines:,} lines, debits ${sent.debits}, credits ${sent.credits}, "
            f"sha256 {sent.sha256}: {self.name}"
        )


def export_journals(
    sessions: Sessions,
    by: Authority,
    city: City,
    *,
    clock: Clock,
    through: date | None = None,
    layout: str = NEUTRAL,
) -> ExportedFile:
    """Use case: every journal of closed days that was not exported yet becomes the next batch.

    Raises ``NotAllowed``, :class:`NothingToExport`, :class:`DayNotClosed` where ``through`` is open, ``NotBalanced``,
    ``TooWide``, or ``NotInTheCity`` for a layout that the city does not have today.
    """
    by.must(Permission.JOURNALS_EXPORT)
    form = None if layout == NEUTRAL else city.journal_layout(layout, clock.today())
    with transaction(sessions) as session:
        session.execute(_TAKE_TURNS)
        _must_be_closed(session, through)
        number = _make(session, _Asked(by, layout, form, clock.now(), clock.today(), through))
        kill_points.reached("journal-exports.made")
    with transaction(sessions) as session:
        return _file(session, number)


def written_again(sessions: Sessions, by: Authority, number: int) -> ExportedFile:
    """Use case: the very bytes of a batch once more, marked as a copy by name and audit; never a second posting.

    Raises ``NotAllowed``, :class:`~accounts.errors.NotFound`, or :class:`ExportChanged` where the stored file is not
    the one that was sent.
    """
    by.must(Permission.JOURNALS_EXPORT)
    with transaction(sessions) as session:
        found = _file(session, number, copy=True)
        audit.record(
            session, "journals-exported-again", subject=(SUBJECT, number), actor_id=by.actor_id, file=found.name,
            sha256=found.batch.sha256,
        )  # fmt: skip
        return found


def taken_out(sessions: Sessions, by: Authority, number: int) -> ExportedFile:
    """Use case: somebody takes the file of a batch; the first time as it is, after that it is :func:`written_again`.

    Raises what that does.
    """
    by.must(Permission.JOURNALS_EXPORT)
    with transaction(sessions) as session:
        session.execute(_TAKE_TURNS)
        found = _file(session, number)
        asked = {"taken": TAKEN, "kind": SUBJECT, "number": str(number)}
        if not session.execute(_IS_TAKEN, asked).scalar_one():
            _note_taking(session, by, found)
            return found
    return written_again(sessions, by, number)


def note_taking(sessions: Sessions, by: Authority, file: ExportedFile) -> None:
    """Use case: the file of a batch was written where somebody takes it from."""
    with transaction(sessions) as session:
        _note_taking(session, by, file)


def _note_taking(session: Session, by: Authority, file: ExportedFile) -> None:
    audit.record(
        session, "journals-file-taken", subject=(SUBJECT, file.batch.number), actor_id=by.actor_id, file=file.name
    )


@dataclass(frozen=True)
class Acknowledged:
    """What an acknowledgement said. ``known`` were answered so before; nothing changed for them."""

    accepted: tuple[int, ...]
    rejected: tuple[int, ...]
    known: tuple[int, ...]


def acknowledge(sessions: Sessions, by: Authority, content: str, *, clock: Clock) -> Acknowledged:
    """Use case: take the accounting system's answers, all of the file or none of it; the same again changes nothing.

    Raises ``NotAllowed``, :class:`~payments.journal_exports.rules.BadAnswer`, :class:`~accounts.errors.NotFound` for
    a batch that is not ours, or :class:`AnsweredBefore` for one that was accepted and is now answered otherwise.
    """
    by.must(Permission.JOURNALS_EXPORT)
    said = read_answers(content)
    accepted, rejected, known = [], [], []
    with transaction(sessions) as session:
        session.execute(_TAKE_TURNS)
        for answer in said:
            if not _note(session, by, answer, clock.now()):
                known.append(answer.number)
            elif answer.status == "accepted":
                accepted.append(answer.number)
            else:
                rejected.append(answer.number)
    return Acknowledged(tuple(accepted), tuple(rejected), tuple(known))


def _must_be_closed(session: Session, through: date | None) -> None:
    if through is None:
        return
    last = session.scalar(select(func.max(BusinessDay.day)).where(BusinessDay.state == "closed"))
    if last is None or through > last:
        raise DayNotClosed(f"{through} is not closed yet", day=through)


@dataclass(frozen=True)
class _Asked:
    """Who wants a batch in which form, when, and of which days."""

    by: Authority
    layout: str
    form: JournalLayout | None
    now: datetime
    today: date
    through: date | None


def _make(session: Session, asked: _Asked) -> int:
    """Gather, write, read back and store; the number of the batch."""
    waits = queries.waiting(session, asked.through)
    if waits.first is None or waits.last is None:
        raise NothingToExport("every journal of the closed days was exported")
    lines = lines_of(queries.unsent_sums(session, asked.through), queries.unsent_shares(session, asked.through))
    number = (session.scalar(select(func.max(JournalBatch.number))) or 0) + 1
    batch = Batch(number, asked.today, waits.first, waits.last, lines)
    content = written(batch, asked.form)
    _reads_back(batch, asked.form, content)
    made = _stored(session, asked, batch, content, waits.journals)
    session.execute(_ONCE, {"batch": made.id, "through": waits.last})
    audit.record(
        session, "journals-exported", subject=(SUBJECT, number), actor_id=asked.by.actor_id, file=made.file_name,
        journals=waits.journals, lines=made.line_count, total=str(made.debits_cents), sha256=made.sha256,
    )  # fmt: skip
    return number


def _stored(session: Session, asked: _Asked, batch: Batch, content: bytes, journals: int) -> JournalBatch:
    sums, form = totals_of(batch.lines), asked.form
    made = JournalBatch(
        number=batch.number, layout=asked.layout, layout_content=form.model_dump(mode="json") if form else None,
        file_name=file_name(batch.number, asked.layout, extension_of(form)), first_day=batch.first_day,
        last_day=batch.last_day, made_on=asked.today, made_at=asked.now, actor_id=asked.by.actor_id,
        journal_count=journals, line_count=sums.lines, debits_cents=sums.debits, credits_cents=sums.credits,
        content=content, sha256=hashlib.sha256(content).hexdigest(),
    )  # fmt: skip
    session.add(made)
    session.flush()
    rows = [
        {"batch_id": made.id, "number": line.number, "business_day": line.place.day, "fund": line.place.fund,
         "account": line.place.account, "project": line.place.project, "name": line.name,
         "amount_cents": line.amount}
        for line in batch.lines
    ]  # fmt: skip
    if rows:
        session.execute(insert(JournalBatchLine), rows)
    return made


def _reads_back(batch: Batch, form: JournalLayout | None, content: bytes) -> None:
    """What another system reads out of the file is what the books say, before anything is stored."""
    ours = [Parsed(account_of(line, form), line.place.project, line.amount) for line in batch.lines]
    if [(one.account, one.amount) for one in read_back(content, form)] != [(one.account, one.amount) for one in ours]:
        raise ExportChanged(
            f"the file of batch {batch.number} does not read back as it was written", number=batch.number
        )


def _file(session: Session, number: int, *, copy: bool = False) -> ExportedFile:
    sent = queries.batch(session, number)
    content = bytes(session.execute(_CONTENT, {"batch": sent.id}).scalar_one())
    if hashlib.sha256(content).hexdigest() != sent.sha256:
        raise ExportChanged(f"batch {number} is not the file that was sent", number=number)
    stem, _, extension = sent.file_name.rpartition(".")
    return ExportedFile(sent, f"{stem}-COPY.{extension}" if copy else sent.file_name, content, copy)


def _note(session: Session, by: Authority, answer: Answer, now: datetime) -> bool:
    """Whether the answer was new."""
    batch_id = session.scalar(select(JournalBatch.id).where(JournalBatch.number == answer.number))
    if batch_id is None:
        raise NotFound(f"no batch {answer.number} of journals")
    before = queries.answers(session, batch_id)
    if before:
        last = before[-1]
        if (last.status, last.reference, last.message) == (answer.status, answer.reference, answer.message):
            return False
        if last.status == "accepted":
            raise AnsweredBefore(f"batch {answer.number} was accepted before", number=answer.number)
    said = JournalAnswer(
        batch_id=batch_id, ordinal=len(before) + 1, status=answer.status, reference=answer.reference,
        message=answer.message, answered_at=now, actor_id=by.actor_id,
    )  # fmt: skip
    session.add(said)
    session.flush()
    audit.record(
        session, "journals-answered", subject=(SUBJECT, answer.number), actor_id=by.actor_id, status=answer.status,
        reference=answer.reference, why=answer.message,
    )  # fmt: skip
    return True
