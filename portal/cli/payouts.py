"""``payouts``: what the processor paid to the bank, of what, and what does not fit."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from portal.cli.commands import add_command, books

if TYPE_CHECKING:
    from accounts.money import Money
    from payments.payouts.queries import PayoutLine

_ROW = "{:<28} {:<10} {:<10} {:>14} {:>14} {:>12} {:>10}  {:<16} {}"


def add_commands(commands: Any) -> None:
    """Declare it."""
    payouts = add_command(
        commands,
        "payouts",
        "List the processor's payouts: status, net, gross, fees, residual, journal, problems; or one by type.",
        example="ventanilla payouts --read --most 10",
        run=_payouts,
    )
    payouts.add_argument("payout", nargs="?", metavar="PAYOUT", help="show this one (po_...) by type of movement")
    payouts.add_argument("--most", type=int, default=50, metavar="N", help="the newest N (50)")
    payouts.add_argument("--read", action="store_true", help="ask the processor first, as the worker does every hour")


def _payouts(given: argparse.Namespace) -> None:
    from payments.payouts import queries

    if given.read:
        print(_read())
    with books() as session:
        if given.payout:
            _show(queries.payout(session, given.payout))
            return
        listed = queries.payouts(session, given.most)
    print(
        _ROW.format("payout", "status", "arrives", "net", "gross", "fees", "residual", "journal", "problems").rstrip()
    )
    for line in listed:
        print(_said(line).rstrip())
    print(f"{len(listed)} payouts.")


def _read() -> str:
    from payments.payouts.service import LOOK_BACK, read_payouts
    from portal import create_app
    from portal.config import Settings

    wired = create_app(Settings.from_environment()).extensions["ventanilla"]
    return read_payouts(wired.payout_desk(), wired.clock.now() - LOOK_BACK).last_line()


def _said(line: PayoutLine) -> str:
    return _ROW.format(
        line.id,
        line.status,
        line.arrival_on.isoformat(),
        _dollars(line.net),
        _dollars(line.gross),
        _dollars(line.fees),
        _dollars(line.residual),
        _journal(line),
        ", ".join(line.problems),
    )


def _journal(line: PayoutLine) -> str:
    if line.journal_id is None:
        return "not posted"
    return f"{line.journal_id}" + (", taken back" if line.reversal_id else "")


def _show(details: Any) -> None:
    line: PayoutLine = details.line
    kind = "automatic" if line.automatic else "asked for by hand"
    print(f"{line.id}: {line.status}, {kind}, arrives {line.arrival_on}, reconciliation {line.reconciliation_status}")
    if line.trace_id or line.failure_code:
        print(
            f"  trace {line.trace_id or 'not known'}"
            + (f", failed: {line.failure_code}" if line.failure_code else "")
        )
    print(f"  {'type':<24} {'count':>6} {'amount':>14} {'fee':>12} {'net':>14}")
    for part in details.types:
        amounts = f"{_dollars(part.amount):>14} {_dollars(part.fee):>12} {_dollars(part.net):>14}"
        print(f"  {part.type:<24} {part.count:>6} {amounts}")
    print(f"  {'residual':<24} {'':>6} {'':>14} {'':>12} {_dollars(line.residual):>14}")
    print(f"  {'to the bank':<24} {'':>6} {'':>14} {'':>12} {_dollars(line.net):>14}")
    print(f"  journal: {_journal(line)}")
    for item in details.suspense:
        source = item.source_id or "no source"
        print(f"  in suspense: {_dollars(item.amount)}, {item.type} {item.movement_id} of {source}")
    for problem in line.problems:
        print(f"  problem: {problem}")


def _dollars(amount: Money) -> str:
    return f"{amount.dollars:,.2f}"
