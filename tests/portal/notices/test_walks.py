"""The walks of the night: killed in the middle, two at once, again and again; each person is told once."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections import Counter
from typing import Any

import pytest

from accounts import kill_points
from portal.notices import queueing, walks
from portal.notices.rules import Planned
from tests.concurrency.threads import together
from tests.portal.notices.people import at, forget_facts, log, owe, resident, run, statements
from tests.portal.scene import Scene

_KILLED = """
import sys
from datetime import datetime
from accounts import kill_points
from accounts.clock import FixedClock
from accounts.database import engine_for, sessions_for
from portal import tables
from portal.config import Mode, Settings
from portal.notices import walks
from portal.wiring import Wiring
url, now, key, point, after = sys.argv[1:]
settings = Settings(mode=Mode.TEST, database_url=url, secret_key="a secret key for tests, as long", proof_key=key)
engine, clock = engine_for(url), FixedClock(datetime.fromisoformat(now))
wired = Wiring(settings, engine, sessions_for(engine), clock, None, None, None)
reached, left = kill_points.reached, int(after)

def passed(name):
    global left
    left -= name == point
    if not left:
        kill_points.arm(point)
        reached(name)

kill_points.reached = passed
walks.BATCH = 2
walks.due_soon(wired)
"""


def told(scene: Scene) -> Counter[str]:
    """How many messages there are for each account."""
    return Counter(str(row[0]) for row in scene.rows("SELECT customer_account_id FROM message_accounts"))


def town(scene: Scene, many: int) -> list[str]:
    """Accounts with a holder each, of which something is due in three days; their ids."""
    found = scene.open_many([("utility", (0,), (), {}) for _ in range(many)])
    for number, known in enumerate(found):
        owe(scene, known, 40_00, days=3)
        scene.run_as_owner(
            "UPDATE customers SET email = :email FROM customer_accounts a"
            " WHERE a.customer_id = customers.id AND a.id = :id",
            email=f"holder-{number}@example.com", id=known.id,
        )  # fmt: skip
    at(scene, 11)
    forget_facts(scene)
    return [str(known.id) for known in found]


@pytest.mark.long
@pytest.mark.parametrize(
    ("point", "after", "left"),
    [
        ("notices.queued", 1, 0),
        ("notices.page-queued", 1, 2),
        ("notices.queued", 3, 4),
        ("notices.page-queued", 3, 5),
    ],
)
def test_a_walk_that_was_killed_begins_again_and_tells_everybody_once(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, *, point: str, after: int, left: int
) -> None:
    accounts = town(scene, 5)
    arguments = [scene.db.app_url, scene.wired.clock.now().isoformat(), scene.wired.proof_key, point, str(after)]
    ended = subprocess.run([sys.executable, "-c", _KILLED, *arguments], check=False, timeout=300, capture_output=True)
    assert ended.returncode == kill_points.EXIT_CODE, ended.stderr
    assert sum(told(scene).values()) == left
    monkeypatch.setattr(walks, "BATCH", 2)
    said = walks.due_soon(scene.wired)
    assert said == f"due soon: {5 - left} messages, {left} of 5 due dates passed over"
    assert told(scene) == dict.fromkeys(accounts, 1)
    assert scene.scalar("SELECT count(*) FROM message_events") == 5
    run(scene, tries=2)
    assert sorted(mail["To"] for mail in scene.outbox.mails) == [f"holder-{n}@example.com" for n in range(5)]


def walk_at_once(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Two walk, and both have read their first page, and found it untold, before either writes."""
    both_have_read, known = threading.Barrier(2), threading.local()
    real = walks.tell

    def tell(*given: Any) -> int:
        if not getattr(known, "has_begun", False):
            known.has_begun = True
            both_have_read.wait(timeout=20)
        return real(*given)

    monkeypatch.setattr(walks, "tell", tell)
    monkeypatch.setattr(walks, "BATCH", 2)
    return together([lambda: walks.due_soon(scene.wired) for _ in range(2)])


def test_two_walks_at_once_tell_everybody_once(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    accounts = town(scene, 7)
    outcomes = walk_at_once(scene, monkeypatch)
    assert all(isinstance(outcome, str) for outcome in outcomes), outcomes
    assert sum(int(str(outcome).split()[2]) for outcome in outcomes) == 7
    assert told(scene) == dict.fromkeys(accounts, 1)
    run(scene)
    assert len(scene.outbox.mails) == 7


def test_control_without_the_keys_of_messages_two_walks_would_tell_twice(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The race that the two unique keys end: with keys of their own, both walks' messages of the first page stay."""
    town(scene, 7)
    real = queueing._row

    def row(message: Planned, now: Any) -> dict[str, object]:
        made = real(message, now)
        mine = threading.current_thread().name
        return {**made, "key": f"{made['key']}:{mine}", "topic": f"{made['topic']}:{mine}"}

    monkeypatch.setattr(queueing, "_row", row)
    walk_at_once(scene, monkeypatch)
    assert [many for many in told(scene).values() if many > 1], "somebody was told twice"


def test_the_same_walk_again_is_one_statement_a_page(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    town(scene, 6)
    monkeypatch.setattr(walks, "BATCH", 2)
    walks.due_soon(scene.wired)
    with statements(scene.db.app) as sent:
        assert walks.due_soon(scene.wired) == "due soon: 0 messages, 6 of 6 due dates passed over"
    assert len([one for one in sent if "WITH page" in one]) == 4, "three pages, and one that is empty"
    assert not [one for one in sent if "INSERT" in one or "FROM customers" in one.split("WITH page")[0]]


def test_who_came_to_the_account_since_is_told_and_nobody_else_again(scene: Scene) -> None:
    known = scene.open("utility", 0, email="holder@example.com")
    owe(scene, known, 40_00, days=3)
    at(scene, 11)
    assert walks.due_soon(scene.wired).startswith("due soon: 1 messages,")
    resident(scene, known, "ana@example.com")
    assert walks.due_soon(scene.wired).startswith("due soon: 1 messages,")
    assert walks.due_soon(scene.wired) == "due soon: 0 messages, 1 of 1 due dates passed over"
    assert [row.to_masked for row in log(scene)] == ["h•••@example.com", "a•••@example.com"]


def test_who_cannot_be_reached_is_passed_over_until_there_is_a_way(scene: Scene) -> None:
    known = scene.open("utility", 0)
    scene.run_as_owner("UPDATE customers SET email = ''")
    owe(scene, known, 40_00, days=3)
    at(scene, 11)
    assert walks.due_soon(scene.wired) == "due soon: 0 messages, 1 of 1 due dates passed over"
    scene.run_as_owner("UPDATE customers SET email = 'holder@example.com'")
    assert walks.due_soon(scene.wired) == "due soon: 1 messages, 0 of 1 due dates passed over"
