"""Roles add up, grants end, and nobody is above their limit."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

from accounts.cities.folder import read_folder
from accounts.cities.rules import City
from accounts.money import Money
from accounts.staff.rules import ActKind, Authority, Grant, NotAllowed, OverLimit, Permission, authority

TODAY = date(2026, 3, 2)
DAY = timedelta(days=1)


@pytest.fixture(scope="module")
def city() -> City:
    return read_folder(Path(__file__).parents[3] / "city")


def held(city: City, *grants: Grant, on: date = TODAY) -> Authority:
    return authority(city, 7, "staff:ana", grants, on)


@pytest.mark.parametrize(
    ("since", "until", "counts"),
    [
        (TODAY, None, True),
        (TODAY, TODAY, True),
        (TODAY - DAY, TODAY - DAY, False),
        (TODAY + DAY, None, False),
        (TODAY - DAY, TODAY + DAY, True),
    ],
)
def test_a_grant_counts_from_its_first_day_through_its_last(
    city: City, since: date, until: date | None, counts: bool
) -> None:
    assert held(city, Grant("clerk", since, until)).may(Permission.WAIVERS_MAKE) is counts


def test_roles_add_up_and_the_larger_limit_counts(city: City) -> None:
    clerk = held(city, Grant("clerk", TODAY))
    both = held(city, Grant("clerk", TODAY), Grant("supervisor", TODAY))
    assert clerk.may_alone(ActKind.WAIVER, Money(25_00))
    assert not clerk.may_alone(ActKind.WAIVER, Money(25_01))
    assert both.may_alone(ActKind.WAIVER, Money(100_00))
    assert both.permissions > clerk.permissions


def test_the_size_of_an_amount_counts_not_its_sign(city: City) -> None:
    clerk = held(city, Grant("clerk", TODAY))
    assert clerk.may_alone(ActKind.WAIVER, Money(-25_00))
    assert not clerk.may_alone(ActKind.WAIVER, Money(-25_01))


def test_an_act_that_no_role_names_is_never_done_alone_not_even_for_nothing(city: City) -> None:
    clerk = held(city, Grant("clerk", TODAY))
    assert not clerk.may_alone(ActKind.ADJUSTMENT, Money(0))
    assert not held(city, Grant("finance", TODAY)).may_alone(ActKind.CITY_RELEASE, Money(0))


def test_deciding_has_limits_of_its_own(city: City) -> None:
    supervisor = held(city, Grant("supervisor", TODAY))
    supervisor.must_decide(ActKind.ADJUSTMENT, Money(-1_000_00))
    with pytest.raises(OverLimit):
        supervisor.must_decide(ActKind.ADJUSTMENT, Money(-1_000_01))
    with pytest.raises(NotAllowed):
        held(city, Grant("clerk", TODAY)).must_decide(ActKind.WAIVER, Money(1))


def test_an_auditor_sees_all_and_changes_nothing(city: City) -> None:
    auditor = held(city, Grant("auditor", TODAY))
    seeing = {p for p in Permission if p.split(".")[1].startswith("see")} | {Permission.AUDIT_READ}
    assert auditor.permissions == seeing
    assert not auditor.alone
    assert not auditor.decide


def test_a_role_that_the_policy_does_not_know_gives_nothing(city: City) -> None:
    stranger = held(city, Grant("mayor", TODAY))
    assert not stranger.permissions
    with pytest.raises(NotAllowed):
        stranger.must(Permission.ACCOUNTS_SEE)
