"""The demo's window from end to end, with the processor beside it: what ``/demo`` points at is there, and the books
prove it."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from accounts.cities.queries import ruling
from accounts.clock import SystemClock
from accounts.database import reading
from demo import staff, window
from demo.city import Size, load_city
from demo.colleagues import Colleagues
from demo.settings import DAYS_AGO
from payments.bank_statements import queries as bank
from payments.sweeps import service as sweeps
from portal.config import Mode, Settings
from portal.verify import verify
from portal.wiring import Wiring, wire
from tests.database import TestDatabase
from tests.demo.test_city import CITY, KEY
from tests.sandbox_server import running_sandbox

pytestmark = pytest.mark.long
_SECRET = "a secret key of the tests, long enough"


def wired_to(db: TestDatabase, url: str, folder: Path) -> Wiring:
    settings = Settings(
        mode=Mode.TEST, database_url=db.app_url, secret_key=_SECRET, proof_key=KEY.decode(), stripe_key="sk_test_x",
        stripe_webhook_secrets=("whsec_x",), stripe_api_base=url, base_url="http://localhost", state=folder,
    )  # fmt: skip
    return wire(settings)


def test_the_window_from_the_card_to_the_journal_export(db: TestDatabase, tmp_path: Path) -> None:
    clock = SystemClock()
    today = clock.today()
    load_city(db.sessions, CITY, tmp_path, proof_key=KEY, say=lambda _: None, today=today, size=Size(300, 60, 40))
    with reading(db.sessions) as session:
        people = Colleagues(db.sessions, ruling(session), clock)
    with running_sandbox(tmp_path, days_ago=DAYS_AGO) as sandbox:
        wired = wired_to(db, sandbox.url, tmp_path)
        staff.hire(db.sessions, people.ruling.city, wired.door(), tmp_path, clock)
        window.work(wired, people, tmp_path, lambda _: None)
        assert sweeps.deep(wired.desk(), sweeps.NEAR).clean, "the processor knows every card payment of the books"
        assert not sandbox.violations()
        wired.engine.dispose()
    with reading(db.sessions) as session:
        assert [violation for check in verify(session) for violation in check.violations] == []
        matched = session.execute(text("SELECT DISTINCT kind FROM bank_match_parts WHERE kind <> 'before'"))
        assert {"deposit", "terminal", "payout"} <= set(matched.scalars())
        position = bank.position(session, "990-1010", today - timedelta(days=1))
        assert (position.unnamed_count, position.unnamed_lines.cents) == (1, 1_250_00)
        assert session.scalar(text("SELECT count(*) FROM lockbox_items WHERE state = 'held'")) == 1
        assert session.scalar(text("SELECT count(*) FROM cash_only_flags")) == 1
        assert session.scalar(text("SELECT count(*) FROM pay_links WHERE canceled_at IS NULL")) == 1
        sealed, exported = (
            session.scalar(text(f"SELECT max({column}) FROM {table}"))
            for column, table in (("day", "day_seals"), ("last_day", "journal_batches"))
        )
        assert exported <= sealed == today - timedelta(days=2), "what waits for somebody stays open"
    written = json.loads((tmp_path / window.FILE).read_text())
    assert [one["code"] for one in written] == [
        "bank-statement", "unmatched-line", "lockbox-file", "held-item", "returned-check", "cash-only", "pay-link",
        "journal-export",
    ]  # fmt: skip
