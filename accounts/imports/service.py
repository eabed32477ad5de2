"""``import_file``: a file of another system into ours, in batches, so that it can be cut at any point and go on.

Each batch is one transaction: rows, charges, journals and how far the file was read are committed together.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from sqlalchemy.orm import Session

from accounts.actors.service import actor_id
from accounts.clock import Clock
from accounts.database import Sessions, transaction
from accounts.exceptions.service import NewException, open_exceptions
from accounts.imports import queries, runs
from accounts.imports.bills import Adjustments, Bills
from accounts.imports.citations import Citations
from accounts.imports.controls import Controls, tie
from accounts.imports.licenses import Licenses
from accounts.imports.meters import Reads
from accounts.imports.parsing import Parser
from accounts.imports.profiles import Profile, load_profile
from accounts.imports.readers import SourceFile, file_digest, open_source
from accounts.imports.records import Batch, Records
from accounts.imports.rejects import RejectsFile
from accounts.imports.rules import (
    BadProfile,
    Fault,
    Held,
    ImportReport,
    RawRow,
    Row,
    Verdict,
    judge,
    waves,
)
from accounts.imports.runs import Kept, Run
from accounts.imports.terms import Terms
from accounts.imports.utilities import Utilities
from accounts.money import ZERO, Money, total

BATCH_ROWS = 2_000
ACCOUNTS: dict[str, Records] = {"utilities": Utilities(), "licenses": Licenses(), "citations": Citations()}
DETAILS: dict[str, Records] = {"reads": Reads(), "bills": Bills(), "adjustments": Adjustments()}
Progress = Callable[[int, int], None]
"""Told after each batch: rows done, rows in the file."""


def import_file(
    sessions: Sessions,
    kind: str,
    path: Path,
    profile: Profile | Path,
    *,
    terms: Terms,
    clock: Clock,
    actor: str,
    proof_key: bytes,
    dry_run: bool = False,
    rejects: Path | None = None,
    controls: Controls | None = None,
    progress: Progress | None = None,
    batch_rows: int = BATCH_ROWS,
) -> ImportReport:
    """Import a file; the same file again changes nothing, and one that was cut short goes on.

    ``actor`` is a handle; ``proof_key`` the secret under which proofs and digests of rows are hashed; refused rows go
    to ``rejects`` (``<file>.rejects.csv``). Raises :class:`BadProfile` or :class:`ControlsDoNotTie` before anything
    is written, :class:`~accounts.errors.Conflict` if another process imports the same file.
    """
    chosen = profile if isinstance(profile, Profile) else load_profile(profile)
    if chosen.kind != kind:
        raise BadProfile(f"{chosen.name} is a profile of {chosen.kind}, not of {kind}")
    records = ACCOUNTS[kind] if chosen.records == "accounts" else DETAILS[chosen.records]
    rows, tied = tie(path, chosen, records.vocabulary, controls or Controls(), proof_key)
    rejects_path = rejects or path.with_name(f"{path.name}.rejects.csv")
    with (
        open_source(path, chosen) as source,
        closing(RejectsFile(rejects_path, source.header, encoding=chosen.encoding)) as refused,
    ):
        importer = _Importer(
            sessions, Parser.bind(source, records.vocabulary, proof_key), records, terms, clock, actor, proof_key,
            refused, progress or _silent, rows, batch_rows,
        )  # fmt: skip
        report = importer.rehearse(source) if dry_run else importer.run(source, path)
    report.controls = tied
    report.rejects = str(rejects_path)
    return report


def _silent(done: int, of: int) -> None:
    del done, of


@dataclass
class _Importer:
    """One pass over one file."""

    sessions: Sessions
    parser: Parser
    records: Records
    terms: Terms
    clock: Clock
    actor: str
    proof_key: bytes
    rejects: RejectsFile
    progress: Progress
    file_rows: int
    batch_rows: int

    def run(self, source: SourceFile, path: Path) -> ImportReport:
        """Take the file in, batch by batch, each in its own transaction."""
        digest, now = file_digest(path), self.clock.now()
        with transaction(self.sessions) as session:
            by = actor_id(session, self.actor)
            run, report = runs.begin(session, self.parser.profile, path.name, digest, key=self.proof_key, now=now)
        rows = source.rows()
        done = list(islice(rows, max(report.read - 1, 0), report.read)) if report.read else []
        self.rejects.start(after_line=done[-1].line if done else 0)
        while chunk := list(islice(rows, self.batch_rows)):
            with transaction(self.sessions) as session:
                runs.hold(session, run, report.read)
                self._take(session, run, report, by, chunk)
                runs.save(session, run, report)
            self.progress(report.read, self.file_rows)
        with transaction(self.sessions) as session:
            runs.finish(session, run, report, now=self.clock.now(), actor_id=by)
        return report

    def rehearse(self, source: SourceFile) -> ImportReport:
        """Judge every row as ``run`` would, in one transaction that is rolled back; no account is opened in it."""
        self.rejects.start(after_line=0)
        rows = source.rows()
        with self.sessions() as session:
            by = actor_id(session, self.actor)
            profile = self.parser.profile
            run, _ = runs.begin(session, profile, "", "dry-run", key=self.proof_key, now=self.clock.now())
            report = ImportReport(dry_run=True)
            while chunk := list(islice(rows, self.batch_rows)):
                self._take(session, run, report, by, chunk)
                self.progress(report.read, self.file_rows)
            session.rollback()
        return report

    def _take(self, session: Session, run: Run, report: ImportReport, by: int, chunk: Sequence[RawRow]) -> None:
        parsed = [(raw, self.parser.parse(raw)) for raw in chunk]
        refused = [(raw, fault) for raw, fault in parsed if isinstance(fault, Fault)]
        batch = Batch(
            session, self.parser.profile, self.terms, self.clock.today(), by, self.proof_key,
            f"{run.mark}:{chunk[0].number}", report,
        )  # fmt: skip
        for wave in waves(row for _, row in parsed if isinstance(row, Row)):
            refused += self._take_wave(batch, run, wave)
        refused.sort(key=lambda pair: pair[0].number)
        report.read += len(chunk)
        report.rejected += len(refused)
        report.money += total(self._amount(raw, row) for raw, row in parsed)
        contradictions = [pair for pair in refused if pair[1].is_contradiction]
        report.contradictions += len(contradictions)
        open_exceptions(session, [self._exception(raw, fault) for raw, fault in contradictions])
        self.rejects.write(refused)

    def _take_wave(self, batch: Batch, run: Run, rows: list[Row]) -> list[tuple[RawRow, Fault]]:
        """Judge rows of different keys and do what follows; returns those refused."""
        keys = [row.key for row in rows]
        held = queries.held_rows(batch.session, run.profile.source_system, run.rows_kind, keys)
        verdicts = {row.raw.number: judge(row, held.get(row.key), run.id) for row in rows}
        fresh = [row for row in rows if verdicts[row.raw.number] in (Verdict.ADDED, Verdict.CHANGED)]
        faults = self.records.refuse(batch, fresh, held) if fresh else {}
        for row in rows:
            if verdicts[row.raw.number] is Verdict.REPEATED:
                faults[row.raw.number] = Fault(run.profile.key[0], "another row of this file says something else")
        sorted_rows: dict[Verdict, list[Row]] = {verdict: [] for verdict in Verdict}
        for row in rows:
            if row.raw.number not in faults:
                sorted_rows[verdicts[row.raw.number]].append(row)
        self._apply(batch, run, sorted_rows, held)
        return [(row.raw, faults[row.raw.number]) for row in rows if row.raw.number in faults]

    def _apply(self, batch: Batch, run: Run, rows: dict[Verdict, list[Row]], held: dict[str, Held]) -> None:
        added, changed = rows[Verdict.ADDED], rows[Verdict.CHANGED]
        accounts: Sequence[int | None] = [None] * len(added)
        if not batch.report.dry_run:
            if added:
                accounts = self.records.add(batch, added)
            if changed:
                self.records.change(batch, [(row, held[row.key]) for row in changed])
        pairs = zip(added, accounts, strict=True)
        runs.keep_new(batch.session, run, [Kept(row, self._memory(row), account) for row, account in pairs])
        runs.keep_changed(batch.session, run, [Kept(row, self._memory(row)) for row in changed])
        runs.keep_seen(batch.session, run, [row.key for row in rows[Verdict.UNCHANGED]])
        batch.report.added += len(added)
        batch.report.changed += len(changed)
        batch.report.older += len(rows[Verdict.OLDER])
        batch.report.unchanged += len(rows[Verdict.UNCHANGED]) + len(rows[Verdict.OLDER])

    def _amount(self, raw: RawRow, row: Row | Fault) -> Money:
        """What the control total counts of a row, refused or not."""
        name = self.parser.profile.control_total
        if isinstance(row, Fault):
            return self.parser.money(raw) or ZERO
        return (row.fields[name] or ZERO) if name else ZERO

    def _memory(self, row: Row) -> dict[str, object]:
        memory = self.records.memory(row)
        return {**memory, "as_of": row.as_of} if row.as_of else memory

    def _exception(self, raw: RawRow, fault: Fault) -> NewException:
        """A line for a row that contradicts itself; the same row again is the same line."""
        profile = self.parser.profile
        content = hashlib.sha256("\x1f".join(raw.cells).encode(errors="surrogateescape")).hexdigest()[:16]
        evidence = {"reason": fault.reason, **self.parser.evidence(raw)}
        key = "|".join(str(evidence[name]) for name in profile.key)
        return NewException(
            "import-contradiction",
            f"{profile.source_system}:{key}:{content}",
            evidence,
            "Ask the owner of the register which figure is right; a mended row can be imported again.",
        )
