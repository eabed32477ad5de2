"""Usage of an account by month, from the reads of its meters while it was theirs. One statement."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import groupby, pairwise
from operator import itemgetter
from typing import Any

from accounts.database import Reader, query
from accounts.pricing.registers import in_ccf

_TRUST = ("estimated", "customer", "actual", "final", "reread")
_READS = query(
    """
    SELECT a.id, m.serial, m.unit, m.dials, m.multiplier, r.read_on, r.value, r.kind
      FROM unnest(CAST(:accounts AS bigint[]), CAST(:since AS date[]), CAST(:until AS date[])) w (id, since, until)
      JOIN customer_accounts a ON a.id = w.id
      JOIN meters m ON m.premises_id = a.premises_id
      JOIN meter_reads r ON r.meter_id = m.id AND r.read_on >= w.since AND r.read_on <= w.until
       AND (a.opened_on IS NULL OR r.read_on >= a.opened_on - 1) AND (a.closed_on IS NULL OR r.read_on <= a.closed_on)
     ORDER BY a.id, m.id, r.read_on, r.id""",
    "account", "serial", "unit", "dials", "multiplier", "read_on", "value", "kind",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class MonthUsage:
    """What was used by the reads of a month, in hundreds of cubic feet."""

    year: int
    month: int
    ccf: Decimal
    is_estimated: bool
    """Whether some read of it is."""


ByMonth = Mapping[tuple[int, int], MonthUsage]


def usage_by_month(session: Reader, account_id: int, until: date) -> ByMonth:
    """Usage of an account by (year, month): see :func:`usage_of_each`."""
    return usage_of_each(session, {account_id: until})[account_id]


def usage_of_each(session: Reader, until: Mapping[int, date]) -> dict[int, ByMonth]:
    """By account, usage by (year, month) for the month of its day and the two years before it. One statement.

    What ran between two reads belongs to the month of the later one; a month without a read is not there. Of two
    reads on one day the more trusted one counts.
    """
    since = [date(day.year - 2, day.month, 1) for day in until.values()]
    asked = {"accounts": list(until), "since": since, "until": list(until.values())}
    found = {account: _by_month(list(rows)) for account, rows in
             groupby(session.execute(_READS, asked), key=itemgetter(0))}  # fmt: skip
    return {account: found.get(account, {}) for account in until}


def _by_month(rows: Sequence[Sequence[Any]]) -> ByMonth:
    found: dict[tuple[int, int], list[tuple[Decimal, str]]] = defaultdict(list)
    for (_serial, unit, dials, multiplier), reads in groupby(rows, key=itemgetter(1, 2, 3, 4)):
        best: dict[date, tuple[int, str]] = {}
        for *_, on, value, kind in reads:
            if on not in best or _TRUST.index(kind) > _TRUST.index(best[on][1]):
                best[on] = (value, kind)
        for previous, current in pairwise(sorted(best)):
            now, kind = best[current]
            used = in_ccf(now - best[previous][0], dials=dials, multiplier=multiplier, unit=unit)
            found[current.year, current.month].append((used, kind))
    return {
        (year, month): MonthUsage(
            year, month, sum((used for used, _ in uses), Decimal(0)), any(kind == "estimated" for _, kind in uses)
        )
        for (year, month), uses in found.items()
    }
