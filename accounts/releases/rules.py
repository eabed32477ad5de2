"""A release of the city as an act, and what it would change. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from accounts.approvals.rules import Command
from accounts.staff.rules import ActKind

MOST = 200
"""Changes named one by one; a larger release is read in the folder."""


class Release(Command):
    """Let a proposed release rule."""

    kind: ClassVar[ActKind] = ActKind.CITY_RELEASE
    release_id: int


@dataclass(frozen=True)
class Change:
    """A value that differs: ``rates[water-usage].versions[2].shape.rate``; empty where there was or will be none."""

    field: str
    before: str
    now: str


def differences(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[Change]:
    """What differs between two cities as JSON, in the order of their fields; items of a list go by their code."""
    return list(_differ("", before, now))


def _differ(path: str, before: Any, now: Any) -> Iterator[Change]:
    if before == now:
        return
    old, new = _children(before), _children(now)
    if old is None or new is None:
        yield Change(path, _said(before), _said(now))
        return
    for name in dict.fromkeys([*old, *new]):
        yield from _differ(f"{path}{name}" if path else name.removeprefix("."), old.get(name), new.get(name))


def _children(value: Any) -> dict[str, Any] | None:
    """The parts of a value by their place in it; nothing for a value without parts."""
    if value is None:
        return {}
    if isinstance(value, Mapping):
        return {f".{key}": item for key, item in value.items()}
    if isinstance(value, list) and all(isinstance(item, Mapping) for item in value):
        return {f"[{item.get('code', place)}]": item for place, item in enumerate(value, start=1)}
    return None


def _said(value: Any) -> str:
    if value is None:
        return ""
    return ", ".join(map(_said, value)) if isinstance(value, list) else str(value)
