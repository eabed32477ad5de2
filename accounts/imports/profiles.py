"""A profile says how one source writes one kind of record: a TOML file, checked before a row is read."""

from __future__ import annotations

import hashlib
import re
import tomllib
import zoneinfo
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from accounts.imports.fields import FieldType, can_be_a_format
from accounts.imports.rules import BadProfile, Check

Kind = Literal["utilities", "licenses", "citations"]
Records = Literal["accounts", "reads", "bills", "adjustments"]
Span = tuple[Annotated[int, Field(ge=1)], Annotated[int, Field(ge=1)]]
"""First position (from 1) and width, in a file of fixed columns."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class FieldSpec(_Part):
    """Where a field comes from and what is done to its text, in this order: take the column or columns (joined),
    trim, ``collapse`` runs of spaces, drop ``blank`` words, ``replace``, ``extract``, ``case``, ``values``."""

    column: str = ""
    columns: tuple[str, ...] = ()
    join: str = " "
    at: Span | None = None
    constant: str | None = None
    collapse: bool = False
    blank: tuple[str, ...] = ()
    replace: tuple[tuple[str, str], ...] = ()
    extract: str = ""
    """A pattern with one group; a text that it does not fit is a blank."""
    case: Literal["upper", "lower", ""] = ""
    values: dict[str, str] = {}
    """Codes of the source and ours. A code that is not here is a fault, unless ``otherwise`` says what it becomes."""
    otherwise: str | None = None
    formats: tuple[str, ...] = ()
    in_cents: bool = False
    required: bool = False
    type: FieldType | None = None
    """Only for a field of the profile's own, used in its key or checks."""

    @model_validator(mode="after")
    def _comes_from_one_place(self) -> Self:
        places = [bool(self.column), bool(self.columns), self.at is not None, self.constant is not None]
        if sum(places) != 1:
            raise ValueError("say exactly one of column, columns, at, constant")
        for pattern, by in ((self.extract, ""), *self.replace):
            try:
                re.compile(pattern).sub(by, "")
            except (re.error, IndexError, OverflowError, RecursionError) as error:
                raise ValueError(f"{pattern!r} is not a pattern, or {by!r} does not fit it: {error}") from error
        if self.extract and re.compile(self.extract).groups != 1:
            raise ValueError("extract needs exactly one group")
        return self

    @field_validator("formats")
    @classmethod
    def _can_be_formats(cls, formats: tuple[str, ...]) -> tuple[str, ...]:
        if wrong := [known for known in formats if not can_be_a_format(known)]:
            raise ValueError(f"no dates or times can be read by {wrong}")
        return formats

    @property
    def sources(self) -> tuple[str, ...]:
        return (self.column,) if self.column else self.columns


class Trailer(_Part):
    """The row at the end with the number of rows and the money. CSV: cell numbers from 0; fixed columns: spans."""

    marker: Annotated[str, Field(min_length=1)]
    rows: Annotated[int, Field(ge=0)] | None = None
    total: Annotated[int, Field(ge=0)] | None = None
    rows_at: Span | None = None
    total_at: Span | None = None
    total_in_cents: bool = False


class CheckSpec(_Part):
    rule: str
    reason: str = ""

    @field_validator("rule")
    @classmethod
    def _can_be_read(cls, rule: str) -> str:
        Check.parse(rule)
        return rule


class Profile(_Part):
    """See ``docs/imports.md`` for each setting."""

    name: str
    fingerprint: str
    kind: Kind
    records: Records = "accounts"
    source_system: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]*$")]
    account_source: str = ""
    """Bills and adjustments: the source system of the accounts they belong to (by default the same)."""
    format: Literal["csv", "fixed"] = "csv"
    encoding: str = "utf-8-sig"
    delimiter: Annotated[str, Field(min_length=1, max_length=1)] = ","
    skip_lines: Annotated[int, Field(ge=0, le=1000)] = 0
    key: Annotated[tuple[str, ...], Field(min_length=1)]
    as_of: str = ""
    control_total: str = ""
    trailer: Trailer | None = None
    time_zone: str = ""
    due_days: Annotated[int, Field(ge=0, le=3650)] = 30
    """Days from issue or bill to due date, where the file has no due date."""
    license_year: bool = False
    """Give open licenses the term of the city's license year that the import's day falls in."""
    lines: dict[str, str] = {}
    """Revenue lines of the city by part (``fine``, ``penalty``, ``water``, ``license``...)."""
    fields: dict[str, FieldSpec]
    checks: tuple[CheckSpec, ...] = ()

    @model_validator(mode="after")
    def _names_its_own_fields(self) -> Self:
        asked = [*self.key, *filter(None, (self.as_of, self.control_total))]
        asked += [name for check in self.checks for name in Check.parse(check.rule).names]
        if missing := sorted({name for name in asked if name not in self.fields}):
            raise ValueError(f"key, as_of, control_total or checks name fields that are not there: {missing}")
        wrong = [
            n for n, f in self.fields.items() if (f.at is None) == (self.format == "fixed") and f.constant is None
        ]
        if wrong:
            raise ValueError(f"a {self.format} file cannot place {wrong}")
        return self

    @field_validator("encoding")
    @classmethod
    def _reads_any_byte(cls, encoding: str) -> str:
        """A byte that is no text must become a fault of its row, which stateful encodings cannot give."""
        try:
            for byte in range(256):
                bytes([byte]).decode(encoding, "surrogateescape")
            b"\\u \\x ".decode(encoding, "surrogateescape")
        except (LookupError, ValueError) as error:
            raise ValueError(f"{encoding!r} is not an encoding of single bytes, nor UTF-8") from error
        return encoding

    @field_validator("delimiter")
    @classmethod
    def _divides_cells(cls, delimiter: str) -> str:
        if delimiter in '\r\n"':
            raise ValueError("a line's end and a quotation mark cannot divide cells")
        return delimiter

    @field_validator("time_zone")
    @classmethod
    def _is_a_zone(cls, name: str) -> str:
        try:
            zoneinfo.ZoneInfo(name or "UTC")
        except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise ValueError(f"{name!r} is not a time zone") from error
        return name

    @property
    def key_source(self) -> str:
        return self.account_source or self.source_system


def load_profile(path: Path) -> Profile:
    """Read and check a profile; raises :class:`BadProfile` naming file and field."""
    try:
        content = path.read_bytes()
        settings = tomllib.loads(content.decode())
    except (OSError, ValueError, RecursionError) as error:
        raise BadProfile(f"{path}: {error}") from error
    if named := next(_with_nul(settings), ""):
        raise BadProfile(f"{path}: {named}: holds NUL, which is no letter")
    try:
        return Profile(name=path.stem, fingerprint=hashlib.sha256(content).hexdigest()[:12], **settings)
    except ValidationError as error:
        faults = [f"{'.'.join(map(str, e['loc'])) or 'profile'}: {e['msg']}" for e in error.errors()]
        raise BadProfile(f"{path}: {'; '.join(faults)}") from error
    except TypeError as error:
        raise BadProfile(f"{path}: {error}") from error


def _with_nul(value: object, name: str = "profile") -> Iterator[str]:
    """Where in the settings the one letter stands that the database cannot keep."""
    if isinstance(value, str) and "\x00" in value:
        yield name
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from _with_nul(key, name)
            yield from _with_nul(inner, str(key))
    elif isinstance(value, list):
        for inner in value:
            yield from _with_nul(inner, name)
