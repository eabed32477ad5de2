"""The scene, whose clock and database tell the pulse."""

from tests.portal.scene import sandbox, scene

__all__ = ["sandbox", "scene"]
