"""A small cycle of the made-up city that is billed today, with meters that were read oddly: work for a clerk."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from demo.days import Days
from demo.people import Town
from demo.registers import METER_TURNS_AT, Home, Row, home, reads

CYCLE = "2"
ODD = ("high", "low", "zero", "negative", "missing", "estimated") * 2 + ("high",)
"""What is wrong with the reads of as many houses."""
_STEADY_CCF = 14
"""Houses that use so much in a usual month: what is odd is plain there."""
_HIGHER, _LOWER, _BACKWARD = 6, 15, 40


def homes_of_cycle(town: Town, days: Days, count: int, *, after: int) -> list[Home]:
    """Utility accounts whose holders pay in time, numbered after ``after``."""
    numbers = range(after + 1, after + count + 1)
    return [home(town, days, number, cycle=CYCLE, is_punctual=True) for number in numbers]


def reads_of_cycle(made: Sequence[Home], town: Town, days: Days) -> dict[date, list[Row]]:
    """What each meter showed on each of the three days; some of them were read oddly."""
    files = reads(made, town, days)
    steady = (
        one.row["meter"]
        for one in made
        if one.usual_ccf >= _STEADY_CCF and one.opened_on < days.reads[0] and one.dial < METER_TURNS_AT // 2
    )
    for meter, what in zip(steady, ODD, strict=False):
        before, last = (_of(files[day], meter) for day in days.reads[1:])
        first = _of(files[days.reads[0]], meter)
        if what == "missing":
            files[days.reads[2]].remove(last)
        elif what == "estimated":
            for read in (first, before, last):
                read["kind"] = "estimated"
        else:
            last["value"] = str(_odd(what, int(first["value"]), int(before["value"])))
            last["kind"] = "actual"
    return files


def _odd(what: str, first: int, before: int) -> int:
    used = before - first
    return before + {"high": used * _HIGHER, "low": used // _LOWER, "zero": 0, "negative": -_BACKWARD}[what]


def _of(rows: Sequence[Row], meter: str) -> Row:
    return next(row for row in rows if row["meter"] == meter)
