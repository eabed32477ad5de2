"""A check for an account that pays in cash only, on screen: the supervisor names the accounts that they let pass."""

from __future__ import annotations

import pytest

from accounts.cash_only.rules import Wanted
from accounts.cash_only.service import raise_flag
from accounts.database import transaction
from accounts.money import Money
from tests.portal.scene import Known, Scene
from tests.portal.staff.people import actor_of, staff_of
from tests.portal.staff.test_drawer_pages import send
from tests.portal.staff.tills import Counter, open_counter


@pytest.fixture
def counter(scene: Scene) -> Counter:
    return open_counter(scene)


def flagged(scene: Scene) -> Known:
    known = scene.open("utility", 48_15)
    with transaction(scene.sessions) as session:
        wanted = Wanted(scene.today, scene.today.replace(year=scene.today.year + 1, day=1), 2, "Regulation")
        raise_flag(session, known.id, wanted, actor_id=1, now=scene.clock.now())
    return known


def test_an_account_that_pays_in_cash_only_needs_a_supervisors_word_for_a_check(counter: Counter) -> None:
    scene = counter.scene
    known, sofia = flagged(scene), staff_of(scene, "supervisor", name="sofia")
    page = counter.look(known)
    assert "pays in cash only until" in page.text
    counter.step("tender", kind="check", number="7", bank="Bank of the Valley", made_out="y")
    held = counter.step("take")
    assert "No check can be taken for this account" in held.errors[0]
    assert counter.counts()["payments"] == 0
    sale, chosen = counter.sale(), {"accounts": str(known.id)}
    path = f"/staff/window/holds/{sale}"
    send(staff_of(scene, "cashier", "supervisor", name="rosa"), path, {"reason": "x", **chosen})
    assert scene.scalar("SELECT count(*) FROM sale_overrides") == 0, "never the cashier's own word"
    assert f"Sale {sale} of Rosa" in sofia.get("/staff/window/holds").text
    assert sofia.get(path).soup.select("input[checked]"), "the only account is chosen"
    assert send(sofia, path, {"reason": " ", **chosen}).status == 422
    assert send(sofia, path, {"reason": "He brought the money.", **chosen}).status == 303
    assert counter.step("take").status == 200
    assert scene.balance(known) == Money(0)
    assert actor_of(scene, sofia) == scene.scalar("SELECT granted_by FROM sale_overrides")


def test_of_two_accounts_each_is_named(counter: Counter) -> None:
    scene = counter.scene
    one, other, sofia = flagged(scene), flagged(scene), staff_of(scene, "supervisor", name="sofia")
    counter.look(one)
    counter.step("add", scan=other.number)
    counter.step("tender", kind="check", number="7", bank="Bank of the Valley", made_out="y")
    sale = counter.sale()
    path = f"/staff/window/holds/{sale}"
    page = sofia.get(path)
    assert not page.soup.select("input[checked]"), "nothing is chosen for the supervisor"
    for chosen in ({}, {"accounts": "999999"}, {"accounts": "x"}):
        answer = send(sofia, path, {"reason": "Known.", **chosen})
        assert (answer.status, "Choose the account" in answer.text) == (422, True)
    assert scene.scalar("SELECT count(*) FROM sale_overrides") == 0
    assert send(sofia, path, {"reason": "Known.", "accounts": str(one.id)}).status == 303
    assert counter.step("take").status == 422
    assert counter.counts()["payments"] == 0
    assert len(sofia.get(path).soup.select("input[checked]")) == 1, "the other one is left"
    assert send(sofia, path, {"reason": "His wife.", "accounts": str(other.id)}).status == 303
    assert counter.step("take").status == 200
    granted = scene.rows("SELECT customer_account_id FROM sale_overrides ORDER BY id")
    assert [row[0] for row in granted] == [one.id, other.id]
