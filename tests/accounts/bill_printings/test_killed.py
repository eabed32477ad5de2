"""A worker that dies before, in and after counting or freezing: begun again, each bill is counted and listed once."""

from __future__ import annotations

import subprocess
import sys

import pytest

from accounts import kill_points
from accounts.bill_printings import deciding, freezing
from tests.accounts.bill_printings.conftest import PrintShop
from tests.accounts.billing_runs.offices import NOW
from tests.database import TestDatabase

_KILLED = """
import sys
from datetime import UTC, date, datetime
from accounts import kill_points
from accounts.bill_printings import deciding, freezing
from accounts.database import engine_for, sessions_for
from portal import tables
kill_points.arm(sys.argv[2])
deciding.BATCH = 2
sessions, printing = sessions_for(engine_for(sys.argv[1])), int(sys.argv[4])
now = datetime(2026, 11, 17, 18, 0, tzinfo=UTC)
if sys.argv[3] == "count":
    freezing.count(sessions, printing, now=now)
else:
    freezing.freeze(sessions, printing, today=now.date(), now=now)
"""


def killed(db: TestDatabase, point: str, what: str, printing: int) -> None:
    arguments = [db.app_url, point, what, str(printing)]
    ended = subprocess.run([sys.executable, "-c", _KILLED, *arguments], check=False, timeout=60, capture_output=True)
    assert ended.returncode == kill_points.EXIT_CODE, ended.stderr


@pytest.mark.long
def test_killed_while_counting_it_goes_on_where_it_was(
    db: TestDatabase, shop: PrintShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deciding, "BATCH", 2)
    run, accounts = shop.posted(5)
    printing = freezing.begin(shop.sessions, shop.office.maker, run, now=NOW)
    for so_far in (2, 4):
        killed(db, "bill-printings.batch-counted", "count", printing)
        found = shop.view(printing)
        assert (found.state, found.counts.all.bills) == ("counting", so_far)
    freezing.count(shop.sessions, printing, now=NOW)
    found = shop.view(printing)
    assert (found.state, found.counts.printed.bills, found.bills) == ("counted", len(accounts), 5)


@pytest.mark.long
def test_killed_while_freezing_the_list_is_there_whole_or_not_at_all(db: TestDatabase, shop: PrintShop) -> None:
    run, accounts = shop.posted(3)
    printing = shop.counted(run)
    shop.ask(printing, 3)
    killed(db, "bill-printings.freezing", "freeze", printing)  # written, and not committed
    assert (shop.view(printing).state, shop.outcomes(printing)) == ("freezing", {})
    assert waiting(shop) == 0
    killed(db, "bill-printings.frozen", "freeze", printing)  # committed; the job does not know
    assert shop.view(printing).state == "frozen"
    frozen = shop.outcomes(printing)
    assert frozen == dict.fromkeys(accounts, ("printed", ""))
    assert waiting(shop) == 1
    assert not shop.freeze(printing), "the job runs again, and finds it done"
    assert (shop.outcomes(printing), waiting(shop)) == (frozen, 1)


def waiting(shop: PrintShop) -> int:
    rows = shop.office.rows("SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'bill_printing_begun'")
    return int(rows[0][0])
