"""A scene whose processor has seen nobody else: sweeps read everything that it knows."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox import spec
from tests.portal.scene import scene
from tests.sandbox_server import Sandbox, running_sandbox

__all__ = ["scene"]


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[Sandbox]:
    """A processor of this test's own."""
    spec.ensure()
    folder = tmp_path / "processor"
    folder.mkdir()
    with running_sandbox(folder, merchant="City of Río Claro") as running:
        yield running
