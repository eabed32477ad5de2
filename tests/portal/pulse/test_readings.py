"""What the pulse finds in a database in which something of everything happened."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from sqlalchemy import text

from accounts.database import transaction
from portal.jobs import Night
from portal.pulse.readings import read_pulse
from portal.pulse.rules import Exceptions, Pulse, Unsettled
from tests.portal.scene import Scene, add, leave
from tests.sandbox_server import pay_hosted_page


def read(scene: Scene) -> Pulse:
    with scene.sessions() as session:
        return read_pulse(session, scene.clock.now(), scene.today)


def event(scene: Scene, minutes: float, event_type: str = "payment_intent.succeeded", **columns: object) -> None:
    """An event that the processor made some minutes ago."""
    at = scene.clock.now() - timedelta(minutes=minutes)
    fields = {
        "event_id": f"evt_{minutes}_{event_type}", "event_type": event_type, "livemode": False, "api_version": "",
        "raw": json.dumps({"data": {"object": {"payment_status": columns.pop("paid", "paid")}}}).encode(),
        "state": "received", "note": "", "payment_intent_id": "pi_1", "session_id": "", "attempt_id": "",
        "source": "webhook", "created_at": at, "received_at": at + timedelta(seconds=30), **columns,
    }  # fmt: skip
    names = ", ".join(fields)
    with transaction(scene.sessions) as session:
        values = ", ".join(f":{name}" for name in fields)
        session.execute(text(f"INSERT INTO processor_events ({names}) VALUES ({values})"), fields)


def test_an_empty_house(scene: Scene) -> None:
    pulse = read(scene)
    assert (pulse.unposted, pulse.unsettled, pulse.exceptions, pulse.sealed_through) == (0, (), (), None)
    assert (pulse.webhooks.outcomes, pulse.webhooks.last_received_at, pulse.sweeps) == ({}, None, {})
    assert (pulse.days_waiting, pulse.stuck) == (0, 0)


@pytest.mark.parametrize(
    "columns",
    [
        {},
        {"state": "done", "note": "unknown"},
        {"event_type": "checkout.session.completed", "session_id": "cs_1", "payment_intent_id": ""},
        {"event_type": "checkout.session.completed", "session_id": "cs_1"},
        {"event_type": "checkout.session.async_payment_succeeded", "source": "backfill"},
    ],
)
def test_paid_and_not_posted(scene: Scene, columns: dict[str, object]) -> None:
    event(scene, 14, **columns)  # type: ignore[arg-type]
    pulse = read(scene)
    assert (pulse.unposted, pulse.oldest_unposted) == (1, timedelta(minutes=14))


def test_two_events_of_one_payment_are_one_payment(scene: Scene) -> None:
    event(scene, 3)
    event(scene, 4, "checkout.session.completed", session_id="cs_1")
    assert (read(scene).unposted, read(scene).oldest_unposted) == (1, timedelta(minutes=4))


@pytest.mark.parametrize(
    "columns",
    [
        {"event_type": "payment_intent.payment_failed"},
        {"event_type": "checkout.session.completed", "paid": "unpaid"},
        {"state": "ignored", "note": "foreign"},
        {"state": "done", "note": "no such attempt"},
        {"state": "done", "minutes": 5_000},
    ],
)
def test_not_paid_or_not_ours(scene: Scene, columns: dict[str, object]) -> None:
    event(scene, **{"minutes": 14, **columns})  # type: ignore[arg-type]
    assert read(scene).unposted == 0


def test_what_stands_in_the_exceptions_queue_is_counted_there(scene: Scene) -> None:
    event(scene, 14, state="done")
    with transaction(scene.sessions) as session:
        session.execute(
            text(
                "INSERT INTO exception_lines (kind, subject, evidence, suggestion, closing_note, opened_at)"
                " VALUES ('orphan', 'pi_1', '{}', '', '', :now), ('orphan', 'pi_2', '{}', '', '', :late),"
                " ('odd', 'x', '{}', '', '', :late)"
            ),
            {"now": scene.clock.now(), "late": scene.clock.now() - timedelta(days=2)},
        )
    pulse = read(scene)
    assert pulse.unposted == 0
    assert pulse.exceptions == (Exceptions("odd", 1, 0), Exceptions("orphan", 2, 1))


def test_a_payment_on_its_way_and_one_that_arrived(scene: Scene) -> None:
    person = scene.guest()
    add(person, scene.open("license", 80_00))
    page = leave(person)
    assert read(scene).unsettled == (Unsettled("open", "2m", 1),)
    person.land(pay_hosted_page(page))
    event(scene, 1, payment_intent_id=scene.scalar("SELECT payment_intent_id FROM attempts"))
    assert (read(scene).unsettled, read(scene).unposted) == ((), 0)


def test_old_attempts_are_told_from_young_ones(scene: Scene) -> None:
    person = scene.guest()
    add(person, scene.open("license", 80_00))
    leave(person)
    for later, age in [(3, "10m"), (30, "1h"), (600, "24h"), (2_000, "older")]:
        scene.clock.advance(minutes=later)
        assert [row.age for row in read(scene).unsettled] == [age]
    assert read(scene).stuck == 1


def test_the_door_and_what_came_late(scene: Scene) -> None:
    event(scene, 5)
    event(scene, 4, "payout.paid", state="done", received_at=scene.clock.now() - timedelta(minutes=1))
    event(scene, 2, "payout.failed", state="done", source="backfill")
    today = scene.clock.now().date()
    with transaction(scene.sessions) as session:
        session.execute(
            text(
                "INSERT INTO webhook_counts (day, outcome, count)"
                " VALUES (:today, 'accepted', 3), (:today, 'signature', 2), (:before, 'accepted', 40)"
            ),
            {"today": today, "before": today - timedelta(days=9)},
        )
    hooks = read(scene).webhooks
    assert hooks.outcomes == {"accepted": 43, "signature": 2}
    assert hooks.recent == {"accepted": 3, "signature": 2}
    assert hooks.last_received_at == scene.clock.now() - timedelta(minutes=1)
    assert (hooks.arrival, hooks.unfollowed, hooks.backfilled) == (timedelta(minutes=3), 1, 1)
    assert hooks.oldest_unfollowed == timedelta(minutes=4, seconds=30)


def test_sweeps_and_sealed_days(scene: Scene) -> None:
    scene.open("utility", 60_00)
    first, night = scene.today, Night(scene.wired)
    scene.clock.advance(days=3)
    assert read(scene).days_waiting == 3
    night.sweep()
    assert read(scene).sweeps["frequent"].clean_at == scene.clock.now()
    night.closing()
    pulse = read(scene)
    assert (pulse.sealed_through, pulse.days_waiting) == (first + timedelta(days=2), 0)
