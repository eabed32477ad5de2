"""Usage of an account by month, from the reads of its meters while it was theirs. One statement."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import groupby, pairwise
from typing import Any

from accounts.database import Reader, query
from accounts.pricing.registers import MeterUse, RegisterRead

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
    found: dict[tuple[int, int], list[MeterUse]] = defaultdict(list)
    rows = session.execute(_READS, {"account": account_id, "since": since, "until": until}).all()
    for meter, reads in groupby(rows, key=_meter_of):
        best: dict[date, RegisterRead] = {}
        for *_, on, value, kind in reads:
            known = best.get(on)
            if known is None or _TRUST.index(kind) > _TRUST.index(known.kind):
                best[on] = RegisterRead(on=on, value=value, kind=kind)
        for previous, current in pairwise(best[on] for on in sorted(best)):
            use = MeterUse.model_validate({**meter, "previous": previous, "current": current})
            found[current.on.year, current.on.month].append(use)
    return {
        (year, month): MonthUsage(
            year, month, sum((use.ccf for use in uses), Decimal(0)),
            any(use.current.kind == "estimated" for use in uses),
        )
        for (year, month), uses in found.items()
    }  # fmt: skip


def _meter_of(row: Sequence[Any]) -> dict[str, Any]:
    return dict(zip(("meter", "unit", "dials", "multiplier"), row, strict=False))
