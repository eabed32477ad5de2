"""A storm of random acts, by a seed, for the soak and for one short test."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable

import pytest

from tests.reliability.world import ASKED, DECLINED, FAULTS, GOOD, POINTS, World

MOST_PAYERS = 8
CONFIRMING, DEEPLY = 0.7, 0.3


def storm(world: World, dice: random.Random, steps: int) -> Counter[str]:
    """So many acts on a new world, then quiet and proof; what happened. Raises on anything that is wrong."""
    for cents in (50_00, 75_25, 20_00, 310_10):
        world.new_payer(world.scene.open("utility", cents))
    patch = pytest.MonkeyPatch()
    try:
        for _ in range(steps):
            _act(world, dice, patch)
        world.quiesce(patch)
        world.prove()
    finally:
        patch.undo()
    return world.counts


def _act(world: World, dice: random.Random, patch: pytest.MonkeyPatch) -> None:
    payer = dice.choice(world.payers)
    cents = dice.choice([None, None, dice.randint(1_00, 200_00)])
    card, confirms = dice.choice([GOOD, GOOD, GOOD, DECLINED, ASKED]), dice.random() < CONFIRMING
    acts: list[tuple[int, Callable[[], object]]] = [
        (6, lambda: world.opens(payer, cents)),
        (8, lambda: world.types_card(payer, card, authenticate=confirms)),
        (4, lambda: world.comes_back(payer)),
        (1, lambda: world.gives_up(payer)),
        (2, lambda: world.resumes(payer)),
        (4, lambda: world.webhook(dice.randrange(50), dice.randint(1, 3))),
        (4, world.works),
        (2, lambda: world.settles(payer)),
        (2, lambda: world.sweeps(deeply=dice.random() < DEEPLY)),
        (2, lambda: world.time_passes(dice.choice([3, 40, 65]))),
        (3, lambda: world.processor_fails(dice.choice(FAULTS), dice.randint(1, 3))),
        (3, lambda: world.dies_at(dice.choice(POINTS), patch)),
    ]
    if len(world.payers) < MOST_PAYERS:
        acts.append((2, lambda: world.opens(world.new_payer(payer.known))))
    (act,) = dice.choices([act for _, act in acts], [weight for weight, _ in acts])
    act()
