"""The rejects file: each refused row whole, behind its line, field and reason, to be mended and read again.

The columns of the source keep their names, and the importer passes over the three in front: a mended rejects file
goes through the same profile.
"""

from __future__ import annotations

import csv
from pathlib import Path
from typing import IO

from accounts.imports.rules import Fault, RawRow

COLUMNS = ("rejected_line", "rejected_field", "rejected_reason")


class RejectsFile:
    """Made when the first row is refused. Only its owner may read it: it holds rows as they came."""

    def __init__(self, path: Path, header: list[str], *, encoding: str) -> None:
        self.path = path
        self.encoding = "utf-8" if encoding == "utf-8-sig" else encoding
        self.header = [*COLUMNS, *([name for name in header if name not in COLUMNS] or ["raw"])]
        self.skip = sum(name in COLUMNS for name in header)
        self._stream: IO[str] | None = None

    def start(self, *, after_line: int) -> None:
        """Keep the rejects of lines up to ``after_line`` (an earlier run's), drop the rest."""
        kept: list[list[str]] = []
        if after_line and self.path.exists():
            with self.path.open(encoding=self.encoding, errors="surrogateescape", newline="") as stream:
                rows = csv.reader(stream)
                next(rows, None)
                kept = [row for row in rows if row and int(row[0]) <= after_line]
        self.path.unlink(missing_ok=True)
        if kept:
            csv.writer(self._open()).writerows(kept)

    def write(self, refused: list[tuple[RawRow, Fault]]) -> None:
        """Append rows and hand them to the operating system, before their batch is committed."""
        if not refused:
            return
        stream = self._open()
        csv.writer(stream).writerows(
            [str(raw.line), fault.field, self._said(fault.reason), *raw.cells[self.skip :]] for raw, fault in refused
        )
        stream.flush()

    def _said(self, reason: str) -> str:
        """Our words in the encoding of the source, which may lack a letter of them."""
        return reason.encode(self.encoding, "backslashreplace").decode(self.encoding)

    def close(self) -> None:
        if self._stream is not None:
            self._stream.close()

    def _open(self) -> IO[str]:
        if self._stream is None:
            self.path.touch(mode=0o600)
            self._stream = self.path.open("w", encoding=self.encoding, errors="surrogateescape", newline="")
            csv.writer(self._stream).writerow(self.header)
        return self._stream
