"""Two records of one person: found, compared, made one by two people, and made two again."""

from __future__ import annotations

from typing import Any

import pytest

from tests.page_client import PageClient
from tests.portal.scene import Known, Scene
from tests.portal.staff.people import actor_of, staff_of

CARD = "4242 4242 4242 4242"
LOOK = "See what it comes to"


@pytest.fixture(autouse=True)
def _the_city_is_read(scene: Scene) -> None:
    scene.wired.city()


@pytest.fixture
def twins(scene: Scene) -> tuple[Known, Known]:
    """María López Ruiz, who was entered twice with one telephone number."""
    return scene.open("utility", 50_00, phone="209 555 0142"), scene.open("utility", 20_00, phone="(209) 555-0142")


def path_of(known: Known) -> str:
    return f"/staff/accounts/{known.reference}/mergers/new"


def holder(scene: Scene, known: Known) -> int:
    return int(scene.scalar("SELECT customer_id FROM customer_accounts WHERE id = :id", id=known.id))


def standing(scene: Scene) -> list[Any]:
    return [
        scene.rows(f"SELECT * FROM {table} ORDER BY 1")
        for table in ("customers", "customer_accounts", "mergers", "merger_ends", "proposals")
    ]


def ask(clerk: PageClient, known: Known, other: int, why: str = "Same telephone, same person") -> int:
    """Compare, look, and ask a second person; the proposal's id."""
    clerk.get(f"{path_of(known)}?with={other}")
    clerk.submit(LOOK, {"Why": why}, expect=200, budget=40)
    page = clerk.submit("Ask a second person", {}, budget=40)
    assert page.location.startswith("/staff/approvals/")
    return int(page.location.rsplit("/", 1)[-1])


def approve(boss: PageClient, proposal: int) -> None:
    boss.get(f"/staff/approvals/{proposal}/approve", budget=30)
    boss.submit("Approve and do it", {}, budget=60)


def test_likely_doubles_are_compared_and_merged_by_two(scene: Scene, twins: tuple[Known, Known]) -> None:
    one, two = twins
    clerk, boss = staff_of(scene, "clerk"), staff_of(scene, "supervisor")
    page = clerk.get(path_of(one))
    assert two.number in page.text
    assert "phone" in page.text
    (link,) = [a for a in page.soup.select("main a") if "with=" in str(a["href"])]
    page = clerk.get(str(link["href"]))
    emails = [row.email for row in scene.rows("SELECT email FROM customers")]
    for words in (*emails, one.number, two.number):
        assert words in page.text
    before = standing(scene)
    page = clerk.submit(LOOK, {"Why": "Same telephone, same person"}, expect=200, budget=40)
    assert "No money moves." in page.text
    assert f"{two.number}, Utility account (moves)" in page.text
    assert standing(scene) == before
    page = clerk.submit("Ask a second person", {}, budget=40)
    assert holder(scene, two) != holder(scene, one), "nothing yet"
    proposal = int(page.location.rsplit("/", 1)[-1])
    approve(boss, proposal)
    assert holder(scene, two) == holder(scene, one)
    (merger,) = scene.rows("SELECT actor_id, approved_by, reason FROM mergers")
    assert merger == (actor_of(scene, clerk), actor_of(scene, boss), "Same telephone, same person")


def test_the_other_record_may_be_the_one_that_stays(scene: Scene, twins: tuple[Known, Known]) -> None:
    one, two = twins
    mine, theirs = holder(scene, one), holder(scene, two)
    clerk = staff_of(scene, "clerk")
    clerk.get(f"{path_of(one)}?with={theirs}")
    action, data = clerk.filled(LOOK, {"Why": "Newer address"})
    page = clerk.post(action, {**data, "stays": str(theirs)}, budget=40)
    assert f"{one.number}, Utility account (moves)" in page.text
    clerk.submit("Ask a second person", {}, budget=40)
    (payload,) = scene.rows("SELECT payload FROM proposals")[0]
    assert payload == {"from_id": mine, "into_id": theirs, "undo": False}


def test_in_spanish_found_by_number_and_taken_back(scene: Scene, twins: tuple[Known, Known]) -> None:
    one, two = twins
    clerk, boss = staff_of(scene, "clerk", lang="es"), staff_of(scene, "supervisor")
    page = clerk.get(path_of(one))
    assert page.heading == "Fusionar dos registros"
    page = clerk.submit("Comparar", {"Número de una cuenta": two.number})
    assert page.location == f"{path_of(one)}?with={holder(scene, two)}"
    clerk.follow()
    clerk.submit("Ver a cuánto llega", {"Por qué": "Es la misma persona"}, expect=200, budget=40)
    page = clerk.submit("Pedirlo a una segunda persona", {}, budget=40)
    approve(boss, int(page.location.rsplit("/", 1)[-1]))
    merger = scene.scalar("SELECT id FROM mergers")
    undo = f"/staff/accounts/{one.reference}/mergers/{merger}/undo"
    assert undo in clerk.get(path_of(one)).html
    page = clerk.get(undo)
    assert two.number in page.text
    before = standing(scene)
    page = clerk.submit("Ver a cuánto llega", {"Por qué": ""}, expect=422, budget=40)
    assert page.errors == ["Diga por qué en pocas palabras."]
    assert standing(scene) == before
    clerk.submit("Ver a cuánto llega", {"Por qué": "Son madre e hija"}, expect=200, budget=40)
    page = clerk.submit("Pedirlo a una segunda persona", {}, budget=40)
    approve(boss, int(page.location.rsplit("/", 1)[-1]))
    assert holder(scene, two) != holder(scene, one)
    assert "se hicieron dos otra vez" in clerk.get(undo).text


def test_what_changed_since_the_look_and_what_waits_already_is_refused(
    scene: Scene, twins: tuple[Known, Known]
) -> None:
    one, two = twins
    ana, ben = staff_of(scene, "clerk", name="ana"), staff_of(scene, "clerk", name="ben")
    ben.get(f"{path_of(one)}?with={holder(scene, two)}")
    ben.submit(LOOK, {"Why": "Same person"}, expect=200, budget=40)
    action, data = ben.filled("Ask a second person", {})
    ask(ana, one, holder(scene, two))
    before = standing(scene)
    page = ben.post(action, data, expect=422, budget=60)
    assert page.errors == ["The very same is waiting for a second person already. Look in the approvals."]
    assert standing(scene) == before
    scene.run_as_owner(f"UPDATE customers SET version = version + 1 WHERE id = {holder(scene, two)}")
    before = standing(scene)
    page = ben.post(action, data, expect=422, budget=60)
    assert page.errors[0].startswith("Something changed since this was asked for.")
    assert standing(scene) == before


def test_records_that_cannot_be_one_are_told_so(scene: Scene, twins: tuple[Known, Known]) -> None:
    one, _two = twins
    shop, clerk = scene.open("license", 10_00), staff_of(scene, "clerk")
    before = standing(scene)
    page = clerk.get(f"{path_of(one)}?with={holder(scene, shop)}", expect=422, budget=20)
    assert page.errors == ["A person and a business cannot be merged."]
    page = clerk.get(f"{path_of(one)}?with={holder(scene, one)}", expect=422, budget=20)
    assert page.errors == ["This is one and the same customer."]
    clerk.get(path_of(one))
    for typed, said in (
        ("", "Enter the number."),
        ("100-000-999", "There is no account with that number. Check the digits."),
        (CARD, "Do not type a card number here."),
    ):
        page = clerk.submit("Compare", {"Number of an account": typed}, expect=422)
        assert page.errors[0].startswith(said)
        assert CARD not in page.html
    assert standing(scene) == before


def test_a_card_number_as_a_reason_is_refused(scene: Scene, twins: tuple[Known, Known]) -> None:
    one, two = twins
    clerk, before = staff_of(scene, "clerk"), standing(scene)
    clerk.get(f"{path_of(one)}?with={holder(scene, two)}")
    page = clerk.submit(LOOK, {"Why": f"paid with {CARD}"}, expect=422)
    assert page.errors[0].startswith("Do not type a card number here.")
    assert CARD not in page.html
    assert standing(scene) == before


def test_a_person_who_is_not_for_the_clerk_is_neither_offered_nor_there(
    scene: Scene, twins: tuple[Known, Known]
) -> None:
    one, two = twins
    clerk = staff_of(scene, "clerk")
    scene.run_as_owner(f"UPDATE customer_accounts SET is_restricted = true WHERE id = {two.id}")
    before = standing(scene)
    page = clerk.get(path_of(one))
    assert two.number not in page.text
    page = clerk.submit("Compare", {"Number of an account": two.number}, expect=422)
    assert page.errors == ["There is no account with that number. Check the digits."]
    clerk.get(f"{path_of(one)}?with={holder(scene, two)}", expect=404)
    assert standing(scene) == before
