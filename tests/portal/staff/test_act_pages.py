"""Acts in money at the counter: looked at first, done within a limit or asked of a second person; nothing twice."""

from __future__ import annotations

from datetime import timedelta

import pytest

from accounts.charges.rules import NewCharge
from accounts.charges.service import raise_charges
from accounts.database import transaction
from accounts.ledger.rules import Source
from accounts.money import Money
from tests.page_client import PageClient
from tests.portal.scene import Known, Scene, add, leave
from tests.portal.staff.people import actor_of, staff_of
from tests.sandbox_server import pay_hosted_page

LOOK, ALL = "See what it comes to", "Why"


def penalty(scene: Scene, known: Known, cents: int) -> int:
    terms, day = scene.city.revenue_line("water"), scene.today - timedelta(days=5)
    charge = NewCharge(
        customer_account_id=known.id, revenue_line="water", kind="penalty", fund=terms.fund,
        receivable=terms.receivable, revenue=terms.revenue, amount=Money(cents),
        description={"en": "Late penalty", "es": "Recargo"}, billed_on=day, due_on=day, delinquent_on=day,
        working={"imported": {"profile": "test", "key": ""}},
    )  # fmt: skip
    scene.serial += 1
    with transaction(scene.sessions) as session:
        (charge_id,) = raise_charges(
            session, [charge], source=Source("test-penalty", str(scene.serial), "raise"), kind="penalties",
            effective_on=scene.today, actor_id=1,
        )  # fmt: skip
    return charge_id


def books(scene: Scene) -> tuple[int, int, int]:
    return tuple(
        int(scene.scalar(f"SELECT count(*) FROM {table}")) for table in ("journals", "adjustments", "charges")
    )  # type: ignore[return-value]


def path(known: Known, act: str) -> str:
    return f"/staff/accounts/{known.reference}/{act}"


def test_blanks_are_no_reason(scene: Scene) -> None:
    known, clerk = scene.open("utility", 50_00), staff_of(scene, "clerk")
    before = books(scene)
    clerk.get(path(known, "fees/new"))
    page = clerk.submit(LOOK, {"Fee": "meter-test", "Why": "  \n "}, expect=422, budget=30)
    assert page.errors == ["Say why in a few words."]
    assert "What it comes to" not in page.text
    assert books(scene) == before


def test_a_fee_within_the_limit_is_looked_at_and_then_posted_once(scene: Scene) -> None:
    known, clerk = scene.open("utility", 50_00), staff_of(scene, "clerk")
    before = books(scene)
    clerk.get(path(known, "fees/new"))
    look = clerk.submit(LOOK, {"Fee": "meter-test", "Why": "Asked for a test"}, expect=200, budget=30)
    assert "What it comes to" in look.text
    assert books(scene) == before
    done = clerk.submit("Post the fee", budget=40)
    assert done.location == f"/staff/accounts/{known.reference}"
    assert books(scene)[2] == before[2] + 1
    action, data = clerk.filled_last
    again = clerk.post(action, data, expect=422, budget=40)
    assert "Something changed" in again.errors[0]
    assert books(scene)[2] == before[2] + 1


def test_what_was_changed_after_the_look_is_looked_at_again(scene: Scene) -> None:
    known, clerk = scene.open("utility", 50_00), staff_of(scene, "clerk")
    before = books(scene)
    clerk.get(path(known, "fees/new"))
    clerk.submit(LOOK, {"Fee": "meter-test", "Why": "Asked for a test"}, expect=200, budget=30)
    again = clerk.submit("Post the fee", {"How many": "2"}, expect=422, budget=40)
    assert again.errors == ["You changed this after you looked. Nothing was done. Look again, then go on."]
    assert "What it comes to" in again.text
    assert books(scene) == before
    action, data = clerk.filled("Ask a second person", {})
    for seen in ("", ".", f".{data['seen'].rpartition('.')[2]}"):
        clerk.post(action, {**data, "seen": seen}, expect=422 if seen else 200, budget=40)
    assert books(scene) == before
    assert scene.scalar("SELECT count(*) FROM proposals") == 0
    clerk.get(path(known, "fees/new"))
    clerk.submit(LOOK, {"Fee": "meter-test", "Why": "Asked for a test"}, expect=200, budget=30)
    clerk.submit("Post the fee", {"Why": "The words may be mended"}, budget=40)
    assert books(scene)[2] == before[2] + 1


def test_a_penalty_above_the_limit_waits_for_a_second_person(scene: Scene) -> None:
    known, clerk = scene.open("utility", 50_00), staff_of(scene, "clerk")
    charge = penalty(scene, known, 40_00)
    before = books(scene)
    clerk.get(path(known, f"waivers/new?charge={charge}"))
    look = clerk.submit(LOOK, {"Why": "First time in ten years"}, expect=200, budget=30)
    assert "A second person decides" in look.text
    asked = clerk.submit("Ask a second person", budget=40)
    assert asked.location.startswith("/staff/approvals/")
    assert books(scene) == before
    assert scene.scalar("SELECT proposed_by FROM proposals") == actor_of(scene, clerk)


def test_a_small_penalty_is_forgiven_at_once_and_a_second_is_refused_with_the_day_of_the_first(scene: Scene) -> None:
    known, clerk = scene.open("utility", 50_00), staff_of(scene, "clerk")
    penalty(scene, known, 10_00)
    clerk.get(path(known, "waivers/new"))
    clerk.submit(LOOK, {"Why": "Mail was late"}, expect=200, budget=30)
    clerk.submit("Forgive it", budget=40)
    assert scene.balance(known) == Money(50_00)
    charge = penalty(scene, known, 12_00)
    after = books(scene)
    clerk.get(path(known, f"waivers/new?charge={charge}"))
    page = clerk.submit(LOOK, {"Why": "Again"}, expect=422, budget=30)
    assert "The last time was" in page.errors[0]
    assert books(scene) == after
    look = clerk.submit(LOOK, {"Why": "Again", "Ask for it although": True}, expect=200, budget=30)
    assert "A second person decides" in look.text


def test_a_fee_above_the_limit_is_decided_by_another(scene: Scene) -> None:
    known, clerk = scene.open("utility", 50_00), staff_of(scene, "clerk")
    before = books(scene)
    clerk.get(path(known, "fees/new"))
    look = clerk.submit(LOOK, {"Fee": "meter-pull", "How many": "2", "Why": "Twice"}, expect=200, budget=30)
    assert "A second person decides" in look.text
    assert books(scene) == before


def test_a_correction_by_lines_shows_its_sum_and_always_takes_two(scene: Scene) -> None:
    known, supervisor = scene.open("utility", 120_00), staff_of(scene, "supervisor")
    before = books(scene)
    supervisor.get(path(known, "adjustments/new"))
    look = supervisor.submit(
        LOOK, {"Why": "Read wrong", "What for": "4 CCF too many", "Quantity": "4", "Rate in dollars": "-2.47"},
        expect=200, budget=40,
    )  # fmt: skip
    assert "$9.88" in look.html
    supervisor.submit("Ask a second person", budget=40)
    assert books(scene) == before
    assert scene.scalar("SELECT effect_cents FROM proposals") == -9_88


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({}, "Write at least one line"),
        ({"What for": "something"}, "Each line needs"),
        ({"What for": "all of it and more", "Rate in dollars": "-500"}, "more than"),
    ],
)
def test_a_correction_that_is_not_whole_is_refused(scene: Scene, typed: dict[str, str], said: str) -> None:
    known, clerk = scene.open("utility", 120_00), staff_of(scene, "clerk")
    before = books(scene)
    clerk.get(path(known, "adjustments/new"))
    page = clerk.submit(LOOK, {"Why": "x", **typed}, expect=422, budget=40)
    assert page.errors
    assert said in " ".join(page.errors) or said == "more than"
    assert books(scene) == before
    assert scene.scalar("SELECT count(*) FROM proposals") == 0


def paid(scene: Scene) -> tuple[Known, PageClient]:
    known, person = scene.open("utility", 60_00), scene.guest()
    add(person, known)
    person.land(pay_hosted_page(leave(person)))
    return known, person


@pytest.mark.parametrize("lang", ["en", "es"])
def test_a_payment_is_moved_by_two_people(scene: Scene, lang: str) -> None:
    wrong, _ = paid(scene)
    right = scene.open("utility", 60_00)
    clerk = staff_of(scene, "clerk", lang=lang)
    words = {
        "en": ("To the account", "Why", LOOK, "Ask a second person"),
        "es": ("A la cuenta", "Por qué", "Ver a cuánto llega", "Pedirlo a una segunda persona"),
    }[lang]
    clerk.get(path(wrong, "moves/new"))
    clerk.submit(words[2], {words[0]: right.number, words[1]: "Paid for the neighbor"}, expect=200, budget=40)
    asked = clerk.submit(words[3], budget=40)
    assert scene.balance(right) == Money(60_00)
    supervisor = staff_of(scene, "supervisor")
    assert supervisor.get(asked.location, budget=20).status == 200


def test_a_move_to_a_number_that_is_none_or_hidden_is_refused(scene: Scene) -> None:
    wrong, _ = paid(scene)
    hidden = scene.open("utility", 60_00)
    scene.run_as_owner(f"UPDATE customer_accounts SET is_protected = true WHERE id = {hidden.id}")
    clerk = staff_of(scene, "clerk")
    before = books(scene)
    for number in ("999-999-999", "López", hidden.number):
        clerk.get(path(wrong, "moves/new"))
        page = clerk.submit(LOOK, {"To the account": number, "Why": "x"}, expect=422, budget=40)
        assert page.errors == ["No one account has this number. Type all of it."]
    assert books(scene) == before


@pytest.mark.parametrize("act", ["fees/new", "waivers/new", "adjustments/new", "moves/new"])
def test_no_act_takes_a_card_number(scene: Scene, act: str) -> None:
    known, _ = paid(scene)
    penalty(scene, known, 5_00)
    clerk = staff_of(scene, "clerk")
    clerk.get(path(known, act), budget=20)
    page = clerk.submit(LOOK, {"Why": "card 4242 4242 4242 4242"}, expect=422, budget=40)
    assert "4242" not in page.html
    assert any("card number" in error for error in page.errors)
