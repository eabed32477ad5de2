"""The queue: facts of the rooms below become jobs, in the same transaction, and are tried again."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
import structlog
from procrastinate.exceptions import ConnectorException
from procrastinate.jobs import Job
from sqlalchemy import text

from accounts.database import Sessions, reading, transaction
from accounts.outbox import MONEY_WAITS, SOMEBODY_WAITS, announce
from portal.queue import CLOCK, FACTS, WAITS, Backoff, nightly, on_fact, queue_app, queue_depth, run_worker
from tests.database import TestDatabase


def job(attempts: int) -> Job:
    return Job(id=1, queue="facts", lock=None, queueing_lock=None, task_name="x", attempts=attempts)


def test_a_fact_runs_what_follows_it(db: TestDatabase, sessions: Sessions) -> None:
    heard: list[int] = []
    app = queue_app(db.app_url)

    @on_fact(app, "receipt_issued")
    def mail_it(receipt_id: int) -> None:
        heard.append(receipt_id)

    with transaction(sessions) as session:
        announce(session, "receipt_issued", receipt_id=7)
    with sessions() as session:
        announce(session, "receipt_issued", receipt_id=8)
        session.rollback()
    run_worker(app, once=True)
    assert heard == [7]
    with reading(sessions) as session:
        depth = queue_depth(session)
    assert (depth.waiting, depth.running, depth.failed, depth.workers) == (0, 0, 0, 0)


def test_money_goes_before_people_and_people_before_what_can_wait(db: TestDatabase, sessions: Sessions) -> None:
    """A thousand receipts of a due date keep no payment from being posted, and nobody from a code."""
    heard: list[str] = []
    app = queue_app(db.app_url)

    def hear(name: str) -> None:
        heard.append(name)

    for fact in ("receipt_issued", "lookup_requested", "processor_event"):
        on_fact(app, fact)(hear)
    with transaction(sessions) as session:
        session.execute(text("SELECT announce_fact('receipt_issued', '{\"name\": \"mail\"}')"))
        announce(session, "receipt_issued", name="mail")
        announce(session, "lookup_requested", priority=SOMEBODY_WAITS, name="code")
        announce(session, "processor_event", priority=MONEY_WAITS, name="money")
    run_worker(app, concurrency=1, once=True)
    assert heard == ["money", "code", "mail", "mail"]


def test_a_worker_of_one_queue_leaves_the_other_to_others(db: TestDatabase, sessions: Sessions) -> None:
    heard: list[str] = []
    app = queue_app(db.app_url)

    @on_fact(app, "receipt_issued")
    def mail_it() -> None:
        heard.append("fact")

    with transaction(sessions) as session:
        announce(session, "receipt_issued")
    run_worker(app, once=True, queues=[CLOCK])
    assert heard == []
    run_worker(app, once=True, queues=[FACTS])
    assert heard == ["fact"]


def test_a_failure_is_tried_again_later_and_a_final_one_is_not(db: TestDatabase, sessions: Sessions) -> None:
    app = queue_app(db.app_url)

    @on_fact(app, "later")
    def later() -> None:
        raise OSError

    @on_fact(app, "never", final=(LookupError,))
    def never() -> None:
        raise KeyError

    with transaction(sessions) as session:
        announce(session, "later")
        announce(session, "never")
    run_worker(app, once=True)
    with reading(sessions) as session:
        states = dict(
            session.execute(
                text("SELECT task_name, status::text FROM procrastinate_jobs WHERE queue_name = 'facts'")
            ).all()
        )  # type: ignore[arg-type]
        assert states == {"later": "todo", "never": "failed"}
        assert queue_depth(session).failed == 1
        assert queue_depth(session).waiting == 0


def test_waits_grow_and_end() -> None:
    before = datetime.now(UTC)
    first = Backoff().get_retry_decision(exception=OSError(), job=job(0))
    assert first is not None
    assert first.retry_at is not None
    assert timedelta(0) < first.retry_at - before < timedelta(seconds=10)
    assert Backoff().get_retry_decision(exception=OSError(), job=job(len(WAITS))) is None
    assert list(WAITS) == sorted(WAITS)
    assert sum(WAITS) > 24 * 3600


def test_a_jobs_line_names_it(db: TestDatabase, sessions: Sessions) -> None:
    seen: list[dict[str, object]] = []
    app = queue_app(db.app_url)

    @on_fact(app, "noted")
    def noted() -> None:
        seen.append(dict(structlog.contextvars.get_contextvars()))

    with transaction(sessions) as session:
        announce(session, "noted")
    run_worker(app, once=True)
    assert seen[0]["job"] == "noted"
    assert seen[0]["job_id"]


def test_the_night_is_registered(db: TestDatabase) -> None:
    app = queue_app(db.app_url)
    nightly(app, "night.prove", "0 9 * * *", lambda: "proved")
    assert app.tasks["night.prove"].queueing_lock == "night.prove"
    names = {periodic.task.name for periodic in app.periodic_registry.periodic_tasks.values()}
    assert names == {"night.prove", "queue.retry_stalled", "queue.forget_finished"}


@pytest.mark.usefixtures("db")
def test_jobs_of_a_worker_that_died_are_run_again(db: TestDatabase, sessions: Sessions) -> None:
    heard: list[str] = []
    app = queue_app(db.app_url)
    on_fact(app, "cut")(lambda: heard.append("ran"))
    with db.owner.begin() as connection:
        connection.execute(text("INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - interval '1 h')"))
        connection.execute(
            text(
                "INSERT INTO procrastinate_jobs (queue_name, task_name, status, worker_id)"
                " SELECT 'facts', 'cut', 'doing', id FROM procrastinate_workers"
            )
        )
    with app.open():
        app.configure_task("queue.retry_stalled").defer(timestamp=0)
    run_worker(app, once=True)
    run_worker(app, once=True)
    assert heard == ["ran"]


def test_a_worker_that_loses_the_database_begins_anew_and_ends_when_it_is_asked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The library's worker comes back as if it had been asked to end; ours must tell the two apart."""
    monkeypatch.setattr("portal.queue.ANEW_SECONDS", 0)
    lives: list[str] = []

    class Library:
        @contextlib.asynccontextmanager
        async def open_async(self) -> AsyncIterator[None]:
            yield

        async def run_worker_async(self, **options: object) -> None:
            lives.append("began")
            if len(lives) == 1:
                return  # lost its listener
            if len(lives) == 2:
                raise ConnectorException
            os.kill(os.getpid(), signal.SIGTERM)
            try:
                await asyncio.sleep(30)
            except asyncio.CancelledError:
                lives.append("finished its jobs")
                raise

    run_worker(Library())  # type: ignore[arg-type]
    assert lives == ["began", "began", "began", "finished its jobs"]
