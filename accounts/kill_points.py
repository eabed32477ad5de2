"""Named points at which a process can be told to die, to prove that nothing is lost there.

Armed by ``KILL_AT`` outside production only (:mod:`portal.config`); unarmed, a point costs one comparison.
"""

from __future__ import annotations

import os

EXIT_CODE = 70
"""How a process that died at its point ends, so that a test can tell it from any other end."""

_armed = ""


def arm(point: str) -> None:
    """Let this process die, without clean-up of any kind, the first time it reaches the point."""
    global _armed  # noqa: PLW0603 - one process, one point
    _armed = point


def reached(point: str) -> None:
    """Dies here if this point is armed."""
    if _armed and _armed == point:
        os._exit(EXIT_CODE)
