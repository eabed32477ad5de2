"""How an event travels to an endpoint: one small function per mode of the control page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sandbox.store import Json


@dataclass(frozen=True)
class Journey:
    """One planned request: its first state, how long it waits, and the event as it will be told."""

    event: Json
    state: str = "pending"
    delay: float = 0.0


Mode = Callable[[Json], list[Journey]]


def now(event: Json) -> list[Journey]:
    """Sends at once."""
    return [Journey(event)]


def hold(event: Json) -> list[Journey]:
    """Keeps the event until it is released."""
    return [Journey(event, state="held")]


def duplicate(event: Json) -> list[Journey]:
    """Sends the same event twice, as Stripe may."""
    return [Journey(event), Journey(event)]


def drop(event: Json) -> list[Journey]:
    """Loses the event; it stays in the list of events."""
    return [Journey(event, state="dropped")]


MODES: dict[str, Mode] = {"now": now, "hold": hold, "duplicate": duplicate, "drop": drop}
