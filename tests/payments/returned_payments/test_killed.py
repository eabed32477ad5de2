"""A server killed while it posts what the bank sent back: it is posted again, and came back once."""

from __future__ import annotations

import subprocess
import sys

import pytest

from accounts import kill_points
from payments.returned_payments import service
from tests.database import TestDatabase
from tests.factories.window import Window
from tests.payments.returned_payments.returning import clerk_of, desk_of, looked, opens, owing, paid, told

BANK = "990-1010"
_KILLED = """
import sys
from datetime import datetime
import portal.tables
from accounts import kill_points
from accounts.cities.queries import ruling
from accounts.clock import FixedClock
from accounts.database import engine_for, reading, sessions_for
from accounts.staff.rules import Authority, Permission
from payments.returned_payments import service
from payments.returned_payments.rules import Return
from payments.returned_payments.weighing import ReturnDesk
from payments.terms import reversal_terms
url, point, now, person, tender, seen = sys.argv[1:]
sessions, clock = sessions_for(engine_for(url)), FixedClock(datetime.fromisoformat(now))
with reading(sessions) as session:
    city = ruling(session)
kill_points.arm(point)
clara = Authority(int(person), "staff:clara", frozenset({Permission.RETURNS_POST, Permission.ACCOUNTS_SEE}))
command = Return(int(tender), "NSF", clock.today(), "ADV-1")
service.post(ReturnDesk(sessions, clock, city, reversal_terms(city.city)), clara, command, seen)
"""
POSTED = ("journals", "payment_reversals", "returned_payments", "returned_accounts", "charges", "cash_only_flags")


def _counts(window: Window) -> dict[str, int]:
    return {name: window.desk.rows(f"SELECT count(*) FROM {name}")[0][0] for name in POSTED}


@pytest.mark.parametrize(
    ("point", "is_posted"),
    [("reversals.posted", False), ("returned_payments.posted", False), ("returned_payments.done", True)],
)
def test_a_server_killed_while_it_posts_a_return_has_posted_all_of_it_or_nothing(
    db: TestDatabase, window: Window, point: str, *, is_posted: bool
) -> None:
    account = owing(window)
    first, tender = (paid(window, {account: 50_00}) for _ in range(2))
    clerk = clerk_of(window)
    service.post(desk_of(window), clerk, told(window, first), looked(window, first).seen)
    before, bank = _counts(window), window.desk.balances()[BANK]
    seen = looked(window, tender).seen
    arguments = [db.app_url, point, window.desk.clock.now().isoformat(), str(clerk.actor_id), str(tender), seen]
    ended = subprocess.run([sys.executable, "-c", _KILLED, *arguments], check=False, timeout=120, capture_output=True)
    assert ended.returncode == kill_points.EXIT_CODE, ended.stderr
    once = {"journals": 2, "payment_reversals": 1, "returned_payments": 1, "returned_accounts": 1, "charges": 1,
            "cash_only_flags": 1}  # fmt: skip
    there = _counts(window)
    assert {name: there[name] - before[name] for name in POSTED} == (once if is_posted else dict.fromkeys(POSTED, 0))
    again = service.post(desk_of(window), clerk, told(window, tender), seen)
    assert again.again == is_posted
    there = _counts(window)
    assert {name: there[name] - before[name] for name in POSTED} == once
    assert window.desk.balances()[BANK] - bank == -50_00
    assert opens(window, account) == [100_00, 25_00, 35_00]
    told_of = "SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'payment_returned'"
    assert window.desk.rows(told_of) == [(2,)], "each of the two once"
