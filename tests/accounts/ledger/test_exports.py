"""An independent program reads our books, adds them up by itself, and must agree to the cent."""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from accounts.actors.service import actor_id
from accounts.database import Sessions, reading, transaction
from accounts.ledger import exports
from accounts.ledger.queries import trial_balance
from accounts.ledger.service import reverse
from accounts.money import ZERO, Money, total
from tests.accounts.ledger.balances import CHECKS, exported, hledger, hledger_agrees
from tests.factories import DAY, make_account, make_chart, pay, pay_attempt, promise
from tests.factories.books import FEE_IN_FUND, FEE_IN_POOL


@pytest.fixture
def books(sessions: Sessions) -> Sessions:
    """Three kinds of accounts, two days, fees in both kinds of funds, a credit, and a payment taken back."""
    with transaction(sessions) as session:
        make_chart(session)
        water = make_account(session, charges=[Money(50_00), Money(30_01)])
        ticket = make_account(session, kind="citation", charges=[Money(45_00)])
        shop = make_account(session, kind="license", charges=[Money(200_00)])
        pay_attempt(session, promise(session, {water.id: Money(60_00), ticket.id: Money(50_00)}, fee=FEE_IN_POOL))
        wrong = pay(session, {shop.id: Money(1_234_56)}, fee=FEE_IN_FUND, on=DAY + timedelta(days=1))
        reverse(
            session,
            wrong.journal_id,
            actor_id=actor_id(session, "staff:rosa"),
            on=DAY + timedelta(days=1),
            memo="bad check; bounced, twice",
        )
    return sessions


def test_hledger_accepts_the_books(books: Sessions, tmp_path: Path) -> None:
    done = hledger(exported(books, tmp_path), "check", "-s", *CHECKS)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "books.journal").read_text().count("end of day") == 2


def test_hledger_and_we_agree_on_every_balance(books: Sessions, tmp_path: Path) -> None:
    assert hledger_agrees(books, tmp_path) > 8


@pytest.mark.parametrize("fund", ["100", "510", "900"])
def test_each_fund_balances_by_itself(books: Sessions, tmp_path: Path, fund: str) -> None:
    done = hledger(exported(books, tmp_path), "bal", f"^fund {fund}:", "-O", "csv")
    assert list(csv.reader(io.StringIO(done.stdout)))[-1] == ["total", "0"], done.stdout
    with reading(books) as session:
        assert total(line[4] for line in trial_balance(session) if line[1] == fund) == ZERO


def _first_posting(journal: str) -> str:
    return next(line for line in journal.splitlines() if line.startswith("    fund "))


def _another_cent(journal: str) -> str:
    line = _first_posting(journal)
    amount = line.split("  ")[-2] if "; customer" in line else line.split("  ")[-1]
    return journal.replace(line, line.replace(amount, f"${Money.exact(amount.strip('$')) + Money(1)}"), 1)


def _both_sides_another_cent(journal: str) -> str:
    """Balanced, but not what our sums say."""
    lines = journal.splitlines()
    for number in [i for i, line in enumerate(lines) if line.startswith("    fund ")][:2]:
        name, amount, *rest = lines[number].strip().split("  ")
        money = Money.exact(amount.strip("$"))
        more = money + (Money(1) if money > ZERO else Money(-1))
        lines[number] = "  ".join(["", "", name, f"${more}", *rest]).replace("    ", "    ", 1)
    return "\n".join(lines) + "\n"


def _other_account(journal: str) -> str:
    return journal.replace("    fund 510:asset:510-1200 Water", "    fund 510:asset:510-1299 Water", 1)


def _days_swapped(journal: str) -> str:
    return journal.replace(f"\n{DAY} (", f"\n{DAY + timedelta(days=9)} (", 1)


def _posting_left_out(journal: str) -> str:
    return journal.replace(_first_posting(journal) + "\n", "", 1)


def _wrong_day_end(journal: str) -> str:
    return journal.replace(" = $", " = $1", 1)


@pytest.mark.parametrize(
    "tamper",
    [_another_cent, _both_sides_another_cent, _other_account, _days_swapped, _posting_left_out, _wrong_day_end],
    ids=lambda tamper: tamper.__name__.strip("_"),
)
def test_hledger_refuses_books_that_were_touched(books: Sessions, tmp_path: Path, tamper: object) -> None:
    file = exported(books, tmp_path)
    before = file.read_text()
    after = tamper(before)  # type: ignore[operator]
    assert after != before
    file.write_text(after)
    done = hledger(file, "check", "-s", "ordereddates")
    assert done.returncode != 0
    assert done.stderr


def test_the_journal_names_source_and_what_it_reverses(books: Sessions, tmp_path: Path) -> None:
    journal = exported(books, tmp_path).read_text()
    assert "; source: payment_intent pi_" in journal
    assert "; kind: payment-reversal" in journal
    done = hledger(tmp_path / "books.journal", "print", "tag:reverses", "-O", "csv")
    rows = list(csv.DictReader(io.StringIO(done.stdout)))
    assert rows
    assert {row["status"] for row in rows} == {""}
    assert len({row["code"] for row in rows}) == 1


def test_names_that_would_break_the_format_do_not(sessions: Sessions, tmp_path: Path) -> None:
    with transaction(sessions) as session:
        make_chart(session)
        session.execute(
            text("UPDATE ledger_accounts SET name = 'Water:  rents; fees, etc.  ; x: y' WHERE code = '510-1200'")
        )
        make_account(session)
    done = hledger(exported(sessions, tmp_path), "check", "-s", *CHECKS)
    assert done.returncode == 0, done.stderr


def test_the_table_sums_to_zero_in_each_journal_and_fund(books: Sessions) -> None:
    with reading(books) as session:
        rows = list(csv.DictReader(io.StringIO("".join(exports.csv(session)))))
    sums: dict[tuple[str, str], Money] = defaultdict(Money)
    for row in rows:
        sums[row["journal"], row["fund"]] += Money.exact(row["amount"])
    assert sums
    assert set(sums.values()) == {ZERO}
    assert [row["journal"] for row in rows] == sorted((row["journal"] for row in rows), key=int)


def test_the_table_runs_no_formula(sessions: Sessions) -> None:
    with transaction(sessions) as session:
        make_chart(session)
        session.execute(text("UPDATE ledger_accounts SET name = '=1+1' WHERE code = '510-1200'"))
        make_account(session)
    with reading(sessions) as session:
        table = "".join(exports.csv(session))
    assert "'=1+1" in table


def test_an_export_streams(books: Sessions) -> None:
    """The first line is there before the books were read to their end, on a cursor of the server's."""
    with reading(books) as session:
        lines = exports.hledger(session)
        next(lines)
        assert session.scalars(text("SELECT count(*) FROM pg_cursors")).one() == 1
        assert sum(1 for _ in lines) > 30
