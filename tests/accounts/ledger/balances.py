"""hledger as a witness: it reads our export, adds it up by itself, and is compared with us."""

from __future__ import annotations

import csv
import io
import shutil
import subprocess
from pathlib import Path

import pytest

from accounts.database import Sessions, reading
from accounts.ledger import exports
from accounts.ledger.queries import trial_balance
from accounts.money import Money

CHECKS = ("accounts", "commodities", "ordereddates", "parseable", "balancedwithautoconversion", "assertions")


def hledger(file: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    program = shutil.which("hledger")
    if program is None:
        pytest.fail("hledger, our independent witness, is not here: apt-get install hledger")
    return subprocess.run([program, "-f", str(file), *arguments], check=False, capture_output=True, text=True)


def exported(books: Sessions, folder: Path) -> Path:
    file = folder / "books.journal"
    with reading(books) as session:
        file.write_text("".join(exports.hledger(session)))
    return file


def hledger_agrees(books: Sessions, folder: Path) -> int:
    """It accepts the books, and has the same balance on each account; how many are not at zero."""
    file = exported(books, folder)
    accepted = hledger(file, "check", "-s", *CHECKS)
    assert accepted.returncode == 0, accepted.stderr
    done = hledger(file, "bal", "-O", "csv", "--flat", "--empty", "-N")
    theirs = {name: Money.exact(amount.replace("$", "").replace(",", ""))
              for name, amount in list(csv.reader(io.StringIO(done.stdout)))[1:]}  # fmt: skip
    with reading(books) as session:
        lines = trial_balance(session)
    ours = {f"fund {fund}:{kind.value}:{code} {name}": balance for code, fund, name, kind, balance in lines}
    assert {name: money for name, money in theirs.items() if money} == {n: m for n, m in ours.items() if m}
    return len([money for money in ours.values() if money])
