"""A part of the bench in a process of its own, so that its memory is its own."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

from portal.config import CHECKOUT

SECONDS = 7200
"""Longer than any part takes at a million accounts."""


def elsewhere(module: str, given: str) -> Any:
    """What ``python -m module`` prints as JSON; ``given`` is its stdin. Raises ``CalledProcessError``."""
    done = subprocess.run(
        [sys.executable, "-m", module], input=given, cwd=CHECKOUT, check=True, stdout=subprocess.PIPE, text=True,
        timeout=SECONDS,
    )  # fmt: skip
    return json.loads(done.stdout)
