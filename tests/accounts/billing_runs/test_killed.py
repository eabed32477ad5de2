"""A process that dies in the middle of a draft or of a posting: begun again, each bill is there once."""

from __future__ import annotations

import subprocess
import sys

import pytest

from accounts import kill_points
from accounts.billing_runs import drafting, posting
from tests.accounts.billing_runs.offices import NOW, TOTAL, Office
from tests.database import TestDatabase

_KILLED = """
import sys
from datetime import UTC, datetime
from accounts import kill_points
from accounts.billing_runs import drafting, posting
from accounts.database import engine_for, sessions_for
from portal import tables
kill_points.arm(sys.argv[2])
drafting.BATCH = posting.BATCH = 2
sessions = sessions_for(engine_for(sys.argv[1]))
now = datetime(2026, 11, 17, 18, 0, tzinfo=UTC)
{"draft": drafting.go_on, "post": posting.post}[sys.argv[3]](sessions, int(sys.argv[4]), now)
"""


def killed(db: TestDatabase, point: str, what: str, run: int) -> None:
    arguments = [db.app_url, point, what, str(run)]
    ended = subprocess.run([sys.executable, "-c", _KILLED, *arguments], check=False, timeout=60, capture_output=True)
    assert ended.returncode == kill_points.EXIT_CODE, ended.stderr


@pytest.mark.long
def test_killed_in_the_middle_of_posting_each_bill_is_there_once(
    db: TestDatabase, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    accounts = [office.house(number) for number in range(1, 6)]
    run = office.draft()
    office.review(run)
    office.approve(run)
    killed(db, "billing-runs.posting", "post", run)  # written, and not committed
    assert office.rows("SELECT count(*) FROM bills") == [(0,)]
    killed(db, "billing-runs.batch-posted", "post", run)  # committed, and the next not begun
    assert office.rows("SELECT count(*) FROM bills") == [(2,)]
    killed(db, "billing-runs.posting", "post", run)
    assert office.state(run) == "approved"
    monkeypatch.setattr(posting, "BATCH", 2)
    posting.post(office.sessions, run, NOW)
    assert office.state(run) == "posted"
    assert office.rows("SELECT customer_account_id FROM bills ORDER BY 1") == [(account,) for account in accounts]
    assert office.rows("SELECT sum(amount_cents), count(*) FROM charges") == [(5 * TOTAL.cents, 25)]
    assert office.rows("SELECT count(*) FROM journals") == [(3,)]
    assert office.rows("SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'bill_issued'") == [(5,)]


@pytest.mark.long
def test_killed_in_the_middle_of_a_draft_it_goes_on(db: TestDatabase, office: Office) -> None:
    accounts = [office.house(number) for number in range(1, 6)]
    run = office.make()
    killed(db, "billing-runs.drafted", "draft", run)
    assert office.rows("SELECT count(*) FROM billing_items") == [(2,)]
    drafting.go_on(office.sessions, run, NOW)
    assert office.rows("SELECT customer_account_id FROM billing_items ORDER BY 1") == [(one,) for one in accounts]
    assert office.total(run).cents == 5 * TOTAL.cents
