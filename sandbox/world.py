"""What every part of the sandbox works with: the store, the clock, the shapes and the settings."""

from __future__ import annotations

import secrets
import string
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sandbox.clock import Clock
from sandbox.errors import missing
from sandbox.shapes import Shapes
from sandbox.store import Json, Store

ALPHABET = string.ascii_letters + string.digits


@dataclass(frozen=True)
class Settings:
    """What the command line decides."""

    store: Path
    public_url: str = ""
    webhook_url: str | None = None
    webhook_secret: str | None = None
    merchant: str = "Example City"
    check: bool = False
    days_ago: int = 0
    """How far in the past the clock of a new store begins."""


@dataclass
class World:
    """The sandbox's whole state, handed to every operation."""

    settings: Settings
    store: Store
    clock: Clock
    shapes: Shapes
    violations: list[Json] = field(default_factory=list)

    def new(self, kind: str, prefix: str, /, *, id_length: int = 24, **values: Any) -> Json:
        """A new object in Stripe's shape with its id and time, not stored yet."""
        stamp = {"id": new_id(prefix, id_length), "created": self.clock.now(), "livemode": False}
        known = self.shapes.schemas[kind]["properties"]
        return self.shapes.blank(kind, **{k: v for k, v in stamp.items() if k in known}, **values)

    def fetch(self, kind: str, identifier: str, *, param: str = "id", status: int = 404) -> Json:
        """Reads an object or refuses as Stripe does for an unknown id."""
        found = self.store.get(identifier, kind)
        if found is None:
            raise missing(kind.replace(".", " "), identifier, param=param, status=status)
        return found


@dataclass(frozen=True)
class Call:
    """One API request on its way into an operation: checked parameters and the ids from its path."""

    world: World
    params: Json
    ids: dict[str, str] = field(default_factory=dict)

    def given(self, *names: str) -> Json:
        """The parameters of these names that the request has, as conditions for a list."""
        return {name: self.params[name] for name in names if name in self.params}

    def copied(self, target: Json, *names: str) -> Json:
        """Copies the given parameters onto an object; an empty string unsets."""
        for name in names:
            if name in self.params:
                value = self.params[name]
                target[name] = None if value == "" else value
        return target


def new_id(prefix: str, length: int = 24) -> str:
    """An id in Stripe's style."""
    return prefix + "".join(secrets.choice(ALPHABET) for _ in range(length))


def merge_metadata(target: Json, params: Json) -> None:
    """Merges metadata key by key; an empty value removes a key, an empty string removes all of them."""
    given = params.get("metadata")
    if given is None:
        return
    merged = {} if given == "" else {**(target.get("metadata") or {}), **given}
    target["metadata"] = {key: value for key, value in merged.items() if value != ""}
