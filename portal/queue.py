"""The queue: procrastinate in the same PostgreSQL, its worker, and how far behind it is."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import procrastinate
import psycopg
from procrastinate import JobContext, PsycopgConnector, RetryDecision
from procrastinate.exceptions import ConnectorException
from procrastinate.jobs import Job
from procrastinate.retry import BaseRetryStrategy
from sqlalchemy import text
from sqlalchemy.orm import Session

from accounts.database import as_libpq
from portal import logs

FACTS = "facts"
"""The queue of facts; a fact is a job of the fact's name (``accounts.outbox``)."""
CLOCK = "clock"
"""The queue of what is done by the clock: sweeps, and the night's work."""
WAITS = (5, 30, 120, 600, 1800, 3600, 7200, 14400, 28800, 43200)
"""Seconds before each new try: about a day in all, then the job stays as failed and is seen in ``/readyz``."""
POLL_SECONDS = 1.0
"""A worker hears of new jobs at once, but for those that come while it is fetching others: a person with a receipt to
wait for would wait the library's five seconds."""
HEARTBEAT_SECONDS = 10
GRACE_SECONDS = 30
ANEW_SECONDS = 1.0
_ENDING = (signal.SIGINT, signal.SIGTERM)
_log = logs.logger(__name__)
Function = TypeVar("Function", bound=Callable[..., Any])


@dataclass(frozen=True)
class Backoff(BaseRetryStrategy):
    """Try again later and later, except after an error that is final."""

    final: tuple[type[Exception], ...] = ()
    waits: tuple[int, ...] = WAITS

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision | None:
        if isinstance(exception, self.final) or job.attempts >= len(self.waits):
            return None
        return RetryDecision(retry_in={"seconds": self.waits[job.attempts]})


def queue_app(database_url: str, *, connections: int = 4) -> procrastinate.App:
    """The queue's application, with the upkeep tasks; ``portal.jobs.register`` adds ours."""
    connector = PsycopgConnector(
        conninfo=as_libpq(database_url),
        min_size=1,
        max_size=connections,
        kwargs={"application_name": "ventanilla-queue", "options": "-c timezone=UTC"},
    )
    app = procrastinate.App(connector=connector)
    _register_upkeep(app)
    return app


def on_fact(
    app: procrastinate.App, name: str, *, final: tuple[type[Exception], ...] = ()
) -> Callable[[Function], Function]:
    """Register the decorated function as what follows the fact ``name``; its details are the arguments.

    A function may run twice for the same fact (a worker that was killed): it must be written for that.
    """

    def register(function: Function) -> Function:
        app.task(name=name, queue=FACTS, retry=Backoff(final))(function)
        return function

    return register


def nightly(app: procrastinate.App, name: str, cron: str, function: Callable[[], object]) -> None:
    """Run ``function`` by the clock (``cron`` is in UTC), one run at a time; its result is the log's one line."""

    def run(timestamp: int) -> object:
        del timestamp
        return function()

    task = app.task(name=name, queue=CLOCK, queueing_lock=name, lock=name, retry=Backoff(waits=(60, 600)))(run)
    app.periodic(cron=cron)(task)


def run_worker(
    app: procrastinate.App, *, concurrency: int = 2, once: bool = False, queues: Sequence[str] = ()
) -> None:
    """Work until SIGTERM or Ctrl-C, then finish what is running; ``once`` stops when the queue is empty.

    ``queues``: only these (:data:`FACTS`, :data:`CLOCK`), where each has workers of its own. A worker that loses the
    database begins anew when it answers again; the library's would end as if it had been asked to.
    """
    options: dict[str, Any] = {
        "queues": list(queues) or None,
        "wait": not once,
        "concurrency": concurrency,
        "fetch_job_polling_interval": POLL_SECONDS,
        "update_heartbeat_interval": HEARTBEAT_SECONDS,
        "shutdown_graceful_timeout": GRACE_SECONDS,
        "task_middleware": [_with_job_id],
        "listen_notify": not once,
    }
    if once:
        app.run_worker(**options)
    else:
        asyncio.run(_work_until_asked(app, options))


async def _work_until_asked(app: procrastinate.App, options: dict[str, Any]) -> None:
    asked, loop = asyncio.Event(), asyncio.get_running_loop()

    def ask() -> None:
        asked.set()
        for number in _ENDING:  # a second one ends at once
            loop.remove_signal_handler(number)

    for number in _ENDING:
        loop.add_signal_handler(number, ask)
    while not asked.is_set():
        try:
            await _work(app, asked, options)
        except (ConnectorException, psycopg.Error, OSError) as error:
            _log.warning("queue not reached", error=type(error).__name__)
        if not asked.is_set():
            _log.warning("worker begins anew", seconds=ANEW_SECONDS)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(asked.wait(), ANEW_SECONDS)


async def _work(app: procrastinate.App, asked: asyncio.Event, options: dict[str, Any]) -> None:
    """One life of the worker: until it is asked to end (it finishes its jobs), or has lost the database."""
    async with app.open_async():
        work = asyncio.create_task(app.run_worker_async(**options, install_signal_handlers=False))
        end = asyncio.create_task(asked.wait())
        await asyncio.wait({work, end}, return_when=asyncio.FIRST_COMPLETED)
        end.cancel()
        if not work.done():
            work.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await work


@dataclass(frozen=True)
class QueueDepth:
    """How far behind the queue is."""

    waiting: int
    running: int
    failed: int
    oldest_seconds: int
    workers: int


_DEPTH = text(
    "SELECT count(*) FILTER (WHERE status = 'todo' AND due <= now()),"
    " count(*) FILTER (WHERE status = 'doing'),"
    " count(*) FILTER (WHERE status = 'failed'),"
    " coalesce(extract(epoch FROM now() - min(due) FILTER (WHERE status = 'todo' AND due <= now())), 0)::bigint,"
    " (SELECT count(*) FROM procrastinate_workers WHERE last_heartbeat > now() - make_interval(secs => :seconds))"
    " FROM (SELECT status, coalesce(scheduled_at, (SELECT min(at) FROM procrastinate_events e"
    "       WHERE e.job_id = j.id AND status = 'todo'), now()) AS due"
    "       FROM procrastinate_jobs j WHERE status IN ('todo', 'doing', 'failed')) AS jobs"
)


def queue_depth(session: Session) -> QueueDepth:
    """Jobs that are due, running and failed for good, the oldest one's age, and workers that gave a sign of life."""
    row = session.execute(_DEPTH, {"seconds": HEARTBEAT_SECONDS * 3}).one()
    return QueueDepth(*(int(value) for value in row))


def _with_job_id(call: Callable[[], Any], context: JobContext, worker: Any) -> Any:
    """Middleware: each line that a job logs carries its name and id."""
    del worker
    logs.bind(job=context.job.task_name, job_id=context.job.id)
    try:
        return call()
    finally:
        logs.unbind()


def _register_upkeep(app: procrastinate.App) -> None:
    @app.periodic(cron="* * * * *")
    @app.task(name="queue.retry_stalled", queue=CLOCK, queueing_lock="queue.retry_stalled")
    async def retry_stalled(timestamp: int) -> None:
        """Jobs whose worker died (no heartbeat) are run again."""
        del timestamp
        for job in await app.job_manager.get_stalled_jobs():
            await app.job_manager.retry_job(job)

    @app.periodic(cron="17 9 * * *")
    @app.task(name="queue.forget_finished", queue=CLOCK, queueing_lock="queue.forget_finished")
    async def forget_finished(timestamp: int) -> None:
        """Jobs that ended well are kept for thirty days."""
        del timestamp
        await app.job_manager.delete_old_jobs(nb_hours=30 * 24)
