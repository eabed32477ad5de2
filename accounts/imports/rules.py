"""What the importer decides without a database: rows and faults, checks of a row against itself, what it reports,
and what a changed balance of an outside system means for ours."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from itertools import accumulate
from typing import Any

from accounts.errors import DomainError
from accounts.money import ZERO, Money

Fields = dict[str, Any]
"""A row by field name: text, ``date``, ``time``, ``Money``, ``int``, ``Decimal``, ``bool``; ``None`` is a blank."""


class BadProfile(DomainError):
    """A profile that cannot be used; the message names the file and the field."""


class ControlsDoNotTie(DomainError):
    """The file does not hold what its trailer or the operator says; nothing was written."""


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a row is not taken. A contradiction also becomes a line in the exceptions queue."""

    field: str
    reason: str
    is_contradiction: bool = False


@dataclass(frozen=True, slots=True)
class RawRow:
    """A row as it stands in the file: ``number`` counts rows from 1, ``line`` is the line that it begins on."""

    number: int
    line: int
    cells: list[str]
    fault: Fault | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """A row that could be read. ``digest`` is keyed, as rows may hold proofs; ``as_of`` orders repeats of a key."""

    raw: RawRow
    key: str
    fields: Fields
    digest: bytes
    as_of: str = ""


@dataclass(frozen=True, slots=True)
class Held:
    """What the last import kept of a row: ``content`` is the little that a change is measured against."""

    digest: bytes
    run_id: int
    customer_account_id: int | None
    content: Mapping[str, Any]


class Verdict(Enum):
    """What a row means for us."""

    ADDED = "added"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    OLDER = "older"
    """Not as new as what is held: it changes nothing, and is counted as unchanged."""
    REPEATED = "repeated"
    """Another row of the same file and key says something else: refused, as nobody can tell which is right."""


def judge(row: Row, held: Held | None, run_id: int) -> Verdict:
    """Compare a row with what is held under its key."""
    if held is None:
        return Verdict.ADDED
    if row.digest == held.digest:
        return Verdict.UNCHANGED
    before = str(held.content.get("as_of", ""))
    if row.as_of < before:
        return Verdict.OLDER
    if held.run_id == run_id and row.as_of == before:
        return Verdict.REPEATED
    return Verdict.CHANGED


def waves(rows: Iterable[Row]) -> list[list[Row]]:
    """Rows in lists that hold each key once, so that a repeat is judged after the row it repeats."""
    seen: dict[str, int] = {}
    result: list[list[Row]] = []
    for row in rows:
        turn = seen.get(row.key, 0)
        seen[row.key] = turn + 1
        if turn == len(result):
            result.append([])
        result[turn].append(row)
    return result


_COMPARISON = re.compile(r"\s*(<=|>=|=)\s*")
_TERM = re.compile(r"\s*([+-]?)\s*([a-z_][a-z0-9_]*)\s*")


@dataclass(frozen=True, slots=True)
class Check:
    """``open_fine + open_penalty = balance``, ``closed_on >= opened_on``: what must hold within one row."""

    text: str
    left: tuple[tuple[int, str], ...]
    operator: str
    right: tuple[tuple[int, str], ...]

    @classmethod
    def parse(cls, text: str) -> Check:
        parts = _COMPARISON.split(text)
        if len(parts) != 3:
            raise ValueError(f"{text!r} is not two sums of fields with =, <= or >= between them")
        return cls(text, _terms(parts[0]), parts[1], _terms(parts[2]))

    @property
    def names(self) -> list[str]:
        return [name for _, name in (*self.left, *self.right)]

    def holds(self, fields: Mapping[str, Any]) -> bool:
        """Whether the row agrees with itself; a blank value cannot contradict."""
        if any(fields.get(name) is None for name in self.names):
            return True
        left, right = _value(self.left, fields), _value(self.right, fields)
        if self.operator == "=":
            return bool(left == right)
        return bool(left <= right) if self.operator == "<=" else bool(left >= right)


def _terms(text: str) -> tuple[tuple[int, str], ...]:
    found = list(_TERM.finditer(text))
    if not found or "".join(match[0] for match in found) != text or any(not m[1] for m in found[1:]):
        raise ValueError(f"{text!r} is not a sum of fields")
    return tuple((-1 if match[1] == "-" else 1, match[2]) for match in found)


def _value(terms: tuple[tuple[int, str], ...], fields: Mapping[str, Any]) -> Any:
    if len(terms) == 1 and terms[0][0] == 1:
        return fields[terms[0][1]]
    values = [fields[name] if sign > 0 else -fields[name] for sign, name in terms]
    return sum(values[1:], start=values[0])


@dataclass(frozen=True, slots=True)
class Explained:
    """The outside system has now seen (some of) the payments that we knew of: nothing to post."""


@dataclass(frozen=True, slots=True)
class AdjustBy:
    """The outside system billed more or less than before: post the difference."""

    cents: int


@dataclass(frozen=True, slots=True)
class Unexplained:
    """Nobody can tell from here what happened: an exception line, nothing posted."""


def explain(was: int, now: int, ours: int, paid: Sequence[int]) -> Explained | AdjustBy | Unexplained:
    """Why does the owner of a balance say ``now`` after saying ``was``, when ``ours`` is open here? All in cents.

    ``paid`` are the allocations to the charge, oldest first. An outside balance lags behind ours by the newest
    payments that it has not seen; a lag can only shrink. A balance that did not lag changed for its owner's own
    reasons. Everything else (both at once, for one) is not guessed at.
    """
    unseen = [0, *accumulate(reversed(paid))]
    if was - ours in unseen and now - ours in unseen[: unseen.index(was - ours) + 1]:
        return Explained()
    return AdjustBy(now - was) if was == ours else Unexplained()


@dataclass
class ImportReport:
    """What an import did. ``rejected + added + changed + unchanged = read``, always."""

    read: int = 0
    added: int = 0
    changed: int = 0
    unchanged: int = 0
    rejected: int = 0
    money: Money = ZERO
    """Of all rows read whose amount could be read: what a control total must equal."""
    contradictions: int = 0
    """Of the rejected: rows that contradict themselves."""
    older: int = 0
    """Of the unchanged: rows older than what was held."""
    differences: int = 0
    """Balances that could not be explained; see the exceptions queue."""
    kept: int = 0
    """Names, contacts and states that the counter changed and the source now states in a third way; likewise."""
    dry_run: bool = False
    resumed_after: int = 0
    """Rows that an earlier, interrupted run of the same file had done."""
    rejects: str = ""
    controls: list[str] = field(default_factory=list)

    def lines(self) -> list[str]:
        """The report for people; the last line is the whole of it."""
        notes = [*self.controls]
        if self.resumed_after:
            notes.append(f"Went on after row {self.resumed_after:,}, where an earlier run had stopped.")
        if self.older:
            notes.append(f"Older than what was held, and so left alone: {self.older:,} rows.")
        if self.contradictions:
            notes.append(f"Rows that contradict themselves, now in the exceptions queue: {self.contradictions:,}.")
        if self.differences:
            notes.append(
                f"Balances that do not explain themselves, now in the exceptions queue: {self.differences:,}."
            )
        if self.kept:
            notes.append(
                f"Stated otherwise than the counter changed it, kept and now in the exceptions queue: {self.kept:,}."
            )
        if self.rejected:
            notes.append(f"Rejected rows, with line, field and reason: {self.rejects}")
        if self.dry_run:
            notes.append("Dry run: nothing was written.")
        return [*notes, self.last_line()]

    def last_line(self) -> str:
        return (
            f"Rows read {self.read:,}: {self.added:,} added, {self.changed:,} changed, {self.unchanged:,} unchanged, "
            f"{self.rejected:,} rejected; money total {shown(self.money)}"
        )


def shown(amount: Money) -> str:
    """``-$1,234.50``, for reports."""
    return f"{'-' if amount < ZERO else ''}${abs(amount.dollars):,.2f}"
