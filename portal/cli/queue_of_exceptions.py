"""``exceptions``: what a person must look at, for whoever is at the machine and not at the back office."""

from __future__ import annotations

import argparse
import json
from typing import TYPE_CHECKING, Any

from portal.cli.commands import add_command, books, database
from portal.config import Settings

if TYPE_CHECKING:
    from accounts.database import Sessions


def add_commands(commands: Any) -> None:
    """Declare them."""
    group = add_command(
        commands,
        "exceptions",
        "Money and rows that do not fit: list them, show one with its evidence, take one on, close one.",
        example="ventanilla exceptions list --kind orphan",
    )
    what = group.add_subparsers(title="what", metavar="WHAT", required=True)
    listing = add_command(
        what,
        "list",
        "List the open lines, oldest first, with their clocks; the exit status is 1 if one is late.",
        example="ventanilla exceptions list --kind second-payment",
        run=_list,
    )
    listing.add_argument("--kind", metavar="KIND", help="only of this kind")
    listing.add_argument("--most", type=int, default=100, metavar="N", help="how many at most (100)")
    showing = add_command(
        what,
        "show",
        "Show one line: what is known, what is suggested, who has it.",
        example="ventanilla exceptions show 17",
        run=_show,
    )
    taking = add_command(
        what, "take", "Take a line on.", example="ventanilla exceptions take 17 --as ana.ruiz", run=_take
    )
    closing = add_command(
        what,
        "close",
        "Close a line and say what was done; it stays to be read.",
        example='ventanilla exceptions close 17 --as ana.ruiz --note "refunded at the processor, re_3PxQ"',
        run=_close,
    )
    for one in (showing, taking, closing):
        one.add_argument("id", type=int, metavar="ID")
    for one in (taking, closing):
        one.add_argument("--as", dest="actor", required=True, metavar="NAME", help="who does it")
    closing.add_argument("--note", required=True, help="what was done")


def _list(given: argparse.Namespace) -> int:
    from accounts.clock import SystemClock
    from accounts.exceptions.queries import open_lines

    now = SystemClock().now()
    with books() as session:
        lines = open_lines(session, given.kind, limit=given.most)
    for one in lines:
        clock = "LATE since" if one.respond_by < now else "until"
        print(
            f"{one.id:>6}  {one.kind:<22} {one.subject:<34} {clock} {one.respond_by:%Y-%m-%d %H:%M} UTC"
            f"  {one.owner or 'nobody has it'}"
        )
    late = sum(one.respond_by < now for one in lines)
    print(f"{len(lines)} open, {late} late.")
    return 1 if late else 0


def _show(given: argparse.Namespace) -> None:
    from accounts.exceptions.queries import line
    from accounts.exceptions.rules import THE_MACHINE

    with books() as session:
        one = line(session, given.id, THE_MACHINE)
    print(f"{one.kind} {one.subject}")
    print(f"  opened   {one.opened_at:%Y-%m-%d %H:%M} UTC, to be looked at by {one.respond_by:%Y-%m-%d %H:%M} UTC")
    print(f"  owner    {one.owner or 'nobody yet'}")
    if one.reference:
        print(f"  account  {one.reference}")
    if one.suggestion:
        print(f"  to do    {one.suggestion}")
    if one.closed_at:
        print(f"  closed   {one.closed_at:%Y-%m-%d %H:%M} UTC by {one.closed_by}: {one.closing_note}")
    print(json.dumps(one.evidence, indent=2, ensure_ascii=False, sort_keys=True))


def _take(given: argparse.Namespace) -> None:
    from accounts.exceptions.service import at_the_machine, take

    with database(Settings.for_command()) as sessions:
        seen, by = _owner(sessions, given.id), at_the_machine(sessions, given.actor)
        take(sessions, by, given.id, owner_seen=seen)
    print(f"Exception {given.id} is with {given.actor}.")


def _close(given: argparse.Namespace) -> None:
    from accounts.clock import SystemClock
    from accounts.exceptions.service import at_the_machine, close

    with database(Settings.for_command()) as sessions:
        seen, by = _owner(sessions, given.id), at_the_machine(sessions, given.actor)
        close(sessions, by, given.id, given.note, owner_seen=seen, now=SystemClock().now())
    print(f"Exception {given.id} is closed.")


def _owner(sessions: Sessions, line_id: int) -> int | None:
    from accounts.database import reading
    from accounts.exceptions.queries import line
    from accounts.exceptions.rules import THE_MACHINE

    with reading(sessions) as session:
        return line(session, line_id, THE_MACHINE).owner_id
