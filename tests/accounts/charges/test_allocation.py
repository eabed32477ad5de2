"""Which money meets which charge: the order is law, and no cent is lost on the way."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.charges.rules import EXPLICIT, Allocated, AllocationOrder, OpenCharge, allocate, standing
from accounts.money import ZERO, Money, total

FIRST = date(2026, 1, 1)
ORDER = AllocationOrder("p-1", (("*", "penalty"), ("sewer", "*"), ("*", "service")), "Res. 1")


def _charge(
    number: int, cents: int = 100_00, *, line: str = "water", kind: str = "service", due: int = 0
) -> OpenCharge:
    return OpenCharge(number, 1, line, kind, "510", Money(cents), FIRST + timedelta(days=due))


@st.composite
def _charges(draw: st.DrawFn) -> list[OpenCharge]:
    count = draw(st.integers(0, 8))
    return [
        _charge(
            number,
            draw(st.integers(1, 500_00)),
            line=draw(st.sampled_from(["water", "sewer", "trash"])),
            kind=draw(st.sampled_from(["service", "penalty", "fee"])),
            due=draw(st.integers(0, 5)),
        )
        for number in draw(st.permutations(range(1, count + 1)))
    ]


TARGETS = st.lists(st.integers(1, 10), unique=True, max_size=4)
AMOUNTS = st.integers(0, 3_000_00).map(Money)


def _met(allocated: Allocated) -> list[int]:
    return [share.charge.id for share in allocated.shares]


@given(AMOUNTS, _charges(), TARGETS)
def test_no_cent_is_lost_and_no_charge_is_overpaid(
    amount: Money, charges: list[OpenCharge], targets: list[int]
) -> None:
    done = allocate(amount, charges, ORDER, targets)
    assert total(share.amount for share in done.shares) + done.credit == amount
    assert all(ZERO < share.amount <= share.charge.open for share in done.shares)
    assert len(set(_met(done))) == len(done.shares)
    assert done.credit == max(ZERO, amount - total(charge.open for charge in charges))


@given(AMOUNTS, _charges(), TARGETS)
def test_the_order_is_law(amount: Money, charges: list[OpenCharge], targets: list[int]) -> None:
    """A charge gets money only when all before it (named, ranked, oldest, first raised) are paid in full."""
    done = allocate(amount, charges, ORDER, targets)

    def place(charge: OpenCharge) -> tuple[object, ...]:
        if charge.id in targets:
            return (0, targets.index(charge.id))
        return (1, ORDER.rank(charge), charge.due_on, charge.id)

    met = {share.charge.id: share.amount for share in done.shares}
    queue = sorted(charges, key=place)
    assert _met(done) == [charge.id for charge in queue[: len(met)]]
    assert all(met[charge.id] == charge.open for charge in queue[: max(0, len(met) - 1)])


@given(AMOUNTS, _charges(), TARGETS)
def test_shares_say_why(amount: Money, charges: list[OpenCharge], targets: list[int]) -> None:
    for share in allocate(amount, charges, ORDER, targets).shares:
        assert share.policy == (EXPLICIT if share.charge.id in targets else "p-1")


@given(AMOUNTS, _charges(), TARGETS, st.randoms(use_true_random=False))
def test_the_order_in_which_charges_are_read_does_not_matter(
    amount: Money, charges: list[OpenCharge], targets: list[int], chance: object
) -> None:
    shuffled = list(charges)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    assert allocate(amount, charges, ORDER, targets) == allocate(amount, shuffled, ORDER, targets)


@given(AMOUNTS, AMOUNTS, _charges())
def test_two_payments_meet_what_one_of_their_sum_meets(
    first: Money, second: Money, charges: list[OpenCharge]
) -> None:
    once = allocate(first + second, charges, ORDER)
    one = allocate(first, charges, ORDER)
    met = {share.charge.id: share.amount for share in one.shares}
    left = [
        OpenCharge(c.id, 1, c.revenue_line, c.kind, c.fund, c.open - met.get(c.id, ZERO), c.due_on) for c in charges
    ]
    two = allocate(second, [charge for charge in left if charge.open], ORDER)
    for share in two.shares:
        met[share.charge.id] = met.get(share.charge.id, ZERO) + share.amount
    assert met == {share.charge.id: share.amount for share in once.shares}
    assert one.credit + two.credit == once.credit


@pytest.mark.parametrize(
    ("charges", "targets", "met"),
    [
        pytest.param([_charge(1, due=9), _charge(2, due=1)], [], [2, 1], id="oldest first"),
        pytest.param([_charge(2), _charge(1)], [], [1, 2], id="same day: first raised"),
        pytest.param([_charge(1, due=1), _charge(2, kind="penalty", due=9)], [], [2, 1], id="rank before age"),
        pytest.param([_charge(1, kind="fee"), _charge(2, due=9)], [], [2, 1], id="what no rank names comes last"),
        pytest.param([_charge(1, kind="penalty"), _charge(2, due=9)], [2], [2, 1], id="named before rank"),
        pytest.param([_charge(1), _charge(2), _charge(3)], [3, 2], [3, 2, 1], id="named, in the order named"),
        pytest.param([_charge(1)], [9], [1], id="a name that is not open here is no matter"),
        pytest.param([_charge(1, line="sewer", kind="penalty"), _charge(2, kind="penalty", due=9)], [], [1, 2],
                     id="the first rank that fits"),
    ],
)  # fmt: skip
def test_orders_by_name(charges: list[OpenCharge], targets: list[int], met: list[int]) -> None:
    assert _met(allocate(Money(1_000_00), charges, ORDER, targets)) == met


def test_part_of_a_charge_and_nothing_beyond() -> None:
    done = allocate(Money(150_00), [_charge(1), _charge(2), _charge(3)], ORDER)
    assert [(share.charge.id, share.amount.cents) for share in done.shares] == [(1, 100_00), (2, 50_00)]
    assert done.credit == ZERO


def test_money_without_charges_is_credit() -> None:
    assert allocate(Money(5), [], ORDER) == Allocated((), Money(5))


def test_nothing_meets_nothing() -> None:
    assert allocate(ZERO, [_charge(1)], ORDER) == Allocated((), ZERO)


def test_less_than_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="not negative"):
        allocate(Money(-1), [_charge(1)], ORDER)


@given(_charges(), st.integers(-2, 8))
def test_standing_adds_up(charges: list[OpenCharge], day: int) -> None:
    today = FIRST + timedelta(days=day)
    stands = standing(charges, today)
    assert stands.past_due + stands.current == stands.total == total(charge.open for charge in charges)
    assert stands.past_due == total(charge.open for charge in charges if charge.due_on < today)


def test_a_charge_is_not_past_due_on_its_day() -> None:
    assert standing([_charge(1)], FIRST).past_due == ZERO
    assert standing([_charge(1)], FIRST + timedelta(days=1)).past_due == Money(100_00)
