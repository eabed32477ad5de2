"""Many tries at once are counted as many: real threads, with a control that shows what happens without turns."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable

import pytest

from accounts.errors import DomainError
from portal.identity.staff import signing_in
from portal.identity.staff.signing_in import LIMITS
from portal.identity.throttles import Throttle
from tests.portal.identity.people import Person, hire
from tests.portal.scene import Scene

MANY = 16
MOST = LIMITS.per_client_and_name[0]


@pytest.fixture
def ana(scene: Scene) -> Person:
    return hire(scene, "ana")


def all_at_once(acts: list[Callable[[], object]]) -> Counter[str]:
    """How each ended."""
    ends: Counter[str] = Counter()
    gate = threading.Barrier(len(acts), timeout=30)

    def run(act: Callable[[], object]) -> None:
        gate.wait()
        try:
            act()
        except DomainError as refusal:
            ends[type(refusal).__name__] += 1
        else:
            ends["in"] += 1

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    return ends


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """The hash is not what is looked at here, and would take seconds on two cores."""
    monkeypatch.setattr(signing_in, "is_right", lambda kept, typed: bool(kept) and typed.startswith("ocho"))


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("username", ["ana", "nobody"])
@pytest.mark.parametrize("in_turns", [True, False], ids=["as it is", "without turns (control)"])
def test_many_wrong_tries_at_once_are_counted_as_many(
    scene: Scene, ana: Person, username: str, in_turns: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not in_turns:
        meet = threading.Barrier(6, timeout=10)  # as many as the pool lets in at once, and less
        monkeypatch.setattr(Throttle, "take_turns", lambda self, session, name: None)
        may_try = Throttle.may_try

        def look_together(*given: object) -> bool:
            found = may_try(*given)  # type: ignore[arg-type]
            meet.wait()
            return found

        monkeypatch.setattr(Throttle, "may_try", look_together)
        for _ in range(MOST - 1):
            scene.run_as_owner(
                "INSERT INTO staff_misses (client_digest, username_digest, missed_at) VALUES (:c, :n, :at)",
                c=scene.wired.door().throttle.client("192.0.2.40"),
                n=scene.wired.door().throttle.name(username), at=scene.clock.now(),
            )  # fmt: skip
        ends = all_at_once([lambda: ana.enter(code="000000", username=username)] * 6)
        assert ends == {"SignInRefused": 6}, "only one of them had a try left"
        return
    ends = all_at_once([lambda: ana.enter(code="000000", username=username)] * MANY)
    assert ends == {"SignInRefused": MOST, "TooManySignIns": MANY - MOST}
    assert scene.scalar("SELECT count(*) FROM staff_misses") == MOST


@pytest.mark.usefixtures("quick")
def test_a_right_try_among_many_wrong_ones_counts_in_its_turn(scene: Scene, ana: Person) -> None:
    """Whoever guesses with many hands cannot slip the right one in behind the tenth."""
    for _ in range(MOST):
        all_at_once([lambda: ana.enter(code="000000")])
    assert all_at_once([ana.enter] * 4) == {"TooManySignIns": 4}
    assert scene.scalar("SELECT count(*) FROM staff_sessions") == 0


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("kind", ["app", "recovery"])
def test_one_code_at_many_screens_at_once_lets_one_in(scene: Scene, ana: Person, kind: str) -> None:
    code = ana.code() if kind == "app" else ana.codes[0]
    ends = all_at_once([lambda: ana.enter(code=code)] * 6)
    assert ends == {"in": 1, "SignInRefused": 5}
    assert scene.scalar("SELECT count(*) FROM staff_sessions") == 1
