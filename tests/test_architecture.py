"""Rules of the house that no linter knows: small files, honest names, one door for each danger."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
CODE = ("accounts", "payments", "portal", "sandbox", "demo", "scripts", "bench", "drills", "fuzz")
LONGEST, LONGEST_TEST, LONGEST_FUNCTION = 300, 400, 40
TO_BE_CUT = {"tests/portal/test_pseudo_locale.py", "portal/cli/exchange.py: add_commands"}
"""Longer than that when the rule was written. Nothing is ever added here."""
BANNED_NAMES = {"utils", "util", "helpers", "helper", "common", "misc", "manager", "managers"}
DOORS = {
    r"\.commit\(": {"accounts/database.py", "portal/migrations.py"},
    r"os\.environ|os\.getenv|environ\.get": {"portal/config.py"},
    r"\bfloat\(": set(),
    r"\*\s*100\b": {"accounts/imports/fields.py", "accounts/pricing/working.py"},
    r"\bdatetime\.now\(|\bdate\.today\(|\butcnow\(": {"accounts/clock.py", "portal/texts.py"},
    r"\bprint\(": {"portal/cli"},
}
"""A pattern → the only files (or folders) of accounts, payments and portal where it may stand.

Cents are made by ``Money``; the two other places read digits of an import and work with exact fractions.
"""


def files_of(*folders: str) -> Iterator[Path]:
    for folder in folders:
        yield from sorted((ROOT / folder).rglob("*.py"))


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def lines_of_code(path: Path) -> int:
    """Lines that are neither empty nor only a comment."""
    return sum(bool(line.strip()) and not line.strip().startswith("#") for line in path.read_text().splitlines())


def test_no_file_is_long() -> None:
    long = {name_of(path): lines_of_code(path) for path in files_of(*CODE) if lines_of_code(path) > LONGEST}
    long |= {name_of(path): lines_of_code(path) for path in files_of("tests") if lines_of_code(path) > LONGEST_TEST}
    assert set(long) - TO_BE_CUT == set()


def test_no_function_is_long() -> None:
    long = []
    for path in files_of("accounts", "payments", "portal"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                first = node.body[1] if ast.get_docstring(node) and len(node.body) > 1 else node.body[0]
                if (node.end_lineno or 0) - first.lineno >= LONGEST_FUNCTION:
                    long.append(f"{name_of(path)}: {node.name}")
    assert set(long) - TO_BE_CUT == set()


def test_names_say_what_is_inside() -> None:
    named = [path for path in files_of(*CODE, "tests") if {path.stem, *path.relative_to(ROOT).parts} & BANNED_NAMES]
    assert not named


@pytest.mark.parametrize("pattern", DOORS)
def test_each_danger_has_one_door(pattern: str) -> None:
    found = {
        name_of(path)
        for path in files_of("accounts", "payments", "portal")
        if any(re.search(pattern, line) for line in path.read_text().splitlines() if not line.strip().startswith("#"))
    }
    assert {name for name in found if not any(name.startswith(door) for door in DOORS[pattern])} == set()


def test_every_module_says_what_it_is_for() -> None:
    silent = [
        name_of(path)
        for path in files_of(*CODE)
        if path.read_text().strip() and not ast.get_docstring(ast.parse(path.read_text()))
    ]
    assert not silent


def test_no_column_holds_money_or_anything_else_as_a_float() -> None:
    for path in files_of("accounts", "payments"):
        assert not re.search(r"\b(Float|REAL|Double)\b", path.read_text()), name_of(path)
    for path in (ROOT / "migrations").rglob("*.sql"):
        assert not re.search(r"\b(real|double precision|float\d?|money)\b", path.read_text(), re.IGNORECASE), name_of(
            path
        )


def test_templates_hold_no_inline_script_style_or_handler() -> None:
    for path in sorted((ROOT / "templates").rglob("*.html")):
        if "email" in path.parts:
            continue
        words = path.read_text()
        assert not re.search(
            r"<style|<script(?![^>]*\bsrc=)|\sstyle=|\son[a-z]+=|javascript:|(?<!')\|\s*safe\b", words
        ), path.name
