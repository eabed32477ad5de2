"""``serve``, ``worker`` and ``migrate``: the processes of an installation."""

from __future__ import annotations

import argparse
import os
from typing import Any

from portal.cli.commands import add_command
from portal.config import CHECKOUT, Settings


def add_commands(commands: Any) -> None:
    """Declare them."""
    add_command(
        commands,
        "serve",
        "Serve the portal (HOST, PORT, WORKERS, THREADS); waits for the database to be migrated.",
        example="PORT=8080 ventanilla serve",
        run=_serve,
        talks=True,
    )
    worker = add_command(
        commands,
        "worker",
        "Run the queue's jobs: mail, text messages, the night's work; waits for the database to be migrated.",
        example="ventanilla worker --concurrency 4",
        run=_worker,
        talks=True,
    )
    worker.add_argument("--concurrency", type=int, default=2, metavar="N", help="jobs at the same time (2)")
    worker.add_argument(
        "--queue", action="append", default=[], metavar="NAME", dest="queues",
        help="only this queue, facts (what follows a payment) or clock (sweeps, the night); may be repeated",
    )  # fmt: skip
    worker.add_argument("--once", action="store_true", help="stop when nothing is due")
    migrate = add_command(
        commands,
        "migrate",
        "Bring the database to this version, as its owner (DATABASE_OWNER_URL), under a lock.",
        example="DATABASE_OWNER_URL=postgresql://owner:...@db/ventanilla ventanilla migrate",
        run=_migrate,
    )
    migrate.add_argument("--training", action="store_true", help="mark a new database for training, for ever")


def _serve(given: argparse.Namespace) -> None:
    del given
    from portal import logs, serving
    from portal.training import marks

    settings = Settings.from_environment()
    logs.configure(settings.log_level)
    serving.wait_for_database(settings)
    marks.claim(settings)
    os.chdir(CHECKOUT)  # where wsgi.py stands
    serving.serve(settings)


def _worker(given: argparse.Namespace) -> None:
    from portal import create_app, jobs, logs, queue, serving
    from portal.training import marks

    settings = Settings.from_environment()
    logs.configure(settings.log_level)
    serving.wait_for_database(settings)
    marks.claim(settings)
    app = queue.queue_app(settings.database_url)
    jobs.register(app, create_app(settings))
    queue.run_worker(app, concurrency=given.concurrency, once=given.once, queues=given.queues)


def _migrate(given: argparse.Namespace) -> None:
    from portal.migrations import migrate
    from portal.training import marks

    settings = Settings.for_command(owner=True)
    print(f"The database is at version {migrate(settings.database_owner_url, settings.database_url)}.")
    if given.training:
        marks.claim_url(settings.database_owner_url, training=True)
        print("It is marked for training.")
