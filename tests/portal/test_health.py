"""``/healthz`` and ``/readyz``: each part is looked at, named when it fails, and nothing secret is said."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, text

from accounts.database import engine_for
from portal import health
from tests.database import TestDatabase


@pytest.fixture
def heartbeat(db: TestDatabase) -> None:
    """A worker that gave a sign of life a moment ago."""
    with db.owner.begin() as connection:
        connection.execute(text("INSERT INTO procrastinate_workers DEFAULT VALUES"))


def well() -> str:
    return ""


def client_for(engine: Engine, processor: health.Check = well) -> FlaskClient:
    app = Flask(__name__)
    app.register_blueprint(health.blueprint(engine, processor))
    return app.test_client()


@pytest.fixture
def no_database() -> Iterator[Engine]:
    engine = engine_for("postgresql://app:hunter2@127.0.0.1:9/none")
    yield engine
    engine.dispose()


def test_up_without_a_database(no_database: Engine) -> None:
    answer = client_for(no_database).get("/healthz")
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.usefixtures("heartbeat")
def test_ready_when_every_part_is(db: TestDatabase) -> None:
    answer = client_for(db.app).get("/readyz")
    assert answer.json == {
        "status": "ok",
        "parts": {"database": "ok", "migrations": "ok", "queue": "ok", "processor": "ok"},
    }
    assert answer.status_code == 200


def test_names_the_parts_that_fail(no_database: Engine) -> None:
    answer = client_for(no_database, lambda: "no answer").get("/readyz")
    assert answer.status_code == 503
    assert answer.json is not None
    assert set(answer.json["parts"]) == {"database", "migrations", "queue", "processor"}
    assert "ok" not in answer.json["parts"].values()
    assert "hunter2" not in answer.text


def test_without_a_worker_the_queue_is_not_ready(db: TestDatabase) -> None:
    found = health.ready(db.app, well)
    assert found.parts["queue"] == "no worker gives a sign of life"
    assert not found.ok


@pytest.mark.usefixtures("heartbeat")
def test_a_job_that_waits_too_long_is_seen(db: TestDatabase) -> None:
    with db.owner.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO procrastinate_jobs (queue_name, task_name, scheduled_at)"
                " VALUES ('facts', 'x', now() - interval '1 hour')"
            )
        )
    assert health.ready(db.app, well).parts["queue"] == "the oldest job waits too long"


@pytest.mark.usefixtures("heartbeat")
def test_a_database_at_another_version_is_not_ready(db: TestDatabase, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("portal.migrations.newest", lambda: "9999")
    assert health.ready(db.app, well).parts["migrations"] == "the database is at another version"


@pytest.mark.usefixtures("heartbeat")
def test_a_part_that_hangs_does_not_hold_the_others_up(db: TestDatabase) -> None:
    released = threading.Event()

    def hangs() -> str:
        released.wait(20)
        return ""

    began = time.monotonic()
    found = health.ready(db.app, hangs, seconds=1.0)
    released.set()
    assert found.parts == {"database": "ok", "migrations": "ok", "queue": "ok", "processor": "no answer in time"}
    assert time.monotonic() - began < 10


@pytest.mark.usefixtures("heartbeat")
def test_asked_often_it_looks_once(db: TestDatabase) -> None:
    looked: list[int] = []

    def counts() -> str:
        looked.append(1)
        return ""

    client = client_for(db.app, counts)
    for _ in range(5):
        assert client.get("/readyz").status_code == 200
    assert len(looked) < 5
