"""The city's release is read again by time, so a page may run a few statements more: which no count may depend on."""

from __future__ import annotations

from dataclasses import replace

from portal.wiring import CITY_SECONDS
from tests.portal.scene import Scene


def test_a_process_reads_the_release_again_after_a_while_and_a_scene_never_does(scene: Scene) -> None:
    """Under load, ten seconds pass between two pages whose statements are compared."""
    guest, wired = scene.guest(), scene.wired
    first, usual = (len(guest.get("/").statements) for _ in range(2))
    assert first > usual, "the release is read once"
    assert wired._city is not None
    old = (wired._city[0] - CITY_SECONDS - 1, wired._city[1])
    wired._city = old
    assert len(guest.get("/").statements) == usual
    served = replace(wired, city_seconds=CITY_SECONDS)
    served._city = old
    scene.app.extensions["ventanilla"] = served
    assert len(guest.get("/").statements) > usual, "the control: what the portal does when it serves people"
    assert len(guest.get("/").statements) == usual
