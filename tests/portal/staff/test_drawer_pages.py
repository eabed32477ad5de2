"""Drawers: two people count the float, the close is blind, another accepts, and then nothing of it changes."""

from __future__ import annotations

import re

import pytest

from accounts.money import Money
from tests.factories.window import FLOAT, check, pennies
from tests.page_client import Page, PageClient
from tests.portal.scene import Scene
from tests.portal.staff.people import staff_of
from tests.portal.staff.tills import Counter, open_counter, pieces, token

COUNTED = "This is what I counted"


@pytest.fixture
def counter(scene: Scene) -> Counter:
    return open_counter(scene)


def send(client: PageClient, path: str, fields: dict[str, str]) -> Page:
    return client.post(path, {"csrf_token": token(client), **fields}, expect=None, budget=40)  # type: ignore[arg-type]


def busy(counter: Counter) -> int:
    """Two cash sales and two checks; what the cash should come to, in cents."""
    scene, window = counter.scene, counter.window
    first, second = scene.open("utility", 487_31), scene.open("utility", 266_58)
    window.take(counter.drawer, window.draft({first.id: 87_31}))
    window.take(counter.drawer, window.draft({second.id: 66_58}))
    window.take(counter.drawer, window.draft({first.id: 400_00 - 7_77}, [check(400_00 - 7_77)]))
    window.take(counter.drawer, window.draft({second.id: 123_45}, [check(123_45, "1044")]))
    return 200_00 + 87_31 + 66_58


def test_a_drawer_is_opened_by_two(scene: Scene) -> None:
    rosa, tomas = staff_of(scene, "cashier", name="rosa"), staff_of(scene, "cashier", name="tomas")
    rosa.get("/staff/drawers/mine")
    short = send(rosa, "/staff/drawers/mine", {"till": "T1", **pieces({100: 199})})
    assert "does not come to what a drawer begins with" in short.errors[0]
    assert scene.scalar("SELECT count(*) FROM drawers") == 0
    assert send(rosa, "/staff/drawers/mine", {"till": "T1", **pieces(FLOAT)}).status == 303
    drawer = scene.scalar("SELECT id FROM drawers")
    own = send(rosa, f"/staff/drawers/{drawer}/float", pieces(FLOAT))
    assert own.status == 422
    wrong = send(tomas, f"/staff/drawers/{drawer}/float", pieces({100: 190}))
    assert wrong.errors == ["The two counts of the float are not the same. Count it together."]
    assert scene.scalar("SELECT state FROM drawers") == "float"
    assert send(tomas, f"/staff/drawers/{drawer}/float", pieces(FLOAT)).status == 303
    assert scene.scalar("SELECT state FROM drawers") == "open"
    assert "Take payments" in rosa.get("/staff/drawers/mine").text


def test_a_till_in_use_is_refused_and_so_is_a_second_drawer(counter: Counter) -> None:
    tomas = staff_of(counter.scene, "cashier", name="tomas")
    page = send(tomas, "/staff/drawers/mine", {"till": "T1", **pieces(FLOAT)})
    assert page.errors == ["A colleague has this till open. Choose another one."]
    assert counter.scene.scalar("SELECT count(*) FROM drawers") == 1


def test_no_answer_before_the_count_is_committed_holds_what_is_expected(counter: Counter) -> None:
    expected_cash, expected_checks = busy(counter), 400_00 - 7_77 + 123_45
    rosa, path = counter.rosa, f"/staff/drawers/{counter.drawer}/count"
    bodies = [
        rosa.get("/staff/drawers/mine").html,
        rosa.get(path).html,
        rosa.get("/staff/window").html,
        rosa.get("/staff/").html,
        send(rosa, path, {"pieces_10000": "many"}).html,
        send(rosa, path, {}).html,
        send(rosa, path, {"pieces_100": "200", "checks": "none"}).html,
        send(rosa, "/staff/kept-forms", {"kept-form-path": path, "pieces_100": "3"}).html,
        rosa.get(path).html,
        send(rosa, f"/staff/drawers/{counter.drawer}/drop", {"pieces_100": ""}).html,
    ]
    for cents in (expected_cash, expected_cash - 200_00, expected_checks):
        dollars = f"{cents / 100:.2f}"
        forms = (str(cents), dollars, f"{cents / 100:,.2f}", dollars.replace(".", ","), str(cents / 100))
        for place, body in enumerate(bodies):
            bare = re.sub(r"[0-9a-f]{32,}|csrf_token\" value=\"[^\"]+|data-kept-token=\"[^\"]+", "", body)
            assert [form for form in forms if form in bare] == [], f"answer {place} tells {dollars}"
    assert counter.scene.scalar("SELECT count(*) FROM drawer_counts") == 0
    off = expected_cash - 5_25
    committed = send(rosa, path, {**pieces(pennies(off)), "checks_count": "2", "checks": "515.68", "terminal": ""})
    assert committed.status == 303
    told = rosa.get(committed.location)
    assert "$353.89" in told.text
    assert "$5.25 short" in told.text
    assert "It waits for a second person." in told.text


def test_the_close_is_accepted_by_another_with_a_reason_and_then_frozen(counter: Counter) -> None:
    scene, expected = counter.scene, busy(counter)
    path = f"/staff/drawers/{counter.drawer}"
    send(
        counter.rosa, f"{path}/count", {**pieces(pennies(expected - 25_25)), "checks_count": "2", "checks": "515.68"}
    )
    sofia = staff_of(scene, "supervisor", name="sofia")
    both = staff_of(scene, "cashier", "supervisor", name="rosa")
    assert send(both, f"{path}/verdict", {"step": "accept", "seen": "1"}).status in (403, 422)
    page = sofia.get(f"{path}/verdict")
    assert "Cash: $25.25 short is booked to over and short." in page.text
    refused = sofia.submit("Accept it", expect=422, budget=40)
    assert "Say how it came about" in refused.errors[0]
    assert scene.scalar("SELECT count(*) FROM drawer_verdicts") == 0
    sofia.get(f"{path}/verdict")
    done = sofia.submit("Accept it", {"Why": "Two tens stuck together."}, budget=40)
    assert done.status == 303
    assert scene.scalar("SELECT state FROM drawers") == "closed"
    short = scene.scalar(
        "SELECT sum(amount_cents) FROM postings p JOIN journals j ON j.id = p.journal_id"
        " JOIN ledger_accounts a ON a.id = p.ledger_account_id WHERE j.kind = 'over-short' AND a.code = :code",
        code=scene.city.roles.over_short,
    )
    assert short == 25_25
    before = counter.counts()
    for what, fields in (("count", pieces(FLOAT)), ("drop", pieces({100: 1}))):
        assert send(counter.rosa, f"{path}/{what}", fields).status == 404
    assert send(sofia, f"{path}/pick-up", {**pieces({100: 1}), "note": "x"}).status == 422
    assert counter.counts() == before
    counter.window.desk.prove()


def test_a_rejected_count_is_counted_again(counter: Counter) -> None:
    scene, expected = counter.scene, busy(counter)
    path = f"/staff/drawers/{counter.drawer}"
    checks = {"checks_count": "2", "checks": "515.68"}
    send(counter.rosa, f"{path}/count", {**pieces(pennies(expected - 100_00)), **checks})
    sofia = staff_of(scene, "supervisor", name="sofia")
    sofia.get(f"{path}/verdict")
    assert "Say why" in sofia.submit("Reject it", expect=422, budget=40).errors[0]
    sofia.get(f"{path}/verdict")
    sofia.submit("Reject it", {"Why": "Count the hundreds again."}, budget=40)
    again = counter.rosa.get(f"{path}/counted")
    assert "Count the hundreds again." in again.text
    send(counter.rosa, f"{path}/count", {**pieces(pennies(expected)), **checks})
    page = sofia.get(f"{path}/verdict")
    assert "Everything agrees." in page.text
    sofia.submit("Accept it", budget=40)
    assert scene.scalar("SELECT state FROM drawers") == "closed"


@pytest.mark.parametrize("off", [{"checks": "415.68"}, {"checks_count": "1"}])
def test_a_count_without_its_checks_is_not_even_offered_for_acceptance(counter: Counter, off: dict[str, str]) -> None:
    scene, expected = counter.scene, busy(counter)
    path = f"/staff/drawers/{counter.drawer}"
    send(counter.rosa, f"{path}/count", {**pieces(pennies(expected)), "checks_count": "2", "checks": "515.68", **off})
    sofia = staff_of(scene, "supervisor", name="sofia")
    page = sofia.get(f"{path}/verdict")
    assert "The checks are not those that were taken." in page.text
    assert "go to the vault" not in page.text
    assert "Accept it" not in page.text
    sofia.submit("Reject it", {"Why": "One check is missing."}, budget=40)
    assert scene.scalar("SELECT verdict FROM drawer_verdicts") == "rejected"


def test_a_count_that_was_replaced_is_not_decided(counter: Counter) -> None:
    busy(counter)
    window = counter.window
    window.counted(counter.drawer)
    sofia = staff_of(counter.scene, "supervisor", name="sofia")
    page = send(sofia, f"/staff/drawers/{counter.drawer}/verdict", {"step": "accept", "seen": "99"})
    assert "counted again since you looked" in page.errors[0]
    assert counter.scene.scalar("SELECT count(*) FROM drawer_verdicts") == 0


def test_cash_is_dropped_collected_and_brought(counter: Counter) -> None:
    busy(counter)
    scene, path = counter.scene, f"/staff/drawers/{counter.drawer}"
    sofia = staff_of(scene, "supervisor", name="sofia")
    assert send(counter.rosa, f"{path}/drop", pieces({5000: 1})).status == 303
    assert send(sofia, f"{path}/pick-up", pieces({2000: 1})).status == 422, "with a reason"
    assert send(sofia, f"{path}/pick-up", {**pieces({2000: 1}), "note": "Too much in it"}).status == 303
    assert send(sofia, f"{path}/change", pieces({25: 40})).status == 303
    rows = scene.rows("SELECT kind, cash_cents FROM drawer_movements ORDER BY id")
    assert [tuple(row) for row in rows] == [("drop", -50_00), ("pickup", -20_00), ("change", 10_00)]
    tomas = staff_of(scene, "cashier", name="tomas")
    assert send(tomas, f"{path}/drop", pieces({100: 1})).status == 404
    assert scene.scalar("SELECT count(*) FROM drawer_movements") == 3


def test_a_full_drawer_warns_and_then_takes_no_more_cash(counter: Counter) -> None:
    scene = counter.scene
    policy = scene.city.cash_policy(scene.today)
    known = scene.open("utility", policy.stop.cents)
    warn = policy.warn.cents - 200_00
    counter.window.take(counter.drawer, counter.window.draft({known.id: warn + 1_00}))
    assert "Drop cash now" in counter.rosa.get("/staff/drawers/mine").text
    other = scene.open("utility", policy.stop.cents)
    counter.look(other, str(policy.stop))
    page = counter.step("take", given=str(policy.stop))
    assert "The drawer would hold too much cash" in page.errors[0]
    assert scene.balance(other) == policy.stop
    assert counter.counts()["payments"] == 1
    assert Money(0) < policy.warn


def test_a_relief_opens_the_same_till_once_it_is_counted(counter: Counter) -> None:
    scene = counter.scene
    counter.window.counted(counter.drawer)
    assert send(staff_of(scene, "cashier", name="tomas"), "/staff/drawers/mine", {"till": "T1", **pieces(FLOAT)})
    rows = scene.rows("SELECT till, state FROM drawers ORDER BY id")
    assert [tuple(row) for row in rows] == [("T1", "counted"), ("T1", "float")]


def test_the_supervisors_list_tells_states_and_no_sums(counter: Counter) -> None:
    cash = busy(counter)
    sofia = staff_of(counter.scene, "supervisor", name="sofia")
    for path in ("/staff/drawers", f"/staff/drawers/{counter.drawer}"):
        page = sofia.get(path)
        assert "Rosa" in page.text
        assert f"{cash / 100:.2f}" not in page.html
