"""Opening an account without a script: three steps, nothing lost between them, the bill code told once."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest

from tests.page_client import Page, PageClient
from tests.portal.scene import Scene
from tests.portal.staff.people import actor_of, staff_of

CARD = "4242 4242 4242 4242"
NEW = "/staff/openings/new"
WHO: dict[str, str | bool] = {
    "Name": "Ana Ruiz", "Last name": "Ruiz", "Phone": "209 555 0142", "Street address": "12 Oak Street",
    "City": "Río Claro", "ZIP code": "93706",
}  # fmt: skip
WHAT: dict[str, str | bool] = {
    "They are": "tenant", "Document seen": "lease", "Water": "water-fixed+water-usage", "Sewer": "sewer-residential",
    "Number of a new meter": "M-77", "First read": "120", "Billing cycle": "1",
}  # fmt: skip


@pytest.fixture(autouse=True)
def _the_city_is_read(scene: Scene) -> None:
    scene.wired.city()


def go(clerk: PageClient, button: str, values: dict[str, str | bool] | None = None, expect: int = 200) -> Page:
    return clerk.submit(button, values or {}, expect=expect, budget=60)


def standing(scene: Scene) -> list[Any]:
    tables = ("customers", "premises", "customer_accounts", "utility_services", "meters", "meter_reads", "licenses")
    return [scene.rows(f"SELECT * FROM {table} ORDER BY 1") for table in tables]


def code_of(page: Page) -> str:
    found = re.search(r"\b[A-HJ-NP-Z2-9]{8}\b", page.text)
    assert found, page.text
    return found.group()


def to_the_check(clerk: PageClient, **changes: str) -> Page:
    clerk.get(NEW)
    go(clerk, "Continue", WHO)
    return go(clerk, "Continue", {**WHAT, **changes})


@pytest.mark.parametrize("role", ["clerk", "supervisor", "license_officer"])
def test_a_utility_account_for_somebody_new_at_a_new_place(scene: Scene, role: str) -> None:
    person = staff_of(scene, role)
    before = standing(scene)
    page = to_the_check(person)
    for words in ("Ana Ruiz, new here", "12 Oak Street", "Water, fixed charge", "M-77", "Lease", "120"):
        assert words in page.text
    assert standing(scene) == before, "nothing before the last button"
    page = go(person, "Open the account", expect=303)
    (account,) = scene.rows("SELECT id, reference, status, opened_on FROM customer_accounts")
    assert page.location == f"/staff/accounts/{account.reference}/opened"
    assert (account.status, account.opened_on) == ("open", scene.today)
    page = person.follow()
    code = code_of(page)
    assert account.reference in page.text.replace("-", "")
    assert [row.role for row in scene.rows("SELECT role FROM premises_roles")] == ["tenant"]
    services = scene.rows("SELECT service, rate_code FROM utility_services ORDER BY id")
    assert services == [("water", "water-fixed+water-usage"), ("sewer", "sewer-residential")]
    assert scene.rows("SELECT serial, value FROM meters m JOIN meter_reads r ON r.meter_id = m.id") == [("M-77", 120)]
    (line,) = scene.rows("SELECT actor_id, details FROM audit_entries WHERE act = 'account-opened'")
    assert (line.actor_id, line.details["documents"]) == (actor_of(scene, person), ["lease"])
    again = person.get(f"/staff/accounts/{account.reference}/opened")
    assert code not in again.html, "told once"
    assert "The bill code was shown once." in again.text
    assert code not in str(scene.rows("SELECT to_jsonb(k) FROM kept_forms k"))


def test_in_spanish_a_license_for_somebody_who_is_here_at_their_place(scene: Scene) -> None:
    known, clerk = scene.open("license", 10_00), staff_of(scene, "clerk", lang="es")
    page = clerk.get(f"{NEW}?customer={known.reference}", budget=20)
    assert page.heading == "Abrir una cuenta"
    assert known.number in page.text
    holder = scene.scalar("SELECT customer_id FROM customer_accounts")
    place = scene.scalar("SELECT premises_id FROM customer_accounts")
    page = go(clerk, "Buscar el lugar", {"Buscar el lugar": "1481 Elm"})
    action, data = clerk.filled("Continuar", {"Licencia comercial": True})
    assert data["customer"] == str(holder)
    clerk.post(action, {**data, "premises": str(place)}, budget=60)
    go(clerk, "Continuar", {"Tipo de negocio": "services", "Ingresos brutos": "50,000", "Documento visto": "deed"})
    go(clerk, "Abrir la cuenta", expect=303)
    ((count, places),) = scene.rows(
        "SELECT count(DISTINCT customer_id), count(DISTINCT premises_id) FROM customer_accounts"
    )
    assert (count, places) == (1, 1)
    assert scene.scalar("SELECT license_class FROM licenses ORDER BY customer_account_id DESC LIMIT 1") == "services"
    assert clerk.follow().heading == "La cuenta está abierta"


def test_nothing_is_lost_on_the_way_back_and_after_the_session_ran_out(scene: Scene) -> None:
    ana = staff_of(scene, "clerk", name="ana")
    to_the_check(ana)
    page = go(ana, "Go back")
    assert 'value="M-77"' in page.html
    page = go(ana, "Go back")
    assert 'value="12 Oak Street"' in page.html
    go(ana, "Continue")
    scene.clock.advance(minutes=30)
    page = ana.submit("Continue", {"Route": "7B"})
    assert "kept=1" in page.location
    again = staff_of(scene, "clerk", name="ana")
    page = again.get(NEW, budget=20)
    assert "What you typed has come back" in page.text
    assert 'value="7B"' in page.html
    page = go(again, "Continue")
    for words in ("Ana Ruiz, new here", "M-77", "7B"):
        assert words in page.text
    go(again, "Open the account", expect=303)
    assert scene.scalar("SELECT count(*) FROM customer_accounts") == 1
    assert "come back" not in again.get(NEW, budget=20).text


def test_a_form_sent_twice_opens_one_account(scene: Scene) -> None:
    clerk = staff_of(scene, "clerk")
    to_the_check(clerk)
    action, data = clerk.filled("Open the account", {})
    first = clerk.post(action, data, expect=303, budget=60)
    before = standing(scene)
    again = clerk.post(action, data, expect=303, budget=60)
    assert again.location == first.location
    assert standing(scene) == before
    assert code_of(clerk.follow()), "the answer that was lost is not the code that was lost"


def test_somebody_who_is_here_already_is_offered_before_they_are_doubled(scene: Scene) -> None:
    known, clerk = scene.open("utility", 50_00, phone="(209) 555-0142", name="Ana Ruiz"), staff_of(scene, "clerk")
    holder = scene.scalar("SELECT customer_id FROM customer_accounts")
    clerk.get(NEW)
    page = go(clerk, "Continue", WHO)
    assert "Is this one of them?" in page.text
    assert known.number in page.text
    action, data = clerk.filled("Continue", {})
    page = clerk.post(action, {**data, "customer": str(holder)}, budget=60)
    assert "Services" in page.text, "one step on"
    page = go(clerk, "Go back")
    page = go(clerk, "Continue", {"Somebody new": True})
    assert "Services" in page.text, "asked once only"
    go(clerk, "Continue", WHAT)
    go(clerk, "Open the account", expect=303)
    assert scene.scalar("SELECT count(*) FROM customers") == 2


def test_a_place_where_somebody_has_water_says_whose_account_is_closed_first(scene: Scene) -> None:
    known, clerk = scene.open("utility", 50_00), staff_of(scene, "clerk")
    scene.run_as_owner(
        "INSERT INTO utility_services (customer_account_id, service, rate_code, quantity, since_on)"
        f" VALUES ({known.id}, 'water', 'water-fixed+water-usage', 1, '2024-01-02')"
    )
    clerk.get(NEW)
    page = go(clerk, "Continue", {**WHO, "Street address": "1481 Elm St."})
    assert known.number in page.text, "however the address is written"
    go(clerk, "Continue", WHAT)
    before = standing(scene)
    page = go(clerk, "Open the account", expect=422)
    assert page.errors == [
        f"Somebody else has this service at the address. Close their account first. It is account {known.number}."
    ]
    assert standing(scene) == before
    scene.run_as_owner(f"UPDATE customer_accounts SET is_protected = true WHERE id = {known.id}")
    go(clerk, "Continue")
    page = go(clerk, "Open the account", expect=422)
    assert known.number not in page.html


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"Name": ""}, "Enter the name."),
        ({"Street address": ""}, "Enter the street address."),
        ({"Dwelling units": "many"}, "Enter how many."),
        ({"Name": CARD}, "Do not type a card number here."),
        ({"Find the person": CARD}, "Do not type a card number here."),
        ({"Dwelling units": CARD}, "Do not type a card number here."),
    ],
)
def test_the_first_step_refuses_what_cannot_be(scene: Scene, values: dict[str, str | bool], said: str) -> None:
    clerk, before = staff_of(scene, "clerk"), standing(scene)
    clerk.get(NEW)
    page = go(clerk, "Continue", {**WHO, **values}, expect=422)
    assert page.errors[0].startswith(said)
    assert CARD not in page.html
    assert standing(scene) == before


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"They are": ""}, "Say whether they own the place, rent it, or pay for it."),
        ({"Document seen": ""}, "The City asks for a document for this. Choose the one that you have seen."),
        ({"From": ""}, "Choose the day from which it counts."),
        ({"From": "2020-01-02"}, "That day is too far back. Choose a later one."),
        ({"Water": "", "Sewer": ""}, "Choose each service once, with a rate that is meant for it."),
        ({"Number of a new meter": ""}, "No meter stands at the address. Enter its number."),
        ({"First read": "1234567"}, "The meter cannot show that. Check the digits."),
        ({"Multiplier": "x"}, "Enter a number, like 1 or 10."),
        ({"Multiplier": "-1"}, "Check the meter: its number, its unit, its dials and its multiplier."),
        ({"Size in inches": "5/9"}, "The rate has no price for that size. Choose another."),
        ({"Water": "gold"}, "Choose one from the list."),
        *(
            ({field: CARD}, "Do not type a card number here.")
            for field in ("From", "About the document", "Number of a new meter", "First read", "Multiplier", "Route")
        ),
    ],
)
def test_the_second_step_refuses_what_cannot_be(scene: Scene, values: dict[str, str | bool], said: str) -> None:
    clerk, before = staff_of(scene, "clerk"), standing(scene)
    clerk.get(NEW)
    go(clerk, "Continue", WHO)
    page = go(clerk, "Continue", {**WHAT, **values}, expect=422)
    assert page.errors[0].startswith(said)
    assert CARD not in page.html
    assert standing(scene) == before
    if "card" not in said:
        assert 'value="M-77"' in page.html or "Number of a new meter" in values, "what was typed is kept"


def test_what_is_wrong_on_the_first_step_leads_back_to_it(scene: Scene) -> None:
    clerk = staff_of(scene, "clerk")
    to_the_check(clerk)
    before = standing(scene)
    action, data = clerk.filled("Open the account", {})
    page = clerk.post(action, {**data, "phone": "555"}, expect=422, budget=60)
    assert page.errors == ["Enter the phone number with its area code, like 209 555 0142."]
    assert 'value="555"' in page.html
    assert standing(scene) == before


def test_a_person_who_is_not_for_the_clerk_is_not_offered_and_not_opened_for(scene: Scene) -> None:
    known, hidden, clerk = scene.open("utility", 50_00), scene.open("license", 20_00), staff_of(scene, "clerk")
    holder = scene.scalar(f"SELECT customer_id FROM customer_accounts WHERE id = {known.id}")
    scene.run_as_owner(
        f"UPDATE customer_accounts SET is_protected = true, customer_id = {holder} WHERE id = {hidden.id}"
    )
    clerk.get(f"{NEW}?customer={hidden.reference}", expect=404)
    clerk.get(NEW)
    page = go(clerk, "Find the person", {"Find the person": "López Ruiz"})
    assert known.number not in page.text
    to_the_check(clerk)
    before = standing(scene)
    action, data = clerk.filled("Open the account", {})
    page = clerk.post(action, {**data, "customer": str(holder)}, expect=422, budget=60)
    assert page.errors == ["You cannot open an account for this person. Ask a supervisor."]
    assert standing(scene) == before


def test_who_searched_for_whom_is_written_down_once(
    scene: Scene,
) -> None:
    known, clerk = scene.open("utility", 50_00), staff_of(scene, "clerk")
    clerk.get(NEW)
    page = go(clerk, "Continue", {"Find the person": "López"})
    assert known.number in page.text, "Enter in the search field searches"
    go(clerk, "Find the place", {"Find the place": "1481 Elm"})
    lines = scene.rows("SELECT details FROM audit_entries WHERE act = 'accounts-searched' ORDER BY id")
    assert [line.details["asked"] for line in lines] == ["López", "1481 Elm"]


def test_an_account_may_begin_some_days_ahead(scene: Scene) -> None:
    clerk, day = staff_of(scene, "clerk"), scene.today + timedelta(days=5)
    to_the_check(clerk, From=day.isoformat())
    go(clerk, "Open the account", expect=303)
    assert scene.scalar("SELECT opened_on FROM customer_accounts") == day
