"""Unknown number, wrong proof, protected account: one answer, with the same words, headers, statements and work."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from accounts.customer_accounts import rules as account_rules
from accounts.lookups import rules as lookup_rules
from tests.page_client import Page
from tests.portal.scene import Scene, lookup

UNKNOWN = "100-999-98"
STATEMENTS_OF_A_FAILURE = 2
"""Accounts, and the guess that is counted; the city is known."""


@dataclass
class Attempted:
    """One failed look-up: its page, and how many HMACs it took."""

    page: Page
    hmacs: int
    typed: tuple[str, ...]

    @property
    def shape(self) -> tuple[object, ...]:
        headers = [(name, value) for name, value in self.page.headers if name not in ("X-Request-Id", "Set-Cookie")]
        lengths = [(name, value) for name, value in headers if name != "Content-Length"]
        return self.page.status, self.page.bare(*self.typed), lengths, self.page.statements, self.hmacs


@pytest.fixture
def hmacs(monkeypatch: pytest.MonkeyPatch) -> Callable[[], int]:
    """How many HMACs were computed since it was asked last."""
    counted = [0]
    real = account_rules.keyed_digest

    def digest(key: bytes, message: bytes) -> bytes:
        counted[0] += 1
        return real(key, message)

    for module in (account_rules, lookup_rules):
        monkeypatch.setattr(module, "keyed_digest", digest)

    def since() -> int:
        found, counted[0] = counted[0], 0
        return found

    return since


def attempts(scene: Scene, hmacs: Callable[[], int], numbers: list[tuple[str, str]]) -> list[Attempted]:
    """Each (number, proof) tried by a person of their own."""
    made = []
    for place, (number, proof) in enumerate(numbers):
        guest = scene.guest(address=f"198.51.100.{place + 1}")
        guest.get("/pay")
        hmacs()
        page = guest.submit("See what you owe", lookup(number, proof, "93706"), expect=422)
        made.append(Attempted(page, hmacs(), (number, proof)))
    return made


def test_five_ways_to_fail_look_and_work_the_same(scene: Scene, hmacs: Callable[[], int]) -> None:
    plain = scene.open("utility", 50_00)
    protected = scene.open("utility", 50_00, is_protected=True)
    license_ = scene.open("license", 50_00)
    citation = scene.open("citation", 45_00)
    scene.guest().get("/pay")
    first, *others = attempts(
        scene,
        hmacs,
        [
            (UNKNOWN, "K7RM2PQX"),
            (plain.number, "WRONG222"),
            (protected.number, protected.proof),
            (protected.number, "WRONG222"),
            (license_.number, "WRONG222"),
            (citation.number, "WRONG222"),
        ],
    )
    assert first.hmacs > 0
    assert len(first.page.statements) == STATEMENTS_OF_A_FAILURE
    for other in others:
        assert other.shape == first.shape


def test_a_number_one_digit_off_works_as_much_as_one_that_means_nobody(
    scene: Scene, hmacs: Callable[[], int]
) -> None:
    near = scene.open("utility", 50_00)
    scene.guest().get("/pay")
    wrong = near.reference[:8] + str((int(near.reference[8]) + 1) % 10)
    nobody = "1" + wrong[1:4] + "7" + wrong[5:]
    one, other = attempts(scene, hmacs, [(wrong, "WRONG222"), (nobody, "WRONG222")])
    assert one.shape == other.shape


def test_asking_for_a_code_is_the_same_page_and_work_for_an_unknown_number(
    scene: Scene, hmacs: Callable[[], int]
) -> None:
    known = scene.open("utility", 50_00, email="maria@example.com")
    asked = []
    scene.guest().get("/pay/code")
    for number in (known.number, UNKNOWN):
        guest = scene.guest(address="198.51.100.9")
        guest.get("/pay/code")
        hmacs()
        sent = guest.submit("Send me a code", {"Account, license": number})
        work = hmacs()
        page = guest.follow()
        asked.append((sent.status, sent.statements, work, page.bare(number)))
        assert "maria" not in page.html
        assert "@example.com" not in page.html
    assert asked[0] == asked[1]


@pytest.mark.parametrize("with_code", [False, True])
def test_a_wrong_code_is_the_same_page_and_work_for_an_unknown_number(
    scene: Scene, hmacs: Callable[[], int], *, with_code: bool
) -> None:
    known = scene.open("utility", 50_00)
    if with_code:
        guest = scene.guest()
        guest.get("/pay/code")
        guest.submit("Send me a code", {"Account, license": known.number})
        scene.run_jobs()
    scene.guest().get("/pay")
    made = []
    for number in (known.number, UNKNOWN):
        guest = scene.guest(address="198.51.100.9")
        guest.get("/pay/code/enter")
        hmacs()
        page = guest.submit("See what you owe", {"Account, license": number, "Code": "12345678"}, expect=422)
        made.append(Attempted(page, hmacs(), (number, "12345678")))
    assert made[0].shape == made[1].shape


def test_find_my_number_says_the_same_to_everybody(scene: Scene) -> None:
    scene.open("utility", 50_00, name="María López Ruiz")
    answers = []
    for name, address in (("Maria Lopez", "1481 Elm Street"), ("Nobody Here", "1 Nowhere Road")):
        guest = scene.guest()
        guest.get("/find-my-number")
        sent = guest.submit("Send me my number", {"Name on the account": name, "Street address": address})
        page = guest.follow()
        answers.append((sent.statements, sent.location, page.bare()))
    assert answers[0] == answers[1]


def test_an_account_page_of_somebody_else_is_as_if_it_were_not_there(scene: Scene) -> None:
    known = scene.open("utility", 50_00)
    stranger = scene.guest()
    stranger.get("/")
    there = stranger.get(f"/accounts/{known.reference}", expect=404)
    nowhere = stranger.get("/accounts/199999999", expect=404)
    assert there.bare(known.reference) == nowhere.bare("199999999")
    assert there.statements == nowhere.statements
