"""The importer's fixtures, and six paid citations of an outside system."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.accounts.imports.conftest import Import, chart, do_import, pay
from tests.accounts.imports.files import citation, citations_file

__all__ = ["chart", "do_import", "pay"]
SYSTEM = "demo-citations"


@pytest.fixture
def citations(do_import: Import, pay: Callable[[str, int], int], tmp_path: Path) -> Callable[[str, int], int]:
    """Citations C0 to C5 of $40; returns ``pay``."""
    do_import(citations_file(tmp_path, [citation(f"C{n}") for n in range(6)]), SYSTEM)
    return pay
