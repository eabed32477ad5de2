"""Every value of a TOML text is found on its line."""

from __future__ import annotations

import pathlib
import tomllib
from collections.abc import Iterator

import pytest

from accounts.cities.toml_lines import Path, lines_of
from tests.accounts.cities.conftest import SHIPPED

TRICKY = '''# comment [not.a.table]
top = "a # no comment"
"quoted.key" = 1
dotted.one.two = 1979-05-27 07:32:00
[table]   # comment
words = """
[no.table]
say = 'nothing'"""
literal = \'\'\'
x = 1
\'\'\'
list = [ # comment
  1,
  { a = [1, 2], b = "}" },

  [3,
   4],
]
[[rates]]
code = "one"
[[rates.versions]]
x.y = 1
[rates.versions.shape]
type = "z"
[[rates.versions]]
x = -1.5e3
[[rates]]
[[rates.versions]]
x = { y = { z = true } }
'''


def paths(tree: object, path: Path = ()) -> Iterator[Path]:
    if path:
        yield path
    if isinstance(tree, dict):
        for key, value in tree.items():
            yield from paths(value, (*path, key))
    elif isinstance(tree, list):
        for index, value in enumerate(tree):
            yield from paths(value, (*path, index))


def test_tricky_text() -> None:
    lines = lines_of(TRICKY)
    expected: dict[Path, int] = {
        ("top",): 2,
        ("quoted.key",): 3,
        ("dotted", "one", "two"): 4,
        ("table",): 5,
        ("table", "words"): 6,
        ("table", "literal"): 9,
        ("table", "list", 0): 13,
        ("table", "list", 1, "a", 1): 14,
        ("table", "list", 1, "b"): 14,
        ("table", "list", 2, 1): 17,
        ("rates", 0): 19,
        ("rates", 0, "versions", 0): 21,
        ("rates", 0, "versions", 0, "x", "y"): 22,
        ("rates", 0, "versions", 0, "shape", "type"): 24,
        ("rates", 0, "versions", 1, "x"): 26,
        ("rates", 1): 27,
        ("rates", 1, "versions", 0, "x", "y", "z"): 29,
    }
    assert {path: lines.get(path) for path in expected} == expected
    assert set(paths(tomllib.loads(TRICKY))) <= set(lines)


@pytest.mark.parametrize("file", sorted(SHIPPED.glob("**/*.toml")), ids=lambda file: file.name)
def test_each_key_of_the_shipped_files_stands_on_its_line(file: pathlib.Path) -> None:
    text = file.read_text(encoding="utf-8")
    lines, rows = lines_of(text), text.splitlines()
    for path in paths(tomllib.loads(text)):
        assert path in lines
        if isinstance(path[-1], str):
            assert path[-1] in rows[lines[path] - 1]
