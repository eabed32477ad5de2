"""Running the web server, and waiting for a database that ``ventanilla migrate`` has brought up to date."""

from __future__ import annotations

import sys
import time

from granian import Granian
from granian.constants import Interfaces
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from accounts.database import engine_for
from portal import logs
from portal.config import Settings
from portal.migrations import is_current

POLL_SECONDS = 1.0
_LOGS = {
    "handlers": {},
    "formatters": {},
    "loggers": {
        name: {"handlers": [], "propagate": True, "level": "INFO"} for name in ("_granian", "granian.access")
    },
}
"""The server's own lines go through our processors instead of to stdout."""
_log = logs.logger(__name__)


def wait_for_database(settings: Settings, *, seconds: float = 600.0) -> None:
    """Return when the database answers at this code's version; says every ten seconds what it waits for."""
    engine = engine_for(settings.database_url, pool_size=1, application="ventanilla-wait")
    began = said = time.monotonic()
    try:
        while missing := _missing(engine):
            now = time.monotonic()
            if now - began > seconds:
                raise SystemExit(f"Gave up after {seconds:.0f} seconds: {missing}.")
            if said == began or now - said >= 10:
                _log.warning("waiting", until=missing, seconds=round(now - began))
                said = now
            time.sleep(POLL_SECONDS)
    finally:
        engine.dispose()


def serve(settings: Settings) -> None:
    """Serve ``wsgi:app`` until SIGTERM or Ctrl-C; requests that are running are finished first."""
    sys.stdout.flush()
    Granian(
        "wsgi:app",
        address=settings.host,
        port=settings.port,
        interface=Interfaces.WSGI,
        workers=settings.workers,
        blocking_threads=settings.threads,
        backlog=1024,
        respawn_failed_workers=True,
        workers_kill_timeout=30,
        websockets=False,
        log_access=False,
        log_dictconfig=_LOGS,
    ).serve()


def _missing(engine: Engine) -> str:
    try:
        current = is_current(engine)
    except SQLAlchemyError as error:
        return f"the database to answer ({type(error).__name__})"
    return "" if current else "'ventanilla migrate' to bring the database to this version"
