"""Files as rows, one at a time: CSV and fixed columns, their trailers, and bytes that are not text."""

from __future__ import annotations

import csv
import hashlib
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from accounts.imports.fields import Unreadable, read_cents, read_money, read_whole
from accounts.imports.profiles import FieldSpec, Profile, Span
from accounts.imports.rules import BadProfile, Fault, RawRow
from accounts.money import Money

Cell = Callable[[list[str]], str]
_NOT_TEXT = re.compile("[\x00\udc80-\udcff]")
"""NUL, which PostgreSQL cannot keep, and bytes that were not in the file's encoding (kept by surrogateescape)."""


@dataclass
class SourceFile:
    """An open file. ``header`` is empty for fixed columns; the trailer is known when all rows have been read."""

    profile: Profile
    stream: IO[str]
    header: list[str] = field(default_factory=list)
    trailer_rows: int | None = None
    trailer_total: Money | None = None
    has_trailer: bool = False

    def rows(self) -> Iterator[RawRow]:
        """Every row that is neither header nor trailer nor an empty line."""
        number = 0
        for line, cells, fault in self._csv() if self.profile.format == "csv" else self._fixed():
            if self._is_trailer(cells):
                self._read_trailer(cells)
                continue
            number += 1
            yield RawRow(number, line, cells, fault or self._fault(cells))

    def cell(self, spec: FieldSpec) -> Cell:
        """How to take a field's text from a row."""
        if spec.constant is not None:
            constant = spec.constant
            return lambda _: constant
        if spec.at is not None:
            return _slice(spec.at)
        if missing := [name for name in spec.sources if name not in self.header]:
            raise BadProfile(f"{self.profile.name}: the file has no column {', '.join(missing)}")
        places = [self.header.index(name) for name in spec.sources]
        if len(places) == 1:
            place = places[0]
            return lambda cells: cells[place]
        return lambda cells: spec.join.join(filter(None, (cells[place].strip() for place in places)))

    def _csv(self) -> Iterator[tuple[int, list[str], Fault | None]]:
        rows = csv.reader(self.stream, delimiter=self.profile.delimiter)
        while True:
            line = self.profile.skip_lines + 2 + rows.line_num
            try:
                cells = next(rows)
            except StopIteration:
                return
            except csv.Error as error:
                yield line, [], Fault("", str(error))
                continue
            if cells:
                yield line, cells, None

    def _fixed(self) -> Iterator[tuple[int, list[str], Fault | None]]:
        for line, text in enumerate(self.stream, start=1 + self.profile.skip_lines):
            if body := text.rstrip("\r\n"):
                yield line, [body], None

    def _fault(self, cells: list[str]) -> Fault | None:
        if self.header and len(cells) != len(self.header):
            return Fault("", f"{len(cells)} cells where the header has {len(self.header)}")
        text = "".join(cells)
        if (not text.isascii() or "\x00" in text) and _NOT_TEXT.search(text):
            return Fault("", f"not text in {self.profile.encoding}")
        return None

    def _is_trailer(self, cells: list[str]) -> bool:
        trailer = self.profile.trailer
        return trailer is not None and bool(cells) and cells[0].startswith(trailer.marker)

    def _read_trailer(self, cells: list[str]) -> None:
        trailer = self.profile.trailer
        assert trailer is not None  # noqa: S101 - _is_trailer said so
        self.has_trailer = True
        rows = _slice(trailer.rows_at)(cells) if trailer.rows_at else _nth(cells, trailer.rows)
        total = _slice(trailer.total_at)(cells) if trailer.total_at else _nth(cells, trailer.total)
        try:
            self.trailer_rows = read_whole(rows.strip()) if rows else None
            read = read_cents if trailer.total_in_cents else read_money
            self.trailer_total = read(total.strip()) if total else None
        except Unreadable as error:
            raise BadProfile(f"{self.profile.name}: the trailer cannot be read: {error}") from error


@contextmanager
def open_source(path: Path, profile: Profile) -> Iterator[SourceFile]:
    """Open a file as its profile says, its header (if any) read."""
    with path.open(encoding=profile.encoding, errors="surrogateescape", newline="") as stream:
        for _ in range(profile.skip_lines):
            stream.readline()
        source = SourceFile(profile, stream)
        if profile.format == "csv":
            source.header = _header(stream.readline(), profile)
            if not source.header:
                raise BadProfile(f"{profile.name}: the file is empty")
        yield source


def _header(line: str, profile: Profile) -> list[str]:
    try:
        names = next(csv.reader([line], delimiter=profile.delimiter), [])
    except csv.Error as error:
        raise BadProfile(f"{profile.name}: the header cannot be read: {error}") from error
    if _NOT_TEXT.search(line):
        raise BadProfile(f"{profile.name}: the header is not text in {profile.encoding}")
    return [name.strip() for name in names]


def file_digest(path: Path) -> str:
    """SHA-256 of the file's bytes: which file an interrupted run was working on."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _slice(span: Span) -> Cell:
    start, end = span[0] - 1, span[0] - 1 + span[1]
    return lambda cells: cells[0][start:end]


def _nth(cells: list[str], place: int | None) -> str:
    return "" if place is None or place >= len(cells) else cells[place]
