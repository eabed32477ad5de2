"""Runs the processor's own command line and Node library, or says why a test must be skipped."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

CLIENTS = Path(__file__).parent / "clients"
MODULES = CLIENTS / "node_modules"
PATH = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
SECONDS = 60


def node() -> str:
    """Where Node is: beside Python, where the environment brought its own, or on this machine."""
    found = shutil.which("node", path=PATH)
    if found is None:
        pytest.skip("There is no Node on this machine.")
    return found


def command_line() -> str:
    """Stripe's command line; it is a program for one kind of machine, and others install nothing."""
    if not MODULES.exists():
        pytest.skip("Stripe's command line is not installed here: run `make clients`.")
    program = MODULES / "@stripe" / "cli-linux-x64" / "bin" / "stripe"
    if not program.exists():
        pytest.skip("Stripe's command line is pinned for Linux on x64 only.")
    return str(program)


def trigger(event: str, api: str, home: Path) -> str:
    """Lets Stripe's command line make all the calls that lead to an event."""
    command = [command_line(), "trigger", event, "--api-base", api, "--api-key", "sk_test_1234567890123"]
    surroundings = {"HOME": str(home), "PATH": PATH, "STRIPE_CLI_TELEMETRY_OPTOUT": "1"}
    done = subprocess.run(
        command, env=surroundings, cwd=home, capture_output=True, text=True, timeout=SECONDS, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def witness(task: str, **facts: Any) -> Any:
    """Lets Stripe's Node library do a task of ``clients/witness.js``."""
    if not (MODULES / "stripe").exists():
        pytest.skip("Stripe's Node library is not installed here: run `make clients`.")
    done = subprocess.run(
        [node(), "witness.js"],
        input=json.dumps({"task": task, **facts}),
        cwd=CLIENTS,
        env={"PATH": PATH},
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)
