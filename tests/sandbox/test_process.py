"""The sandbox as a process of its own."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import requests

from tests.sandbox_server import KEY, TIMEOUT, pay_hosted_page

ROOT = Path(__file__).resolve().parent.parent.parent


def address_in(log: Path) -> str:
    """The address the process says it is on, as soon as it answers there."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        words = log.read_text().split()
        places = [word.rstrip(".") for word in words if word.startswith("http://")]
        if places:
            return places[0]
        time.sleep(0.05)
    raise AssertionError(log.read_text())


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_serves_logs_without_card_data_and_ends_cleanly(tmp_path: Path, number: signal.Signals) -> None:
    log, store = tmp_path / "log", tmp_path / "state" / "sandbox.sqlite3"
    command = [sys.executable, "-m", "sandbox", "--port", "0", "--store", str(store), "--check"]
    with log.open("w") as out, subprocess.Popen(command, cwd=ROOT, stderr=out) as process:
        url = address_in(log)
        session = requests.post(
            f"{url}/v1/checkout/sessions",
            auth=(KEY, ""),
            timeout=TIMEOUT,
            data={
                "mode": "payment",
                "success_url": "http://localhost/ok",
                "line_items[0][quantity]": "1",
                "line_items[0][price_data][currency]": "usd",
                "line_items[0][price_data][unit_amount]": "500",
                "line_items[0][price_data][product_data][name]": "Permit",
            },
        ).json()
        assert pay_hosted_page(session["url"]) == "http://localhost/ok"
        assert requests.get(f"{url}/_sim/violations", timeout=TIMEOUT).json() == []
        process.send_signal(number)
        assert process.wait(10) == 0
    written = log.read_text()
    assert "POST /v1/checkout/sessions -> 200" in written
    assert "Traceback" not in written
    assert "4242" not in written.replace(session["id"], "")
