"""``ventanilla close-days``, and the head of the seals as ``ventanilla verify`` prints and takes it."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
from sqlalchemy import text

from accounts.clock import SystemClock
from accounts.database import transaction
from payments.sweeps.models import SweepRun
from portal.cli import main
from tests.portal.scene import Scene


@pytest.fixture
def town(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> Scene:
    """A day before today with a bill in it; the commands go by the machine's clock."""
    monkeypatch.setenv("MODE", "test")
    monkeypatch.setenv("DATABASE_URL", scene.db.app_url)
    monkeypatch.setattr("portal.logs.configure", lambda *_: None)
    now = SystemClock().now()
    scene.clock.instant = now - timedelta(days=2)
    scene.open("utility", 6000)
    with transaction(scene.wired.sessions) as session:
        session.add(SweepRun(kind="frequent", started_at=now - timedelta(days=30), finished_at=now, clean=True))
    return scene


def _sweep(town: Scene) -> None:
    now = SystemClock().now()
    with transaction(town.wired.sessions) as session:
        session.add(SweepRun(kind="frequent", started_at=now, finished_at=now, clean=True))


def test_close_days_says_which_day_was_closed_and_which_waits(
    town: Scene, capsys: pytest.CaptureFixture[str]
) -> None:
    first = town.scalar("SELECT min(day) FROM business_days")
    assert isinstance(first, date)
    assert main(["close-days"]) == 0
    assert f"{first} stays open: the sweep has found everything settled only until" in capsys.readouterr().out
    _sweep(town)
    assert main(["close-days", "--as", "staff:rosa"]) == 0
    out = capsys.readouterr().out
    assert f"Closed {first}:" in out
    assert "stays open" in out
    assert "is not over at city hall" in out
    assert town.scalar(
        "SELECT count(*) FROM day_seals s JOIN actors a ON a.id = s.actor_id WHERE handle = 'staff:rosa'"
    )


def test_close_days_in_empty_books(scene: Scene, town: Scene, capsys: pytest.CaptureFixture[str]) -> None:
    with town.db.owner.begin() as connection:
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        connection.execute(text("DELETE FROM business_days"))
    assert main(["close-days"]) == 0
    assert capsys.readouterr().out == "The books hold no day yet.\n"
    with town.db.owner.begin() as connection:
        connection.execute(text("INSERT INTO business_days (day) SELECT DISTINCT business_day FROM journals"))


def test_a_head_that_was_noted_is_compared(town: Scene, capsys: pytest.CaptureFixture[str]) -> None:
    _sweep(town)
    assert main(["close-days"]) == 0
    assert main(["verify"]) == 0
    found = re.search(r"head (\d{4}-\d\d-\d\d:[0-9a-f:]{71})", capsys.readouterr().out)
    assert found is not None
    assert main(["verify", "--head", found[1]]) == 0
    capsys.readouterr()
    assert main(["verify", "--head", found[1][:11] + "0" * 64]) == 1
    assert "is not the one noted (000000000000...): seals were changed or removed since" in capsys.readouterr().out
