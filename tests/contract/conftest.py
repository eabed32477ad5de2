"""One client, two servers: the sandbox, or Stripe's test mode when ``STRIPE_TEST_KEY`` is set."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator

import pytest
import stripe

from sandbox import spec
from tests.sandbox_server import Sandbox, running_sandbox

STRIPE_KEY = os.environ.get("STRIPE_TEST_KEY")


@pytest.fixture(scope="module")
def local(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox | None]:
    """The sandbox, every exchange held against Stripe's specification; None where Stripe itself answers."""
    if STRIPE_KEY:
        yield None
        return
    spec.ensure()
    with running_sandbox(tmp_path_factory.mktemp("contract")) as sandbox:
        yield sandbox
        assert sandbox.violations() == []


@pytest.fixture(scope="module")
def client(local: Sandbox | None) -> stripe.StripeClient:
    """Stripe's own client."""
    if local:
        return local.client()
    return stripe.StripeClient(str(STRIPE_KEY), http_client=stripe.RequestsClient(timeout=(3, 30)))


@pytest.fixture
def now(local: Sandbox | None) -> Callable[[], int]:
    """The processor's time."""
    return local.now if local else lambda: int(time.time())
