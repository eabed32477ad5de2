"""The record of a pass over a file, and what was kept of its rows."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from accounts import audit
from accounts.bulk import copy_rows
from accounts.errors import Conflict
from accounts.imports.models import ImportRun
from accounts.imports.profiles import Profile
from accounts.imports.rules import ImportReport, Row
from accounts.money import Money

_TAKE_TURNS = text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))")
_SEEN = text("""
    UPDATE imported_rows SET run_id = :run
     WHERE source_system = :system AND kind = :kind AND source_key = ANY (:keys) AND run_id <> :run""")
_KEEP = text("""
    UPDATE imported_rows r SET row_sha256 = x.digest, run_id = :run, content = x.content
      FROM unnest(CAST(:keys AS text[]), CAST(:digests AS bytea[]), CAST(:contents AS jsonb[]))
           AS x (key, digest, content)
     WHERE r.source_system = :system AND r.kind = :kind AND r.source_key = x.key""")


@dataclass(frozen=True)
class Run:
    """A pass over a file. ``mark`` is unlike that of any other pass, also over the same file."""

    id: int
    started_at: datetime
    profile: Profile

    @property
    def mark(self) -> str:
        return f"{self.id}-{self.started_at:%Y%m%dT%H%M%S.%f}"

    @property
    def rows_kind(self) -> str:
        """Under which kind rows are kept: accounts of a kind, or its reads, bills, adjustments."""
        profile = self.profile
        return profile.kind if profile.records == "accounts" else f"{profile.kind}.{profile.records}"


def begin(
    session: Session, profile: Profile, file_name: str, file_sha256: str, *, key: bytes, now: datetime
) -> tuple[Run, ImportReport]:
    """Step: begin a pass, or go on with one that was cut short; the report holds what that one had done.

    A changed profile (or key of the digests) is another run: it may read every row differently.
    """
    version = hmac.digest(key, profile.fingerprint.encode(), hashlib.sha256).hex()[:12]
    identity = {"kind": profile.kind, "profile": f"{profile.name}@{version}", "file_sha256": file_sha256}
    session.execute(
        insert(ImportRun).values(**identity, file_name=file_name, started_at=now).on_conflict_do_nothing()
    )
    run = session.scalars(select(ImportRun).filter_by(**identity).with_for_update()).one()
    if run.finished_at is not None:
        # Later than the last pass whatever the clock says: it tells the journals of two passes apart.
        run.started_at = max(now, run.started_at + timedelta(microseconds=1))
        run.finished_at, run.file_name = None, file_name
        run.rows_done = run.rows_added = run.rows_changed = run.rows_unchanged = run.rows_rejected = 0
        run.amount_cents = Money(0)
    report = ImportReport(
        run.rows_done, run.rows_added, run.rows_changed, run.rows_unchanged, run.rows_rejected, run.amount_cents,
        resumed_after=run.rows_done,
    )  # fmt: skip
    return Run(run.id, run.started_at, profile), report


def hold(session: Session, run: Run, rows_done: int) -> None:
    """Step: keep everybody else from this source's rows until commit; refuse if another took this run over."""
    session.execute(_TAKE_TURNS, {"name": f"import:{run.profile.source_system}:{run.rows_kind}"})
    done = session.scalar(
        select(ImportRun.rows_done)
        .where(ImportRun.id == run.id, ImportRun.started_at == run.started_at, ImportRun.finished_at.is_(None))
        .with_for_update()
    )
    if done != rows_done:
        raise Conflict("this file is being imported by another process")


def save(session: Session, run: Run, report: ImportReport) -> None:
    """Step: how far the pass has come, in the transaction of the rows themselves."""
    session.execute(update(ImportRun).where(ImportRun.id == run.id).values(**_counts(report)))


def finish(session: Session, run: Run, report: ImportReport, *, now: datetime, actor_id: int) -> None:
    """Step: the pass is over; the audit keeps its figures."""
    session.execute(update(ImportRun).where(ImportRun.id == run.id).values(finished_at=now))
    counts = {name: str(value) for name, value in _counts(report).items()}
    audit.record(
        session, "import", subject=("import_run", run.id), actor_id=actor_id, profile=run.profile.name, **counts
    )


def _counts(report: ImportReport) -> dict[str, object]:
    return {
        "rows_done": report.read, "rows_added": report.added, "rows_changed": report.changed,
        "rows_unchanged": report.unchanged, "rows_rejected": report.rejected, "amount_cents": report.money,
    }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Kept:
    """A row and what will be kept of it."""

    row: Row
    content: dict[str, object]
    customer_account_id: int | None = None


def keep_new(session: Session, run: Run, rows: Sequence[Kept]) -> None:
    """Step: keep rows that are new."""
    copy_rows(
        session,
        "imported_rows",
        ("source_system", "kind", "source_key", "row_sha256", "customer_account_id", "run_id", "content"),
        (
            (
                run.profile.source_system, run.rows_kind, kept.row.key, kept.row.digest, kept.customer_account_id,
                run.id, json.dumps(kept.content),
            )
            for kept in rows
        ),
    )  # fmt: skip


def keep_changed(session: Session, run: Run, rows: Sequence[Kept]) -> None:
    """Step: keep the new content of rows that changed."""
    if rows:
        values = {
            "keys": [kept.row.key for kept in rows],
            "digests": [kept.row.digest for kept in rows],
            "contents": [json.dumps(kept.content) for kept in rows],
        }
        session.execute(_KEEP, {**_place(run), **values})


def keep_seen(session: Session, run: Run, keys: Sequence[str]) -> None:
    """Step: remember that this file held these rows; it costs nothing when the same file comes again."""
    if keys:
        session.execute(_SEEN, {**_place(run), "keys": list(keys)})


def _place(run: Run) -> dict[str, object]:
    return {"run": run.id, "system": run.profile.source_system, "kind": run.rows_kind}
