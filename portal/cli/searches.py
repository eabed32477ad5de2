"""``index-accounts``: the search index written anew."""

from __future__ import annotations

import argparse
from typing import Any

from portal.cli.commands import add_command, database
from portal.config import Settings


def add_commands(commands: Any) -> None:
    """Declare it."""
    add_command(
        commands,
        "index-accounts",
        "Write the search index of all accounts anew, and say how much of it was wrong. The database keeps it with"
        " every change; this is for rows that were loaded with triggers off.",
        example="ventanilla index-accounts && ventanilla verify",
        run=_index,
    )


def _index(given: argparse.Namespace) -> int:
    from accounts.searches.service import index_all

    del given
    with database(Settings.for_command()) as sessions:
        mended = index_all(sessions, progress=lambda done, of: print(f"{done:,} of {of:,} accounts", flush=True))
    print(f"{mended:,} documents were not what they should be.")
    return 0
