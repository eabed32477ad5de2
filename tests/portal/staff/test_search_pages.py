"""The one search box: results, suggestions that say little, one line a search, and no card number anywhere."""

from __future__ import annotations

import json

import pytest

from tests.page_client import PageClient
from tests.portal.scene import Known, Scene
from tests.portal.staff.files import hide, pay_online
from tests.portal.staff.people import actor_of, staff_of

CARD = "4242 4242 4242 4242"
SEARCHES = "SELECT actor_id, details FROM audit_entries WHERE act = 'accounts-searched' ORDER BY id"


def suggested(client: PageClient, asked: str, **more: str) -> dict[str, object]:
    arguments = "&".join(f"{name}={value}" for name, value in {"q": asked, **more}.items())
    found: dict[str, object] = json.loads(client.get(f"/staff/search/suggest?{arguments}").html)
    return found


@pytest.fixture
def lopez(scene: Scene) -> Known:
    return scene.open("utility", 50_00, 20_00, name="María López Ruiz")


@pytest.mark.parametrize(("lang", "heading"), [("en", "Search"), ("es", "Buscar")])
def test_results_name_whole_what_fits(scene: Scene, lopez: Known, lang: str, heading: str) -> None:
    page = staff_of(scene, "clerk", lang=lang).get("/staff/search?q=lopez")
    assert page.heading == heading
    assert "María López Ruiz" in page.text
    assert "1482 Elm Street" in page.text or "Elm Street" in page.text
    assert lopez.number in page.text
    assert page.amounts == ["$70.00"]
    link = page.soup.select_one(f'a[href="/staff/accounts/{lopez.reference}"]')
    assert link is not None
    assert link["data-key"] == "1", "the first results open by their number"


@pytest.mark.parametrize("typed", ["{number}", "{reference}", " {number} "])
def test_one_whole_number_opens_the_file_at_once(scene: Scene, lopez: Known, typed: str) -> None:
    clerk = staff_of(scene, "clerk")
    asked = typed.format(number=lopez.number, reference=lopez.reference)
    page = clerk.get(f"/staff/search?q={asked}", expect=303)
    assert page.location == f"/staff/accounts/{lopez.reference}"


def test_a_former_number_opens_the_file_and_a_part_of_one_does_not(scene: Scene, lopez: Known) -> None:
    scene.run_as_owner(
        "INSERT INTO account_aliases (customer_account_id, number, number_key, source)"
        f" VALUES ({lopez.id}, '10-000102-05', '1000010205', 'former')"
    )
    clerk = staff_of(scene, "clerk")
    assert clerk.get("/staff/search?q=10-000102-05", expect=303).location.endswith(lopez.reference)
    assert lopez.number in clerk.get("/staff/search?q=10-0001").text


def test_a_receipts_number_opens_that_receipt_in_the_file(scene: Scene, lopez: Known) -> None:
    receipt = pay_online(scene, lopez)
    clerk = staff_of(scene, "clerk")
    number = scene.scalar("SELECT series || '-' || year || '-' || lpad(number::text, 6, '0') FROM receipts")
    page = clerk.get(f"/staff/search?q={number}", expect=303)
    assert page.location == f"/staff/accounts/{lopez.reference}/receipts/{receipt}"
    assert number in clerk.follow().heading
    total = scene.scalar("SELECT total_cents FROM receipts")
    listed = clerk.get(f"/staff/search?q=${total / 100:.2f}")
    assert number in listed.text, "an amount is no number: the receipts of it are listed"


def test_each_search_is_one_line_however_it_was_typed(scene: Scene, lopez: Known) -> None:
    clerk = staff_of(scene, "clerk")
    for typed in ("lo", "lop", "lope", "lopez"):
        suggested(clerk, typed)
    assert scene.rows(SEARCHES) == [], "not a line for each key"
    suggested(clerk, "lopez", settled="1")
    clerk.get("/staff/search?q=lopez")
    clerk.get("/staff/search?q=zzzqqq")
    (first, second) = scene.rows(SEARCHES)
    assert first.actor_id == actor_of(scene, clerk)
    assert first.details == {"asked": "lopez", "found": 1}
    assert second.details == {"asked": "zzzqqq", "found": 0}


def test_suggestions_say_little_and_lead_on(scene: Scene, lopez: Known) -> None:
    found = suggested(staff_of(scene, "clerk"), "lopez")
    assert found["said"] == "1 account fits."
    assert found["options"] == [
        {
            "url": f"/staff/accounts/{lopez.reference}",
            "number": lopez.number,
            "kind": "Utility account",
            "holder": "M••• L••• R•••",
            "address": "1••• E•••",
            "status": "",
        }
    ]
    assert suggested(staff_of(scene, "clerk"), "zzzqqq")["said"] == "Nothing found so far."
    assert suggested(staff_of(scene, "clerk"), "l") == {"options": [], "said": ""}


@pytest.mark.parametrize("flag", ["is_protected", "is_restricted"])
def test_what_is_not_for_somebody_is_not_found_by_them(scene: Scene, lopez: Known, flag: str) -> None:
    hide(scene, lopez, flag)
    clerk, supervisor = staff_of(scene, "clerk"), staff_of(scene, "supervisor")
    for asked in ("lopez", lopez.number):
        page = clerk.get(f"/staff/search?q={asked}")
        assert "Nothing fits" in page.text
        assert suggested(clerk, asked)["options"] == []
    assert len(suggested(supervisor, "lopez")["options"]) == 1  # type: ignore[arg-type]
    words = {"is_protected": "Protected", "is_restricted": "Restricted"}[flag]
    assert words in supervisor.get("/staff/search?q=lopez").text


def test_a_card_number_is_refused_with_help_and_appears_nowhere(scene: Scene) -> None:
    clerk = staff_of(scene, "clerk")
    answer = clerk.get(f"/staff/search?q={CARD}", expect=303)
    assert "4242" not in answer.location + answer.html
    page = clerk.follow(expect=422)
    assert "A card number is not searched" in page.text
    assert "4242" not in page.html
    told = clerk.get(f"/staff/search/suggest?q={CARD.replace(' ', '')}", expect=422)
    assert json.loads(told.html)["options"] == []
    assert "4242" not in told.html
    assert scene.rows(SEARCHES) == []
    refused = scene.rows("SELECT details FROM audit_entries WHERE act = 'input-refused' ORDER BY id")
    assert [line.details["reasons"] for line in refused] == [["card-number"]] * 2
    assert "4242" not in str([tuple(line) for line in scene.rows("SELECT * FROM audit_entries")])


def test_who_may_open_accounts_is_offered_to_where_nothing_fits(scene: Scene) -> None:
    clerk, cashier = staff_of(scene, "clerk"), staff_of(scene, "cashier")
    has_page = "staff.openings_new" in scene.app.view_functions
    assert ("Open an account" in clerk.get("/staff/search?q=zzzqqq").text) == has_page
    assert "Open an account" not in cashier.get("/staff/search?q=zzzqqq").text
    assert "a part of the name" in cashier.get("/staff/search?q=zzzqqq").text


@pytest.mark.parametrize(
    ("asked", "words"), [("", "Type a number"), ("l", "Type two letters or more."), ("--", "Type letters or digits.")]
)
def test_too_little_is_said_to_be_so_and_no_search(scene: Scene, asked: str, words: str) -> None:
    page = staff_of(scene, "clerk").get(f"/staff/search?q={asked}")
    assert words in page.text


def test_the_box_is_only_there_for_those_who_may_see_accounts(scene: Scene) -> None:
    assert 'role="search"' in staff_of(scene, "clerk").get("/staff/").html
    assert 'role="search"' not in staff_of(scene, "administrator").get("/staff/").html
