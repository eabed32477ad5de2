"""Which promises a sale leaves nothing to pay."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from accounts.money import Money
from payments.collisions.rules import Promised, displaced

NOON = datetime(2026, 11, 17, 12, tzinfo=UTC)


def promised(name: str, cents: int, *, quoted: int = 60_00, account: int = 1, minutes: int = 0) -> Promised:
    begun_at = NOON + timedelta(minutes=minutes)
    return Promised(name, f"token-{name}", "cs_1", None, account, Money(cents), Money(quoted), begun_at)


def names(promises: list[Promised], owed: dict[int, int], sold: dict[int, int]) -> list[str]:
    found = displaced(
        promises,
        {account: Money(cents) for account, cents in owed.items()},
        {account: Money(cents) for account, cents in sold.items()},
    )
    return [one.attempt_id for one in found]


def test_the_same_bill_is_in_the_way() -> None:
    assert names([promised("a", 60_00)], {1: 60_00}, {1: 60_00}) == ["a"]


def test_the_rest_of_a_sale_is_not() -> None:
    assert names([promised("a", 20_00)], {1: 60_00}, {1: 40_00}) == []
    assert names([promised("a", 20_01)], {1: 60_00}, {1: 40_00}) == ["a"]


def test_the_first_begun_has_the_first_claim_on_what_is_left() -> None:
    both = [promised("later", 20_00, minutes=5), promised("first", 30_00)]
    assert names(both, {1: 60_00}, {1: 20_00}) == ["later"]
    assert names(both, {1: 60_00}, {1: 10_00}) == []


def test_paying_ahead_and_other_accounts_are_left_alone() -> None:
    assert names([promised("ahead", 80_00)], {1: 60_00}, {1: 60_00}) == []
    assert names([promised("other", 60_00, account=2)], {1: 60_00, 2: 60_00}, {1: 60_00}) == []


def test_a_sale_of_more_than_is_owed_leaves_nothing() -> None:
    assert names([promised("a", 1)], {1: 60_00}, {1: 99_00}) == ["a"]
