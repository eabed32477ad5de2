"""docs/reliability.md and the tests say the same."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
PAGE = (ROOT / "docs" / "reliability.md").read_text()
CASES = {*range(1, 15), 19, *range(27, 40), 42, 43, 45}
KILLS = set(range(1, 10))
SOURCES = [path.read_text() for folder in ("tests", "e2e") for path in (ROOT / folder).rglob("test_*.py")]
TESTS = {name for source in SOURCES for name in re.findall(r"^def (test_\w+)", source, re.MULTILINE)}


def numbers_of(name: str) -> set[int]:
    """``test_case_08_and_45_…`` is about 8 and 45."""
    found = re.match(r"test_case_(\d\d)(?:_and_(\d\d))?", name)
    return {int(number) for number in found.groups() if number} if found else set()


def test_each_case_has_a_test_and_a_row() -> None:
    assert {number for name in TESTS for number in numbers_of(name)} == CASES
    assert {int(number) for number in re.findall(r"^\| (\d+) \|", PAGE, re.MULTILINE)} == CASES


def test_each_kill_point_has_a_test_and_a_row() -> None:
    tested = {int(found[1]) for name in TESTS if (found := re.match(r"test_k(\d+)_", name))}
    assert tested == KILLS
    assert {int(number) for number in re.findall(r"^\| K(\d+) \|", PAGE, re.MULTILINE)} == KILLS | {12}


def test_every_test_that_the_page_names_is_there() -> None:
    for pattern in re.findall(r"`(test_(?:case|k)\w*)\*`", PAGE):
        assert any(name.startswith(pattern) for name in TESTS), pattern
    for file in re.findall(r"`((?:tests|e2e)/[\w/]+\.py)`", PAGE):
        assert (ROOT / file).exists(), file
