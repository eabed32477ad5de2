"""Accounts that end and go on: what stays owed is said before, and nothing of it is lost."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.page_client import PageClient
from tests.portal.scene import Known, Scene
from tests.portal.staff.people import actor_of, staff_of

CARD = "4242 4242 4242 4242"
ONE = timedelta(days=1)


@pytest.fixture(autouse=True)
def _the_city_is_read(scene: Scene) -> None:
    scene.wired.city()


def closing(known: Known) -> str:
    return f"/staff/accounts/{known.reference}/closings/new"


def reopening(known: Known) -> str:
    return f"/staff/accounts/{known.reference}/reopenings/new"


def state(scene: Scene, known: Known) -> Any:
    (row,) = scene.rows("SELECT status, closed_on FROM customer_accounts WHERE id = :id", id=known.id)
    return row


def standing(scene: Scene) -> list[Any]:
    tables = (
        "customer_accounts",
        "customers",
        "customer_changes",
        "utility_services",
        "meter_reads",
        "premises_roles",
    )
    return [scene.rows(f"SELECT * FROM {table} ORDER BY id") for table in tables]


def with_meter(scene: Scene, known: Known) -> None:
    """Water by a meter that showed 120 ten days ago."""
    where = f"WHERE id = {known.id}"
    scene.run_as_owner(
        "INSERT INTO meters (premises_id, serial, size, unit, dials, multiplier, installed_on)"
        f" SELECT premises_id, 'M-' || id, '3/4', 'CCF', 5, 1, opened_on FROM customer_accounts {where}"
    )
    scene.run_as_owner(
        "INSERT INTO meter_reads (meter_id, read_on, value, kind)"
        " SELECT max(id), CAST(:on AS date), 120, 'actual' FROM meters", on=scene.today - 10 * ONE,
    )  # fmt: skip
    scene.run_as_owner(
        "INSERT INTO utility_services (customer_account_id, service, rate_code, quantity, since_on)"
        f" SELECT id, 'water', 'water-fixed+water-usage', 1, opened_on FROM customer_accounts {where}"
    )


def close(scene: Scene, clerk: PageClient, known: Known) -> None:
    clerk.get(closing(known))
    clerk.submit("Close the account", {"Why": "Moves to Lodi"}, budget=40)


@pytest.mark.parametrize("role", ["clerk", "supervisor", "license_officer"])
def test_what_stays_owed_is_said_and_then_the_account_ends(scene: Scene, role: str) -> None:
    known, person = scene.open("utility", 50_00, past_due=[20_00]), staff_of(scene, role)
    with_meter(scene, known)
    page = person.get(closing(known))
    assert page.amounts[:2] == ["$70.00", "$20.00"]
    assert f"Meter M-{known.id} showed 120 on" in page.text
    assert "These services end with it: Water." in page.text
    page = person.submit(
        "Close the account",
        {"Why": "Moves to Lodi", "Final read": "134", "Where the final bill goes": "9 Pine St, Lodi"}, budget=40,
    )  # fmt: skip
    assert page.location == f"/staff/accounts/{known.reference}"
    assert state(scene, known) == ("closed", scene.today)
    assert scene.balance(known).cents == 70_00, "closing takes nothing off"
    assert scene.scalar("SELECT value FROM meter_reads WHERE kind = 'final'") == 134
    assert scene.scalar("SELECT until_on FROM utility_services") == scene.today + ONE
    ((wanted, on),) = scene.rows("SELECT wanted, effective_on FROM customer_changes")
    assert (wanted, on) == ({"mailing_address": "9 Pine St, Lodi"}, scene.today + ONE)
    (line,) = scene.rows("SELECT actor_id, details FROM audit_entries WHERE act = 'account-closed'")
    assert (line.actor_id, line.details["reason"]) == (actor_of(scene, person), "Moves to Lodi")
    assert "This account is closed since" in person.get(closing(known)).text


def test_in_spanish_a_license_ends_and_goes_on_without_a_gap(scene: Scene) -> None:
    known, clerk = scene.open("license", 80_00), staff_of(scene, "clerk", lang="es")
    page = clerk.get(closing(known))
    assert page.heading == "Cerrar la cuenta"
    clerk.submit("Cerrar la cuenta", {"Por qué": "Cerró el negocio"}, budget=40)
    assert state(scene, known).status == "closed"
    assert scene.scalar("SELECT ceased_on FROM licenses") == scene.today
    clerk.get(reopening(known))
    before = standing(scene)
    page = clerk.submit("Reabrirla", {"Por qué": "Se arrepintió"}, expect=422)
    assert page.errors == ["La cuenta no estaba abierta ese día. Revise las fechas."]
    assert standing(scene) == before
    tomorrow = (scene.today + ONE).isoformat()
    clerk.submit("Reabrirla", {"Por qué": "Se arrepintió", "Abierta de nuevo desde": tomorrow}, budget=40)
    assert state(scene, known) == ("open", None)
    assert scene.scalar("SELECT ceased_on FROM licenses") is None


def test_services_go_on_unless_somebody_else_has_them_now(scene: Scene) -> None:
    known, other = scene.open("utility", 50_00), scene.open("utility", 10_00)
    clerk = staff_of(scene, "clerk")
    with_meter(scene, known)
    close(scene, clerk, known)
    scene.run_as_owner(
        "UPDATE customer_accounts SET premises_id = (SELECT premises_id FROM customer_accounts"
        f" WHERE id = {known.id}) WHERE id = {other.id}"
    )
    scene.run_as_owner(
        "INSERT INTO utility_services (customer_account_id, service, rate_code, quantity, since_on)"
        f" VALUES ({other.id}, 'water', 'water-fixed+water-usage', 1, current_date)"
    )
    clerk.get(reopening(known))
    before, tomorrow = standing(scene), (scene.today + ONE).isoformat()
    typed: dict[str, str | bool] = {"Why": "Stays after all", "Open again from": tomorrow}
    page = clerk.submit("Open it again", typed, expect=422, budget=40)
    assert page.errors == ["Somebody else has this service at the address. Close their account first."]
    assert other.reference in page.html
    assert standing(scene) == before
    scene.run_as_owner(f"UPDATE customer_accounts SET is_protected = true WHERE id = {other.id}")
    page = clerk.submit("Open it again", typed, expect=422, budget=40)
    assert other.reference not in page.html, "who lives there now is not for everybody"
    scene.run_as_owner("UPDATE customer_accounts SET status = 'closed', closed_on = '2025-01-31'"
                       f" WHERE id = {other.id}")  # fmt: skip
    clerk.submit("Open it again", typed, budget=40)
    assert state(scene, known).status == "open"
    assert scene.scalar("SELECT count(*) FROM utility_services WHERE until_on IS NULL") == 2


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"Why": ""}, "Say why in a few words."),
        ({"Last day": ""}, "Choose the last day."),
        ({"Last day": "2024-06-03"}, "That day is too far back. Choose a later one."),
        ({"Last day": "2099-01-02"}, "That day is too far ahead. Choose an earlier one."),
        ({"Final read": "about 130"}, "Enter the digits that the meter shows."),
        ({"Final read": "999999"}, "The meter cannot show that. Check the digits."),
        ({"Why": f"card {CARD}"}, "Do not type a card number here."),
        ({"Final read": CARD}, "Do not type a card number here."),
        ({"Last day": CARD}, "Do not type a card number here."),
        ({"Where the final bill goes": CARD}, "Do not type a card number here."),
        ({"About the document": CARD}, "Do not type a card number here."),
    ],
)
def test_what_cannot_be_is_refused_and_the_account_stays_open(
    scene: Scene, values: dict[str, str], said: str
) -> None:
    known, clerk = scene.open("utility", 50_00), staff_of(scene, "clerk")
    with_meter(scene, known)
    clerk.get(closing(known))
    before = standing(scene)
    page = clerk.submit("Close the account", {"Why": "Moves", **values}, expect=422, budget=40)
    assert page.errors[0].startswith(said)
    assert CARD not in page.html
    assert standing(scene) == before


def test_an_owner_needs_proof_of_sale(scene: Scene) -> None:
    known, clerk = scene.open("utility", 50_00), staff_of(scene, "clerk")
    scene.run_as_owner(
        "INSERT INTO premises_roles (premises_id, customer_id, role, since_on)"
        f" SELECT premises_id, customer_id, 'owner', opened_on FROM customer_accounts WHERE id = {known.id}"
    )
    page = clerk.get(closing(known))
    assert "An owner needs one of these: Escrow closing papers" in page.text
    before = standing(scene)
    page = clerk.submit("Close the account", {"Why": "Sold"}, expect=422, budget=40)
    assert page.errors == ["The City asks for a document for this. Choose the one that you have seen."]
    assert standing(scene) == before
    clerk.submit("Close the account", {"Why": "Sold", "Document seen": "escrow-papers"}, budget=40)
    assert state(scene, known).status == "closed"


def test_two_close_the_same_account(scene: Scene) -> None:
    known = scene.open("utility", 50_00)
    ana, ben = staff_of(scene, "clerk", name="ana"), staff_of(scene, "clerk", name="ben")
    ben.get(closing(known))
    close(scene, ana, known)
    before = standing(scene)
    page = ben.submit(
        "Close the account", {"Why": "Moves", "Where the final bill goes": "1 A St"}, expect=422, budget=40
    )
    assert page.errors == ["This account is closed already."]
    assert standing(scene) == before, "the mail goes nowhere else either"


def test_a_citation_and_an_open_account_are_told_so(scene: Scene) -> None:
    ticket, known, clerk = scene.open("citation", 60_00), scene.open("utility", 1_00), staff_of(scene, "clerk")
    assert "A parking ticket is not closed here." in clerk.get(closing(ticket)).text
    assert "A parking ticket is not opened again here." in clerk.get(reopening(ticket)).text
    assert "This account is open." in clerk.get(reopening(known)).text
