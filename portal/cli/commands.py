"""How a command is declared: a name, a sentence, a function, and an example that its help ends in."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy.orm import Session

from accounts.database import Sessions, engine_for, reading, sessions_for
from portal.config import Settings

Run = Callable[[argparse.Namespace], int | None]


def add_command(
    commands: Any, name: str, sentence: str, *, example: str, run: Run | None = None, talks: bool = False
) -> argparse.ArgumentParser:
    """A command of ``commands``; ``talks`` says that it logs what it does (a process, not a question)."""
    command: argparse.ArgumentParser = commands.add_parser(
        name,
        help=sentence,
        description=sentence,
        epilog=f"Example:\n  {example}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    if run is not None:
        command.set_defaults(run=run, talks=talks)
    return command


@contextmanager
def database(settings: Settings) -> Iterator[Sessions]:
    """Sessions of the application's role, closed afterwards."""
    engine = engine_for(settings.database_url, pool_size=2, application="ventanilla-command")
    try:
        yield sessions_for(engine)
    finally:
        engine.dispose()


@contextmanager
def books() -> Iterator[Session]:
    """A session that only reads, for commands that need nothing but the database."""
    with database(Settings.for_command()) as sessions, reading(sessions) as session:
        yield session
