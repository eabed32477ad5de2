"""How a process is made to die at a named point, and started again."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

import requests

from accounts.kill_points import EXIT_CODE
from drills.stage import Stage


def kill_web(stage: Stage, point: str, act: Callable[[], object]) -> None:
    """Let the web die at ``point`` on a request that ``act`` causes; it runs again afterwards."""
    stage.portal.start_web(kill_at=point)
    with suppress(requests.RequestException):
        act()
    stage.portal.wait_for_death_of_web()
    stage.portal.start_web()


def kill_worker(stage: Stage, point: str, act: Callable[[], object]) -> None:
    """Let the worker die at ``point`` on a job that ``act`` causes; none runs afterwards."""
    stage.portal.start_worker(kill_at=point)
    act()
    stage.processor.deliver_webhooks()
    status = stage.portal.wait_for_death_of_worker()
    if status != EXIT_CODE:
        raise AssertionError(f"the worker ended with {status} and not at {point}")
