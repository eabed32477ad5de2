"""Where it is measured: an embedded server that writes to disk for sure, a migrated database, a released city."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import psycopg
from sqlalchemy import Engine

from accounts.cities.queries import RulingCity, ruling
from accounts.cities.service import approve, propose, read_folder
from accounts.clock import SystemClock
from accounts.database import Sessions, engine_for, reading, sessions_for
from demo import postgres
from portal.config import CHECKOUT, Mode, Settings
from portal.migrations import migrate
from portal.proxies import TrustedProxies

STATE = CHECKOUT / ".state" / "bench"
PROOF_KEY = "a-proof-key-that-only-the-bench-has"
SETTINGS = Settings(
    mode=Mode.TEST,
    secret_key="a-session-key-that-only-the-bench-has",
    proof_key=PROOF_KEY,
    stripe_key="sk_test_bench",
    stripe_webhook_secrets=("whsec_bench",),
    stripe_api_base="http://127.0.0.1:9",
    trusted_proxies=TrustedProxies(hops=1),
    log_level="WARNING",
)
"""As deployed behind one proxy; nothing listens where the processor would be, and nothing asks it."""


@dataclass(frozen=True)
class Place:
    """A database of some size, by the owner's address and by the application's."""

    owner_url: str
    app_url: str
    engine: Engine
    sessions: Sessions
    city: RulingCity
    clock: SystemClock

    @property
    def settings(self) -> Settings:
        """The portal's settings on this database."""
        return replace(SETTINGS, database_url=self.app_url)

    def environment(self) -> dict[str, str]:
        """The same settings, for a process."""
        made = self.settings
        return {
            "MODE": made.mode.value,
            "DATABASE_URL": self.app_url,
            "SECRET_KEY": made.secret_key,
            "PROOF_KEY": made.proof_key,
            "STRIPE_KEY": made.stripe_key,
            "STRIPE_WEBHOOK_SECRETS": ",".join(made.stripe_webhook_secrets),
            "STRIPE_API_BASE": made.stripe_api_base or "",
            "TRUSTED_PROXIES": "1",
            "LOG_LEVEL": made.log_level,
        }


@contextmanager
def started(folder: Path = STATE) -> Iterator[postgres.EmbeddedServer]:
    """The bench's own server, stopped at the end."""
    server = postgres.start(folder, durable=True)
    try:
        _make_room(server.owner_url("postgres"))
        yield server
    finally:
        server.stop()


def _make_room(owner_url: str) -> None:
    """Let a load write on between checkpoints, as a server for a city would be set up."""
    with psycopg.connect(owner_url, autocommit=True) as connection:
        connection.execute("ALTER SYSTEM SET max_wal_size = '4GB'")
        connection.execute("SELECT pg_reload_conf()")


@contextmanager
def fresh(server: postgres.EmbeddedServer, name: str) -> Iterator[Place]:
    """An empty database with the city released; removed at the end."""
    postgres.drop_database(server, name)
    postgres.create_database(server, name)
    owner_url, app_url = server.owner_url(name), server.app_url(name)
    migrate(owner_url, app_url)
    engine = engine_for(app_url, pool_size=16, application="ventanilla-bench")
    try:
        yield released(owner_url, app_url, engine)
    finally:
        engine.dispose()
        postgres.drop_database(server, name)


def released(owner_url: str, app_url: str, engine: Engine) -> Place:
    """A migrated, empty database with the demo city ruling in it."""
    sessions = sessions_for(engine)
    approve(sessions, propose(sessions, read_folder(CHECKOUT / "city"), "staff:bench-maker"), "staff:bench-checker")
    with reading(sessions) as session:
        city = ruling(session)
    return Place(owner_url, app_url, engine, sessions, city, SystemClock(city.city.identity.time_zone))
