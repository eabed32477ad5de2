"""Read a city's folder: all its TOML files make one city, or a list of problems with file, line and field.

Top-level keys are the fields of ``City``. Lists (``[[rates]]``) may be spread over files; other keys stand in one.
The folder ``profiles`` is not read: it holds other cities' figures.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

from pydantic import ValidationError

from accounts.cities.checks import findings
from accounts.cities.rules import City
from accounts.cities.toml_lines import Path as FieldPath
from accounts.cities.toml_lines import lines_of
from accounts.errors import DomainError

SKIPPED = "profiles"
_SYNTAX = re.compile(r"^(?P<said>.*) \(at (?:line (?P<line>\d+), column \d+|end of document)\)$", re.DOTALL)


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """What is wrong, and where a person finds it; ``field`` reads ``rates[water-usage].versions[2].authority``."""

    file: str
    line: int
    field: str
    message: str

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}" if self.line else self.file
        return f"{where}: {self.field}: {self.message}" if self.field else f"{where}: {self.message}"


class CityInvalid(DomainError):
    """The folder is not a city. ``str()`` is one problem a line."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems), problems=tuple(problems))
        self.problems = tuple(problems)


@dataclass(slots=True)
class _Merged:
    """The folder as one tree, and where each part of it came from."""

    tree: dict[str, object] = field(default_factory=dict)
    sources: dict[str, list[tuple[str, int]]] = field(default_factory=dict)
    """Top-level key → (file, index of its first item), in order of reading."""
    lines: dict[str, dict[FieldPath, int]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)


def read_folder(path: Path | str) -> City:
    """The city in a folder; raises :class:`CityInvalid` with everything that is wrong with it."""
    folder = Path(path)
    files = sorted(file for file in folder.rglob("*.toml") if SKIPPED not in file.relative_to(folder).parts)
    if not files:
        raise CityInvalid([Problem(str(folder), 0, "", "no TOML files here")])
    merged = _Merged()
    for file in files:
        _merge(merged, file.relative_to(folder).as_posix(), file)
    if merged.problems:
        raise CityInvalid(sorted(merged.problems))
    try:
        city = City.model_validate(merged.tree)
    except ValidationError as error:
        raise CityInvalid(sorted(set(_invalid(merged, error)))) from error
    wrong = [_problem(merged, finding.path, finding.message) for finding in findings(city)]
    wrong += _missing_files(merged, city, folder)
    if wrong:
        raise CityInvalid(sorted(set(wrong)))
    return city


def _merge(merged: _Merged, name: str, file: Path) -> None:
    try:
        text = file.read_text(encoding="utf-8")
        # Decimals, so that 1.03 is never a float.
        tree = tomllib.loads(text, parse_float=Decimal)
    except UnicodeDecodeError:
        merged.problems.append(Problem(name, 0, "", "is not UTF-8 text"))
        return
    except tomllib.TOMLDecodeError as error:
        merged.problems.append(_syntax(name, str(error), text))
        return
    merged.lines[name] = lines_of(text)
    for key, value in tree.items():
        known = merged.tree.get(key)
        if known is None:
            merged.tree[key] = value
            merged.sources[key] = [(name, 0)]
        elif isinstance(known, list) and isinstance(value, list):
            merged.sources[key].append((name, len(known)))
            merged.tree[key] = known + value
        else:
            first = merged.sources[key][0][0]
            merged.problems.append(Problem(name, merged.lines[name][(key,)], key, f"is already given in {first}"))


def _syntax(name: str, said: str, text: str) -> Problem:
    match = _SYNTAX.match(said)
    if match is None:
        return Problem(name, 0, "", said)
    line = int(match["line"]) if match["line"] else text.count("\n") + 1
    return Problem(name, line, "", f"is not TOML: {match['said']}")


def _invalid(merged: _Merged, error: ValidationError) -> Iterator[Problem]:
    for one in error.errors():
        message = one["msg"].removeprefix("Value error, ")
        message = message[:1].lower() + message[1:]
        yield _problem(merged, _in_tree(merged.tree, one["loc"]), message)


def _in_tree(tree: object, loc: Sequence[str | int]) -> FieldPath:
    """Pydantic's location without what is not in the files: the tags of shapes. A missing last key is kept."""
    path: list[str | int] = []
    for place, part in enumerate(loc, start=1):
        found, inside = _step(tree, part)
        if found:
            tree = inside
            path.append(part)
        elif place == len(loc) and isinstance(tree, Mapping):
            path.append(part)
    return tuple(path)


def _step(tree: object, part: str | int) -> tuple[bool, object]:
    """Whether ``tree`` has ``part``, and what is there."""
    if isinstance(tree, Mapping):
        return part in tree, tree.get(part)
    if isinstance(tree, list) and isinstance(part, int) and part < len(tree):
        return True, tree[part]
    return False, None


def _problem(merged: _Merged, path: FieldPath, message: str) -> Problem:
    file, local = _origin(merged, path)
    lines = merged.lines.get(file, {})
    line = next((lines[local[:end]] for end in range(len(local), 0, -1) if local[:end] in lines), 0)
    return Problem(file or "(folder)", line, _readable(merged.tree, path), message)


def _origin(merged: _Merged, path: FieldPath) -> tuple[str, FieldPath]:
    """The file of a path, and the path within it."""
    sources = merged.sources.get(str(path[0]), []) if path else []
    if not sources:
        return "", path
    if len(path) > 1 and isinstance(path[1], int):
        index = path[1]
        file, offset = max((source for source in sources if source[1] <= index), key=lambda source: source[1])
        return file, (path[0], index - offset, *path[2:])
    return sources[0][0], path


def _readable(tree: object, path: FieldPath) -> str:
    """``rates[water-usage].versions[2]``: items by their code where they have one, else counted from 1."""
    said = ""
    for part in path:
        _, tree = _step(tree, part)
        if isinstance(part, int):
            code = tree.get("code") if isinstance(tree, Mapping) else None
            said += f"[{code or part + 1}]"
        else:
            said += f".{part}" if said else part
    return said


def _missing_files(merged: _Merged, city: City, folder: Path) -> list[Problem]:
    if (folder / city.identity.seal).is_file():
        return []
    return [_problem(merged, ("identity", "seal"), f"there is no file {city.identity.seal} in the folder")]
