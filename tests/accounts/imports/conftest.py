"""A small chart of accounts, the terms of two funds, and one call that imports."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from accounts.actors.service import actor_id
from accounts.clock import FixedClock
from accounts.database import Sessions, reading, transaction
from accounts.imports.profiles import Profile, load_profile
from accounts.imports.rules import ImportReport
from accounts.imports.service import import_file
from accounts.imports.terms import CreditTerms, LineTerms, Terms
from accounts.ledger.models import LedgerAccount, LedgerKind
from accounts.ledger.rules import JournalDraft, Line, Source
from accounts.ledger.service import post
from accounts.money import Money

ROOT = Path(__file__).parents[3]
KEY = b"a key for tests"
TERMS = Terms(
    lines={
        "water": LineTerms("water", "510-1200", "510-4000", "510-3000"),
        "sewer": LineTerms("water", "510-1210", "510-4010", "510-3000"),
        "refuse": LineTerms("general", "100-1230", "100-4030", "100-3000"),
        "storm": LineTerms("general", "100-1240", "100-4040", "100-3000"),
        "business-license": LineTerms("general", "100-1250", "100-4050", "100-3000"),
        "parking": LineTerms("general", "100-1260", "100-2260", "100-3000", is_external=True),
    },
    credits={"utility": CreditTerms("water", "510-2100", "510-3000")},
    time_zone="America/Los_Angeles",
    license_year_starts_in_month=7,
)
KINDS = {"1": LedgerKind.ASSET, "2": LedgerKind.LIABILITY, "3": LedgerKind.EQUITY, "4": LedgerKind.REVENUE}

Import = Callable[..., ImportReport]


@pytest.fixture
def chart(sessions: Sessions) -> None:
    """Every ledger account that the terms name."""
    codes = {
        (code, line.fund)
        for line in TERMS.lines.values()
        for code in (line.receivable, line.revenue, line.opening_equity)
    } | {(credit.ledger_account, credit.fund) for credit in TERMS.credits.values()}
    with transaction(sessions) as session:
        session.add_all(
            LedgerAccount(code=code, fund=fund, name=code, kind=KINDS[code[4]]) for code, fund in sorted(codes)
        )


@pytest.fixture
def do_import(sessions: Sessions, chart: None, clock: FixedClock) -> Import:
    """``do_import(path, "demo-citations", ...)`` or with a ``Profile``."""

    def run(path: Path, profile: str | Profile, **options: Any) -> ImportReport:
        chosen = profile if isinstance(profile, Profile) else shipped(profile)
        settings = {"terms": TERMS, "clock": clock, "actor": "staff:rosa", "proof_key": KEY, **options}
        return import_file(sessions, chosen.kind, path, chosen, **settings)

    return run


def shipped(name: str) -> Profile:
    return load_profile(ROOT / "city" / "profiles" / f"{name}.toml")


def register(name: str) -> Path:
    """A real register; the test is skipped, saying so, where the registers are not."""
    folder = Path(os.environ.get("REAL_REGISTERS_DIR", ROOT.parent / "shared" / "data"))
    if not (folder / name).exists():
        pytest.skip(f"real register {name} is not in {folder}; set REAL_REGISTERS_DIR")
    return folder / name


def counts(report: ImportReport) -> tuple[int, int, int, int]:
    """Added, changed, unchanged, rejected; they always make up what was read."""
    assert report.added + report.changed + report.unchanged + report.rejected == report.read
    return report.added, report.changed, report.unchanged, report.rejected


def rows_of(sessions: Sessions, sql: str) -> list[tuple[Any, ...]]:
    with reading(sessions) as session:
        return [tuple(row) for row in session.execute(text(sql))]


RECEIVABLES_AND_CHARGES = """
    SELECT coalesce(p.account, c.account), p.cents, c.cents
      FROM (SELECT customer_account_id AS account, sum(amount_cents) AS cents
              FROM postings JOIN ledger_accounts a ON a.id = ledger_account_id
             WHERE a.kind = 'asset' AND customer_account_id IS NOT NULL GROUP BY 1) AS p
      FULL JOIN (SELECT customer_account_id AS account, sum(open_cents) AS cents FROM charges GROUP BY 1) AS c
             ON c.account = p.account
     WHERE coalesce(p.cents, 0) <> coalesce(c.cents, 0)"""


def books_agree(sessions: Sessions) -> bool:
    """Receivables by customer account are its open charges."""
    return not rows_of(sessions, RECEIVABLES_AND_CHARGES)


@pytest.fixture
def pay(sessions: Sessions, clock: FixedClock) -> Callable[[str, int], int]:
    """``pay("A:fine", 4000)``: money on a charge, as the posting step would leave it; returns the allocation."""
    return payer(sessions, clock)


def payer(sessions: Sessions, clock: FixedClock) -> Callable[[str, int], int]:
    def run(source_key: str, cents: int) -> int:
        with transaction(sessions) as session:
            charge = session.execute(
                text("SELECT id, customer_account_id FROM charges WHERE source_key = :key"), {"key": source_key}
            ).one()
            count = session.execute(text("SELECT count(*) FROM allocations")).scalar_one()
            lines = (
                Line("100-1260", "general", Money(-cents), charge.customer_account_id),
                Line("100-2260", "general", Money(cents)),
            )
            draft = JournalDraft(
                "payment", Source("test", f"{source_key}-{count}", "pay"), clock.today(),
                actor_id(session, "system"), lines,
            )  # fmt: skip
            journal = post(session, draft)
            session.execute(
                text("UPDATE charges SET open_cents = open_cents - :cents, version = version + 1 WHERE id = :id"),
                {"cents": cents, "id": charge.id},
            )
            allocation: int = session.execute(
                text(
                    "INSERT INTO allocations (journal_id, charge_id, amount_cents, policy)"
                    " VALUES (:journal, :charge, :cents, 'explicit') RETURNING id"
                ),
                {"journal": journal, "charge": charge.id, "cents": cents},
            ).scalar_one()
            return allocation

    return run
