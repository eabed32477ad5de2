"""Idempotency keys (docs.stripe.com/api/idempotent_requests): the first answer is the only answer for a day."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sandbox.clock import DAY
from sandbox.errors import StripeError
from sandbox.store import Json
from sandbox.world import World

LONGEST_KEY = 255
_in_flight: set[tuple[int, str, str]] = set()
_guard = threading.Lock()


@dataclass(frozen=True)
class Remembered:
    """A saved answer."""

    status: int
    body: str
    request_id: str


@dataclass(frozen=True)
class Key:
    """A key as one account uses it, with what was asked under it."""

    account: str
    key: str
    request: str


def key_of(account: str, key: str, verb: str, path: str, params: Json) -> Key:
    """Names a request by its key and a digest of method, path and parameters."""
    if len(key) > LONGEST_KEY:
        raise StripeError(400, "Idempotency keys have at most 255 characters.", kind="idempotency_error", early=True)
    asked = json.dumps([verb, path, params], sort_keys=True)
    return Key(account, key, hashlib.sha256(asked.encode()).hexdigest())


@contextmanager
def held(world: World, key: Key) -> Iterator[None]:
    """Lets one request at a time work under a key; the other is told 409."""
    mark = (id(world), key.account, key.key)
    with _guard:
        if mark in _in_flight:
            raise in_use(key.key)
        _in_flight.add(mark)
    try:
        yield
    finally:
        with _guard:
            _in_flight.discard(mark)


def in_use(key: str) -> StripeError:
    """The answer while the first request with the same key still runs."""
    return StripeError(
        409,
        "There is currently another in-progress request using this Idempotent Key"
        f" (that probably means you submitted twice, and the other request is still going through): {key}.",
        kind="idempotency_error",
        code="idempotency_key_in_use",
        early=True,
    )


def recall(world: World, key: Key) -> Remembered | None:
    """Finds the saved answer of a key; another question under the same key is refused."""
    world.store.rows("DELETE FROM idempotency WHERE created <= ?", world.clock.now() - DAY)
    rows = world.store.rows("SELECT * FROM idempotency WHERE account = ? AND key = ?", key.account, key.key)
    if not rows:
        return None
    if rows[0]["request"] != key.request:
        raise StripeError(
            400,
            "Keys for idempotent requests can only be used with the same endpoint and the same parameters"
            f" they were first used with. Try using a key other than '{key.key}' if you meant to execute a"
            " different request.",
            kind="idempotency_error",
            early=True,
        )
    return Remembered(rows[0]["status"], rows[0]["body"], rows[0]["request_id"])


def remember(world: World, key: Key, answer: Remembered) -> None:
    """Saves an answer, in the transaction of the change it tells of."""
    world.store.rows(
        "INSERT OR REPLACE INTO idempotency (account, key, request, request_id, status, body, created)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        key.account, key.key, key.request, answer.request_id, answer.status, answer.body, world.clock.now(),
    )  # fmt: skip
