"""``/metrics``: whoever may read it reads the truth; others do not learn that it is there."""

from __future__ import annotations

from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import text

from accounts.database import transaction
from payments.gateway.base import Unheard
from portal.pulse import metrics
from tests.database import TestDatabase
from tests.portal.scene import Scene, add, leave, make_scene
from tests.sandbox_server import Sandbox

TOKEN = "a token of the scraper, long enough to count"
LOOPBACK = {"REMOTE_ADDR": "127.0.0.1"}


@pytest.fixture(autouse=True)
def unasked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(metrics, "_asked", {})


def scraped(scene: Scene) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    answer = scene.app.test_client().get("/metrics", environ_overrides=LOOPBACK)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("text/plain")
    assert answer.headers["Cache-Control"] == "no-store"
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


def test_the_figures_are_those_of_the_database(scene: Scene) -> None:
    person = scene.guest()
    add(person, scene.open("license", 80_00))
    leave(person)
    with transaction(scene.sessions) as session:
        session.execute(
            text("INSERT INTO webhook_counts (day, outcome, count) VALUES (current_date, 'signature', 7)")
        )
    found = scraped(scene)
    assert found["ventanilla_attempts_unsettled", (("age", "2m"), ("state", "open"))] == 1
    assert found["ventanilla_attempts_unsettled", (("age", "older"), ("state", "unknown"))] == 0
    assert found["ventanilla_webhooks_total", (("outcome", "signature"),)] == 7
    assert found["ventanilla_paid_unposted", ()] == 0
    assert found["ventanilla_workers", ()] == 0
    assert found["ventanilla_processor_endpoint_ok", ()] == 0  # the sandbox sends to no server of this test
    assert ("ventanilla_sealed_through_timestamp_seconds", ()) not in found


def test_no_label_can_name_anybody(scene: Scene) -> None:
    person = scene.guest()
    known = scene.open("license", 80_00)
    add(person, known)
    leave(person, email="rosa@example.com")
    words = scene.app.test_client().get("/metrics", environ_overrides=LOOPBACK).text
    assert not any(said in words for said in (known.reference, known.number, "rosa", "example.com", "127.0.0.1"))
    names = {label for _, labels in scraped(scene) for label, _ in labels}
    assert names <= {"outcome", "state", "age", "kind"}


def test_a_processor_that_is_away_does_not_keep_the_figures(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def unheard(*_: object) -> None:
        asked.append(1)
        raise Unheard("away")

    monkeypatch.setattr(metrics, "registered", unheard)
    for _ in range(2):
        assert ("ventanilla_processor_endpoint_ok", ()) not in scraped(scene)
    assert len(asked) == 1, "asked once in ten minutes"


@pytest.mark.parametrize(
    ("remote", "headers"),
    [
        ("203.0.113.7", {}),
        ("10.0.0.4", {}),
        ("127.0.0.1", {"X-Forwarded-For": "127.0.0.1"}),
        ("127.0.0.1", {"Forwarded": "for=127.0.0.1"}),
        ("127.0.0.1", {"Via": "1.1 proxy"}),
        ("127.0.0.1", {"X-Real-Ip": "127.0.0.1"}),
        ("203.0.113.7", {"Authorization": "Bearer "}),
        ("", {}),
    ],
)
def test_without_a_token_only_this_machine_reads(scene: Scene, remote: str, headers: dict[str, str]) -> None:
    client = scene.app.test_client()
    answer = client.get("/metrics", headers=headers, environ_overrides={"REMOTE_ADDR": remote})
    nothing = client.get("/metricz", environ_overrides={"REMOTE_ADDR": remote})
    assert (answer.status_code, nothing.status_code) == (404, 404)
    assert b"ventanilla_" not in answer.data


def test_with_a_token_only_who_holds_it(db: TestDatabase, sandbox: Sandbox, tmp_path: Path) -> None:
    scene = make_scene(db, sandbox, tmp_path, metrics_token=TOKEN)
    client = scene.app.test_client()
    for remote in ("127.0.0.1", "203.0.113.7"):
        for given, status in [
            ("", 404), ("Bearer", 404), (f"Bearer {TOKEN[:-1]}", 404), (f"Basic {TOKEN}", 404),
            (f"Bearer {TOKEN}é", 404), (f"Bearer {TOKEN}", 200),
        ]:  # fmt: skip
            answer = client.get(
                "/metrics", headers={"Authorization": given}, environ_overrides={"REMOTE_ADDR": remote}
            )
            assert answer.status_code == status
