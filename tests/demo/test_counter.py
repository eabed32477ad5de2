"""The demo's window: a day that was counted and banked, a drawer that is open, and books that prove it."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import text

from accounts.cities.queries import ruling
from accounts.clock import FixedClock
from accounts.database import Sessions, reading
from demo import counter, staff
from demo.city import Size, load_city
from demo.colleagues import Colleagues
from portal.identity.staff.signing_in import Door
from portal.identity.vault import SECOND_FACTORS, Vault
from portal.verify import verify
from tests.demo.test_city import CITY, KEY
from tests.demo.test_office import TODAY
from tests.factories.online import unheard


def test_yesterday_is_counted_and_banked_and_a_drawer_is_open(sessions: Sessions, tmp_path: Path) -> None:
    load_city(sessions, CITY, tmp_path, proof_key=KEY, say=lambda _: None, today=TODAY, size=Size(300, 60, 40))
    with reading(sessions) as session:
        ruled = ruling(session)
    door = Door(KEY, Vault(["a secret key of the tests, long enough"], SECOND_FACTORS))
    staff.hire(sessions, ruled.city, door, tmp_path, FixedClock())
    people = Colleagues(sessions, ruled, FixedClock())
    counter.work(people, unheard(sessions, ruled.city, people.clock), KEY)
    with reading(sessions) as session:
        assert [violation for check in verify(session) for violation in check.violations] == []
        drawers = session.execute(text("SELECT till, state FROM drawers ORDER BY id")).all()
        assert [tuple(row) for row in drawers] == [
            ("T1", "closed"), ("T2", "closed"), ("MAIL-1", "closed"), ("T1", "open"),
        ]  # fmt: skip
        assert session.scalar(text("SELECT count(*) FROM sales WHERE state = 'parked'")) == 1
        assert session.scalar(text("SELECT count(*) FROM payment_reversals WHERE kind = 'void'")) == 1
        assert session.scalar(text("SELECT sum(amount_cents) FROM payment_items WHERE code = 'suspense'")) == 85_50
        assert session.scalars(text("SELECT kind || ' ' || state FROM bank_deposits ORDER BY 1")).all() == [
            "bag sealed", "terminal sealed",
        ]  # fmt: skip
        short = text(
            "SELECT sum(p.amount_cents) FROM postings p JOIN ledger_accounts a ON a.id = p.ledger_account_id"
            " WHERE a.code = '100-4900'"
        )
        assert session.scalar(short) == 35
