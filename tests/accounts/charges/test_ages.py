"""What is open by how long it has been past due."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import pytest

from accounts.charges.rules import by_age, next_due, standing
from accounts.money import ZERO, Money

TODAY = date(2026, 11, 17)


@dataclass(frozen=True)
class Due:
    days: int
    """From today; past due where negative."""
    open: Money

    @property
    def due_on(self) -> date:
        return TODAY + timedelta(days=self.days)


@pytest.mark.parametrize(
    ("late", "name"),
    [(-5, "current"), (0, "current"), (1, "to_30"), (30, "to_30"), (31, "to_60"), (60, "to_60"), (61, "to_90"),
     (90, "to_90"), (91, "over_90"), (900, "over_90")],
)  # fmt: skip
def test_a_charge_stands_in_the_column_of_its_days(late: int, name: str) -> None:
    ages = by_age([Due(-late, Money(7_00))], TODAY)
    assert {field: getattr(ages, field) for field in ("current", "to_30", "to_60", "to_90", "over_90")} == {
        field: Money(7_00) if field == name else ZERO for field in ("current", "to_30", "to_60", "to_90", "over_90")
    }


def test_ages_come_to_the_same_as_the_standing() -> None:
    charges = [Due(days, Money(1_00 + days * days)) for days in (-200, -91, -90, -61, -31, -30, -1, 0, 1, 20)]
    ages, known = by_age(charges, TODAY), standing(charges, TODAY)
    assert (ages.total, ages.past_due, ages.current) == (known.total, known.past_due, known.current)


def test_what_is_due_next_is_of_one_day_and_not_past() -> None:
    charges = [Due(-3, Money(1_00)), Due(20, Money(2_00)), Due(5, Money(3_00)), Due(5, Money(4_00))]
    assert next_due(charges, TODAY) == (TODAY + timedelta(days=5), Money(7_00))
    assert next_due(charges[:1], TODAY) is None
    assert next_due([Due(0, Money(1_00))], TODAY) == (TODAY, Money(1_00))
