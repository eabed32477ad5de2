"""``export journals`` and ``import journal-acknowledgement``: the accounting system's part."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from portal.cli.commands import add_command, database
from portal.config import Settings

if TYPE_CHECKING:
    from accounts.cities.rules import City
    from accounts.clock import Clock
    from accounts.database import Sessions
    from accounts.staff.rules import Authority

ACKNOWLEDGEMENT = "journal-acknowledgement"


def add_export(what: Any) -> None:
    """Declare ``export journals``."""
    command = add_command(
        what,
        "journals",
        "Write the journals of closed days for the accounting system, each exactly once, balanced in every fund.",
        example="ventanilla export journals --profile delimited --out outbox/",
        run=_export,
    )
    command.add_argument("--through", type=date.fromisoformat, metavar="DAY", help="no later closed days than this")
    command.add_argument("--profile", default="neutral", metavar="P", help="the city's layout (neutral)")
    command.add_argument(
        "--again", type=int, metavar="N", help="write batch N's file again, byte for byte, as a copy"
    )
    command.add_argument("--out", type=Path, default=Path(), metavar="DIR", help="where the file goes (here)")
    command.add_argument("--as", dest="actor", default="system", metavar="NAME", help="who does it (system)")


def acknowledge(given: argparse.Namespace) -> int:
    """What ``import journal-acknowledgement FILE`` does; the exit status is 1 if a batch was rejected."""
    from payments.journal_exports import service

    content = given.file.read_text(encoding="utf-8-sig")
    with _at_the_machine(given.actor) as (sessions, _city, clock, by):
        told = service.acknowledge(sessions, by, content, clock=clock)
    for name, numbers in (("Accepted", told.accepted), ("Rejected", told.rejected), ("Known before", told.known)):
        if numbers:
            print(f"{name}: batch {', '.join(map(str, numbers))}.")
    if told.rejected:
        print("Correct what was rejected there and send the same batch: ventanilla export journals --again N")
    return 1 if told.rejected else 0


def _export(given: argparse.Namespace) -> int:
    from payments.journal_exports import service
    from payments.journal_exports.rules import NothingToExport
    from payments.remittances.service import write_whole

    given.out.mkdir(parents=True, exist_ok=True)
    with _at_the_machine(given.actor) as (sessions, city, clock, by):
        try:
            file = (
                service.written_again(sessions, by, given.again)
                if given.again is not None
                else service.export_journals(
                    sessions, by, city, clock=clock, through=given.through, layout=given.profile
                )
            )
        except NothingToExport:
            print("Every journal of the closed days was exported.")
            return 0
        write_whole(given.out / file.name, file.content)
        if not file.is_copy:
            service.note_taking(sessions, by, file)
    print(file.last_line())
    return 0


@contextmanager
def _at_the_machine(handle: str) -> Iterator[tuple[Sessions, City, Clock, Authority]]:
    """The database, the ruling city, its clock, and somebody at the machine, who holds the database anyway."""
    from accounts.actors.service import actor_id
    from accounts.cities.queries import ruling
    from accounts.clock import SystemClock
    from accounts.database import reading, transaction
    from accounts.staff.rules import Authority, Permission

    with database(Settings.for_command()) as sessions:
        with reading(sessions) as session:
            city = ruling(session).city
        with transaction(sessions) as session:
            doer = actor_id(session, handle)
        by = Authority(doer, handle, frozenset({Permission.JOURNALS_EXPORT}))
        yield sessions, city, SystemClock(city.identity.time_zone), by
