"""The scene: a released city with its window, a processor and people."""

from tests.portal.scene import sandbox, scene

__all__ = ["sandbox", "scene"]
