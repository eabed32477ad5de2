"""``mail bounce``: what came back to the mailbox of the city's mail, one message on standard input."""

from __future__ import annotations

import argparse
import sys
from typing import Any

from portal.cli.commands import add_command, database


def add_commands(commands: Any) -> None:
    """Declare it."""
    mail = add_command(commands, "mail", "Mail that came back.", example="ventanilla mail bounce < message")
    acts = mail.add_subparsers(dest="act", required=True, metavar="ACT")
    add_command(
        acts,
        "bounce",
        "Note a mail that came back (RFC 3464), and stop writing to an address that is dead.",
        example="ventanilla mail bounce < message",
        run=_bounce,
    )


def _bounce(_given: argparse.Namespace) -> int:
    """Always 0 for what is no report: a mail server that pipes must not try it again."""
    from accounts.clock import SystemClock
    from portal.config import Settings
    from portal.notices.bounces import LARGEST
    from portal.notices.reports import mail_came_back

    with database(Settings.for_command()) as sessions:
        told = mail_came_back(sessions, sys.stdin.buffer.read(LARGEST), SystemClock().now())
    print(f"{told.messages} reports, {told.news} of them news.")
    return 0
