"""The demo's settings: ports that are free, secrets that production refuses."""

from __future__ import annotations

import os
import socket
import stat
from pathlib import Path

import pytest

from demo.settings import Addresses, CannotStart, addresses, environment_of, read_values, secrets_of, write_private
from demo.supervisor import _alone
from portal.config import Settings

WHERE = Addresses(8000, 8001, 2525)


def free_ports() -> dict[str, str]:
    with socket.socket() as one, socket.socket() as two:
        one.bind(("127.0.0.1", 0))
        two.bind(("127.0.0.1", 0))
        return {"PORT": str(one.getsockname()[1]), "SANDBOX_PORT": str(two.getsockname()[1])}


def test_a_taken_port_is_refused_with_what_to_do() -> None:
    ports = free_ports()
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", int(ports["PORT"])))
        taken.listen()
        with pytest.raises(CannotStart, match=rf"Port {ports['PORT']} is taken .* PORT=\d+ make demo"):
            addresses(ports)
    assert addresses(ports).port == int(ports["PORT"])


@pytest.mark.parametrize("ports", [{"PORT": "8001"}, {"PORT": "http"}, {"SANDBOX_PORT": "70000"}])
def test_ports_that_cannot_be(ports: dict[str, str]) -> None:
    with pytest.raises(CannotStart):
        addresses(ports)


def test_secrets_are_made_once_and_kept_private(tmp_path: Path) -> None:
    first = secrets_of(tmp_path)
    assert secrets_of(tmp_path) == first
    assert stat.S_IMODE((tmp_path / "secrets").stat().st_mode) == 0o600
    assert len(set(first.values())) == len(first)


def test_the_demo_starts_with_its_settings_and_production_does_not(tmp_path: Path) -> None:
    environment = environment_of(tmp_path, WHERE, "postgresql://app@h/d", "postgresql://owner@h/d")
    settings = Settings.from_environment(environment)
    assert settings.is_demo
    assert settings.base_url == "http://localhost:8000"
    assert "http://127.0.0.1:8001" in settings.stripe_allowed_origins
    live = environment | {
        "MODE": "production", "STRIPE_API_BASE": "", "BASE_URL": "https://pay.example.gov",
    }  # fmt: skip
    with pytest.raises(SystemExit) as refusal:
        Settings.from_environment(live)
    for name in ("SECRET_KEY", "PROOF_KEY", "STRIPE_KEY", "STRIPE_WEBHOOK_SECRETS"):
        assert f"{name} holds a secret that was made for the demo" in str(refusal.value)


def test_values_are_read_as_they_were_written(tmp_path: Path) -> None:
    write_private(tmp_path / "environment", {"A": "1=2", "B": ""})
    assert read_values(tmp_path / "environment") == {"A": "1=2", "B": ""}


def test_one_demo_at_a_time(tmp_path: Path) -> None:
    with _alone(tmp_path), pytest.raises(CannotStart, match="already runs"), _alone(tmp_path):
        pytest.fail("two demos at once")
    with _alone(tmp_path):
        assert os.listdir(tmp_path) == ["lock"]  # noqa: PTH208
