"""Faults on order: the next API calls fail as networks and processors do."""

from __future__ import annotations

import json
import socket
import struct
import threading
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from sandbox.errors import StripeError
from sandbox.store import Json

KINDS = {
    "before": "the connection is reset and nothing has happened",
    "after": "it is done, and the connection is reset without an answer",
    "cut": "it is done, and the answer breaks off in the middle",
    "empty_200": "it is done, and the answer is 200 with nothing in it",
    "500_after": "it is done, and the answer is 500, for every retry with the same key too",
    "409": "refused: another request holds the idempotency key",
    "429": "refused: too many requests",
    "slow": "it is done, and the answer comes late; until then its key is in use",
}
LONGEST_WAIT = 120.0


@dataclass
class Fault:
    """One order: what goes wrong, how often, and for which calls (a piece of ``POST /v1/...``; empty for all)."""

    kind: str
    count: int = 1
    match: str = ""
    seconds: float = 20.0


class Faults:
    """The orders that have not been carried out yet."""

    def __init__(self) -> None:
        self._orders: list[Fault] = []
        self._lock = threading.Lock()

    def order(self, data: Json) -> Fault:
        """Takes an order from the control page."""
        if data.get("kind") not in KINDS:
            raise ValueError(f"A fault is one of {', '.join(KINDS)}.")
        fault = Fault(
            kind=data["kind"],
            count=int(data.get("count") or 1),
            match=str(data.get("match", "")),
            seconds=min(float(data.get("seconds") or 20), LONGEST_WAIT),
        )
        with self._lock:
            self._orders.append(fault)
        return fault

    def take(self, request_line: str) -> Fault | None:
        """Uses up one order that fits the request."""
        with self._lock:
            for fault in self._orders:
                if fault.match in request_line:
                    fault.count -= 1
                    if fault.count <= 0:
                        self._orders.remove(fault)
                    return fault
        return None

    def clear(self) -> None:
        """Forgets all orders."""
        with self._lock:
            self._orders.clear()

    def waiting(self) -> list[Json]:
        """The orders still to come."""
        with self._lock:
            return [asdict(fault) for fault in self._orders]


def refuse_first(fault: Fault | None) -> None:
    """Carries out the faults that keep the operation from starting."""
    if fault and fault.kind == "409":
        raise StripeError(
            409, "There is currently another in-progress request using this Idempotent Key.",
            kind="idempotency_error", code="idempotency_key_in_use", early=True,
        )  # fmt: skip
    if fault and fault.kind == "429":
        raise StripeError(429, "Request rate limit exceeded.", code="rate_limit", early=True)


def reset(environ: dict[str, Any]) -> None:
    """Resets the connection of a request, so that the client sees no answer at all."""
    connection: socket.socket = environ["werkzeug.socket"]
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.shutdown(socket.SHUT_RDWR)


def broken_off(body: bytes, environ: dict[str, Any]) -> Iterator[bytes]:
    """Half of an answer, then silence."""
    yield body[: len(body) // 2]
    connection: socket.socket = environ["werkzeug.socket"]
    connection.shutdown(socket.SHUT_RDWR)


def wait(fault: Fault) -> None:
    """Keeps the caller waiting."""
    time.sleep(fault.seconds)


def server_error() -> tuple[int, str]:
    """Stripe's answer when something broke on its side."""
    error = {"type": "api_error", "message": "An unknown error occurred."}
    return 500, json.dumps({"error": error}, indent=2)
