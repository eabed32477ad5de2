"""Anything in any order: people, webhooks, sweeps, faults, expiry and deaths; afterwards the money is right."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test

from sandbox import spec
from tests.database import TestDatabase
from tests.portal.scene import make_scene
from tests.reliability.storm import storm
from tests.reliability.world import ASKED, DECLINED, FAULTS, GOOD, POINTS, Payer, World
from tests.sandbox_server import running_sandbox

PICK = st.integers(0, 49)


@contextmanager
def new_world(db: TestDatabase) -> Iterator[World]:
    """An empty city, and a processor that has seen nobody."""
    db.empty()
    spec.ensure()
    with TemporaryDirectory() as folder, running_sandbox(Path(folder), merchant="City of Río Claro") as sandbox:
        scene = make_scene(db, sandbox, Path(folder))
        yield World(scene)


class Storm(RuleBasedStateMachine):
    """``db`` is given by the test; each example has a world of its own."""

    db: TestDatabase

    def __init__(self) -> None:
        super().__init__()
        self.patch = pytest.MonkeyPatch()
        self.opened = new_world(self.db)
        self.world = self.opened.__enter__()

    @initialize()
    def three_bills(self) -> None:
        for cents in (50_00, 75_25, 20_00):
            self.world.new_payer(self.world.scene.open("utility", cents))

    @rule(pick=PICK, cents=st.one_of(st.none(), st.integers(1_00, 200_00)))
    def open(self, pick: int, cents: int | None) -> None:
        self.world.opens(self.payer(pick), cents)

    @rule(pick=PICK, card=st.sampled_from([GOOD, GOOD, DECLINED, ASKED]), authenticate=st.booleans())
    def pay(self, pick: int, card: str, authenticate: bool) -> None:
        self.world.types_card(self.payer(pick), card, authenticate=authenticate)

    @rule(pick=PICK)
    def come_back(self, pick: int) -> None:
        self.world.comes_back(self.payer(pick))

    @rule(pick=PICK)
    def give_up(self, pick: int) -> None:
        self.world.gives_up(self.payer(pick))

    @rule(pick=PICK)
    def resume(self, pick: int) -> None:
        self.world.resumes(self.payer(pick))

    @precondition(lambda self: len(self.world.payers) < 6)
    @rule(pick=PICK)
    def second_payer(self, pick: int) -> None:
        self.world.opens(self.world.new_payer(self.payer(pick).known))

    @rule(pick=PICK, times=st.integers(1, 3))
    def webhook(self, pick: int, times: int) -> None:
        self.world.webhook(pick, times)

    @rule()
    def work(self) -> None:
        self.world.works()

    @rule(deeply=st.booleans())
    def sweep(self, deeply: bool) -> None:
        self.world.sweeps(deeply=deeply)

    @rule(minutes=st.sampled_from([3, 40, 65]))
    def time_passes(self, minutes: int) -> None:
        self.world.time_passes(minutes)

    @rule(fault=st.sampled_from(FAULTS), times=st.integers(1, 3))
    def processor_fails(self, fault: str, times: int) -> None:
        self.world.processor_fails(fault, times)

    @rule(point=st.sampled_from(POINTS))
    def crash(self, point: str) -> None:
        self.world.dies_at(point, self.patch)

    def payer(self, pick: int) -> Payer:
        return self.world.payers[pick % len(self.world.payers)]

    def teardown(self) -> None:
        try:
            self.world.quiesce(self.patch)
            self.world.prove()
        finally:
            self.patch.undo()
            self.opened.__exit__(None, None, None)


def test_whatever_happens_each_payment_is_charged_once_and_posted_once(db: TestDatabase) -> None:
    Storm.db = db
    run_state_machine_as_test(  # type: ignore[no-untyped-call]
        Storm,
        settings=settings(
            max_examples=6,
            stateful_step_count=18,
            derandomize=True,
            phases=(Phase.explicit, Phase.generate),
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_a_storm_as_the_soak_makes_them(db: TestDatabase) -> None:
    with new_world(db) as world:
        counts = storm(world, random.Random(7), steps=40)
    assert counts["open"] > 0
    assert counts["card"] > 0
