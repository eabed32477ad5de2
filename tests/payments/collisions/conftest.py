"""The scene: a released city with its window, a processor and people; and a cashier with the bill on the screen."""

import pytest

from tests.factories.links import LinkCounter, link_counter
from tests.portal.scene import Scene, sandbox, scene

__all__ = ["counter", "sandbox", "scene"]


@pytest.fixture
def counter(scene: Scene) -> LinkCounter:
    return link_counter(scene)
