"""Cases 4 to 7, 29 and 31: webhooks too early, twice, in any order, forged, foreign, or met by a failing handler."""

from __future__ import annotations

import time

import pytest
from procrastinate.jobs import Job

from accounts.database import engine_for, sessions_for
from payments.gateway.base import Unheard
from payments.webhooks import service as webhooks
from portal.queue import Backoff
from sandbox.deliveries import signature
from tests.concurrency.threads import together
from tests.portal.scene import Scene, add
from tests.reliability.errands import (
    CREATE,
    all_is_told,
    event,
    exceptions,
    knocks,
    leaves,
    pays,
    posted,
    sessions_made,
    state,
    sweep,
    told,
)
from tests.sandbox_server import WEBHOOK_SECRET, pay_hosted_page

COMPLETED, SUCCEEDED = "checkout.session.completed", "payment_intent.succeeded"


def events_by_state(scene: Scene) -> dict[str, int]:
    rows = scene.rows("SELECT state, count(*) AS count FROM processor_events GROUP BY state")
    return {row.state: row.count for row in rows}


def test_case_04_an_event_before_we_know_our_own_page_is_not_lost(scene: Scene) -> None:
    """The answer with the page's name never came; the event names it, and the processor confirms whose it is."""
    guest = scene.guest()
    add(guest, scene.open("utility", 50_00))
    scene.sandbox.fault("after", match=CREATE, count=2)
    guest.submit("Go to the payment page", budget=30)
    (session,) = sessions_made(scene)
    pay_hosted_page(session.url)
    knocks(scene, told(scene, COMPLETED, session.id))
    scene.run_jobs()
    assert scene.scalar("SELECT state FROM attempts") == "succeeded"
    assert posted(scene) == (1, 1, 1)


def test_case_04_an_event_cannot_give_an_attempt_the_page_of_another(scene: Scene) -> None:
    paid = pays(scene)
    guest = scene.guest("198.51.100.8")
    add(guest, scene.open("utility", 60_00))
    scene.sandbox.fault("before", match=CREATE, count=2)
    guest.submit("Go to the payment page", budget=30)
    other = scene.scalar("SELECT id FROM attempts WHERE id <> :id", id=paid.attempt_id)
    with scene.db.owner.begin() as connection:
        connection.exec_driver_sql("UPDATE attempts SET session_id = NULL WHERE session_id IS NOT NULL")
    subject = {"object": "checkout.session", "id": paid.session_id, "metadata": {"env": "test", "attempt_id": other}}
    knocks(scene, event(COMPLETED, subject))
    scene.run_jobs()
    assert scene.scalar("SELECT state FROM attempts WHERE id = :id", id=other) == "unknown"
    assert posted(scene) == (0, 0, 0)


def test_case_05_a_handler_that_fails_leaves_its_event_to_be_tried_again(scene: Scene) -> None:
    paid = pays(scene)
    knocks(scene, told(scene, COMPLETED, paid.attempt_id))
    scene.sandbox.fault("before", match=CREATE, count=2)
    with pytest.raises(Unheard):
        scene.run_jobs()
    assert (events_by_state(scene), posted(scene)) == ({"received": 1}, (0, 0, 0))
    assert Backoff().get_retry_decision(exception=Unheard(), job=_job(attempts=0)) is not None
    scene.run_jobs()
    assert (events_by_state(scene), posted(scene)) == ({"done": 1}, (1, 1, 1))


def _job(attempts: int) -> Job:
    return Job(
        id=1, status="doing", queue="facts", priority=0, lock=None, queueing_lock=None, task_name="x", task_kwargs={},
        scheduled_at=None, attempts=attempts,
    )  # fmt: skip


def test_case_06_an_event_whose_worker_died_is_followed_again(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """Done is written after the effect: between the two a death means once more, which changes nothing."""
    paid = pays(scene)
    knocks(scene, told(scene, COMPLETED, paid.attempt_id))

    def die(*given: object) -> str:
        raise SystemExit

    with monkeypatch.context() as dying:
        dying.setattr(webhooks, "_done", die)
        with pytest.raises(SystemExit):
            scene.run_jobs()
    assert (events_by_state(scene), posted(scene)) == ({"received": 1}, (1, 1, 1))
    scene.run_jobs()
    assert (events_by_state(scene), posted(scene)) == ({"done": 1}, (1, 1, 1))


@pytest.mark.parametrize("backwards", [False, True])
def test_case_07_events_twice_and_in_any_order_end_in_what_the_processor_says(scene: Scene, backwards: bool) -> None:
    gone = leaves(scene)
    with pytest.raises(AssertionError, match="declined"):
        pay_hosted_page(gone.url, "4000000000000002")
    pay_hosted_page(gone.url)
    bodies = [told(scene, kind, gone.attempt_id) for kind in ("payment_intent.payment_failed", SUCCEEDED, COMPLETED)]
    for body in (bodies[::-1] if backwards else bodies) * 2:
        assert knocks(scene, body).status_code == 200
        scene.run_jobs()
    assert (state(scene, gone), posted(scene)) == ("succeeded", (1, 1, 1))
    assert events_by_state(scene) == {"done": 3}


def test_case_07_the_same_event_at_the_same_moment_is_stored_once(scene: Scene) -> None:
    paid = pays(scene)
    body = told(scene, COMPLETED, paid.attempt_id)
    answers = together([lambda: knocks(scene, body).status_code for _ in range(4)])
    assert answers == [200] * 4
    scene.run_jobs()
    counts = {row.outcome: row.count for row in scene.rows("SELECT outcome, count FROM webhook_counts")}
    assert counts == {"accepted": 1, "duplicate": 3}
    assert posted(scene) == (1, 1, 1)


def test_case_29_foreign_events_are_answered_counted_and_left_alone(scene: Scene) -> None:
    ours = {"env": "test", "attempt_id": "pa_X"}
    for subject, changes in (
        ({"object": "payment_intent", "id": "pi_1", "metadata": {"env": "production", "attempt_id": "pa_X"}}, {}),
        ({"object": "payment_intent", "id": "pi_2", "metadata": ours}, {"livemode": True, "id": "evt_live"}),
        ({"object": "invoice", "id": "in_1"}, {"type": "invoice.paid", "id": "evt_invoice"}),
    ):
        assert knocks(scene, event(SUCCEEDED, subject, **changes)).status_code == 200
    assert scene.run_jobs() == []
    counts = {row.outcome: row.count for row in scene.rows("SELECT outcome, count FROM webhook_counts")}
    assert counts == {"foreign": 2, "unknown-type": 1}
    assert exceptions(scene) == []


def test_case_29_money_without_any_mark_is_not_called_foreign(scene: Scene) -> None:
    made = scene.sandbox.orphan(amount=12_00, metadata={})
    knocks(scene, told(scene, SUCCEEDED, made["payment_intent"]))
    scene.run_jobs()
    assert exceptions(scene) == ["no-owner"]
    assert posted(scene) == (0, 0, 0)


@pytest.mark.parametrize("change", [{"amount": 1_00}, {"currency": "mxn"}, {"metadata": {"env": "elsewhere"}}])
def test_every_verified_event_is_answered_and_its_money_posted_or_queued(
    scene: Scene, change: dict[str, object]
) -> None:
    gone = leaves(scene)
    scene.sandbox.alter(gone.session_id, **change)
    pay_hosted_page(gone.url)
    for kind in (COMPLETED, SUCCEEDED):
        for body in scene.events(kind):
            assert knocks(scene, body).status_code == 200
    scene.run_jobs()
    sweep(scene)
    assert posted(scene)[0] + len(exceptions(scene)) == 1
    all_is_told(scene)


def test_case_31_what_is_not_signed_by_the_processor_is_refused_and_leaves_only_a_count(scene: Scene) -> None:
    paid = pays(scene)
    body = told(scene, COMPLETED, paid.attempt_id)
    for header in ("", "t=1,v1=00", "nonsense", f"t={int(time.time())},v1={'0' * 64}"):
        assert knocks(scene, body, header).status_code == 400
    assert knocks(scene, body + b" ", signature(body, WEBHOOK_SECRET)).status_code == 400
    assert events_by_state(scene) == {}
    assert scene.scalar("SELECT sum(count) FROM webhook_counts") == 5
    assert posted(scene) == (0, 0, 0)


def test_the_database_is_down_and_the_event_is_sent_again(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    paid = pays(scene)
    body = told(scene, COMPLETED, paid.attempt_id)
    nobody = engine_for("postgresql://nobody@127.0.0.1:9/nothing")
    with monkeypatch.context() as broken:
        broken.setattr(scene.wired, "sessions", sessions_for(nobody))
        assert knocks(scene, body).status_code == 500
    assert knocks(scene, body).status_code == 200
    scene.run_jobs()
    assert posted(scene) == (1, 1, 1)
