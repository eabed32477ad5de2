"""Whatever is typed to find an account: a refusal that has a name, and never somebody else's account."""

from __future__ import annotations

import random

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from accounts.lookups import asking
from accounts.lookups import service as lookups
from accounts.lookups.rules import NoMatch, TooManyGuesses
from accounts.lookups.service import Guess
from accounts.money import Money, NotMoney
from fuzz import lookup_input
from fuzz.changes import CELLS
from fuzz.lookup_input import ACCOUNT, CODE, PLATE, SEEDS, ZIP, changed, try_bytes, try_texts
from tests.portal.scene import Scene

TYPED = st.text(max_size=60) | st.sampled_from([CODE, PLATE, ZIP, ACCOUNT.reference, "88.10", "$0,088.10", *CELLS])


@given(TYPED, TYPED, TYPED)
def test_any_number_proof_and_zip_code(number: str, proof: str, zip_code: str) -> None:
    try_texts(number, proof, zip_code)


@given(st.sampled_from(SEEDS), st.randoms(use_true_random=False))
def test_nearly_right_ones(seed: bytes, chance: random.Random) -> None:
    try_bytes(changed(seed, chance))


@pytest.mark.parametrize("typed", ["1" * 5000, "1," + "000," * 2000 + "000", "9" * 15, "$" + "0" * 16])
def test_an_amount_of_thousands_of_digits_is_refused_by_its_name(typed: str) -> None:
    with pytest.raises(NotMoney):
        Money.typed(typed)


def test_half_of_a_character_is_no_zip_code() -> None:
    try_texts(ACCOUNT.reference, PLATE, "\udcff" * 5)


def test_a_target_that_opens_to_anybody_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lookup_input, "matching", lambda *_: [ACCOUNT])
    with pytest.raises(AssertionError, match="opens"):
        try_texts(ACCOUNT.reference, "wrong", "")


def test_with_the_database_too_only_refusals_that_have_a_name(scene: Scene) -> None:
    known = scene.open("utility", 50_00)
    keys, now = scene.wired.lookup_keys(), scene.clock.now()

    @settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @example("\udcff", "\udcff", "\udcff")
    @given(TYPED | st.just(known.number), TYPED, TYPED)
    def guess(number: str, proof: str, zip_code: str) -> None:
        with pytest.raises((NoMatch, TooManyGuesses)):
            lookups.find(scene.sessions, keys, Guess(number, f"no{proof}", zip_code, proof, frozenset()), now)
        with pytest.raises((NoMatch, TooManyGuesses)):
            lookups.find_by_code(scene.sessions, keys, number, proof, zip_code, now=now)
        try:
            asking.ask_for_code(scene.sessions, keys, number, proof, language="en", now=now)
            asking.ask_for_number(scene.sessions, keys, number, proof, zip_code, language="es", now=now)
        except TooManyGuesses:
            pass

    guess()
    scene.run_jobs()
