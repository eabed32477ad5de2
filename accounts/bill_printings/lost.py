"""A file that is lost from the folder, or is another one there, is made again: the same, or not at all."""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.orm import Session

from accounts import audit, outbox
from accounts.bill_printings.freezing import SUBJECT
from accounts.bill_printings.models import BillPrinting
from accounts.bill_printings.rules import FileChanged
from accounts.bill_printings.service import digest_of_file
from accounts.database import Sessions, reading, transaction
from accounts.documents.store import DocumentStore, digest_of
from accounts.errors import NotFound
from accounts.staff.rules import Authority, Permission

FILE_LOST = "bill_print_file_lost"
"""The fact that a file waits to be made again."""
LOST, MADE_AGAIN, DIFFERS = "bill-print-lost", "bill-print-made-again", "bill-print-differs"
_LAST = text("""
    SELECT act FROM audit_entries
     WHERE subject_kind = :kind AND subject_id = :id AND act IN (:lost, :made, :differs)
       AND details ->> 'part' = CAST(:part AS text)
     ORDER BY id DESC LIMIT 1""")


def ask_again(sessions: Sessions, by: Authority, printing_id: int, part: int) -> None:
    """Use case: a job makes a lost part, or the list, again; while one waits for that, asking changes nothing.

    Raises ``NotAllowed``, ``NotFound``, :class:`rules.NotMadeYet`.
    """
    by.must(Permission.BILLS_RUN)
    with transaction(sessions) as session:
        digest_of_file(session, printing_id, part)
        session.get_one(BillPrinting, printing_id, with_for_update=True)
        asked = {
            "kind": SUBJECT, "id": str(printing_id), "part": part, "lost": LOST, "made": MADE_AGAIN,
            "differs": DIFFERS,
        }  # fmt: skip
        if session.scalar(_LAST, asked) != LOST:
            _note(session, LOST, printing_id, part, by.actor_id)
            details = {"printing_id": printing_id, "part": part}
            outbox.announce(session, FILE_LOST, priority=outbox.SOMEBODY_WAITS, **details)


def keep_again(sessions: Sessions, store: DocumentStore, printing_id: int, part: int, content: bytes) -> None:
    """Use case: the file is made again. It is kept in place of what the folder has, if anything, and again changes
    nothing.

    Raises :class:`rules.FileChanged`, with a line in the audit, where it is another one than was made: then nothing
    is kept.
    """
    with reading(sessions) as session:
        digest = digest_of_file(session, printing_id, part)
    if digest_of(content) != digest:
        with transaction(sessions) as session:
            _note(session, DIFFERS, printing_id, part, None)
        raise FileChanged(f"part {part} of printing {printing_id} is another one", part=part)
    try:
        store.read(digest)
    except NotFound:
        store.delete(digest)
        store.keep(content)
    with transaction(sessions) as session:
        _note(session, MADE_AGAIN, printing_id, part, None)


def _note(session: Session, act: str, printing_id: int, part: int, by: int | None) -> None:
    audit.record(session, act, subject=(SUBJECT, printing_id), actor_id=by, part=part)
