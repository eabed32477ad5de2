"""``import`` and ``export``: files in, files out."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from portal.cli.commands import add_command, books, database
from portal.config import Settings

KINDS = ("utilities", "licenses", "citations")


def add_commands(commands: Any) -> None:
    """Declare them."""
    taking = add_command(
        commands,
        "import",
        "Read a file of bills, licenses or citations through a profile; the same file again changes nothing.",
        example="ventanilla import citations citations.csv --profile city/profiles/la-citations.toml --dry-run",
        run=_import,
    )
    taking.add_argument("kind", choices=KINDS, metavar="KIND", help=", ".join(KINDS))
    taking.add_argument("file", type=Path, metavar="FILE")
    taking.add_argument("--profile", type=Path, required=True, metavar="P", help="the TOML file that explains FILE")
    taking.add_argument("--dry-run", action="store_true", help="read, check and count; change nothing")

    giving = add_command(
        commands,
        "export",
        "Write the ledger, or the payments that another system is to hear of.",
        example="ventanilla export ledger --format hledger --out books.journal",
    )
    what = giving.add_subparsers(title="what", metavar="WHAT", required=True)
    ledger = add_command(
        what,
        "ledger",
        "Write every journal, for hledger or as CSV.",
        example="ventanilla export ledger --format hledger --out books.journal && hledger -f books.journal check",
        run=_ledger,
    )
    ledger.add_argument("--format", choices=("hledger", "csv"), default="hledger")
    ledger.add_argument("--out", type=Path, metavar="FILE", help="instead of the screen")
    payments = add_command(
        what,
        "payments",
        "Write the payments and reversals that a source system has not heard of, each exactly once.",
        example="ventanilla export payments legacy-billing --out outbox/",
        run=_payments,
    )
    payments.add_argument("source", metavar="SOURCE", help="the system of record that owns the balances")
    payments.add_argument("--out", type=Path, default=Path(), metavar="DIR", help="where the file goes (here)")
    answer = add_command(
        what,
        "payments-ack",
        "Read the source system's acknowledgement of a batch of payments.",
        example="ventanilla export payments-ack legacy-billing outbox/legacy-billing-000001.ack.csv",
        run=_acknowledge,
    )
    answer.add_argument("source", metavar="SOURCE")
    answer.add_argument("file", type=Path, metavar="FILE")


def _import(given: argparse.Namespace) -> int:
    from accounts.imports.service import import_file

    settings = Settings.from_environment()
    with database(settings) as sessions:
        outcome = import_file(
            sessions,
            kind=given.kind,
            file=given.file,
            profile=given.profile,
            proof_key=settings.proof_key,
            dry_run=given.dry_run,
            say=_say,
        )
    print(outcome.last_line)
    return 0 if outcome.ties else 1


def _ledger(given: argparse.Namespace) -> None:
    from accounts.ledger import exports

    with books() as session:
        _write(exports.hledger(session) if given.format == "hledger" else exports.csv_lines(session), given.out)


def _payments(given: argparse.Namespace) -> None:
    from payments.remittances.service import export

    given.out.mkdir(parents=True, exist_ok=True)
    with database(Settings.for_command()) as sessions:
        for line in export(sessions, source=given.source, folder=given.out):
            print(line)


def _acknowledge(given: argparse.Namespace) -> None:
    from payments.remittances.service import acknowledge

    with database(Settings.for_command()) as sessions:
        print(acknowledge(sessions, source=given.source, file=given.file))


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def _write(pieces: Iterable[str], out: Path | None) -> None:
    """To the screen, or to a file that appears only when it is whole."""
    if out is None:
        sys.stdout.writelines(pieces)
        return
    partial = out.with_name(f".{out.name}.partial")
    try:
        with partial.open("w", encoding="utf-8") as file:
            file.writelines(pieces)
        partial.replace(out)
    finally:
        partial.unlink(missing_ok=True)
