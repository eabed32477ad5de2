"""Logs carry a request's id, and neither card numbers nor e-mail addresses, however they got there."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal import logs
from portal.card_numbers import contains_pan, mask_pans, passes_luhn

PUBLISHED = [
    "4242424242424242", "4000056655665556", "5555555555554444", "2223003122003222", "378282246310005",
    "6011111111111117", "3056930009020004", "36227206271667", "3566002020360505", "6200000000000005",
    "6205500000000000004",
]  # fmt: skip


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    root = logging.getLogger()
    before, level = list(root.handlers), root.level
    stream = io.StringIO()
    logs.configure("INFO", stream)
    yield stream
    logs.unbind()
    root.handlers[:] = before
    root.setLevel(level)
    logging.captureWarnings(capture=False)


def check_digit(stem: list[int]) -> list[int]:
    return next([*stem, last] for last in range(10) if passes_luhn([*stem, last]))


DIGITS = st.lists(st.integers(0, 9), min_size=12, max_size=18).map(check_digit).filter(any)
SEPARATORS = st.sampled_from(["", " ", "-", ".", "/", "\u00a0", " - "[:2]])


@st.composite
def written(draw: st.DrawFn) -> str:
    """A card number as people type it."""
    digits, separator = draw(DIGITS), draw(SEPARATORS)
    groups = [digits[start : start + 4] for start in range(0, len(digits), 4)]
    return separator.join("".join(map(str, group)) for group in groups)


@pytest.mark.parametrize("number", PUBLISHED)
def test_published_test_numbers_are_found(number: str) -> None:
    spaced = " ".join(number[start : start + 4] for start in range(0, len(number), 4))
    for text in (number, spaced, f"my card is {spaced}.", f"ref 12 {spaced} 123", f"x{number}y"):
        assert contains_pan(text), text
        assert number[-4:] not in mask_pans(text)


@pytest.mark.parametrize(
    "text",
    ["", "WA-1042-7731-5", "2026-11-17 10:00:00", "(555) 555-0123, 12 Oak St, 93401-1234", "4242 4242", "0" * 16],
)
def test_ordinary_text_is_left_alone(text: str) -> None:
    assert not contains_pan(text)


@given(written(), st.text(max_size=20), st.text(max_size=20))
def test_a_number_between_other_words_is_found_and_masked(number: str, before: str, after: str) -> None:
    text = f"{before} x{number}x {after}"
    assert contains_pan(text)
    assert number not in mask_pans(text)


@given(st.text(alphabet=st.sampled_from("0123456789 -.٣４x"), max_size=80))
def test_what_is_masked_holds_no_number_any_more(text: str) -> None:
    cleaned = mask_pans(text)
    assert not contains_pan(cleaned)
    assert mask_pans(cleaned) == cleaned


@given(st.text(max_size=200))
def test_masking_takes_nothing_else_away(text: str) -> None:
    if not any(character.isdecimal() for character in text):
        assert mask_pans(text) == text


@given(st.recursive(st.text() | st.integers() | st.none() | st.booleans() | written(), st.lists, max_leaves=8))
def test_any_value_can_be_logged(value: object) -> None:
    line = json.dumps(logs.without_personal_data(None, "info", {"event": "x", "value": value}))
    assert not contains_pan(json.loads(line)["event"])


def test_a_line_carries_the_request_and_no_person(stream: io.StringIO) -> None:
    logs.bind(request_id="0123abcd4567")
    logs.logger("portal.test").info("card 4242-4242-4242-4242", mail="ana@example.org", nested={"a": ["b@c.org", 7]})
    line = json.loads(stream.getvalue())
    assert line["request_id"] == "0123abcd4567"
    assert line["event"] == "card [card number]"
    assert line["mail"] == "[e-mail]"
    assert line["nested"] == {"a": ["[e-mail]", 7]}
    assert line["level"] == "info"


def test_the_standard_library_and_tracebacks_are_masked_too(stream: io.StringIO) -> None:
    def fail() -> None:
        raise ValueError("4000 0566 5566 5556 of ana@example.org")

    try:
        fail()
    except ValueError:
        logging.getLogger("library").exception("for %s", "ben@example.org", extra={"ignored": 1})
    text = stream.getvalue()
    assert "Traceback" in text
    assert "example.org" not in text
    assert "5556" not in text
    assert json.loads(text)["event"] == "for [e-mail]"


def test_an_address_with_a_password_is_masked(stream: io.StringIO) -> None:
    logging.getLogger("x").warning("postgresql://app:hunter2@db.example.gov/v")
    assert "hunter2" not in stream.getvalue()


def test_only_a_decent_request_id_is_taken_over() -> None:
    assert logs.request_id("a1b2c3d4-e5f6") == "a1b2c3d4-e5f6"
    for odd in ("", "short", 'x" injected="1', "line\nbreak0000"):
        assert logs.request_id(odd) != odd
    assert len(logs.request_id()) == 16
