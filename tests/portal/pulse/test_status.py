"""``ventanilla status``: a screen for people, JSON for machines, and an exit status for both."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from sqlalchemy import text

from accounts.clock import SystemClock
from accounts.database import transaction
from payments.sweeps.models import SweepRun
from payments.webhooks.rules import KNOWN
from portal.cli import main
from tests.database import TestDatabase
from tests.portal.scene import Scene

BASE_URL = "https://pay.example.gov"


@pytest.fixture
def installed(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> Iterator[Scene]:
    """Everything well: a worker, clean sweeps, and the processor's endpoint is this server."""
    for name, value in {
        "MODE": "test", "DATABASE_URL": scene.db.app_url, "STRIPE_KEY": scene.sandbox.key,
        "STRIPE_API_BASE": scene.sandbox.url, "BASE_URL": BASE_URL,
    }.items():  # fmt: skip
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("portal.logs.configure", lambda *_: None)
    now = SystemClock().now()
    with scene.db.owner.begin() as connection:
        connection.execute(text("INSERT INTO procrastinate_workers DEFAULT VALUES"))
    with transaction(scene.sessions) as session:
        session.add_all(
            SweepRun(kind=kind, started_at=now, finished_at=now, clean=True) for kind in ("frequent", "deep")
        )
    endpoints = scene.sandbox.client().v1.webhook_endpoints
    made = endpoints.create({"url": f"{BASE_URL}/webhooks/processor", "enabled_events": sorted(KNOWN)})
    yield scene
    endpoints.delete(made.id)


def test_when_all_is_well(installed: Scene, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["status"]) == 0
    out = capsys.readouterr().out
    assert out.startswith(f"{BASE_URL}, ")
    assert "The processor sends its events here." in out
    assert out.endswith("Nothing needs a person.\n")
    assert len(out.splitlines()) <= 24
    assert all(len(line) <= 140 for line in out.splitlines())


def test_what_needs_a_person_is_said_and_is_the_exit_status(
    installed: Scene, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("BASE_URL", "https://elsewhere.example.gov")
    with transaction(installed.sessions) as session:
        session.execute(
            text("UPDATE sweeps SET finished_at = finished_at - interval '2 hours' WHERE kind = 'frequent'")
        )
    assert main(["status"]) == 1
    out = capsys.readouterr().out
    assert "Register https://elsewhere.example.gov/webhooks/processor at the processor; registered is" in out
    assert "The last one ended 2 hours ago" in out
    assert out.endswith("2 of 9 need a person.\n")


def test_the_same_for_machines(installed: Scene, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["status", "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["needs_a_person"] is False
    assert said["figures"]["queue"]["workers"] == 1
    assert {line["name"] for line in said["lines"]} >= {"endpoint", "queue", "books"}
    with installed.db.owner.begin() as connection:
        connection.execute(text("DELETE FROM procrastinate_workers"))
    assert main(["status", "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["needs_a_person"] is True


def test_a_processor_that_cannot_be_heard_is_part_of_the_answer(
    installed: Scene, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("STRIPE_API_BASE", "http://127.0.0.1:9")
    assert main(["status"]) == 1
    assert "The processor could not be heard" in capsys.readouterr().out


def test_before_a_city_is_released_and_without_a_key(
    db: TestDatabase, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("MODE", "test")
    monkeypatch.setenv("DATABASE_URL", db.app_url)
    monkeypatch.delenv("STRIPE_KEY", raising=False)
    assert main(["status"]) == 1
    out = capsys.readouterr().out
    assert "No worker gives a sign of life" in out
    assert "The processor was not asked: STRIPE_KEY is not set here." in out
