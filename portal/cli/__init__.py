"""``ventanilla``, the command line. Each command group is a module here; each command's help ends in an example."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence

from accounts.errors import DomainError
from portal import logs
from portal.cli import (
    books,
    cities,
    drill,
    exchange,
    mail,
    payouts,
    processes,
    queue_of_exceptions,
    reports,
    searches,
    staff,
    status,
)


def parser() -> argparse.ArgumentParser:
    """The whole command line."""
    whole = argparse.ArgumentParser(
        prog="ventanilla",
        description="One window for a city's finance department: look up, pay, prove.",
        epilog="Settings come from the environment (docs/operate.md). Example: ventanilla verify",
    )
    commands = whole.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for group in (
        processes,
        status,
        exchange,
        books,
        payouts,
        queue_of_exceptions,
        reports,
        searches,
        cities,
        staff,
        mail,
        drill,
    ):
        group.add_commands(commands)
    return whole


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the result is the process's exit status."""
    given = parser().parse_args(arguments)
    logs.configure("INFO" if given.talks else "WARNING")
    try:
        return int(given.run(given) or 0)
    except DomainError as refusal:
        print(f"ventanilla: {type(refusal).__name__}: {refusal}", file=sys.stderr)
        return 1
    except FileNotFoundError as error:
        print(f"ventanilla: there is no file {error.filename}", file=sys.stderr)
        return 1
    except BrokenPipeError:
        # The reader of our output (head, less) left; what is still buffered has nowhere to go.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        return 130
