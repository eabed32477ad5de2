"""``verify`` and ``close-days``: prove the books, and close their days."""

from __future__ import annotations

import argparse
from typing import Any

from portal.cli.commands import add_command, books, database
from portal.config import Settings


def add_commands(commands: Any) -> None:
    """Declare them."""
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
    verify.add_argument(
        "--head", default="", metavar="DAY:DIGEST", help="the head of the seals as noted earlier: it must still stand"
    )
    verify.add_argument(
        "--recompute", action="store_true", help="work out again every line that was assessed, not only the newest"
    )
    closing = add_command(
        commands,
        "close-days",
        "Close and seal every day that is over, swept clean and balanced; say which day waits, and for what.",
        example="ventanilla close-days",
        run=_close_days,
    )
    closing.add_argument("--as", dest="actor", default="system", metavar="NAME", help="who closes (system)")


def _verify(given: argparse.Namespace) -> int:
    from portal.verify import verify

    with books() as session:
        checks = list(verify(session, head=given.head, recompute=given.recompute))
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


def _close_days(given: argparse.Namespace) -> int:
    from accounts.cities.queries import ruling
    from accounts.clock import SystemClock
    from accounts.database import reading
    from accounts.seals.service import close_days
    from payments.closings.service import proof_of
    from payments.sweeps.queries import clean_through
    from portal.sealing import PARTS

    with database(Settings.for_command()) as sessions:
        with reading(sessions) as session:
            city = ruling(session).city
            clock = SystemClock(city.identity.time_zone)
            swept_through = clean_through(session)
        done = close_days(
            sessions, PARTS, clock=clock, swept_through=swept_through, handle=given.actor, proof=proof_of(city)
        )
    for seal in done.seals:
        print(f"Closed {seal.name}")
    if done.waiting:
        for reason in done.waiting.reasons:
            print(f"{done.waiting.day} stays open: {reason}.")
    elif not done.seals:
        print("The books hold no day yet.")
    return 0
