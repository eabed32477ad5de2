"""Judging rows, checking them against themselves, and explaining a changed balance."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.imports.profiles import load_profile
from accounts.imports.rules import (
    AdjustBy,
    BadProfile,
    Check,
    Explained,
    Held,
    RawRow,
    Row,
    Unexplained,
    Verdict,
    explain,
    judge,
    waves,
)
from accounts.money import Money
from tests.accounts.imports.conftest import ROOT


def row(key: str, digest: bytes = b"a", as_of: str = "") -> Row:
    return Row(RawRow(1, 2, []), key, {}, digest, as_of)


@pytest.mark.parametrize(
    ("new", "held", "verdict"),
    [
        (row("k"), None, Verdict.ADDED),
        (row("k", b"a"), Held(b"a", 1, 5, {}), Verdict.UNCHANGED),
        (row("k", b"b"), Held(b"a", 1, 5, {}), Verdict.CHANGED),
        (row("k", b"b"), Held(b"a", 2, 5, {}), Verdict.REPEATED),
        (row("k", b"b", "2013-01-02"), Held(b"a", 2, 5, {"as_of": "2013-01-01"}), Verdict.CHANGED),
        (row("k", b"b", "2012-12-31"), Held(b"a", 1, 5, {"as_of": "2013-01-01"}), Verdict.OLDER),
        (row("k", b"b", "2013-01-01"), Held(b"a", 2, 5, {"as_of": "2013-01-01"}), Verdict.REPEATED),
    ],
)
def test_verdicts(new: Row, held: Held | None, verdict: Verdict) -> None:
    assert judge(new, held, run_id=2) is verdict


def test_waves_hold_each_key_once_and_lose_nothing() -> None:
    rows = [row(key) for key in "abacaa"]
    assert [[r.key for r in wave] for wave in waves(rows)] == [["a", "b", "c"], ["a"], ["a"], ["a"]]


def test_checks() -> None:
    check = Check.parse("open_fine + open_penalty = balance")
    amounts = {"open_fine": Money(5200), "open_penalty": Money(11200), "balance": Money(32400)}
    assert not check.holds(amounts)
    assert check.holds({**amounts, "balance": Money(16400)})
    assert check.holds({**amounts, "balance": None})
    assert Check.parse("total - credit <= most").holds({"total": Money(5), "credit": Money(3), "most": Money(2)})
    assert not Check.parse("ended >= began").holds({"began": date(2020, 1, 2), "ended": date(2020, 1, 1)})


@pytest.mark.parametrize("text", ["a", "a = b = c", "a * b = c", "a b = c", "= b"])
def test_checks_that_cannot_be_read(text: str) -> None:
    with pytest.raises(ValueError, match="is not"):
        Check.parse(text)


@pytest.mark.parametrize(
    ("was", "now", "ours", "paid", "finding"),
    [
        (4000, 7200, 4000, [], AdjustBy(3200)),  # billed more
        (4000, 0, 4000, [], AdjustBy(-4000)),  # dismissed or paid elsewhere
        (4000, 0, 0, [4000], Explained()),  # it has now seen our payment
        (4000, 1000, 0, [3000, 1000], Explained()),  # it has seen the first of two
        (4000, 3000, 0, [3000, 1000], Unexplained()),  # it says that it saw the second only
        (0, 2500, 0, [4000], AdjustBy(2500)),  # it had seen our payment, and bills again
        (4000, 6500, 0, [4000], Unexplained()),  # a payment it has not seen and a penalty at once: not guessed
        (4000, 4000, 4000, [5000, -5000], Explained()),
        (4000, 3000, 3500, [], Unexplained()),  # ours was adjusted by hand
    ],
)
def test_why_a_balance_changed(was: int, now: int, ours: int, paid: list[int], finding: object) -> None:
    assert explain(was, now, ours, paid) == finding


@given(st.integers(0, 10**6), st.integers(0, 10**6), st.lists(st.integers(1, 10**5)))
def test_an_adjustment_makes_ours_what_its_owner_says(was: int, now: int, paid: list[int]) -> None:
    finding = explain(was, now, was, paid)
    assert was + (finding.cents if isinstance(finding, AdjustBy) else 0) == now


@pytest.mark.parametrize("path", sorted((ROOT / "city" / "profiles").glob("*.toml")), ids=lambda path: path.stem)
def test_profiles_that_are_shipped_can_be_read(path: Path) -> None:
    assert load_profile(path).name == path.stem


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("kind = 3", "kind"),
        ("kind =", "Invalid value"),
        ('kind = "licenses"\nsource_system = "x"\nkey = ["number"]\n[fields]\nname = { column = "n" }', "not there"),
        ('kind = "licenses"\nsource_system = "x"\nkey = ["n"]\n[fields]\nn = { colum = "n" }', "fields.n.colum"),
        (
            'kind = "licenses"\nsource_system = "x"\nkey = ["n"]\n[fields]\nn = { column = "n", extract = "(" }',
            "pattern",
        ),
        (
            'kind = "licenses"\nsource_system = "x"\nkey = ["n"]\nchecks = [{ rule = "n" }]\nfields.n.column = "n"',
            "checks.0.rule",
        ),
    ],
)
def test_a_bad_profile_says_file_and_field(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "p.toml"
    path.write_text(text)
    with pytest.raises(BadProfile, match=said) as refusal:
        load_profile(path)
    assert "p.toml" in str(refusal.value)
