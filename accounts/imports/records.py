"""What every kind of record gives the importer, and what the importer gives it: one batch in one transaction."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from itertools import count
from typing import Protocol
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from accounts.imports.parsing import Vocabulary
from accounts.imports.profiles import Profile
from accounts.imports.rules import Fault, Held, ImportReport, Row
from accounts.imports.terms import LineTerms, Terms
from accounts.ledger.rules import Source


@dataclass(frozen=True)
class Batch:
    """Rows of one transaction. ``mark`` tells this pass over the file from any other, for the sources of journals."""

    session: Session
    profile: Profile
    terms: Terms
    today: date
    actor_id: int
    proof_key: bytes
    mark: str
    report: ImportReport
    effects: Iterator[int] = field(default_factory=count)

    def line(self, part: str) -> tuple[str, LineTerms]:
        """The revenue line of a part of a row (``fine``): the profile's choice, or the line of the same name."""
        code = self.profile.lines.get(part, part)
        return code, self.terms.line(code)

    def source(self, effect: str) -> Source:
        """The source of the batch's next journal."""
        return Source("import", self.mark, f"{effect}-{next(self.effects)}")

    def system_of_record(self, parts: Sequence[str]) -> str:
        """``external`` if any of the parts belongs to an external revenue line."""
        return "external" if any(self.line(part)[1].is_external for part in parts) else "ventanilla"

    def instant(self, day: date, at: time) -> datetime:
        """A wall-clock time at the source's place."""
        zone = ZoneInfo(self.profile.time_zone or self.terms.time_zone)
        return datetime.combine(day, at, tzinfo=zone)


Change = tuple[Row, Held]


class Records(Protocol):
    """A kind of record. All methods take whole batches; none asks the database row by row."""

    @property
    def vocabulary(self) -> Vocabulary: ...

    def refuse(self, batch: Batch, rows: Sequence[Row], held: Mapping[str, Held]) -> dict[int, Fault]:
        """Faults, by row number, that only the database or the city can tell."""
        ...

    def add(self, batch: Batch, rows: Sequence[Row]) -> Sequence[int | None]:
        """Take new rows; returns the customer account of each."""
        ...

    def change(self, batch: Batch, changes: Sequence[Change]) -> None:
        """Take over what is different now."""
        ...

    def memory(self, row: Row) -> dict[str, object]:
        """The little that the next change of this row will be measured against."""
        ...
