"""The processor's door: signed, stored once, and only ever a reason to go and ask."""

from __future__ import annotations

import hashlib
import hmac
import json
import time

import pytest
from werkzeug.test import TestResponse

from sandbox.deliveries import signature
from tests.concurrency.threads import together
from tests.page_client import PageClient
from tests.portal.scene import Scene, add, leave
from tests.sandbox_server import WEBHOOK_SECRET, pay_hosted_page

COMPLETED = "checkout.session.completed"


def post(scene: Scene, body: bytes, header: str | None = None) -> TestResponse:
    signed = signature(body, WEBHOOK_SECRET) if header is None else header
    return scene.app.test_client().post(
        "/webhooks/processor", data=body, headers={"Stripe-Signature": signed}, content_type="application/json"
    )


def paid(scene: Scene) -> tuple[PageClient, str, bytes]:
    """A person who has paid and not come back yet: their way back, and the event that is under way."""
    guest = scene.guest()
    add(guest, scene.open("utility", 50_00))
    back = pay_hosted_page(leave(guest, "ana@example.com"))
    attempt = scene.scalar("SELECT id FROM attempts")
    (body,) = (told for told in scene.events(COMPLETED) if attempt.encode() in told)
    return guest, back, body


def counted(scene: Scene) -> dict[str, int]:
    return {row.outcome: row.count for row in scene.rows("SELECT outcome, count FROM webhook_counts")}


def signed_at(body: bytes, moment: int) -> str:
    digest = hmac.new(WEBHOOK_SECRET.encode(), f"{moment}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={moment},v1={digest}"


def posted_once(scene: Scene) -> bool:
    counts = [scene.scalar(f"SELECT count(*) FROM {table}") for table in ("payments", "receipts")]
    jobs = scene.scalar("SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'receipt_issued'")
    return [*counts, jobs] == [1, 1, 1]


def test_the_webhook_alone_posts_the_payment(scene: Scene) -> None:
    _, _, body = paid(scene)
    assert post(scene, body).status_code == 200
    assert scene.scalar("SELECT count(*) FROM payments") == 0, "the door only stores"
    scene.run_jobs()
    assert posted_once(scene)
    row = scene.rows("SELECT state, note, raw, handled_at FROM processor_events")[0]
    assert (row.state, row.note, bytes(row.raw)) == ("done", "succeeded", body)
    assert row.handled_at is not None


def test_the_webhook_first_and_then_the_person(scene: Scene) -> None:
    guest, back, body = paid(scene)
    post(scene, body)
    scene.run_jobs()
    assert guest.land(back).heading.startswith("Receipt")
    assert posted_once(scene)


def test_the_person_first_and_then_the_webhook(scene: Scene) -> None:
    guest, back, body = paid(scene)
    assert guest.land(back).heading.startswith("Receipt")
    post(scene, body)
    scene.run_jobs()
    assert posted_once(scene)


def test_the_person_and_the_webhook_at_the_same_moment(scene: Scene) -> None:
    guest, back, body = paid(scene)
    post(scene, body)
    landed, done, again = together(
        [
            lambda: guest.land(back, budget=100).heading,
            lambda: ",".join(scene.run_jobs()),
            lambda: scene.guest("198.51.100.8").land(back, budget=100).heading,
        ]
    )
    assert str(landed).startswith("Receipt")
    assert landed == again
    assert "processor_event" in str(done)
    assert posted_once(scene)


def test_the_same_event_twice_is_stored_once(scene: Scene) -> None:
    _, _, body = paid(scene)
    assert [post(scene, body).status_code for _ in range(2)] == [200, 200]
    assert scene.scalar("SELECT count(*) FROM processor_events") == 1
    assert counted(scene) == {"accepted": 1, "duplicate": 1}
    assert [fact for fact, _ in scene.facts()] == ["processor_event"]


@pytest.mark.parametrize("header", ["", "t=1,v1=00", "nonsense", "t=1700000000,v1=" + "0" * 64])
def test_a_bad_signature_is_refused_and_nothing_is_stored(scene: Scene, header: str) -> None:
    _, _, body = paid(scene)
    assert post(scene, body, header).status_code == 400
    assert post(scene, body, signature(b"{}", WEBHOOK_SECRET)).status_code == 400
    assert post(scene, body, signature(body, "whsec_of_somebody_else")).status_code == 400
    assert post(scene, body + b" ", signature(body, WEBHOOK_SECRET)).status_code == 400
    assert scene.scalar("SELECT count(*) FROM processor_events") == 0
    assert counted(scene) == {"signature": 4}
    assert not scene.facts()


def test_an_old_signature_is_refused_and_counted_as_such(scene: Scene) -> None:
    _, _, body = paid(scene)
    old = signed_at(body, int(time.time()) - 600)
    assert post(scene, body, old).status_code == 400
    assert counted(scene) == {"stale": 1}
    assert scene.scalar("SELECT count(*) FROM processor_events") == 0


@pytest.mark.parametrize("mark", ["env", "livemode"])
def test_an_event_of_another_environment_is_kept_as_ignored(scene: Scene, mark: str) -> None:
    _, _, body = paid(scene)
    told = body.replace(b'"env": "test"', b'"env": "production"').replace(b"cs_test", b"cs_none")
    if mark == "livemode":
        told = body.replace(b'"livemode": false', b'"livemode": true')
    assert post(scene, told).status_code == 200
    assert scene.scalar("SELECT state FROM processor_events") == "ignored"
    assert counted(scene) == {"foreign": 1}
    assert not scene.facts()


@pytest.mark.parametrize("kind", ["customer.created", "invoice.paid", "a.kind.of.tomorrow"])
def test_an_event_that_means_nothing_to_us_is_answered_and_ignored(scene: Scene, kind: str) -> None:
    event = {"id": "evt_x", "object": "event", "type": kind, "livemode": False, "data": {"object": {"id": "x"}}}
    assert post(scene, json.dumps(event).encode()).status_code == 200
    assert scene.scalar("SELECT state FROM processor_events") == "ignored"
    assert counted(scene) == {"unknown-type": 1}


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"null", b"not json", b"{}", b'{"id": 7, "type": null, "data": 3}', b'{"data": {"object": []}}',
     b'{"type": "payment_intent.succeeded", "data": {"object": {"metadata": [], "id": {}}}, "created": "yesterday"}'],
)  # fmt: skip
def test_whatever_is_signed_is_answered(scene: Scene, body: bytes) -> None:
    assert [post(scene, body).status_code for _ in range(2)] == [200, 200]
    assert scene.scalar("SELECT count(*) FROM processor_events") == 1
    scene.run_jobs()
    assert scene.scalar("SELECT count(*) FROM payments") == 0


def test_money_without_the_marks_that_we_gave_it_is_known_by_its_page(scene: Scene) -> None:
    _, _, body = paid(scene)
    attempt = scene.scalar("SELECT id FROM attempts").encode()
    post(scene, body.replace(attempt, b"pa_00000000000000000000000000").replace(b'"env": "test"', b'"env": "other"'))
    scene.run_jobs()
    assert posted_once(scene)


def test_an_event_of_nothing_that_we_have_is_noted_and_not_tried_for_ever(scene: Scene) -> None:
    _, _, body = paid(scene)
    attempt, session = scene.rows("SELECT id, session_id FROM attempts")[0]
    stranger = body.replace(attempt.encode(), b"pa_0").replace(session.encode(), b"cs_of_somebody")
    (intent,) = {word for word in stranger.decode().split('"') if word.startswith("pi_")}
    post(scene, stranger.replace(intent.encode(), b"pi_of_nobody"))
    assert scene.run_jobs() == ["processor_event"]
    row = scene.rows("SELECT state, note FROM processor_events")[0]
    assert (row.state, row.note) == ("done", "no such payment at the processor")


def test_an_event_is_not_believed(scene: Scene) -> None:
    guest = scene.guest()
    add(guest, scene.open("utility", 50_00))
    leave(guest)
    attempt = scene.rows("SELECT id, session_id FROM attempts")[0]
    metadata = {"env": "test", "attempt_id": attempt.id}
    said = {"id": attempt.session_id, "object": "checkout.session", "payment_status": "paid", "metadata": metadata}
    event = {"id": "evt_liar", "object": "event", "type": COMPLETED, "livemode": False, "data": {"object": said}}
    assert post(scene, json.dumps(event).encode()).status_code == 200
    scene.run_jobs()
    assert scene.scalar("SELECT count(*) FROM payments") == 0
    assert scene.scalar("SELECT state FROM attempts") == "open"


def test_an_expired_session_releases_what_was_on_its_way(scene: Scene) -> None:
    guest = scene.guest()
    add(guest, scene.open("utility", 50_00))
    leave(guest)
    attempt = scene.rows("SELECT id, session_id FROM attempts")[0]
    scene.sandbox.client().v1.checkout.sessions.expire(attempt.session_id)
    (body,) = (told for told in scene.events("checkout.session.expired") if attempt.id.encode() in told)
    post(scene, body)
    scene.run_jobs()
    assert scene.scalar("SELECT state FROM attempts") == "expired"
    assert scene.scalar("SELECT count(*) FROM pending_payments") == 0


def test_a_body_that_is_too_large_is_refused(scene: Scene) -> None:
    assert post(scene, b"x" * (256 * 1024 + 1)).status_code == 413
