"""One client, two servers: the sandbox, or Stripe's test mode when ``STRIPE_TEST_KEY`` is set."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
import stripe

from sandbox import spec
from tests.sandbox_server import running_sandbox


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[stripe.StripeClient]:
    """Stripe's own client; with the sandbox, every exchange is held against Stripe's specification."""
    key = os.environ.get("STRIPE_TEST_KEY")
    if key:
        yield stripe.StripeClient(key, http_client=stripe.RequestsClient(timeout=(3, 30)))
        return
    spec.ensure()
    with running_sandbox(tmp_path_factory.mktemp("contract")) as sandbox:
        yield sandbox.client()
        assert sandbox.violations() == []
