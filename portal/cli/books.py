"""``verify``: prove the books."""

from __future__ import annotations

import argparse
from typing import Any

from portal.cli.commands import add_command, books


def add_commands(commands: Any) -> None:
    """Declare it."""
    verify = add_command(
        commands,
        "verify",
        "Prove the books: print every figure and every violation; the exit status is 1 if there is any.",
        example="ventanilla verify && echo 'the books are right'",
        run=_verify,
    )
    verify.add_argument(
        "--most", type=int, default=20, metavar="N", help="violations listed per check (20; 0 is all)"
    )


def _verify(given: argparse.Namespace) -> int:
    from portal.verify import verify

    with books() as session:
        checks = list(verify(session))
    wrong = 0
    for check in checks:
        wrong += len(check.violations)
        print(f"{'ok   ' if not check.violations else 'WRONG'}  {check.name:<52} {check.figure}")
        shown = check.violations[: given.most] if given.most else check.violations
        for violation in shown:
            print(f"         - {violation}")
        if len(check.violations) > len(shown):
            print(f"         - and {len(check.violations) - len(shown)} more (--most 0 lists all)")
    print(f"{len(checks)} checks, {wrong} violations.")
    return 1 if wrong else 0
