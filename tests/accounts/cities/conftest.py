"""The shipped folder, and copies of it to spoil."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from accounts.cities.folder import read_folder
from accounts.cities.rules import City

SHIPPED = Path(__file__).parents[3] / "city"


@pytest.fixture(scope="session")
def city() -> City:
    return read_folder(SHIPPED)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the shipped folder."""
    return Path(shutil.copytree(SHIPPED, tmp_path / "city"))
