"""``drill``: the failure drills, in a process of their own, for the portal may not know them."""

from __future__ import annotations

import argparse
from typing import Any

from portal.cli.commands import add_command


def add_commands(commands: Any) -> None:
    """Declare them."""
    drill = add_command(
        commands,
        "drill",
        "Make things fail against the sandbox, on a scratch database, and count every cent; 1 if one is missing.",
        example="ventanilla drill && echo 'ready to go live'\n  ventanilla drill --only K7 --only webhook-dropped",
        run=_drill,
    )
    drill.add_argument("--only", action="append", default=[], metavar="CASE", help="only this drill; may be repeated")
    drill.add_argument("--list", action="store_true", help="name the drills and do nothing")
    drill.add_argument(
        "--without-sweep", action="store_true", help="leave the sweeps out, to see the drill find what they would"
    )


def _drill(given: argparse.Namespace) -> int:
    import subprocess
    import sys

    from portal.config import CHECKOUT

    arguments = [word for name in given.only for word in ("--only", name)]
    arguments += [f"--{name.replace('_', '-')}" for name in ("list", "without_sweep") if getattr(given, name)]
    process = subprocess.Popen([sys.executable, "-m", "drills", *arguments], cwd=CHECKOUT)  # noqa: S603 - our own
    while True:
        try:
            return process.wait()
        except KeyboardInterrupt:
            # The terminal told the drill too; wait until it has ended what it started.
            continue
