"""When a day may close, and what the chain says of a seal that was changed."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.seals.rules import (
    GENESIS,
    PartDigest,
    Seal,
    link_problems,
    noted_head,
    part_problems,
    seal_problems,
    sealed,
    why_not_close,
)
from portal.card_numbers import mask_pans

MONDAY = date(2026, 11, 16)
TUESDAY, WEDNESDAY = MONDAY + timedelta(days=1), MONDAY + timedelta(days=2)
NIGHT = datetime(2026, 11, 17, 8, 30, tzinfo=UTC)
PARTS = {"journals": PartDigest(2, 0, "ab" * 32), "postings": PartDigest(4, 500, "cd" * 32)}


def _chain() -> tuple[Seal, Seal]:
    first = sealed(MONDAY, PARTS, None, form="1", sealed_at=NIGHT, actor_id=1)
    return first, sealed(TUESDAY, {}, first, form="1", sealed_at=NIGHT, actor_id=1)


def test_a_day_that_is_over_and_swept_may_close() -> None:
    assert why_not_close(MONDAY, today=TUESDAY, swept_through=TUESDAY) == ()


@pytest.mark.parametrize(
    ("facts", "says"),
    [
        ({"today": MONDAY}, "is not over at city hall, where it is 2026-11-16"),
        ({"today": MONDAY - timedelta(days=1)}, "is not over"),
        ({"swept_through": None}, "no sweep has found everything settled"),
        ({"swept_through": MONDAY}, "only until some time on 2026-11-16"),
        ({"closed": True}, "is closed, but not by its seal"),
        ({"closed": True, "sealed_before": True}, "was sealed before and its seal is gone"),
        ({"sealed_before": True}, "was sealed before"),
    ],
)
def test_why_a_day_may_not_close(facts: dict[str, object], says: str) -> None:
    reasons = why_not_close(MONDAY, **{"today": TUESDAY, "swept_through": TUESDAY, **facts})  # type: ignore[arg-type]
    assert len(reasons) == 1
    assert says in reasons[0]


def test_all_reasons_are_given_at_once() -> None:
    assert len(why_not_close(MONDAY, today=MONDAY, swept_through=None, closed=True)) == 3


def test_the_chain_holds() -> None:
    first, second = _chain()
    assert (first.previous_chained, second.previous_chained) == (GENESIS, first.chained)
    assert [seal_problems(seal) for seal in (first, second)] == [[], []]
    assert link_problems(first, None) == link_problems(second, first) == []
    assert second.name.replace(":", "") == f"2026-11-17{second.chained.hex()}"
    for noted in (second.name, second.name.upper(), f" {second.day}:{second.chained.hex()}\n"):
        assert noted_head(noted) == ("2026-11-17", second.chained.hex())
    assert noted_head(second.chained.hex()) == ("", second.chained.hex())


@given(st.binary(min_size=32, max_size=32))
def test_no_head_looks_like_a_card_number(chained: bytes) -> None:
    name = replace(_chain()[0], chained=chained).name
    assert mask_pans(name) == name


@pytest.mark.parametrize(
    "change",
    [
        {"parts": {**PARTS, "journals": PartDigest(3, 0, "ab" * 32)}},
        {"parts": {**PARTS, "postings": PartDigest(4, 501, "cd" * 32)}},
        {"parts": {**PARTS, "postings": PartDigest(4, 500, "ce" * 32)}},
        {"digest": b"\1" * 32},
        {"chained": b"\1" * 32},
        {"previous_chained": b"\1" * 32},
        {"previous_day": MONDAY - timedelta(days=1)},
        {"day": WEDNESDAY},
        {"form": "2"},
        {"sealed_at": NIGHT + timedelta(microseconds=1)},
        {"actor_id": 2},
    ],
    ids=lambda change: next(iter(change)),
)
def test_a_seal_speaks_for_every_column_of_its_row(change: dict[str, object]) -> None:
    first, _ = _chain()
    assert seal_problems(replace(first, **change)) == ["its seal was changed"]  # type: ignore[arg-type]


def test_a_seal_made_anew_is_named_and_not_the_day_after() -> None:
    first, second = _chain()
    forged = sealed(MONDAY, {}, None, form="1", sealed_at=NIGHT, actor_id=1)
    assert seal_problems(forged) == []
    ((day, what),) = link_problems(second, forged)
    assert day == MONDAY
    assert "another than the one that 2026-11-17 was laid upon" in what
    assert first.chained != forged.chained


def test_a_missing_seal_is_named_by_its_day() -> None:
    first, second = _chain()
    third = sealed(WEDNESDAY, {}, second, form="1", sealed_at=NIGHT, actor_id=1)
    assert [day for day, _ in link_problems(third, first)] == [TUESDAY]
    assert [day for day, _ in link_problems(second, None)] == [MONDAY]


def test_what_differs_is_count_before_total_before_content() -> None:
    def now(**changed: PartDigest) -> list[str]:
        return part_problems(PARTS, {**PARTS, **changed})

    assert now() == []
    assert now(postings=PartDigest(3, 400, "00")) == ["3 postings, sealed were 4"]
    assert now(postings=PartDigest(4, 501, "00")) == ["postings come to $5.01, sealed were $5.00"]
    assert now(postings=PartDigest(4, 500, "00")) == ["the content of postings is not what was sealed"]
    assert now(receipts=PartDigest(1, -5, "00")) == ["1 receipts, sealed were 0"]
