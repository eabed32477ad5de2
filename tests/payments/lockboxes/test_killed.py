"""An import killed in the middle, as a process: the next one goes on, and each check is in the books once."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from accounts import kill_points
from payments.lockboxes import service
from payments.terms import lockbox_desk
from tests.database import TestDatabase
from tests.factories.desk import Desk
from tests.factories.lockbox import Check, lockbox_file
from tests.factories.online import unheard

PROFILE, KEY = "river-bank", "a key of tests"
_KILLED = """
import sys
from datetime import datetime
from pathlib import Path
from accounts import kill_points
from accounts.cities.queries import ruling
from accounts.clock import FixedClock
from accounts.database import engine_for, reading, sessions_for
from accounts.staff.rules import Authority, Permission
from payments.lockboxes import service
from payments.settlements.service import Desk
from payments.terms import lockbox_desk, terms_of
url, point, now, person, key, path, profile, after = sys.argv[1:]
sessions, clock = sessions_for(engine_for(url)), FixedClock(datetime.fromisoformat(now))
with reading(sessions) as session:
    city = ruling(session).city
clara = Authority(int(person), "staff:clara", frozenset({Permission.MAIL_LOG}))
reached, left = kill_points.reached, int(after)

def at(name):
    global left
    left -= name == point
    if not left:
        kill_points.arm(point)
        reached(name)

kill_points.reached = at
terms = terms_of(city)
online = Desk(sessions, None, clock, terms, "test", livemode=False, series=city.web_series())
service.import_file(lockbox_desk(online, city, key.encode()), clara, Path(path), profile)
"""


@pytest.mark.parametrize(
    ("point", "after", "posted"),
    [("lockboxes.kept", 1, 0), ("lockboxes.item", 1, 0), ("lockboxes.item", 3, 2), ("lockboxes.posted", 2, 2),
     ("lockboxes.posted", 5, 5)],
)  # fmt: skip
def test_an_import_that_was_killed_goes_on_and_posts_each_check_once(
    db: TestDatabase, desk: Desk, tmp_path: Path, *, point: str, after: int, posted: int
) -> None:
    clerk = desk.person("clara", "clerk")
    account = desk.account("utility", ("water", "service", 60_00))
    ((stub,),) = desk.rows("SELECT reference FROM customer_accounts WHERE id = :id", id=account)
    checks = [Check(10_00 + n, str(stub) if n % 2 else "404", number=str(n)) for n in range(5)]
    file = tmp_path / "box.txt"
    file.write_text(lockbox_file([checks[:3], checks[3:]]), encoding="latin-1")
    arguments = [
        db.app_url, point, desk.clock.now().isoformat(), str(clerk.actor_id), KEY, str(file), PROFILE, str(after),
    ]  # fmt: skip
    ended = subprocess.run([sys.executable, "-c", _KILLED, *arguments], check=False, timeout=120, capture_output=True)
    assert ended.returncode == kill_points.EXIT_CODE, ended.stderr
    assert desk.rows("SELECT count(*) FROM lockbox_files") == [(1,)]
    assert desk.rows("SELECT finished_at IS NOT NULL FROM lockbox_files") == [(False,)]
    assert desk.rows("SELECT count(*) FROM payments") == [(posted,)]
    assert desk.rows("SELECT count(*) FROM lockbox_items WHERE state = 'posted'") == [(posted,)]
    box = lockbox_desk(unheard(desk.sessions, desk.ruling.city, desk.clock), desk.ruling.city, KEY.encode())
    again = service.import_file(box, clerk, file, PROFILE)
    assert (again.posted, again.file.posted, again.was_known) == (5 - posted, 5, True)
    assert desk.rows("SELECT state, count(*) FROM lockbox_items GROUP BY state") == [("posted", 5)]
    assert desk.rows("SELECT finished_at IS NOT NULL FROM lockbox_files") == [(True,)]
    amounts = [check.cents for check in checks]
    assert desk.rows("SELECT amount_cents FROM payments ORDER BY id") == [(cents,) for cents in amounts]
    assert desk.rows("SELECT count(*) FROM receipts") == [(5,)]
    assert desk.balances()[desk.ruling.city.roles.bank] == sum(amounts)
    assert desk.charges(account)[0][2] == 60_00 - 10_01 - 10_03
    assert service.import_file(box, clerk, file, PROFILE).posted == 0


def test_a_process_killed_while_it_reads_has_kept_nothing_of_the_file(
    db: TestDatabase, desk: Desk, tmp_path: Path
) -> None:
    """The file and its items are one transaction: before its end there is no file."""
    clerk = desk.person("clara", "clerk")
    file = tmp_path / "box.txt"
    file.write_text(lockbox_file([[Check(60_00, "404")]]), encoding="latin-1")
    arguments = [
        db.app_url, "lockboxes.read", desk.clock.now().isoformat(), str(clerk.actor_id), KEY, str(file), PROFILE, "1",
    ]  # fmt: skip
    ended = subprocess.run([sys.executable, "-c", _KILLED, *arguments], check=False, timeout=120, capture_output=True)
    assert ended.returncode == kill_points.EXIT_CODE, ended.stderr
    assert (
        desk.rows("SELECT count(*) FROM lockbox_files") == desk.rows("SELECT count(*) FROM lockbox_items") == [(0,)]
    )
    box = lockbox_desk(unheard(desk.sessions, desk.ruling.city, desk.clock), desk.ruling.city, KEY.encode())
    done = service.import_file(box, clerk, file, PROFILE)
    assert (done.posted, done.was_known) == (1, False)
