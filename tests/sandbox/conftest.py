"""A fresh sandbox for each test; none may break Stripe's specification."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.sandbox.inbox import Inbox, open_inbox
from tests.sandbox_server import Sandbox, running_sandbox


@pytest.fixture
def inbox() -> Iterator[Inbox]:
    with open_inbox() as box:
        yield box


@pytest.fixture
def sandbox(tmp_path: Path, inbox: Inbox) -> Iterator[Sandbox]:
    with running_sandbox(tmp_path, webhook_url=inbox.url) as running:
        yield running
        assert running.violations() == []
