"""The report as Markdown: what was measured, on what machine, and how it stands to its aim."""

from __future__ import annotations

import os
import platform
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from importlib.metadata import version
from pathlib import Path

from sqlalchemy import text

from bench.place import Place
from portal.config import CHECKOUT

FILE = CHECKOUT / "docs" / "performance.md"
BEGIN, END = "<!-- measured: begin -->", "<!-- measured: end -->"
PACKAGES = ("flask", "granian", "sqlalchemy", "psycopg")


@dataclass(frozen=True)
class Section:
    """A title, a table, and what is to be said of it."""

    title: str
    head: Sequence[str]
    rows: Sequence[Sequence[object]]
    notes: Sequence[str] = field(default_factory=tuple)

    def markdown(self) -> str:
        """A table whose first column is words and whose others are figures."""
        lines = [f"### {self.title}", ""]
        lines += [_line(self.head), _line(["---", *["---:"] * (len(self.head) - 1)])]
        lines += [_line([str(cell) for cell in row]) for row in self.rows]
        for note in self.notes:
            lines += ["", note]
        return "\n".join(lines)


def whole(place: Place, size: int, sections: Sequence[Section], seconds: float) -> str:
    """The measured part of ``docs/performance.md``."""
    with place.engine.connect() as connection:
        server = str(connection.scalar(text("SHOW server_version"))).split()[0]
    packages = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    head = (
        f"## {size:,} accounts, {date.today().isoformat()}\n\n"  # noqa: DTZ011 - the date on the wall
        f"{os.cpu_count()} cores ({platform.machine()}), Python {platform.python_version()}, PostgreSQL {server} "
        f"(fsync on), {packages}. The whole took {seconds / 60:.0f} minutes."
    )
    return "\n\n".join([head, *(section.markdown() for section in sections)]) + "\n"


def write(report: str, file: Path = FILE) -> None:
    """Put the report between the marks of ``docs/performance.md``; what people wrote around it stays."""
    before, _, rest = file.read_text().partition(BEGIN)
    _, _, after = rest.partition(END)
    file.write_text(f"{before}{BEGIN}\n\n{report}\n{END}{after}")


def ratio(ours: float, theirs: float, aim: float | None = None) -> str:
    """Ours in parts of theirs, and whether that reaches the aim."""
    share = ours / theirs if theirs else 0.0
    if aim is None:
        return f"{share:.2f}"
    return f"{share:.2f} ({'reached' if share >= aim else 'below'})"


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
