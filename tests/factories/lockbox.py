"""Lockbox files as the bank of the shipped city writes them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class Check:
    """A check of a file; ``split`` has what of it is for whom, where it pays several."""

    cents: int
    stub: str = ""
    split: tuple[tuple[str, int], ...] = ()
    number: str = "1001"
    routing: str = "121000248"
    account: str = "4455667788"
    payer: str = "J SMITH"


def lockbox_file(batches: Sequence[Sequence[Check]], on: date = date(2026, 11, 16)) -> str:
    """A whole file whose totals tie."""
    day, lines = on.strftime("%y%m%d"), []
    lines.append(f"101{'DEST':<10}{'ORIGIN':<10}{day}0900")
    lines.append(f"2{'DEST':<10}{'ORIGIN':<10}{'REF' + day:<10}")
    for number, checks in enumerate(batches, start=1):
        lines.append(f"5{number:03d}000{4410:07d}{day}")
        for place, check in enumerate(checks, start=1):
            lines.append(
                f"6{number:03d}{place:03d}{check.cents:010d}{check.routing:>9}{check.account:>10}{check.number:>10}"
                f"{check.stub:>11}{check.payer:<23}"
            )
            for part, (stub, cents) in enumerate(check.split, start=1):
                last = "9" if part == len(check.split) else "0"
                lines.append(f"4{number:03d}{place:03d}6{part:02d}{last}{stub:>11}{cents:010d}")
        total = sum(check.cents for check in checks)
        lines.append(f"7{number:03d}000{4410:07d}{day}{len(checks):03d}{total:010d}")
    checks = [check for batch in batches for check in batch]
    lines.append(f"8{'':19}{len(checks):04d}{sum(check.cents for check in checks):010d}")
    lines.append(f"9{len(lines) + 1:06d}")
    return "\n".join(lines) + "\n"
