"""The demo's processes: what is started is ended, a death is told, leftovers are cleared away."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from demo.children import ChildDied, Children, _born

SLEEPER = """
import subprocess, sys, time
inner = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
print(inner.pid, flush=True)
time.sleep(60)
"""


@pytest.fixture
def modules(tmp_path: Path) -> dict[str, str]:
    """An environment in which the modules ``sleeper`` and ``fails`` can be run."""
    (tmp_path / "sleeper.py").write_text(SLEEPER)
    (tmp_path / "fails.py").write_text("raise SystemExit('no seal in the city folder')\n")
    return {**os.environ, "PYTHONPATH": str(tmp_path)}


@pytest.fixture
def children(tmp_path: Path) -> Iterator[Children]:
    started = Children(tmp_path)
    yield started
    started.stop()


def wait_for(condition: object) -> None:
    until = time.monotonic() + 20
    while not condition():  # type: ignore[operator]
        assert time.monotonic() < until, "it did not happen in time"
        time.sleep(0.05)


def is_gone(pid: int) -> bool:
    stat = Path(f"/proc/{pid}/stat")
    return not stat.exists() or stat.read_text().rpartition(")")[2].split()[0] == "Z"


def test_a_child_and_its_own_children_are_ended(children: Children, modules: dict[str, str], tmp_path: Path) -> None:
    children.start("sleeper", "sleeper", environment=modules)
    log = tmp_path / "logs" / "sleeper.log"
    wait_for(lambda: log.read_text().strip())
    outer, inner = children.running["sleeper"].pid, int(log.read_text())
    children.check()
    children.stop()
    wait_for(lambda: is_gone(outer) and is_gone(inner))
    assert not (tmp_path / "children").exists()


def test_a_death_is_told_with_its_last_words(children: Children, modules: dict[str, str]) -> None:
    children.start("portal", "fails", environment=modules)
    children.running["portal"].wait(20)
    with pytest.raises(ChildDied, match=r"portal ended with status 1(.|\n)*no seal in the city folder"):
        children.check()


@pytest.mark.skipif(sys.platform != "linux", reason="reads when a process started from /proc")
def test_what_a_killed_run_left_is_ended(children: Children, modules: dict[str, str], tmp_path: Path) -> None:
    children.start("sleeper", "sleeper", environment=modules)
    pid = children.running["sleeper"].pid
    assert Children(tmp_path).end_leftovers() == ["sleeper"]
    assert children.running["sleeper"].wait(20) == -9
    wait_for(lambda: is_gone(pid))
    assert Children(tmp_path).end_leftovers() == []


def test_an_id_that_another_program_got_since_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "children").write_text(f"{os.getpid()} {_born(os.getpid()) + 1} web\n")
    assert Children(tmp_path).end_leftovers() == []
