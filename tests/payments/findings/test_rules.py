"""Each rule finds its scheme in a clean office, and nothing in clean offices."""

from __future__ import annotations

import functools
from collections import Counter
from dataclasses import replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from accounts.money import Money
from payments.findings.facts import (
    CashTaken,
    CheckTaken,
    Counted,
    Done,
    Facts,
    Gap,
    LessAsked,
    Month,
    Reprinted,
    SaleInDrawer,
    Voided,
    WorkForOneself,
)
from payments.findings.peers import tail
from payments.findings.rules import Found, Rule, Setting, Severity, judge
from tests.payments.findings.offices import CLERK, Office
from tests.portal.scene import shipped_city

FIRST = date(2026, 9, 1)
DAY = date(2026, 9, 16)
ZONE = ZoneInfo("America/Los_Angeles")
CLEAN_OFFICES, WEEKS = 40, 6
CULPRIT = 3


@functools.cache
def setting() -> Setting:
    policy = shipped_city().oversight_policy(DAY)
    assert policy is not None
    return Setting(policy, shipped_city().calendar, ZONE)


@functools.cache
def clean(seed: int, weeks: int = WEEKS) -> Facts:
    return Office(seed, shipped_city().calendar, ZONE).weeks(FIRST, weeks)


def at(hour: int, minute: int = 0, day: date = DAY) -> datetime:
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=ZONE)


def seeded() -> dict[Rule, Facts]:
    """A clean office into which one scheme was put."""
    base = clean(1)
    paid = CashTaken(9001, 17, Money(180_00), at(10), CULPRIT)
    void = Voided(9002, CULPRIT, 91, at(10), at(10, 45), Money(75_00))
    days = [DAY, DAY + timedelta(days=2), DAY + timedelta(days=9)]
    shorts = [Counted(9100 + n, 9200 + n, CULPRIT, day, Money(-37_42), Money(0)) for n, day in enumerate(days)]
    month = next(one for one in base.months if one.cashier == CULPRIT)
    swap = Counted(9300, 9301, CULPRIT, DAY, Money(-120_00), Money(120_00))
    own = WorkForOneself(CULPRIT, "payment", 9003, 18, at(11), "relative", "premises")
    return {
        Rule.AFTER_CASH: replace(
            base, cash=(*base.cash, paid),
            less=(*base.less, LessAsked(9004, 17, Money(60_00), at(9, day=DAY + timedelta(days=2)), (CULPRIT, 91))),
        ),
        Rule.SWAP: replace(base, counts=(*base.counts, swap)),
        Rule.LAPPING: replace(
            base, counts=(*base.counts, swap),
            checks=(*base.checks, CheckTaken(9005, CULPRIT, Money(120_00), at(9, day=DAY + timedelta(days=3)))),
        ),
        Rule.VOIDS: replace(
            base, months=tuple(replace(one, voids=one.voids + 25) if one is month else one for one in base.months)
        ),
        Rule.NO_SALES: replace(
            base,
            months=tuple(replace(one, no_sales=one.no_sales + 120) if one is month else one for one in base.months),
        ),
        Rule.LATE_VOID: replace(base, voids=(*base.voids, void)),
        Rule.OWN: replace(base, own=(own,)),
        Rule.REPRINT: replace(
            base, reprints=(Reprinted(9006, "C1-2026-000017", at(9), CULPRIT, at(9, 20), 91, CULPRIT, Money(50_00)),)
        ),
        Rule.GAP: replace(base, gaps=(Gap("C1", 2026, 18, 19, DAY),)),
        Rule.SHORTAGE: replace(
            base, counts=(*base.counts, *shorts),
            sales=(*base.sales, *(SaleInDrawer(one.drawer_id, one.count_id, Money(37_42)) for one in shorts)),
        ),
        Rule.HOURS: replace(base, done=(*base.done, Done(CULPRIT, "payment", 9007, at(21, 30)))),
    }  # fmt: skip


@pytest.mark.parametrize("rule", Rule)
def test_each_scheme_is_found_in_a_clean_office(rule: Rule) -> None:
    found = judge(seeded()[rule], setting())
    expected = {Rule.LAPPING: {Rule.SWAP, Rule.LAPPING}}.get(rule, {rule})
    assert {one.rule for one in found} == expected
    assert len(found) == len(expected)
    (mine,) = [one for one in found if one.rule is rule]
    assert mine.facts
    assert set(mine.subjects) <= {CULPRIT, 91}
    assert rule is Rule.GAP or CULPRIT in mine.subjects
    assert judge(seeded()[rule], setting()) == found, "the same facts are the same findings, by the same keys"


def test_clean_offices_are_left_alone() -> None:
    """The measure of false alarms: months of work without one."""
    alarms: Counter[Rule] = Counter()
    payments = 0
    for seed in range(CLEAN_OFFICES):
        facts = clean(seed)
        payments += sum(month.payments for month in facts.months)
        alarms.update(one.rule for one in judge(facts, setting()))
    assert payments > 200_000
    assert alarms == {}, f"{sum(alarms.values())} in {CLEAN_OFFICES} offices of {WEEKS} weeks"


def test_more_openings_than_payments_are_still_judged() -> None:
    """Openings are no part of the payments: a month may have more of them."""

    def months(*openings: int) -> Facts:
        return Facts(
            months=tuple(Month(who, DAY.replace(day=1), 60, 0, n) for who, n in enumerate(openings, start=1))
        )

    (one,) = only(months(5, 6, 300))
    assert (one.rule, one.subjects, one.facts["no_sales"]) == (Rule.NO_SALES, (3,), 300)
    assert not only(months(100, 110, 300)), "three times the others, and they do it all the time"
    assert not only(months(0, 0, 14)), "too few to speak of"
    assert not only(months(300)), "nobody to compare with"


def only(facts: Facts) -> list[Found]:
    return judge(facts, setting())


def test_less_is_asked_after_cash() -> None:
    cash = CashTaken(1, 5, Money(100_00), at(10), CULPRIT)

    def less(amount: int, when: datetime, *people: int) -> list[Found]:
        return only(Facts(cash=(cash,), less=(LessAsked(2, 5, Money(amount), when, people),)))

    (one,) = less(20_00, at(11), CULPRIT)
    assert (one.severity, one.subjects, one.account_id, one.payment_id) == (Severity.HIGH, (CULPRIT,), 5, 1)
    assert not less(19_99, at(11), CULPRIT)
    assert not less(20_00, at(9, 59), CULPRIT), "before the cash"
    assert not less(20_00, at(11, day=DAY + timedelta(days=6)), CULPRIT)
    assert not less(249_99, at(11), CLERK)
    (other,) = less(250_00, at(11), CLERK)
    assert (other.severity, other.subjects) == (Severity.LOW, (CULPRIT, CLERK))
    assert not only(Facts(cash=(cash,), less=(LessAsked(2, 6, Money(99_00), at(11), (CULPRIT,)),)))


def test_a_swap_is_exact() -> None:
    for cash, checks, expected in ((-500, 500, 1), (-500, 499, 0), (500, -500, 0), (-499, 499, 0)):
        counted = Counted(1, 2, CULPRIT, DAY, Money(cash), Money(checks))
        assert len(only(Facts(counts=(counted,)))) == expected


def test_voids_are_weighed_against_the_peers_of_the_month() -> None:
    peers = [Month(who, FIRST, 400, 2) for who in (1, 2, 4)]

    def found(payments: int, voids: int) -> list[Found]:
        return only(Facts(months=(*peers, Month(CULPRIT, FIRST, payments, voids))))

    (one,) = found(400, 20)
    assert one.facts["per_thousand"] == 50
    assert one.facts["median_per_thousand"] == 5
    assert one.facts["peers"] == 3
    assert not found(400, 4), "fewer than the least"
    assert not found(49, 20), "too few payments to say anything"
    assert not found(2000, 24), "more, but not three times as many"
    assert not only(Facts(months=(Month(CULPRIT, FIRST, 400, 90),))), "nobody to compare with"


def test_the_statistic_is_fishers() -> None:
    ways, whole = tail(3, 5, 4, 10)
    assert (ways, whole) == (66, 252), "C(4,3)·C(6,2) + C(4,4)·C(6,1) of C(10,5)"
    assert tail(0, 5, 4, 10) == (252, 252)


def test_office_hours_have_their_margin() -> None:
    for day, hour, minute, expected in (
        (DAY, 6, 29, 1), (DAY, 6, 30, 0), (DAY, 19, 0, 0), (DAY, 19, 1, 1), (date(2026, 9, 19), 11, 0, 1),
        (date(2026, 9, 7), 11, 0, 1),
    ):  # fmt: skip
        assert len(only(Facts(done=(Done(CULPRIT, "payment", 1, at(hour, minute, day)),)))) == expected, (day, hour)


def test_what_the_city_does_not_look_for_is_not_found() -> None:
    silent = setting().policy.model_copy(
        update={"after_cash": None, "swap": None, "voids": None, "no_sales": None, "reprint": None,
                "exact_shortage": None, "lapping": None, "out_of_hours": None, "own_account": False,
                "receipt_gaps": False}
    )  # fmt: skip
    for facts in seeded().values():
        assert judge(facts, replace(setting(), policy=silent)) == []
