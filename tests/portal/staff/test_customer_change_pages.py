"""Changing a customer at the counter: from a day on, on evidence, by two clerks at once, and taken back."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from portal.i18n import long_date
from tests.page_client import Page, PageClient
from tests.portal.scene import Known, Scene
from tests.portal.staff.people import actor_of, staff_of

CARD = "4242 4242 4242 4242"


@pytest.fixture(autouse=True)
def _the_city_is_read(scene: Scene) -> None:
    """A process reads its city once in a while, not for each page."""
    scene.wired.city()


def path_of(known: Known) -> str:
    return f"/staff/accounts/{known.reference}/customer-changes/new"


def record(scene: Scene, known: Known) -> Any:
    (row,) = scene.rows(
        "SELECT c.id, c.name, c.last_name, c.mailing_address, c.phone, c.email, c.language, c.version"
        "  FROM customers c JOIN customer_accounts a ON a.customer_id = c.id WHERE a.id = :id", id=known.id,
    )  # fmt: skip
    return row


def standing(scene: Scene) -> list[Any]:
    return [
        *scene.rows("SELECT * FROM customers ORDER BY id"),
        *scene.rows("SELECT * FROM customer_changes ORDER BY id"),
        *scene.rows("SELECT * FROM customer_change_outcomes ORDER BY change_id"),
    ]


def change(clerk: PageClient, known: Known, values: dict[str, str | bool], expect: int | None = None) -> Page:
    clerk.get(path_of(known))
    return clerk.submit("Make the change", values, expect=expect, budget=30)


@pytest.mark.parametrize("role", ["clerk", "supervisor", "license_officer"])
def test_those_who_may_change_a_customer_at_once(scene: Scene, role: str) -> None:
    known, person = scene.open("utility", 50_00), staff_of(scene, role)
    page = change(person, known, {"Phone": "209 555 0142", "Mailing address": "PO Box 12, Río Claro"})
    assert page.location == f"/staff/accounts/{known.reference}"
    now = record(scene, known)
    assert (now.phone, now.mailing_address, now.name) == ("209 555 0142", "PO Box 12, Río Claro", "María López Ruiz")
    ((by, after),) = scene.rows("SELECT actor_id, after FROM customer_change_outcomes")
    assert by == actor_of(scene, person)
    assert set(after) == {"phone", "mailing_address"}, "only what was typed anew"


def test_a_name_changes_on_a_document_only_and_may_stop_proving_at_once(scene: Scene) -> None:
    known, clerk = scene.open("utility", 50_00), staff_of(scene, "clerk")
    before = standing(scene)
    new = {"Name": "María Vega", "Last name": "Vega"}
    page = change(clerk, known, dict(new), expect=422)
    assert page.errors == ["The City asks for a document for this. Choose the one that you have seen."]
    assert 'value="María Vega"' in page.html, "what was typed is kept"
    assert standing(scene) == before
    proofs = "SELECT count(*) FROM account_proofs WHERE kind = 'last_name' AND good_until IS NOT NULL"
    action, data = clerk.filled("Make the change", {"The former name": True})
    clerk.post(action, {**data, "document": "court-order"}, expect=303, budget=30)
    assert record(scene, known).last_name == "Vega"
    assert scene.scalar(proofs) == 0, "the former name proves nothing, instead of for ninety days"
    ((document, forgets),) = scene.rows("SELECT document, forgets_old_name FROM customer_changes")
    assert (document, forgets) == ("court-order", True)


def test_in_spanish_and_for_a_day_to_come_then_taken_back(scene: Scene) -> None:
    known, clerk = scene.open("utility", 50_00), staff_of(scene, "clerk", lang="es")
    day = scene.today + timedelta(days=10)
    page = clerk.get(path_of(known))
    assert page.heading == "Cambiar nombre o dirección"
    clerk.submit("Hacer el cambio", {"Teléfono": "209 555 0199", "Desde": day.isoformat()}, budget=30)
    assert record(scene, known).phone == ""
    page = clerk.get(path_of(known))
    with scene.app.test_request_context("/", headers={"Cookie": "language=es"}):
        assert long_date(day) in page.text
    change_id = scene.scalar("SELECT id FROM customer_changes")
    clerk.get(f"/staff/accounts/{known.reference}/customer-changes/{change_id}/withdraw")
    before = standing(scene)
    page = clerk.submit("Retirar el cambio", {}, expect=422)
    assert page.errors == ["Diga por qué en pocas palabras."]
    assert standing(scene) == before
    clerk.submit("Retirar el cambio", {"Por qué": "Se equivocó de fecha"}, budget=30)
    assert scene.rows("SELECT outcome, note FROM customer_change_outcomes") == [("withdrawn", "Se equivocó de fecha")]
    page = clerk.get(f"/staff/accounts/{known.reference}/customer-changes/{change_id}/withdraw")
    assert "Este cambio se retiró" in page.text


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({}, "It is all as you typed it already. Nothing was changed."),
        ({"Name": ""}, "Enter the name."),
        ({"Phone": "555"}, "Enter the phone number with its area code, like 209 555 0142."),
        ({"E-mail": "ana at example"}, "Enter an e-mail address, like ana@example.com."),
        ({"Phone": "209 555 0142", "From": "2020-01-02"}, "Say why in a few words."),
        ({"Phone": "209 555 0142", "From": ""}, "Choose the day from which it counts."),
        ({"Phone": "209 555 0142", "From": "in May"}, "Enter a day of the calendar, like 2026-03-02."),
        ({"Phone": "209 555 0142", "From": "ahead"}, "That day is too far ahead. Choose an earlier one."),
    ],
)
def test_what_cannot_be_is_refused_with_what_was_typed_kept(
    scene: Scene, values: dict[str, str | bool], said: str
) -> None:
    known, clerk = scene.open("utility", 50_00), staff_of(scene, "clerk")
    if values.get("From") == "ahead":
        values = {**values, "From": date(scene.today.year + 2, 1, 2).isoformat()}
    before = standing(scene)
    page = change(clerk, known, values, expect=422)
    assert page.errors == [said]
    for value in filter(None, values.values()):
        assert f'value="{value}"' in page.html
    assert standing(scene) == before


def test_a_card_number_is_refused_in_every_field(scene: Scene) -> None:
    known, clerk = scene.open("utility", 50_00), staff_of(scene, "clerk")
    before = standing(scene)
    for label in ("Name", "Last name", "Mailing address", "Phone", "E-mail", "Why", "About the document"):
        page = change(clerk, known, {label: f"{CARD}"}, expect=422)
        assert page.errors[0].startswith("Do not type a card number here."), label
        assert CARD not in page.html
    assert standing(scene) == before


def test_two_clerks_at_once_lose_nothing_of_each_other(scene: Scene) -> None:
    known = scene.open("utility", 50_00, phone="209 555 0100")
    ana, ben = staff_of(scene, "clerk", name="ana"), staff_of(scene, "clerk", name="ben")
    ben.get(path_of(known))
    change(ana, known, {"Phone": "209 555 0111", "Mailing address": "1 First St"})
    page = ben.submit(
        "Make the change", {"E-mail": "new@example.com", "Phone": "209 555 0122"}, expect=422, budget=30
    )
    assert page.errors == [
        "Somebody changed this customer while you had the form open. Nothing was saved. Look at what is there now."
    ]
    assert "Ana did it on" in page.text
    for words in ("209 555 0100", "209 555 0111", "209 555 0122", "1 First St"):
        assert words in page.text
    now = record(scene, known)
    assert (now.phone, now.email) == ("209 555 0111", "holder1@example.com"), "nothing of Ben's was saved"
    ben.submit("Make the change", {}, budget=30)
    now = record(scene, known)
    assert (now.phone, now.email) == ("209 555 0122", "new@example.com"), "Ben has seen it, and says it again"
    assert now.mailing_address == "1 First St", "what Ben did not touch stays as Ana left it"


def test_a_blank_takes_a_value_away_also_after_the_session_ran_out(scene: Scene) -> None:
    known, clerk = scene.open("utility", 50_00), staff_of(scene, "clerk", name="ana")
    clerk.get(path_of(known))
    scene.clock.advance(minutes=30)
    clerk.submit("Make the change", {"E-mail": "", "Phone": "209 555 0142"})
    assert record(scene, known).email, "nobody was signed in"
    again = staff_of(scene, "clerk", name="ana")
    page = again.get(path_of(known))
    assert "What you typed has come back" in page.text
    again.submit("Make the change", {}, budget=30)
    assert (record(scene, known).email, record(scene, known).phone) == ("", "209 555 0142")


def test_a_person_with_an_account_that_is_not_for_the_clerk_is_not_there(scene: Scene) -> None:
    known, hidden = scene.open("utility", 50_00), scene.open("license", 20_00)
    clerk = staff_of(scene, "clerk")
    clerk.get(path_of(known))
    action, data = clerk.filled("Make the change", {"Phone": "209 555 0142"})
    scene.run_as_owner(
        "UPDATE customer_accounts SET is_protected = true,"
        f" customer_id = (SELECT customer_id FROM customer_accounts WHERE id = {known.id}) WHERE id = {hidden.id}"
    )
    before = standing(scene)
    clerk.get(path_of(known), expect=404)
    clerk.post(action, data, expect=404)
    assert standing(scene) == before
    assert staff_of(scene, "supervisor").get(path_of(known)).status == 200


def test_the_change_of_another_person_is_not_there(scene: Scene) -> None:
    known, other, clerk = scene.open("utility", 50_00), scene.open("utility", 20_00), staff_of(scene, "clerk")
    day = (scene.today + timedelta(days=3)).isoformat()
    change(clerk, other, {"Phone": "209 555 0142", "From": day})
    change_id = scene.scalar("SELECT id FROM customer_changes")
    clerk.get(f"/staff/accounts/{known.reference}/customer-changes/{change_id}/withdraw", expect=404)
