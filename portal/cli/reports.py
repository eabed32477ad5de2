"""``report``: any report as a file or to the terminal, as the pages make it."""

from __future__ import annotations

import argparse
import sys
from datetime import date
from pathlib import Path
from typing import Any

from portal.cli.commands import add_command

_FORMATS = ("csv", "xlsx", "pdf")


def add_commands(commands: Any) -> None:
    """Declare it."""
    report = add_command(
        commands,
        "report",
        "Make a report: takings, revenue, drawers, over-short, receipts, workload, deposits, unmatched.",
        example="ventanilla report takings --from 2026-11-01 --to 2026-11-30 --format csv > november.csv",
        run=_report,
    )
    report.add_argument("code", metavar="CODE", help="which report")
    report.add_argument("--from", dest="since", type=date.fromisoformat, required=True, metavar="DAY")
    report.add_argument("--to", dest="until", type=date.fromisoformat, required=True, metavar="DAY")
    report.add_argument("--format", choices=_FORMATS, default="csv", help="csv goes to the terminal, unless --output")
    report.add_argument("--output", type=Path, metavar="FILE", help="where to write it")
    report.add_argument("--language", metavar="TAG", default="", help="one of the city's; its first, unless told")
    for name in ("till", "cashier", "tender", "fund", "line"):
        report.add_argument(f"--{name}", default="", help=f"only this {name}")
    report.add_argument("--reason", default="", help="why it is taken out; needed where it names accounts")


def _report(given: argparse.Namespace) -> int:

    from payments.reports.rules import Filters
    from portal import create_app, report_files
    from portal.config import Settings
    from portal.i18n import speaking

    app = create_app(Settings.from_environment())
    if given.format != "csv" and given.output is None:
        print("ventanilla: name a file with --output", file=sys.stderr)
        return 2
    filters = Filters(given.since, given.until, given.till, given.cashier, given.tender, given.fund, given.line)
    city = app.extensions["ventanilla"].city().city
    with app.app_context(), speaking(given.language or city.identity.languages[0]):
        made = _made(app.extensions["ventanilla"], given, filters, report_files)
    out = sys.stdout.buffer if given.output is None else given.output.open("wb")
    for piece in made.pieces():
        out.write(piece)
    out.flush()
    print(f"{made.rows} rows.", file=sys.stderr)
    return 0


def _made(wired: Any, given: argparse.Namespace, filters: Any, files: Any) -> Any:
    """The file, with its line in the audit: who has the command line reads everything, and it is said."""
    from accounts import audit
    from accounts.actors.service import SYSTEM, actor_id
    from accounts.database import transaction
    from accounts.errors import DomainError
    from payments.reports.catalog import report_of
    from payments.reports.rules import Reader

    report = report_of(given.code)
    if report.is_personal and not given.reason.strip():
        raise DomainError("this report names accounts: say why it is taken out (--reason)")
    wanted = files.Wanted(report, filters, Reader(), wired.city().city, given.format, wired.clock.now())
    made = files.make(wired.sessions, wanted)
    with transaction(wired.sessions) as session:
        audit.exported(
            session, actor_id(session, SYSTEM), "report", made.rows, reason=given.reason, report=report.code,
            format=given.format, filters=filters.within(report).words(),
        )  # fmt: skip
    return made
