"""Vector 3 of the domain, the methods of other cities, and every reason why there is no credit."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.money import ZERO, Money
from accounts.pricing.leak_policies import LeakFacts, LeakPeriod, LeakPolicy, UsedBefore
from accounts.pricing.leaks import LeakCredit, leak_credit
from accounts.pricing.proration import Period
from accounts.pricing.rules import Rate
from tests.accounts.pricing.rates import AUTHORITY, HCF, MANTECA_USAGE, OLD_TIERS, always, month, rate

SLO_RATE = always({"type": "tiers", "unit": HCF, "tiers": [{"up_to": 8, "rate": "7.25"}, {"rate": "9.06"}]})
"""Tier 1 to 8 units; the next tier is $1.81 dearer."""
ASKED = date(2026, 5, 1)
LEAK = month(2026, 3)


@dataclass(frozen=True)
class Town:
    """A city that is a leak policy and a rate."""

    policy: LeakPolicy | None
    priced: Rate

    def leak_policy(self, on: date) -> LeakPolicy | None:
        return self.policy if self.policy and self.policy.covers(on) else None

    def rate(self, code: str) -> Rate:
        return self.priced


def policy(**changed: Any) -> LeakPolicy:
    plain: dict[str, Any] = {
        "valid_from": "2020-01-01", "authority": AUTHORITY, "rates": ["some-rate"], "method": "at_tier",
        "usual": ["same_period_last_year", "previous_period", "average"], "request_within_days": 60,
        "request_counts_from": "billed_on", "most_periods": 2, "most_credits": 1, "within": "24_months",
    }  # fmt: skip
    return LeakPolicy.model_validate(plain | changed)


HALF = {"method": "share_of_cost", "share_percent": 50}


def leak(used: str, usual: str | None = None, period: Period = LEAK, **changed: Any) -> LeakPeriod:
    billed_on = period.last + timedelta(days=15)
    facts = {"rate": "some-rate", "period": period, "used": used, "usual": usual, "billed_on": billed_on,
             "due_on": billed_on + timedelta(days=15)}  # fmt: skip
    return LeakPeriod.model_validate(facts | changed)


def facts(*leaks: LeakPeriod, **changed: Any) -> LeakFacts:
    return LeakFacts.model_validate({"periods": leaks, "is_repair_proved": True} | changed)


def asked(
    *leaks: LeakPeriod, under: LeakPolicy | None = None, priced: Rate = SLO_RATE, on: date = ASKED, **changed: Any
) -> LeakCredit:
    return leak_credit(Town(under or policy(), priced), facts(*leaks, **changed), on)


def test_san_luis_obispo_bills_the_leak_at_its_first_tier() -> None:
    """Usage of 32 units, tier 1 to 8: 24 units come down by $1.81 each."""
    credit = asked(leak("32", "5"))
    assert credit.credit == Money(43_44)
    (line,) = credit.lines
    (step,) = line.line.working.steps
    assert (step.quantity, step.rate, step.amount_cents) == (Decimal(24), Decimal("1.81"), -43_44)
    assert (line.billed, line.excess) == (Money(275_44), Decimal(27))
    assert (line.line.amount, line.line.revenue_line) == (Money(-43_44), "water")
    assert [used.authority for used in line.line.working.versions] == [AUTHORITY, AUTHORITY]


@pytest.mark.parametrize(
    ("changed", "used", "usual", "credit"),
    [
        pytest.param({}, "32", "8", "43.44", id="usual-use-fills-the-tier"),
        pytest.param({}, "32", "12", "36.20", id="usual-use-reaches-the-second-tier"),
        pytest.param({"tier": 2}, "32", "5", "0.00", id="no-tier-above-the-second"),
        pytest.param({"share_percent": 50}, "32", "5", "21.72", id="half-of-the-difference"),
        pytest.param(HALF, "32", "5", "119.60", id="half-of-the-cost"),
        pytest.param(HALF, "32.5", "32", "2.27", id="half-a-cent-up"),
    ],
)
def test_methods(changed: dict[str, Any], used: str, usual: str, credit: str) -> None:
    assert str(asked(leak(used, usual), under=policy(**changed)).credit) == credit


def test_a_period_over_a_change_of_rate_is_credited_by_its_days_under_each() -> None:
    """May 2025: 14 days of tiers (12 above 20 units: 32 cents dearer), 17 of one price, which has no lower tier."""
    line = asked(leak("32", "5", month(2025, 5)), priced=MANTECA_USAGE, on=date(2025, 6, 20)).lines[0].line
    (step,) = line.working.steps
    assert step.amount_cents == -1_73  # 12 × 0.32 × 14/31 = 1.7342
    assert step.share is not None
    assert step.share.in_("es") == "14 de 31 días"
    assert len(line.working.versions) == 3
    half = asked(leak("32", "5", month(2025, 5)), priced=MANTECA_USAGE, on=date(2025, 6, 20), under=policy(**HALF))
    # 15 × 1.03 and 12 × 1.35 for 14/31, 27 × 2.47 for 17/31, half of each.
    assert [s.amount_cents for s in half.lines[0].line.working.steps] == [-3_49, -3_66, -18_29]


def test_two_bills_of_one_leak_are_two_lines() -> None:
    april = month(2026, 4)
    credit = asked(leak("32", "5"), leak("20", "6", april), on=date(2026, 5, 20))
    assert [str(line.line.amount) for line in credit.lines] == ["-43.44", "-21.72"]
    assert str(credit.credit) == "65.16"


HISTORY = [
    {"period": month(2025, 3), "used": "11"},
    *({"period": month(2025, number), "used": "10"} for number in range(4, 13)),
    {"period": month(2026, 1), "used": "14"},
    {"period": month(2026, 2), "used": "9"},
]


@pytest.mark.parametrize(
    ("bases", "history", "usual", "basis"),
    [
        (["same_period_last_year", "average"], HISTORY, "11", "same_period_last_year"),
        (["previous_period"], HISTORY, "9", "previous_period"),
        (["average"], HISTORY, "10.532", "average"),  # 124 units in 365 days, times 31
        (["same_period_last_year", "average"], HISTORY[1:], "10.488", "average"),  # 113 in 334
    ],
)
def test_usual_use_is_the_first_basis_that_earlier_use_can_tell(
    bases: list[str], history: list[dict[str, Any]], usual: str, basis: str
) -> None:
    (line,) = asked(leak("32"), under=policy(usual=bases), history=history).lines
    assert (str(line.usual.used), line.usual.basis) == (usual, basis)
    assert set(line.usual.of) <= {UsedBefore.model_validate(one) for one in history}
    assert line.excess == Decimal(32) - Decimal(usual)


SHORT = [{"period": Period(first=date(2026, 2, 20), last=date(2026, 2, 28)), "used": "3"}]
REFUSALS = [
    pytest.param([leak("32", "5")], {"is_repair_proved": False}, {}, "no_proof_of_repair", id="no-proof"),
    pytest.param([leak("32", "5"), leak("32", "5", month(2026, 4)), leak("32", "5", month(2026, 2))], {}, {},
                 "too_many_periods", id="periods"),
    pytest.param([leak("32", "5"), leak("32", "5", month(2026, 1))], {}, {"request_within_days": 900},
                 "periods_not_consecutive", id="consecutive"),
    pytest.param([leak("32", "5")], {"earlier": [date(2024, 5, 2)]}, {}, "too_many_credits", id="24-months"),
    pytest.param([leak("32", "5")], {"earlier": [date(2026, 1, 1)]}, {"within": "calendar_year"},
                 "too_many_credits", id="calendar-year"),
    pytest.param([leak("32", "5")], {"earlier": [date(1999, 1, 1)]}, {"within": "ever"}, "too_many_credits",
                 id="ever"),
    pytest.param([leak("32", "5", rate="sewer")], {}, {}, "rate_not_covered", id="rate"),
    pytest.param([leak("32", "5", billed_on=date(2026, 3, 1))], {}, {}, "asked_too_late", id="day-61-of-the-bill"),
    pytest.param([leak("32", "5", due_on=date(2026, 3, 1))], {}, {"request_counts_from": "due_on"},
                 "asked_too_late", id="day-61-after-it-was-due"),
    pytest.param([leak("32")], {}, {}, "usual_use_unknown", id="no-history"),
    pytest.param([leak("32")], {"history": SHORT}, {"usual": ["previous_period"]}, "usual_use_unknown",
                 id="nothing-alike"),
    pytest.param([leak("32", "32")], {}, {}, "not_above_usual", id="not-above"),
    pytest.param([leak("14.99", "10")], {}, {"least_percent_above_usual": 50}, "not_above_usual", id="not-by-half"),
    pytest.param([leak("8", "5")], {}, {}, "nothing_to_give_back", id="all-in-the-first-tier"),
]  # fmt: skip


@pytest.mark.parametrize(("leaks", "known", "changed", "reason"), REFUSALS)
def test_every_refusal_has_its_reason(
    *, leaks: list[LeakPeriod], known: dict[str, Any], changed: dict[str, Any], reason: str
) -> None:
    credit = asked(*leaks, under=policy(**changed), **known)
    assert [why.code for why in credit.reasons] == [reason]
    assert (credit.lines, credit.credit) == ((), ZERO)
    assert all(set(why.words.root) == {"en", "es"} for why in credit.reasons)


@pytest.mark.parametrize(
    ("leaks", "known", "changed"),
    [
        ([leak("32", "5")], {"earlier": [date(2024, 5, 1)]}, {}),
        ([leak("32", "5")], {"earlier": [date(2025, 12, 31)]}, {"within": "calendar_year"}),
        ([leak("32", "5", billed_on=date(2026, 3, 2))], {}, {}),
        ([leak("15", "10")], {}, {"least_percent_above_usual": 50}),
        ([leak("32", "5")], {"is_repair_proved": False}, {"proof_of_repair": False}),
    ],
)
def test_the_last_day_and_the_least_excess_still_count(
    leaks: list[LeakPeriod], known: dict[str, Any], changed: dict[str, Any]
) -> None:
    credit = asked(*leaks, under=policy(**changed), **known)
    assert credit.reasons == ()
    assert credit.credit > ZERO


def test_one_period_may_be_refused_and_another_not() -> None:
    credit = asked(leak("32", "5"), leak("5", "5", month(2026, 2)))
    assert [line.leak.period for line in credit.lines] == [LEAK]
    assert [(why.code, why.period) for why in credit.reasons] == [("not_above_usual", month(2026, 2))]


def test_a_city_without_a_policy_says_so() -> None:
    credit = leak_credit(Town(None, SLO_RATE), facts(leak("32", "5")), ASKED)
    assert [why.code for why in credit.reasons] == ["not_offered"]


@given(
    used=st.decimals(min_value=0, max_value=2000, places=2),
    usual=st.decimals(min_value=0, max_value=2000, places=2),
    method=st.sampled_from(["at_tier", "share_of_cost"]),
    share=st.decimals(min_value=1, max_value=100, places=1),
    tier=st.integers(min_value=1, max_value=4),
    first=st.dates(min_value=date(2025, 4, 10), max_value=date(2025, 5, 20)),
)
def test_no_credit_is_more_than_the_excess_cost(
    *, used: Decimal, usual: Decimal, method: str, share: Decimal, tier: int, first: date
) -> None:
    priced = rate(("2009-01-01", "2025-05-14", OLD_TIERS),
                  ("2025-05-15", None, {"type": "volume", "unit": HCF, "rate": "2.47"}))  # fmt: skip
    period = Period(first=first, last=first + timedelta(days=29))
    under = policy(method=method, share_percent=share, tier=tier, usual=["previous_period"])
    credit = asked(leak(str(used), str(usual), period), priced=priced, under=under, on=period.last)
    assert (not credit.lines) == bool(credit.reasons)
    for line in credit.lines:
        steps = line.line.working.steps
        assert sum(step.amount_cents for step in steps) == line.line.amount.cents < 0
        assert used > usual
        assert credit.credit <= line.billed
