"""Cases 30, 32, 33 and the sweep itself: what no webhook and no return page ever told."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import text

from accounts.database import reading
from payments.attempts.rules import State
from payments.payouts.service import read_payouts
from payments.settlements.service import Desk
from payments.sweeps import service
from payments.sweeps.queries import clean_through, last_sweep
from payments.webhooks import service as webhooks
from portal.jobs import Night
from tests.portal.scene import Scene, add
from tests.reliability.errands import (
    CREATE,
    all_is_told,
    deep_sweep,
    exceptions,
    knocks,
    later,
    leaves,
    pays,
    posted,
    sessions_made,
    settled,
    state,
    sweep,
    told,
)
from tests.sandbox_server import pay_hosted_page


def test_case_30_a_day_without_webhooks_is_made_up_by_reading_the_processors_events(scene: Scene) -> None:
    errands = [pays(scene, 50_00 + n) for n in range(3)]
    assert sweep(scene).found["events_missed"] >= 3
    later(scene, days=1)
    errands += [pays(scene, 60_00 + n) for n in range(3)]
    assert sweep(scene).clean
    assert {state(scene, errand) for errand in errands} == {"succeeded"}
    assert posted(scene)[:2] == (6, 6)
    assert {row.source for row in scene.rows("SELECT source FROM processor_events")} == {"backfill"}
    all_is_told(scene)


def test_a_sweep_again_does_nothing_twice_and_reads_on_from_its_cursor(scene: Scene) -> None:
    pays(scene)
    sweep(scene)
    later(scene, minutes=2)
    again = sweep(scene)
    assert again.clean
    assert again.found.get("events_missed", 0) == 0
    assert posted(scene)[:2] == (1, 1)


def test_an_event_that_the_queue_lost_is_followed_by_the_sweep(scene: Scene) -> None:
    paid = pays(scene)
    knocks(scene, told(scene, "checkout.session.completed", paid.attempt_id))
    with scene.db.owner.begin() as connection:
        connection.exec_driver_sql("DELETE FROM procrastinate_jobs")
        connection.exec_driver_sql("UPDATE processor_events SET received_at = now() - interval '1 day'")
    sweep(scene)
    assert state(scene, paid) == "succeeded"
    assert {row.state for row in scene.rows("SELECT state FROM processor_events")} == {"done"}


@pytest.mark.parametrize("fault", ["before", "after", "cut", "empty_200"])
def test_an_attempt_that_never_heard_its_page_is_sent_again_under_its_own_key(scene: Scene, fault: str) -> None:
    guest, known = scene.guest(), scene.open("utility", 50_00)
    add(guest, known)
    scene.sandbox.fault(fault, match=CREATE, count=2)
    guest.submit("Go to the payment page", budget=30)
    assert scene.scalar("SELECT state FROM attempts") == "unknown"
    scene.sandbox.server.app.extensions["faults"].clear()
    later(scene, minutes=3)
    assert sweep(scene).clean
    assert scene.scalar("SELECT state FROM attempts") == "open"
    assert len(sessions_made(scene)) == 1
    guest.land(pay_hosted_page(scene.scalar("SELECT session_url FROM attempts")))
    assert posted(scene)[:2] == (1, 1)
    all_is_told(scene)


def test_after_a_day_an_attempt_without_a_page_is_only_asked_about(scene: Scene) -> None:
    """The first answer was lost and the key is dead: sending again could charge anew, so the lists are read."""
    guest, known = scene.guest(), scene.open("utility", 50_00)
    add(guest, known)
    scene.sandbox.fault("after", match=CREATE, count=2)
    guest.submit("Go to the payment page", budget=30)
    pay_hosted_page(sessions_made(scene)[0].url)
    later(scene, days=2)
    sweep(scene)
    assert len(sessions_made(scene)) == 1, "nothing was sent again"
    assert scene.scalar("SELECT state FROM attempts") == "succeeded"
    assert posted(scene)[:2] == (1, 1)
    all_is_told(scene)


def test_after_a_day_an_attempt_that_the_processor_never_saw_is_over(scene: Scene) -> None:
    guest, known = scene.guest(), scene.open("utility", 50_00)
    add(guest, known)
    scene.sandbox.fault("before", match=CREATE, count=2)
    guest.submit("Go to the payment page", budget=30)
    later(scene, days=2)
    assert sweep(scene).clean
    assert (scene.scalar("SELECT state FROM attempts"), len(sessions_made(scene))) == ("expired", 0)
    assert scene.scalar("SELECT count(*) FROM pending_payments") == 0


def test_a_processor_that_is_silent_makes_no_sweep_clean_and_loses_nothing(scene: Scene) -> None:
    paid = pays(scene)
    scene.sandbox.fault("before", count=1_000)
    later(scene, hours=2)
    assert not sweep(scene).clean
    assert (state(scene, paid), posted(scene)) == ("open", (0, 0, 0))
    with reading(scene.sessions) as session:
        assert clean_through(session) is None
    scene.sandbox.server.app.extensions["faults"].clear()
    assert sweep(scene).clean
    assert state(scene, paid) == "succeeded"
    with reading(scene.sessions) as session:
        assert clean_through(session) == scene.clock.now()
        last = last_sweep(session, "frequent")
    assert last is not None
    assert last.clean


def test_a_page_that_nobody_paid_ends_with_the_sweep_after_its_hour(scene: Scene) -> None:
    gone = leaves(scene)
    later(scene, minutes=62)
    assert sweep(scene).clean
    assert (state(scene, gone), posted(scene)) == ("expired", (0, 0, 0))
    assert scene.scalar("SELECT count(*) FROM pending_payments") == 0


def test_case_32_money_that_every_look_missed_is_found_by_the_deep_sweep(scene: Scene) -> None:
    """The attempt was thought to be over, and the processor has forgotten its events."""
    paid = pays(scene)
    with scene.db.owner.begin() as connection:
        connection.exec_driver_sql("UPDATE attempts SET state = 'expired'")
        connection.exec_driver_sql("DELETE FROM pending_payments")
    later(scene, days=35)
    sweep(scene)
    assert posted(scene) == (0, 0, 0), "thirty days of events do not reach that far"
    assert deep_sweep(scene, 30).found == {}
    found = deep_sweep(scene, 90).found
    assert (found["not_posted"], found["settled"]) == (1, 1)
    assert state(scene, paid) == "succeeded"
    assert exceptions(scene) == ["paid-after-expiry"]
    all_is_told(scene)


@pytest.mark.parametrize(
    ("orphan", "kind"),
    [({}, "orphan"), ({"metadata": {}}, "no-owner"), ({"session": False}, "orphan")],
)
def test_money_that_is_nobodys_is_kept_for_a_person(scene: Scene, orphan: dict[str, object], kind: str) -> None:
    leaves(scene)
    made = scene.sandbox.orphan(amount=77_00, **orphan)  # type: ignore[arg-type]
    later(scene, minutes=3)
    found = deep_sweep(scene).found
    assert found[kind] == 1
    assert exceptions(scene) == [kind]
    line = scene.rows("SELECT subject, evidence FROM exception_lines")[0]
    assert (line.subject, line.evidence["amount_cents"]) == (made["payment_intent"], 77_00)
    assert deep_sweep(scene).found.get("not_posted", 0) == 0, "named once"
    assert posted(scene) == (0, 0, 0)
    all_is_told(scene)


def test_the_money_of_another_installation_is_counted_and_left_alone(scene: Scene) -> None:
    scene.sandbox.orphan(metadata={"env": "production", "attempt_id": "pa_X"})
    later(scene, minutes=3)
    assert deep_sweep(scene).found == {"foreign": 1}
    assert exceptions(scene) == []


def test_a_payment_of_the_books_that_the_processor_does_not_know_is_named(scene: Scene) -> None:
    paid = pays(scene)
    settled(scene, paid)
    with scene.db.owner.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE payments DISABLE TRIGGER append_only")
        connection.exec_driver_sql("UPDATE payments SET tender_reference = 'pi_made_up'")
        connection.exec_driver_sql("ALTER TABLE payments ENABLE TRIGGER append_only")
    later(scene, minutes=3)
    assert deep_sweep(scene).found["posted_unpaid"] == 1
    assert "posted-unpaid" in exceptions(scene)


def test_case_33_evidence_is_kept_until_a_person_closes_it(scene: Scene) -> None:
    leaves(scene)
    scene.sandbox.orphan()
    later(scene, minutes=3)
    deep_sweep(scene)
    for _ in range(2):
        later(scene, days=20)
        deep_sweep(scene, 90)
        sweep(scene)
    assert scene.scalar("SELECT count(*) FROM exception_lines WHERE closed_at IS NULL") == 1


def test_a_deep_sweep_of_many_payments_asks_the_database_once_for_a_hundred(scene: Scene) -> None:
    for n in range(3):
        settled(scene, pays(scene, 50_00 + n))
    later(scene, minutes=3)
    assert deep_sweep(scene).found == {"paid_at_the_processor": 3}


def test_the_same_strange_money_is_one_line_whoever_saw_it_first(scene: Scene) -> None:
    leaves(scene)
    scene.sandbox.orphan(amount=77_00, metadata={})
    later(scene, minutes=3)
    deep_sweep(scene)
    later(scene, days=4)
    read_payouts(scene.wired.payout_desk(), scene.clock.now() - timedelta(days=35))
    assert exceptions(scene) == ["no-owner"]


@pytest.mark.parametrize(("weekday", "days"), [(6, 30), (7, 90)])
def test_an_installation_does_not_wait_a_night_for_its_first_deep_sweep(
    scene: Scene, weekday: int, days: int
) -> None:
    later(scene, days=(weekday - scene.today.isoweekday()) % 7)
    night = Night(scene.wired)
    assert f"deep sweep of {days} days: clean" in night.sweep()
    later(scene, minutes=2)
    assert "deep" not in night.sweep()


def test_a_page_that_the_processor_does_not_know_is_named_and_ends(scene: Scene) -> None:
    gone, other = leaves(scene), pays(scene)
    with scene.db.owner.begin() as connection:
        connection.execute(
            text("UPDATE attempts SET session_id = 'cs_elsewhere' WHERE id = :id"), {"id": gone.attempt_id}
        )
    scene.clock.advance(minutes=40)
    sweep(scene)
    assert (state(scene, gone), exceptions(scene)) == ("open", ["unknown-page"])
    scene.clock.advance(minutes=30)
    assert sweep(scene).clean
    assert (state(scene, gone), exceptions(scene)) == ("expired", ["unknown-page"])
    assert state(scene, other) == "succeeded"


def test_one_attempt_that_breaks_the_sweep_does_not_keep_the_others(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = leaves(scene), leaves(scene)
    for errand in (first, second):
        pay_hosted_page(errand.url)
    real = service.settle

    def breaks(desk: Desk, attempt_id: str, session_id: str = "") -> State:
        if attempt_id == first.attempt_id:
            raise KeyError("something that nobody thought of")
        return real(desk, attempt_id, session_id)

    later(scene, minutes=62)
    with monkeypatch.context() as broken:
        broken.setattr(service, "settle", breaks)
        broken.setattr(webhooks, "settle", breaks)
        assert not sweep(scene).clean
    assert state(scene, second) == "succeeded"
    assert sweep(scene).clean
    assert state(scene, first) == "succeeded"
