"""What is typed, folded and read."""

from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.money import Money
from accounts.searches.rules import LONGEST, Asked, Fit, TooLittle, folded, phone_digits, read


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("María López Ruiz", "maria lopez ruiz"),
        ("  RUIZ,  López-Gómez;", "ruiz lopez gomez"),
        ("O'Brien & D’Angelo", "obrien dangelo"),
        ("Søren Łukasz Đặng Ægir Weiß", "soren lukasz dang aegir weiss"),
        ("Nguyễn Thị Ánh", "nguyen thi anh"),
        ("1482 N. Elm St #4", "1482 n elm st 4"),
        ("Ⅷ ﬁnca ２０９", "viii finca 209"),
        ("王小明", "王小明"),
        ("×—÷ · \u1680\u2003\u3000", ""),
        ("a" * 3 * LONGEST, "a" * LONGEST),
    ],
)
def test_words_are_compared_without_accents_case_and_punctuation(text: str, words: str) -> None:
    assert folded(text) == tuple(words.split())


@given(st.text())
def test_folding_is_stable(text: str) -> None:
    words = folded(text)
    assert folded(" ".join(words)) == words
    assert folded(text.replace("'", "")) == words or len(text) > LONGEST


@given(st.lists(st.text(string.ascii_letters + "áéíóúüñÁÉÍÓÚÜÑ", min_size=1, max_size=12), max_size=8))
def test_folding_forgives_case_accents_and_what_stands_between(words: list[str]) -> None:
    assert folded(" ".join(words)) == folded("-, ".join(words).upper()) == folded(". ".join(words).lower())


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", TooLittle.NOTHING),
        (" \t", TooLittle.NOTHING),
        ("m", TooLittle.ONE_LETTER),
        ("m l", TooLittle.ONE_LETTER),
        ("é", TooLittle.ONE_LETTER),
        ("--", TooLittle.ONLY_PUNCTUATION),
        ("$", TooLittle.ONLY_PUNCTUATION),
        ("'", TooLittle.ONLY_PUNCTUATION),
    ],
)
def test_too_little_has_a_reason(text: str, reason: TooLittle) -> None:
    assert read(text) is reason


@given(st.text())
def test_everything_can_be_read(text: str) -> None:
    assert isinstance(read(text), Asked | TooLittle)


@pytest.mark.parametrize(
    ("text", "what", "value"),
    [
        ("100-000-427", "number", "100000427"),
        ("rc 4410013", "number", "RC4410013"),
        ("0012/34.5", "number", "12345"),
        ("Lopez", "number", None),
        ("$12.50", "number", None),
        ("(209) 555-0123", "phone", "2095550123"),
        ("+1 209.555.0123 ext. 4", "phone", "2095550123"),
        ("555-0123", "phone", "5550123"),
        ("209-55", "phone", None),
        ("209-555-0123 Lopez", "phone", None),
        ("MARIA.Lopez@Example.org", "email", "maria.lopez@example.org"),
        ("maria.lop", "email", "maria.lop"),
        ("Maria Lopez", "email", None),
        ("7abc-123", "plate", "7ABC123"),
        ("7ABC12345", "plate", None),
        ("$1,234.5", "amount", Money(1234_50)),
        ("123.45", "amount", Money(123_45)),
        (".45", "amount", Money(45)),
        ("1,234", "amount", Money(1234_00)),
        ("$5", "amount", Money(5_00)),
        ("1482", "amount", None),
        ("$0.00", "amount", None),
        ("12.345", "amount", None),
        ("María López", "exact", "maria & lopez"),
        ("María López", "others", "maria"),
        ("María López", "last", "lopez"),
        ("María López", "begun", "lopez:*"),
        ("María López", "forms", ("maria", "lopez")),
        ("12 Main Street", "exact", "12 & main & (street | st)"),
        ("12 Main Stre", "others", "12 & main"),
        ("12 Main Stre", "begun", "(stre:* | st)"),
        ("Maria L", "others", "maria"),
        ("Maria L", "begun", None),
        ("Maria L", "initials", "l:*"),
        ("Juan P Lopez", "initials", "p:*"),
        ("Maria Lop", "typed", ("maria", "lop")),
        ("Maria Lo", "typed", ("maria", "")),
        ("12 Main Street", "typed", ("", "main", "")),
        ("Gar", "begun", "gar:*"),
        ("Lo", "begun", "lo:*"),
        ("maria@example.org", "exact", None),
        ("261020-100000427", "slips", ()),
    ],
)  # fmt: skip
def test_what_was_typed_is_read_every_way_it_may_be_meant(text: str, what: str, value: object) -> None:
    assert getattr(read(text), what) == value


def test_a_number_that_is_one_digit_off_means_its_neighbors_too() -> None:
    asked = read("100-000-428")
    assert isinstance(asked, Asked)
    assert len(asked.slips) <= 9
    assert all(sum(a != b for a, b in zip(slip, "100000428", strict=True)) == 1 for slip in asked.slips)


@pytest.mark.parametrize(
    ("text", "digits"),
    [("+1 (209) 555-0123 x44", "2095550123"), ("12095550123", "2095550123"), ("5550123", "5550123"), ("", "")],
)
def test_telephone_numbers_are_compared_by_their_digits(text: str, digits: str) -> None:
    assert phone_digits(text) == digits


def test_places_fall_on_steps() -> None:
    assert [Fit.of(place) for place in (10, 21, 26, 30, 31, 35, 41)] == [
        Fit.EXACT, Fit.EXACT, Fit.EXACT, Fit.BEGINS, Fit.BEGINS, Fit.SLIP, Fit.SLIP,
    ]  # fmt: skip
