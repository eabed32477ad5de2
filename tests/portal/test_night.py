"""What the night does, each once."""

from __future__ import annotations

from portal.jobs import Night
from tests.portal.scene import Scene


def test_the_night_changes_nothing_the_second_time(scene: Scene) -> None:
    scene.open("utility", 6000, past_due=[8000])
    scene.open("license", 5000)
    night = Night(scene.wired)
    for job in (
        night.penalties,
        night.renewals,
        night.activations,
        night.changes,
        night.forgetting,
        night.forgetting_staff,
    ):
        job()
    charges = scene.scalar("SELECT count(*) FROM charges")
    assert night.penalties() == "penalties: 0 charges, 0.00"
    assert night.renewals() == "renewals: 0 terms, 0.00; 0 wait for a declaration"
    assert night.activations() == "activated: 0 license terms"
    assert night.changes() == (
        "customers: 0 changes applied, 0 former proofs ended; 0 left for later, 0 left to people"
    )
    assert night.forgetting() == "forgotten: 0 misses"
    assert night.forgetting_staff() == "forgotten: 0 sessions, 0 forms, 0 links, 0 misses"
    assert scene.scalar("SELECT count(*) FROM charges") == charges


def test_the_night_closes_what_is_over_and_swept(scene: Scene) -> None:
    scene.open("utility", 6000)
    night, day = Night(scene.wired), scene.clock.today()
    assert night.closing() == "closed: 0 days"
    scene.clock.advance(days=1)
    assert night.closing() == "closed: 0 days", "no sweep was clean"
    night.sweep()
    assert night.closing().startswith(f"closed: 1 days, head {day}:")
    assert night.closing() == "closed: 0 days"
    assert scene.scalar("SELECT count(*) FROM day_seals") == 1
