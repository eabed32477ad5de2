"""Things that happen when their time comes by the sandbox's clock: expiry, payouts, slow refunds."""

from __future__ import annotations

from collections.abc import Callable

from sandbox.world import World

Job = Callable[[World, str], None]
JOBS: dict[str, Job] = {}


def job(name: str) -> Callable[[Job], Job]:
    """Registers what to do when a moment of this name is due."""

    def register(function: Job) -> Job:
        JOBS[name] = function
        return function

    return register


def schedule(world: World, due_at: int, name: str, subject: str) -> None:
    """Writes a moment down; the same moment twice is one."""
    world.store.rows("INSERT OR IGNORE INTO agenda (due_at, job, subject) VALUES (?, ?, ?)", due_at, name, subject)


def run_due(world: World) -> int:
    """Runs what is due in the order of its time, each as if it were that time, and counts it."""
    done = 0
    while _run_next(world):
        done += 1
    return done


def _run_next(world: World) -> bool:
    with world.store.transaction():
        rows = world.store.rows(
            "SELECT * FROM agenda WHERE due_at <= ? ORDER BY due_at, id LIMIT 1", world.clock.now()
        )
        if not rows:
            return False
        world.store.rows("DELETE FROM agenda WHERE id = ?", rows[0]["id"])
        with world.clock.held_at(rows[0]["due_at"]):
            JOBS[rows[0]["job"]](world, rows[0]["subject"])
    return True
