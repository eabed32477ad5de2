"""Usage of an account by month, from the reads of its meters while it was theirs. One statement."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import groupby, pairwise
from operator import itemgetter

from accounts.database import Reader, query
from accounts.pricing.registers import in_ccf

_TRUST = ("estimated", "customer", "actual", "final", "reread")
_READS = query(
    """
    SELECT m.serial, m.unit, m.dials, m.multiplier, r.read_on, r.value, r.kind
      FROM customer_accounts a
      JOIN meters m ON m.premises_id = a.premises_id
      JOIN meter_reads r ON r.meter_id = m.id AND r.read_on >= :since AND r.read_on <= :until
       AND (a.opened_on IS NULL OR r.read_on >= a.opened_on - 1) AND (a.closed_on IS NULL OR r.read_on <= a.closed_on)
     WHERE a.id = :account
     ORDER BY m.id, r.read_on, r.id""",
    "serial", "unit", "dials", "multiplier", "read_on", "value", "kind",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class MonthUsage:
    """What was used by the reads of a month, in hundreds of cubic feet."""

    year: int
    month: int
    ccf: Decimal
    is_estimated: bool
    """Whether some read of it is."""


def usage_by_month(session: Reader, account_id: int, until: date) -> Mapping[tuple[int, int], MonthUsage]:
    """Usage by (year, month) for the month of a day and the two years before it.

    What ran between two reads belongs to the month of the later one; a month without a read is not there. Of two
    reads on one day the more trusted one counts.
    """
    since = date(until.year - 2, until.month, 1)
    found: dict[tuple[int, int], list[tuple[Decimal, str]]] = defaultdict(list)
    rows = session.execute(_READS, {"account": account_id, "since": since, "until": until}).all()
    for (_serial, unit, dials, multiplier), reads in groupby(rows, key=itemgetter(0, 1, 2, 3)):
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
