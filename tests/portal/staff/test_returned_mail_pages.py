"""Mail that came back: noted, worked off from a queue, and never lost between two people who take the same letter."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.page_client import Page, PageClient
from tests.portal.scene import Known, Scene
from tests.portal.staff.people import actor_of, staff_of

CARD = "4242 4242 4242 4242"
LIST = "/staff/returned-mail"


@pytest.fixture(autouse=True)
def _the_city_is_read(scene: Scene) -> None:
    scene.wired.city()


def path_of(known: Known, letter: object = "new") -> str:
    return f"/staff/accounts/{known.reference}/returned-mail/{letter}"


def standing(scene: Scene) -> tuple[list[Any], list[Any]]:
    return (
        scene.rows("SELECT * FROM returned_mail ORDER BY id"),
        scene.rows("SELECT * FROM returned_mail_events ORDER BY id"),
    )


def note(clerk: PageClient, known: Known, expect: int | None = None, **values: str) -> Page:
    clerk.get(path_of(known))
    return clerk.submit(
        "Note it", {"What came back": "bill", "Address on it": "12 Old Street", **values}, expect=expect, budget=30
    )


def handle(clerk: PageClient, known: Known, letter: int, values: dict[str, str | bool], expect: int = 303) -> Page:
    clerk.get(path_of(known, letter))
    return clerk.submit("Note it", values, expect=expect, budget=30)


@pytest.mark.parametrize("role", ["clerk", "supervisor", "license_officer"])
def test_a_letter_is_noted_and_sent_again_from_the_queue(scene: Scene, role: str) -> None:
    known, person = scene.open("utility", 50_00), staff_of(scene, role)
    page = note(person, known, **{"What the post wrote on it": "moved, left no address"})
    (letter,) = scene.rows(
        "SELECT id, address, mail_kind, evidence, actor_id, customer_account_id FROM returned_mail"
    )
    assert page.location == path_of(known, letter.id)
    assert (letter.address, letter.mail_kind, letter.customer_account_id) == ("12 Old Street", "bill", known.id)
    assert letter.actor_id == actor_of(scene, person)
    page = person.get(LIST)
    assert "12 Old Street" in page.text
    assert path_of(known, letter.id) in page.html
    page = person.get(path_of(known, letter.id))
    assert "Services stay on: nobody was there yet." in page.text
    person.submit("Note it", {"Sent to": "9 New Avenue"}, budget=30)
    (event,) = scene.rows("SELECT handling, address FROM returned_mail_events")
    assert (event.handling, event.address) == ("re-mailed", "9 New Avenue")
    assert "No letter waits to be sent again." in person.get(LIST).text
    assert "9 New Avenue" in person.get(path_of(known, letter.id)).text


def test_in_spanish_visited_and_then_let_be(scene: Scene) -> None:
    known, clerk = scene.open("utility", 50_00), staff_of(scene, "clerk", lang="es")
    page = clerk.get(path_of(known))
    assert page.heading == "Correo devuelto"
    clerk.submit("Anotarlo", {"Dirección en el sobre": "12 Old Street"})
    letter = scene.scalar("SELECT id FROM returned_mail")
    clerk.get(path_of(known, letter))
    clerk.submit("Anotarlo", {"Se hizo una visita": True}, budget=30)
    clerk.get(path_of(known, letter))
    page = clerk.submit("Anotarlo", {"No hace falta": True}, expect=422)
    assert page.errors == ["Diga por qué en pocas palabras."]
    clerk.submit("Anotarlo", {"No hace falta": True, "Nota": "La nueva factura dice lo mismo"}, budget=30)
    assert [row.handling for row in scene.rows("SELECT handling FROM returned_mail_events ORDER BY id")] == [
        "visited", "not-needed",
    ]  # fmt: skip


def test_two_who_take_the_same_letter(scene: Scene) -> None:
    known = scene.open("utility", 50_00)
    ana, ben = staff_of(scene, "clerk", name="ana"), staff_of(scene, "clerk", name="ben")
    note(ana, known)
    letter = scene.scalar("SELECT id FROM returned_mail")
    ben.get(path_of(known, letter))
    handle(ana, known, letter, {"Sent to": "9 New Avenue"})
    before = standing(scene)
    page = ben.submit("Note it", {"Entered by mistake": True, "Note": "Wrong person"}, expect=422, budget=30)
    assert page.errors == ["Somebody dealt with this letter before you did."]
    assert "9 New Avenue" in page.text, "what was done meanwhile is shown"
    assert standing(scene) == before


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({}, "Enter the address."),
        ({"Sent to": "9 New Avenue", "On": "tomorrow"}, "That day has not come yet. Choose today or an earlier day."),
        ({"Entered by mistake": True}, "Say why in a few words."),
        ({"Sent to": "9 New Avenue", "On": ""}, "Choose the day on which it was done."),
        ({"Sent to": CARD}, "Do not type a card number here."),
        ({"Note": CARD}, "Do not type a card number here."),
    ],
)
def test_what_cannot_be_is_refused(scene: Scene, values: dict[str, str | bool], said: str) -> None:
    known, clerk = scene.open("utility", 50_00), staff_of(scene, "clerk")
    note(clerk, known)
    before = standing(scene)
    if values.get("On") == "tomorrow":
        values = {**values, "On": (scene.today + timedelta(days=1)).isoformat()}
    page = handle(clerk, known, scene.scalar("SELECT id FROM returned_mail"), values, expect=422)
    assert page.errors[0].startswith(said)
    assert CARD not in page.html
    assert standing(scene) == before


def test_a_letter_of_tomorrow_or_of_no_kind_is_not_noted(scene: Scene) -> None:
    known, clerk = scene.open("utility", 50_00), staff_of(scene, "clerk")
    tomorrow = (scene.today + timedelta(days=1)).isoformat()
    page = note(clerk, known, expect=422, **{"Came back on": tomorrow})
    assert page.errors == ["That day has not come yet. Choose today or an earlier day."]
    page = note(clerk, known, expect=422, **{"What came back": "pigeon"})
    assert page.errors == ["Choose one from the list."]
    for field in ("Address on it", "Number on it", "What the post wrote on it"):
        page = note(clerk, known, expect=422, **{field: CARD})
        assert page.errors[0].startswith("Do not type a card number here.")
    assert standing(scene) == ([], [])


def test_what_is_not_for_a_person_is_neither_in_the_queue_nor_there(scene: Scene) -> None:
    known, other, clerk = scene.open("utility", 50_00), scene.open("utility", 20_00), staff_of(scene, "clerk")
    note(clerk, known)
    letter = scene.scalar("SELECT id FROM returned_mail")
    clerk.get(path_of(other, letter), expect=404)
    clerk.get(path_of(known, letter))
    action, data = clerk.filled("Note it", {"Sent to": "9 New Avenue"})
    scene.run_as_owner(f"UPDATE customer_accounts SET is_protected = true WHERE id = {known.id}")
    before = standing(scene)
    assert "No letter waits" in clerk.get(LIST).text
    clerk.post(action, data, expect=404)
    assert standing(scene) == before
    assert "12 Old Street" in staff_of(scene, "supervisor").get(LIST).text


def test_the_queue_is_paged_and_finds_a_letter_without_an_account(scene: Scene) -> None:
    known, clerk = scene.open("utility", 50_00), staff_of(scene, "clerk")
    scene.run_as_owner(
        "INSERT INTO returned_mail (customer_id, returned_on, address, address_key, mail_kind, reference, evidence,"
        " actor_id, at) SELECT customer_id, current_date, '7 Oak ' || n, '7 oak ' || n, 'notice', '', '',"
        " (SELECT min(id) FROM actors), now() FROM customer_accounts, generate_series(1, 60) AS n"
        f" WHERE id = {known.id}"
    )
    page = clerk.get(LIST)
    assert "7 Oak 50" in page.text
    assert "7 Oak 51" not in page.text
    assert path_of(known, scene.scalar("SELECT min(id) FROM returned_mail")) in page.html
    (more,) = page.soup.select('a[rel="next"]')
    assert "7 Oak 60" in clerk.get(str(more["href"])).text
