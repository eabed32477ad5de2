"""Penalties of a bill that was wrong: what was due to the wrong amount goes, the rest stays with its age, once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.billing_runs import corrections, working
from accounts.billing_runs.penalties import Earned, Less, WrongLine, recomputed
from accounts.billing_runs.working import NewRead
from accounts.cities.queries import ruling
from accounts.cities.rules import City
from accounts.cities.service import approve, propose
from accounts.database import reading
from accounts.money import ZERO, Money, total
from accounts.pricing.penalties import PenaltyRule, PenaltyVersion, Stage, penalty_lines
from accounts.pricing.texts import text
from accounts.pricing.working import PricedLine, Working
from accounts.utilities.service import assess_penalties
from tests.accounts.assessments.city import BILL_DATE, city
from tests.accounts.billing_runs.offices import NOW, TOTAL, Office
from tests.accounts.billing_runs.test_corrections import AFTER, WRONG, billed, pay

LATE = date(2026, 12, 10)
WATER, SEWER = "water", "sewer"


def rule(*stages: Stage, per: str = "bill", **more: object) -> PenaltyRule:
    version = PenaltyVersion(valid_from=date(2020, 1, 1), authority="an ordinance", stages=stages, **more)  # type: ignore[arg-type]
    return PenaltyRule(
        code="late", name=text("Late", "Tarde"), revenue_line="utility-fees", applies_to=(WATER,), per=per,  # type: ignore[arg-type]
        versions=(version,),
    )  # fmt: skip


ONCE = Stage(code="late", percent=Decimal(10), flat=Decimal(6), take="greater")
MONTHLY = Stage(
    code="interest", after_days=30, repeat="month_or_fraction", percent=Decimal("1.5"), base="owed_and_penalties"
)


@dataclass
class Told:
    """The penalties of a bill as its days came, with what was paid by each day."""

    rule: PenaltyRule
    asked: Money
    paid: Sequence[Money]

    def lines(self) -> list[Earned]:
        """One look a month, as a nightly job would have had it."""
        first, known, found = date(2026, 1, 10), dict[str, Money](), list[Earned]()
        for month, paid in enumerate(self.paid):
            on = first + timedelta(days=30 * month)
            for one in penalty_lines(self.rule, max(self.asked - paid, ZERO), first, on, known):
                known[one.key] = one.line.amount
                found.append(self._earned(len(found) + 1, one.key, one.on, one.line))
        return found

    def _earned(self, number: int, key: str, on: date, line: PricedLine) -> Earned:
        return Earned(
            number, f"penalty:late:bill:7:{key}", 1, line.amount, line.amount, on, line.working.as_json(),
            (WrongLine(WATER, "usage", self.asked), WrongLine(SEWER, "sewer", Money(99_00))),
        )  # fmt: skip


def by(rules: PenaltyRule) -> City:
    return city().model_copy(update={"penalties": (rules,)})


def line_of(amount: Money, revenue_line: str = WATER, code: str = "usage") -> PricedLine:
    made = Working(rule=code, rule_kind="rate", versions=(), inputs={}, steps=(), amount_cents=amount.cents)
    return PricedLine(amount, revenue_line, "service", {"en": "Water", "es": "Agua"}, made)


def corrected(told: Told, right: Money) -> list[Less]:
    return recomputed(lambda _: by(told.rule), told.lines(), [line_of(right), line_of(Money(44_00), SEWER, "sewer")])


@pytest.mark.parametrize(
    ("wrong", "right", "paid", "was", "now"),
    [
        (200_00, 150_00, 0, 20_00, 15_00),
        (200_00, 50_00, 0, 20_00, 6_00),  # the flat part, which even the right bill had earned
        (200_00, 150_00, 100_00, 10_00, 6_00),
        (200_00, 150_00, 150_00, 6_00, 0),  # all that was right had been paid in time
        (200_00, 0, 0, 20_00, 0),
        (200_00, 200_00, 0, 20_00, None),
        (200_00, 260_00, 0, 20_00, None),  # nobody was late with what they were not asked for
    ],
)
def test_a_penalty_is_that_of_the_right_bill(wrong: int, right: int, paid: int, was: int, now: int | None) -> None:
    told = Told(rule(ONCE), Money(wrong), [Money(paid)])
    assert [one.amount for one in told.lines()] == [Money(was)]
    expected = [] if now is None else [Less(1, Money(was), Money(now))]
    assert corrected(told, Money(right)) == expected


def test_what_was_forgiven_stays_forgiven_and_foreign_rules_are_left() -> None:
    told = Told(rule(ONCE), Money(200_00), [ZERO])
    (one,) = told.lines()
    forgiven = Earned(1, one.source_key, 1, one.amount, Money(8_00), one.on, one.working, one.lines)
    assert recomputed(lambda _: by(told.rule), [forgiven], [line_of(Money(150_00))]) == []
    assert recomputed(lambda _: by(told.rule), [forgiven], [line_of(Money(50_00))]) == [
        Less(1, Money(8_00), Money(6_00))
    ]
    assert recomputed(lambda _: city().model_copy(update={"penalties": ()}), [one], []) == []


def test_a_penalty_of_one_charge_goes_by_its_own_line() -> None:
    told = Told(rule(ONCE, per="charge"), Money(200_00), [ZERO])
    (one,) = told.lines()
    alone = Earned(1, "penalty:late:charge:3:late:1", 1, one.amount, one.amount, one.on, one.working, one.lines[:1])
    right = [line_of(Money(100_00)), line_of(Money(500_00), WATER, "fixed")]
    assert recomputed(lambda _: by(told.rule), [alone], right) == [Less(1, Money(20_00), Money(10_00))]


CENTS = st.integers(0, 500_00)
RULES = st.sampled_from([
    rule(ONCE), rule(MONTHLY), rule(ONCE, MONTHLY), rule(ONCE, MONTHLY, cap_percent=Decimal(25)),
    rule(ONCE, MONTHLY, cap_amount=Decimal(12)), rule(ONCE, ignore_up_to=Decimal(20)),
])  # fmt: skip


@given(RULES, CENTS, CENTS, st.lists(CENTS, min_size=1, max_size=6))
def test_it_comes_to_what_the_right_bill_would_have_earned(
    rules: PenaltyRule, wrong: int, right: int, parts: list[int]
) -> None:
    """Never more than was raised, nor than the right bill had earned on the same days with the same payments; and
    just that where no cap stands between."""
    paid = [Money(sum(parts[: n + 1]) // 2) for n in range(len(parts))]
    told = Told(rules, Money(wrong), paid)
    raised = {one.charge_id: one for one in told.lines()}
    less = {one.charge_id: one.now for one in corrected(told, Money(right))}
    after = {one.key: less.get(number, one.amount) for number, one in raised.items()}
    fair = {one.key: one.amount for one in Told(rules, Money(right), paid).lines()}
    assert all(ZERO <= after[one.key] <= one.amount for one in raised.values())
    if right >= wrong:
        assert not less
    elif rules.versions[0].cap_percent is None and rules.versions[0].cap_amount is None:
        assert after == {key: fair.get(key, ZERO) for key in after}
    else:
        assert total(after.values()) <= total(fair.values())


def penalized(office: Office, *, paid: int = 0) -> tuple[int, int]:
    """A house with a bill that is too high by 5 CCF, and the penalty of it."""
    account, bill = billed(office)
    pay(office, account, paid)
    late(office)
    return account, bill


def late(office: Office, on: date = LATE) -> int:
    return assess_penalties(office.sessions, office.ruling, on, office.checker.actor_id).charges


def anew(office: Office, account: int, bill: int, value: int = 112, today: date = LATE) -> int:
    run = corrections.start(
        office.sessions, office.ruling, office.maker, bill, "meter was read wrong", today=today, now=NOW
    )
    working.reread(office.sessions, office.maker, office.seen(run, account), NewRead("M1", value, AFTER), now=NOW)
    if office.item(run, account).state == "held":
        working.accept(office.sessions, office.maker, office.seen(run, account), "read twice", now=NOW)
    return run


def penalties(office: Office) -> list[tuple[int, int, date]]:
    """What each penalty was raised with, what it asks, and since when."""
    return [(was, int(now), on) for was, now, on in office.rows("""
        SELECT c.amount_cents, c.amount_cents + coalesce(sum(a.amount_cents), 0), c.due_on
          FROM charges c LEFT JOIN adjustments a ON a.charge_id = c.id
         WHERE c.kind = 'penalty' GROUP BY c.id ORDER BY c.id""")]  # fmt: skip


@pytest.mark.parametrize(
    ("paid", "was", "now", "owed"),
    [
        (0, 19_99, 18_38, TOTAL.cents + 18_38),
        (TOTAL.cents, 6_00, 0, 0),
        (100_00, 9_99, 8_38, 83_84 + 8_38),
    ],
)
def test_the_penalty_of_a_corrected_bill_goes_down_with_it_and_keeps_its_age(
    office: Office, paid: int, was: int, now: int, owed: int
) -> None:
    account, bill = penalized(office, paid=paid)
    since = office.ruling.city.delinquent_on(BILL_DATE)
    assert penalties(office) == [(was, was, since)]
    run = anew(office, account, bill)
    assert [(one.was, one.now) for one in corrections.preview(office.sessions, run)] == [(Money(was), Money(now))]
    assert penalties(office) == [(was, was, since)]
    office.through(run)
    assert penalties(office) == [(was, now, since)]
    reasons = set(office.rows("SELECT a.reason, c.kind FROM adjustments a JOIN charges c ON c.id = a.charge_id"))
    assert {tuple(row) for row in reasons} == {("rebilled", "service"), ("penalty-recomputed", "penalty")}
    assert office.rows("SELECT sum(open_cents) FROM charges") == [(owed,)]
    assert office.rows("SELECT credit_cents FROM customer_accounts") == [(0,)]
    assert corrections.preview(office.sessions, run) == []


def test_what_was_paid_of_the_penalty_meets_the_new_bill(office: Office) -> None:
    account, bill = penalized(office)
    pay(office, account, WRONG.cents + 19_99)
    office.through(anew(office, account, bill))
    assert office.rows("SELECT sum(open_cents) FROM charges") == [(0,)]
    credit = (WRONG - TOTAL).cents + 19_99 - 18_38
    assert office.rows("SELECT credit_cents FROM customer_accounts") == [(credit,)]


def test_a_bill_that_was_too_low_earns_no_more(office: Office) -> None:
    account, bill = penalized(office)
    office.through(anew(office, account, bill, value=125))
    assert [row[:2] for row in penalties(office)] == [(19_99, 19_99)]


def test_nothing_is_penalized_twice(office: Office) -> None:
    """The new bill has a day of its own to be paid by; its debt was late once already, and was penalized."""
    account, bill = penalized(office)
    run = anew(office, account, bill)
    office.through(run)
    assert late(office, LATE + timedelta(days=90)) == 0
    again = anew(office, account, office.item(run, account).bill_id or 0, value=111)
    office.through(again)
    assert [row[:2] for row in penalties(office)] == [(19_99, 18_06)]
    assert late(office, LATE + timedelta(days=180)) == 0


def test_a_new_bill_whose_old_one_was_never_rightly_late_may_be_late_itself(office: Office) -> None:
    account, bill = penalized(office, paid=TOTAL.cents)
    office.through(anew(office, account, bill))
    assert [row[:2] for row in penalties(office)] == [(6_00, 0)]
    office.execute("""
        UPDATE charges SET open_cents = amount_cents, version = version + 1
         WHERE bill_id = (SELECT max(id) FROM bills) AND revenue_line = 'sewer'""")  # fmt: skip
    assert late(office, LATE + timedelta(days=90)) == 1
    assert [row[:2] for row in penalties(office)] == [(6_00, 0), (6_00, 6_00)]
    office.execute("UPDATE charges SET open_cents = 0, version = version + 1 WHERE revenue_line = 'sewer'")


def test_a_city_without_a_reason_for_it_leaves_penalties_as_they_are(office: Office) -> None:
    policies = [
        policy.model_copy(update={"reasons": tuple(r for r in policy.reasons if r.calculation != "penalty")})
        for policy in office.ruling.city.adjustment_policies
    ]
    without = office.ruling.city.model_copy(update={"adjustment_policies": tuple(policies)})
    approve(office.sessions, propose(office.sessions, without, "staff:maker"), "staff:checker")
    with reading(office.sessions) as session:
        office.ruling = ruling(session)
    account, bill = penalized(office)
    run = anew(office, account, bill)
    assert corrections.preview(office.sessions, run) == []
    office.through(run)
    assert [row[:2] for row in penalties(office)] == [(19_99, 19_99)]
