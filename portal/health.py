"""Health for load balancers: ``/healthz`` (the process is up) and ``/readyz`` (what it needs is there)."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as TookTooLong
from dataclasses import dataclass

from flask import Blueprint, Response, jsonify
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from portal import logs
from portal.migrations import is_current
from portal.queue import queue_depth

SECONDS = 3.0
KEEP_SECONDS = 2.0
OLDEST_JOB_SECONDS = 900
"""A due job that waits longer means that the workers do not keep up."""
Check = Callable[[], str]
"""Returns "" when all is well, else a few words without secrets; an exception counts as its class name."""
_log = logs.logger(__name__)


@dataclass(frozen=True)
class Readiness:
    """The parts that were looked at; "ok" or what is wrong."""

    parts: Mapping[str, str]

    @property
    def ok(self) -> bool:
        return all(answer == "ok" for answer in self.parts.values())

    @property
    def status(self) -> int:
        """As a load balancer reads it."""
        return 200 if self.ok else 503


def ready(engine: Engine, processor: Check, *, seconds: float = SECONDS) -> Readiness:
    """Look at every part at once, each with a time limit of its own; a part that hangs does not hide the others."""
    checks: dict[str, Check] = {
        "database": lambda: _database(engine),
        "migrations": lambda: _migrations(engine),
        "queue": lambda: _queue(engine),
        "processor": processor,
    }
    pool = ThreadPoolExecutor(max_workers=len(checks), thread_name_prefix="ready")
    try:
        running = {name: pool.submit(check) for name, check in checks.items()}
        parts = {}
        for name, future in running.items():
            try:
                parts[name] = future.result(timeout=seconds) or "ok"
            except TookTooLong:
                parts[name] = "no answer in time"
            except Exception as error:  # noqa: BLE001 - whatever it is, this part is not ready
                parts[name] = type(error).__name__
        return Readiness(parts)
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def blueprint(engine: Engine, processor: Check) -> Blueprint:
    """The two addresses; neither needs a session, a cookie or a language."""
    pages = Blueprint("health", __name__)
    recent: list[tuple[float, Readiness]] = []

    def looked() -> Readiness:
        """Asked often (or by somebody unkind), the parts are still looked at only every few seconds."""
        if not recent or time.monotonic() - recent[-1][0] > KEEP_SECONDS:
            recent[:] = [(time.monotonic(), ready(engine, processor))]
        return recent[-1][1]

    @pages.get("/healthz")
    def healthz() -> Response:
        return _uncached({"status": "ok"}, 200)

    @pages.get("/readyz")
    def readyz() -> Response:
        found = looked()
        if not found.ok:
            _log.warning("not ready", parts=dict(found.parts))
        return _uncached({"status": "ok" if found.ok else "not ready", "parts": dict(found.parts)}, found.status)

    return pages


def _uncached(body: dict[str, object], status: int) -> Response:
    response = jsonify(body)
    response.status_code = status
    response.headers["Cache-Control"] = "no-store"
    return response


def _database(engine: Engine) -> str:
    with engine.connect() as connection:
        connection.execute(text("SELECT 1"))
    return ""


def _migrations(engine: Engine) -> str:
    return "" if is_current(engine) else "the database is at another version"


def _queue(engine: Engine) -> str:
    with Session(engine) as session:
        depth = queue_depth(session)
    if not depth.workers:
        return "no worker gives a sign of life"
    if depth.oldest_seconds > OLDEST_JOB_SECONDS:
        return "the oldest job waits too long"
    return ""
