"""``import`` and ``export``: files in, files out."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from accounts.database import reading
from accounts.errors import DomainError
from accounts.money import Money
from portal.cli import bank_statements, journals, lockboxes
from portal.cli.commands import add_command, books, database
from portal.config import Settings

KINDS = (
    "utilities",
    "licenses",
    "citations",
    lockboxes.LOCKBOX,
    bank_statements.BANK_STATEMENT,
    journals.ACKNOWLEDGEMENT,
)


def add_commands(commands: Any) -> None:
    """Declare them."""
    taking = add_command(
        commands,
        "import",
        "Read a file of bills, licenses, citations, a lockbox or a bank, or an answer to a batch of journals.",
        example="ventanilla import citations citations.csv --profile city/profiles/la-citations.toml --dry-run",
        run=_import,
    )
    taking.add_argument("kind", choices=KINDS, metavar="KIND", help=", ".join(KINDS))
    taking.add_argument("file", type=Path, metavar="FILE")
    taking.add_argument(
        "--profile", type=Path, metavar="P", help="what explains FILE: TOML; or the code of a lockbox or bank account"
    )
    taking.add_argument("--dry-run", action="store_true", help="read, check and count; change nothing")
    taking.add_argument("--as", dest="actor", default="system", metavar="NAME", help="who imports (system)")
    taking.add_argument("--rows", type=int, metavar="N", help="how many rows the sender says; refused if untrue")
    taking.add_argument("--total", type=_amount, metavar="AMOUNT", help="the money total the sender says")
    taking.add_argument("--rejects", type=Path, metavar="FILE", help="where refused rows go (FILE.rejects.csv)")

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
    payments.add_argument("--again", type=int, metavar="N", help="write batch N's file again, byte for byte")
    answer = add_command(
        what,
        "payments-ack",
        "Read the source system's acknowledgement of a batch of payments.",
        example="ventanilla export payments-ack legacy-billing 12 answer.csv",
        run=_acknowledge,
    )
    answer.add_argument("source", metavar="SOURCE")
    answer.add_argument("number", type=int, metavar="N", help="the number of the batch")
    answer.add_argument("file", type=Path, metavar="FILE")
    journals.add_export(what)
    for command in (payments, answer):
        command.add_argument("--as", dest="actor", default="system", metavar="NAME", help="who does it (system)")


def _import(given: argparse.Namespace) -> int:
    if given.kind == journals.ACKNOWLEDGEMENT:
        return journals.acknowledge(given)
    if given.kind == bank_statements.BANK_STATEMENT:
        return bank_statements.read_in(given)
    if given.kind == lockboxes.LOCKBOX:
        return lockboxes.read_in(given, _progress)
    if given.profile is None:
        raise DomainError(f"import {given.kind} needs --profile")
    return _import_rows(given)


def _import_rows(given: argparse.Namespace) -> int:
    from accounts.cities.queries import ruling
    from accounts.clock import SystemClock
    from accounts.imports.controls import Controls
    from accounts.imports.service import import_file
    from accounts.imports.terms import terms_of

    settings = Settings.from_environment()
    with database(settings) as sessions:
        with reading(sessions) as session:
            city = ruling(session)
        clock = SystemClock(city.city.identity.time_zone)
        report = import_file(
            sessions,
            given.kind,
            given.file,
            given.profile,
            terms=terms_of(city.city, city.release_id, clock.today()),
            clock=clock,
            actor=given.actor,
            proof_key=settings.proof_key.encode(),
            dry_run=given.dry_run,
            rejects=given.rejects,
            controls=Controls(given.rows, given.total),
            progress=_progress,
        )
    print("\n".join(report.lines()))
    return 0


def _ledger(given: argparse.Namespace) -> None:
    from accounts.ledger import exports

    with books() as session:
        _write(exports.hledger(session) if given.format == "hledger" else exports.csv(session), given.out)


def _payments(given: argparse.Namespace) -> None:
    from accounts.clock import SystemClock
    from payments.remittances.service import export_payments

    given.out.mkdir(parents=True, exist_ok=True)
    with database(Settings.for_command()) as sessions:
        sent = export_payments(
            sessions, given.source, given.out, clock=SystemClock(), actor=given.actor, number=given.again
        )
    print(sent.last_line())


def _acknowledge(given: argparse.Namespace) -> int:
    from accounts.clock import SystemClock
    from payments.remittances.service import acknowledge

    content = given.file.read_text(encoding="utf-8-sig")
    with database(Settings.for_command()) as sessions:
        answer = acknowledge(sessions, given.source, given.number, content, clock=SystemClock(), actor=given.actor)
    known = ", as it had said before" if answer.was_known else ""
    print(f"{given.source} took {answer.accepted:,} lines and refused {answer.rejected:,}{known}.")
    if answer.rejected:
        print("Each refused line is in the exceptions queue.")
    return 0


def _amount(text: str) -> Money:
    """A file's total, which may be larger than anything that a person types to pay."""
    try:
        return Money.exact(text.replace(",", "").lstrip("$"))
    except (DomainError, ValueError) as error:
        raise argparse.ArgumentTypeError(f"{text!r} is not an amount of dollars and cents") from error


def _progress(done: int, of: int) -> None:
    if sys.stderr.isatty():
        print(f"\r{done:,} of {of:,} rows", end="\n" if done >= of else "", file=sys.stderr, flush=True)


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
