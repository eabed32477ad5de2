"""A profile bound to a file and to the fields of its kind: raw rows in, typed rows or faults out."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from accounts.imports.fields import FieldType, Reader, Unreadable, reader
from accounts.imports.profiles import FieldSpec, Profile
from accounts.imports.readers import Cell, SourceFile
from accounts.imports.rules import BadProfile, Check, Fault, Fields, RawRow, Row
from accounts.money import Money

Step = Callable[[str], str]
LONGEST_KEY = 255
"""Letters: an index holds it."""
_NUMBERS = frozenset({FieldType.WHOLE, FieldType.DECIMAL})
_DAYS = frozenset({FieldType.DATE, FieldType.MONTH})
_MONEY = frozenset({FieldType.MONEY})


@dataclass(frozen=True)
class Vocabulary:
    """The fields that a kind of record knows: types, those that no row may lack, and those kept only as hashes."""

    fields: Mapping[str, FieldType]
    required: frozenset[str]
    secret: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class BoundField:
    name: str
    cell: Cell
    prepare: Step
    read: Reader
    is_required: bool

    def value(self, raw: RawRow) -> Any:
        text = self.prepare(self.cell(raw.cells))
        if text:
            return self.read(text)
        if self.is_required:
            raise Unreadable("blank")
        return None


@dataclass(frozen=True)
class Parser:
    """Reads rows of one file. ``digest_key`` is the key of the digests by which a changed row is known."""

    profile: Profile
    vocabulary: Vocabulary
    fields: tuple[BoundField, ...]
    checks: tuple[tuple[Check, str], ...]
    digest_key: bytes

    @classmethod
    def bind(cls, source: SourceFile, vocabulary: Vocabulary, digest_key: bytes) -> Parser:
        """Raises :class:`BadProfile` for a field that the kind does not know or that the file does not have."""
        profile = source.profile
        if missing := sorted(name for name in vocabulary.required if name not in profile.fields):
            raise BadProfile(f"{profile.name}: {profile.kind} need the fields {', '.join(missing)}")
        bound = tuple(_bound(source, name, spec, vocabulary) for name, spec in profile.fields.items())
        checks = tuple((Check.parse(check.rule), check.reason) for check in profile.checks)
        if secret := sorted(vocabulary.secret.intersection(profile.key)):
            raise BadProfile(f"{profile.name}: key: {', '.join(secret)} is kept as a hash only")
        if (name := profile.control_total) and _type_of(profile, vocabulary, name) is not FieldType.MONEY:
            raise BadProfile(f"{profile.name}: control_total: {name} is not money")
        for check, _ in checks:
            _refuse_unlike(profile, vocabulary, check)
        return cls(profile, vocabulary, bound, checks, digest_key)

    def parse(self, raw: RawRow) -> Row | Fault:
        """The row, or all that is wrong with it."""
        if raw.fault is not None:
            return raw.fault
        values: Fields = {}
        faults: list[Fault] = []
        cells = raw.cells
        for name, cell, prepare, read, is_required in self._steps:
            try:
                text = prepare(cell(cells))
                if text:
                    values[name] = read(text)
                elif is_required:
                    faults.append(Fault(name, "blank"))
                else:
                    values[name] = None
            except Unreadable as error:
                faults.append(Fault(name, str(error)))
        faults = faults or self._contradictions(values)
        if faults:
            return Fault(
                "; ".join(fault.field for fault in faults),
                "; ".join(fault.reason for fault in faults),
                any(fault.is_contradiction for fault in faults),
            )
        key = "|".join(str(values[name]) for name in self.profile.key)
        if len(key) > LONGEST_KEY:
            return Fault(self.profile.key[0], f"longer than {LONGEST_KEY} letters")
        as_of = self.profile.as_of
        return Row(raw, key, values, self._digest(values), str(values[as_of]) if as_of else "")

    def money(self, raw: RawRow) -> Money | None:
        """The amount that control totals add up; ``None`` where it cannot be read."""
        if raw.fault is not None or self._control is None:
            return None
        try:
            value = self._control.value(raw)
        except Unreadable:
            return None
        return value if isinstance(value, Money) else None

    def evidence(self, raw: RawRow) -> dict[str, object]:
        """The row's place, its key and the values that its checks compare."""
        names = {*self.profile.key, *(name for check, _ in self.checks for name in check.names)}
        values = {
            field.name: str(field.value(raw))
            for field in self.fields
            if field.name in names and field.name not in self.vocabulary.secret
        }
        return {"profile": self.profile.name, "line": raw.line, **values}

    @cached_property
    def _steps(self) -> list[tuple[str, Cell, Step, Reader, bool]]:
        """The fields as tuples: this is the innermost loop of every import."""
        return [(bound.name, bound.cell, bound.prepare, bound.read, bound.is_required) for bound in self.fields]

    @cached_property
    def _control(self) -> BoundField | None:
        name = self.profile.control_total
        return next((bound for bound in self.fields if bound.name == name), None) if name else None

    def _contradictions(self, values: Fields) -> list[Fault]:
        return [
            Fault(check.names[-1], reason or f"does not hold: {check.text}", is_contradiction=True)
            for check, reason in self.checks
            if not check.holds(values)
        ]

    def _digest(self, values: Fields) -> bytes:
        content = "\x1f".join(f"{name}={value}" for name, value in values.items())
        return hmac.digest(self.digest_key, content.encode(), hashlib.sha256)


def _bound(source: SourceFile, name: str, spec: FieldSpec, vocabulary: Vocabulary) -> BoundField:
    kind = _type_of(source.profile, vocabulary, name)
    if kind is None:
        raise BadProfile(
            f"{source.profile.name}: fields.{name}: not a field of {source.profile.kind} "
            f"({', '.join(sorted(vocabulary.fields))}); give it a type to use it in checks only"
        )
    required = spec.required or name in vocabulary.required or name in {*source.profile.key, source.profile.as_of}
    return BoundField(
        name, source.cell(spec), _prepare(spec), reader(kind, spec.formats, in_cents=spec.in_cents), required
    )


def _type_of(profile: Profile, vocabulary: Vocabulary, name: str) -> FieldType | None:
    return vocabulary.fields.get(name, profile.fields[name].type)


def _refuse_unlike(profile: Profile, vocabulary: Vocabulary, check: Check) -> None:
    """A check compares like with like, and adds up amounts and numbers only."""
    known = {name: _type_of(profile, vocabulary, name) for name in check.names}
    alike = (_NUMBERS, _DAYS)
    kinds = {next((like for like in alike if kind in like), frozenset({kind})) for kind in known.values()}
    is_sum = any(len(side) > 1 or side[0][0] < 0 for side in (check.left, check.right))
    if len(kinds) > 1 or (is_sum and kinds.isdisjoint({_NUMBERS, _MONEY})):
        said = ", ".join(f"{name} ({kind.value if kind else 'no type'})" for name, kind in known.items())
        raise BadProfile(f"{profile.name}: checks: {check.text!r} compares {said}")


def _prepare(spec: FieldSpec) -> Step:
    steps: list[Step] = [str.strip]
    if spec.collapse:
        steps.append(lambda text: " ".join(text.split()))
    if spec.blank:
        words = frozenset(spec.blank)
        steps.append(lambda text: "" if text in words else text)
    steps += [_replace(pattern, by) for pattern, by in spec.replace]
    if spec.extract:
        steps.append(_extract(spec.extract))
    if spec.case:
        steps.append(str.upper if spec.case == "upper" else str.lower)
    if spec.values:
        steps.append(_translate(spec.values, spec.otherwise))
    if len(steps) == 1:
        return str.strip
    return _in_turn(tuple(steps))


def _in_turn(steps: tuple[Step, ...]) -> Step:
    def prepare(text: str) -> str:
        for step in steps:
            text = step(text)
        return text

    return prepare


def _replace(pattern: str, by: str) -> Step:
    compiled = re.compile(pattern)
    return lambda text: compiled.sub(by, text)


def _extract(pattern: str) -> Step:
    compiled = re.compile(pattern)

    def extract(text: str) -> str:
        match = compiled.search(text)
        return (match[1] or "").strip() if match else ""

    return extract


def _translate(values: Mapping[str, str], otherwise: str | None) -> Step:
    def translate(text: str) -> str:
        if text in values:
            return values[text]
        if otherwise is not None:
            return otherwise
        if not text:
            return ""
        raise Unreadable(f"the code {text!r} is not in the profile")

    return translate
