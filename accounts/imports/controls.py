"""Control totals: what the sender says that a file holds must tie before anything is written."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from accounts.imports.parsing import Parser, Vocabulary
from accounts.imports.profiles import Profile
from accounts.imports.readers import open_source
from accounts.imports.rules import BadProfile, ControlsDoNotTie, shown
from accounts.money import ZERO, Money


@dataclass(frozen=True)
class Controls:
    """What the operator says the file holds (from the sender's letter, for one)."""

    rows: int | None = None
    total: Money | None = None


def tie(
    path: Path, profile: Profile, vocabulary: Vocabulary, controls: Controls, key: bytes
) -> tuple[int, list[str]]:
    """Read the file once for its rows and its money, and compare them with trailer and operator."""
    rows, money, unreadable = 0, ZERO, 0
    with open_source(path, profile) as source:
        parser = Parser.bind(source, vocabulary, key)
        wanted = profile.control_total and (profile.trailer is not None or controls.total is not None)
        for raw in source.rows():
            rows += 1
            if wanted:
                read = parser.money(raw)
                money += read or ZERO
                unreadable += read is None
        if profile.trailer is not None and not source.has_trailer:
            raise ControlsDoNotTie("the file has no trailer: it was cut short")
    if not profile.control_total and controls.total is not None:
        raise BadProfile(f"{profile.name} names no control_total, so that no total can be checked")
    faults: list[str] = []
    tied: list[str] = []
    for by, stated in (("trailer", source.trailer_rows), ("operator", controls.rows)):
        if stated is not None:
            (tied if stated == rows else faults).append(f"Rows: {rows:,} read, {stated:,} by the {by}")
    for by, amount in (("trailer", source.trailer_total), ("operator", controls.total)):
        if amount is not None:
            (tied if amount == money else faults).append(f"Money: {shown(money)} read, {shown(amount)} by the {by}")
    if faults:
        note = f" ({unreadable:,} rows have no amount that can be read)" if unreadable else ""
        raise ControlsDoNotTie(f"control totals do not tie, nothing was written. {'; '.join(faults)}{note}")
    return rows, [f"{line}: tied." for line in tied]
