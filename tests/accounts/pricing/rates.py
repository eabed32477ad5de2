"""Published rates that the tests price: figures as the cities printed them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from accounts.pricing.penalties import PenaltyRule
from accounts.pricing.proration import Period
from accounts.pricing.rules import Rate

AUTHORITY = "as published"
HCF = {"en": "HCF", "es": "HCF"}
RECEIPTS = {"en": "Gross receipts", "es": "Ingresos brutos"}


def rate(
    *versions: tuple[str, str | None, Mapping[str, Any]], proration: str = "daily", kind: str = "service"
) -> Rate:
    return Rate.model_validate(
        {
            "code": "some-rate",
            "name": {"en": "Some rate", "es": "Una tarifa"},
            "revenue_line": "water",
            "kind": kind,
            "proration": proration,
            "versions": [
                {"valid_from": begin, "valid_to": end, "authority": AUTHORITY, "shape": shape}
                for begin, end, shape in versions
            ],
        }
    )


def always(shape: Mapping[str, Any], proration: str = "daily") -> Rate:
    return rate(("2000-01-01", None, shape), proration=proration)


def penalty(*stages: Mapping[str, Any], **version: Any) -> PenaltyRule:
    return PenaltyRule.model_validate(
        {
            "code": "some-penalty",
            "name": {"en": "Late penalty", "es": "Multa por pago atrasado"},
            "revenue_line": "water",
            "applies_to": ["water"],
            "versions": [{"valid_from": "2000-01-01", "authority": AUTHORITY, "stages": list(stages), **version}],
        }
    )


def month(year: int, number: int) -> Period:
    after = date(year + number // 12, number % 12 + 1, 1)
    return Period(first=date(year, number, 1), last=date.fromordinal(after.toordinal() - 1))


OLD_TIERS = {
    "type": "tiers",
    "unit": HCF,
    "tiers": [{"up_to": 20, "rate": "1.03"}, {"up_to": 300, "rate": "1.35"}, {"rate": "2.72"}],
}
MANTECA_FIXED = rate(
    ("2009-01-01", "2025-05-14", {"type": "by_meter_size", "amounts": {"3/4": "17.15"}}),
    ("2025-05-15", "2028-06-30", {"type": "by_meter_size", "amounts": {"3/4": "21.24"}}),
    ("2028-07-01", None, {"type": "by_meter_size", "amounts": {"3/4": "34.53"}}),
)
MANTECA_USAGE = rate(
    ("2009-01-01", "2025-05-14", OLD_TIERS),
    ("2025-05-15", "2028-06-30", {"type": "volume", "unit": HCF, "rate": "2.47"}),
    ("2028-07-01", None, {"type": "volume", "unit": HCF, "rate": "4.03"}),
)
