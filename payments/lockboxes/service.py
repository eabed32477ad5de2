"""Use cases of lockbox files: read one whole or not at all, and post each of its checks once.

A file is read twice: once to see that it ties, once to keep its items. Each item is then posted in a transaction of
its own, so that an import that died goes on where it was; money that moved is never refused.
"""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from accounts import audit, kill_points
from accounts.cities.mail import LockboxProfile
from accounts.customer_accounts.rules import keyed_digest
from accounts.database import reading, transaction
from accounts.exceptions.service import open_exception
from accounts.staff.rules import Authority, Permission
from payments.lockboxes import queries
from payments.lockboxes.items import LockboxDesk, post_item
from payments.lockboxes.models import LockboxFile, LockboxItem
from payments.lockboxes.queries import FileView
from payments.lockboxes.rules import FileRefused, Item, NotHeld, Reading, Summary
from payments.suspense.rules import fingerprint

_CHUNK = 500
_SAME = text("""
    SELECT DISTINCT n.id FROM lockbox_items n JOIN lockbox_items o ON o.same_key = n.same_key AND o.id < n.id
     WHERE n.file_id = :file""")
_NEXT = text("""
    SELECT id FROM lockbox_items WHERE file_id = :file AND state = 'waits' AND id > :after
     ORDER BY id LIMIT 200""")
_FINISH = text("""
    UPDATE lockbox_files SET finished_at = :now
     WHERE id = :file AND finished_at IS NULL
       AND NOT EXISTS (SELECT FROM lockbox_items WHERE file_id = :file AND state <> 'posted')""")
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Imported:
    """What an import did."""

    file: FileView
    posted: int
    """Items that this import put into the books."""
    was_known: bool
    """The same file had been read before."""

    def lines(self) -> Iterator[str]:
        """What it did, for the command line."""
        file = self.file
        again = " (read before)" if self.was_known else ""
        yield f"File {file.id}{again}: {file.items:,} items of {file.received_on}, total ${file.total.dollars:,.2f}."
        yield f"{self.posted:,} posted now, {file.posted:,} in the books, {file.held:,} held, {file.waits:,} wait."


def import_file(
    desk: LockboxDesk,
    by: Authority,
    path: Path,
    profile_code: str,
    *,
    name: str = "",
    progress: Progress | None = None,
) -> Imported:
    """Use case: read a lockbox file and post its checks. The same file again posts what was not posted, if anything.

    Raises ``NotAllowed``, ``NotInTheCity`` and :class:`FileRefused`; then nothing of it was kept.
    """
    by.must(Permission.MAIL_LOG)
    profile = desk.city.lockbox_profile(profile_code)
    digest, summary = _tied(path, profile)
    file_id, was_known = _keep(desk, by, path, profile, digest=digest, summary=summary, name=name or path.name)
    posted = post_waiting(desk, by, file_id, progress=progress)
    with reading(desk.sessions) as session:
        return Imported(queries.file(session, file_id), posted, was_known)


def post_waiting(desk: LockboxDesk, by: Authority, file_id: int, *, progress: Progress | None = None) -> int:
    """Use case: post every item of a file that waits; how many. Two at once share the work; nothing is twice."""
    by.must(Permission.MAIL_LOG)
    posted = after = 0
    with reading(desk.sessions) as session:
        of = queries.file(session, file_id).waits
    while True:
        with reading(desk.sessions) as session:
            ids = list(session.scalars(_NEXT, {"file": file_id, "after": after}))
        if not ids:
            break
        for item_id in ids:
            posted += post_item(desk, by, item_id, "waits")
            kill_points.reached("lockboxes.posted")
            if progress is not None:
                progress(posted, of)
        after = ids[-1]
    with transaction(desk.sessions) as session:
        session.execute(_FINISH, {"file": file_id, "now": desk.clock.now()})
    return posted


def post_held(desk: LockboxDesk, by: Authority, item_id: int, reason: str) -> int:
    """Use case: a person says that an item which looks like an earlier one is another check: post it. Its file's id.

    Raises ``NotAllowed``, :class:`NotHeld`.
    """
    by.must(Permission.SUSPENSE_WORK)
    if not post_item(desk, by, item_id, "held", reason=reason):
        raise NotHeld(f"item {item_id} does not wait")
    with transaction(desk.sessions) as session:
        found = session.get_one(LockboxItem, item_id)
        session.execute(_FINISH, {"file": found.file_id, "now": desk.clock.now()})
        return found.file_id


def _tied(path: Path, profile: LockboxProfile) -> tuple[bytes, Summary]:
    """The digest of a file whose totals tie; nothing is kept of it while it is read."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(1 << 20):
            digest.update(chunk)
    reader = Reading(profile)
    with path.open(encoding="latin-1", newline="\n") as lines:
        for _item in reader.items(lines):
            pass
    return digest.digest(), reader.summary


def _keep(
    desk: LockboxDesk,
    by: Authority,
    path: Path,
    profile: LockboxProfile,
    *,
    digest: bytes,
    summary: Summary,
    name: str,
) -> tuple[int, bool]:
    """The file with its items, in one transaction: all of it, or none. Its id, and whether it was known."""
    values = {
        "sha256": digest, "name": name[:200], "profile": profile.code,
        "received_on": min(summary.received_on, desk.clock.today()), "items": summary.items,
        "total_cents": summary.total, "bank_reference": summary.reference, "read_by": by.actor_id,
        "read_at": desk.clock.now(),
    }  # fmt: skip
    with transaction(desk.sessions) as session:
        new = insert(LockboxFile).values(values).on_conflict_do_nothing(index_elements=["sha256"])
        file_id = session.scalar(new.returning(LockboxFile.id))
        if file_id is None:
            known = session.execute(
                text("SELECT id FROM lockbox_files WHERE sha256 = :digest"), {"digest": digest}
            ).scalar_one()
            return int(known), True
        reader = Reading(profile)
        with path.open(encoding="latin-1", newline="\n") as lines:
            items = reader.items(lines)
            while chunk := list(itertools.islice(items, _CHUNK)):
                session.execute(insert(LockboxItem), [_row(desk, file_id, item) for item in chunk])
        if reader.summary != summary:
            raise FileRefused("the file changed while it was read", line=0, why="changed")
        _hold_repeated(session, file_id)
        audit.record(
            session, "lockbox-read", subject=("lockbox_file", file_id), actor_id=by.actor_id, name=name[:200],
            rows=summary.items, total_cents=summary.total.cents,
        )  # fmt: skip
        kill_points.reached("lockboxes.read")
    kill_points.reached("lockboxes.kept")
    return file_id, False


def _row(desk: LockboxDesk, file_id: int, item: Item) -> dict[str, object]:
    same = [item.routing, item.account, item.check, str(item.amount.cents), item.deposited_on.isoformat()]
    if not item.check:
        same += [item.batch, item.number]
    return {
        "file_id": file_id, "line_no": item.line, "batch": item.batch, "item": item.number,
        "deposited_on": item.deposited_on, "amount_cents": item.amount, "check_number": item.check,
        "payer": item.payer, "fingerprint": fingerprint(desk.key, item.routing, item.account),
        "same_key": keyed_digest(desk.key, ("lockbox\x1f" + "\x1f".join(same)).encode()),
        "parts": [[part.stub, part.amount.cents] for part in item.parts], "state": "waits",
    }  # fmt: skip


def _hold_repeated(session: Session, file_id: int) -> None:
    """An item that came before, in this file or another, is not posted: a person looks at it first."""
    for (item_id,) in session.execute(_SAME, {"file": file_id}).all():
        session.execute(update(LockboxItem).where(LockboxItem.id == item_id).values(state="held"))
        item = session.get_one(LockboxItem, item_id)
        open_exception(
            session, "lockbox-repeated", f"lockbox item {item_id}",
            {"file": file_id, "line": item.line_no, "batch": item.batch, "amount_cents": item.amount_cents.cents},
            "Compare it with the bank's image: post it if it is another check, else tell the bank.",
        )  # fmt: skip
