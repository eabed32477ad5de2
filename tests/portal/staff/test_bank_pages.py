"""Deposits and statements at their pages: prepared by one, sealed by another, explained by a third."""

from __future__ import annotations

import io

import pytest
from pypdf import PdfReader

from accounts.database import transaction
from portal.acts import acts_under
from tests.factories.bank_files import Told, bai2
from tests.factories.desk import Desk
from tests.factories.vault import Vault, vault_of
from tests.page_client import PageClient
from tests.portal.scene import Scene
from tests.portal.staff.people import staff_of

NOTES = {"100-dollar notes": "1", "20-dollar notes": "1", "5-dollar notes": "1"}
CHECKS = {"How many checks and money orders": "2", "Checks and money orders, total": "100.00"}


@pytest.fixture
def vault(scene: Scene) -> Vault:
    ruling = scene.wired.city()
    return vault_of(Desk(scene.sessions, ruling, acts_under(ruling), scene.clock))


@pytest.fixture
def marta(scene: Scene) -> PageClient:
    return staff_of(scene, "clerk", name="marta")


@pytest.fixture
def vera(scene: Scene) -> PageClient:
    return staff_of(scene, "supervisor", name="vera")


@pytest.fixture
def felix(scene: Scene) -> PageClient:
    return staff_of(scene, "finance", name="felix")


def prepared(vault: Vault, marta: PageClient) -> str:
    """A bag that waits to be verified; its page."""
    batch = vault.worked(125_00, [40_00, 60_00])
    marta.get(f"/staff/bank-deposits/new?kind=bag&batch={batch}")
    return marta.submit("This is what goes to the bank", {**NOTES, **CHECKS, "Number of the bag": "B-0042"}).location


def read_in(felix: PageClient, content: bytes, expect: int = 303, **more: str) -> None:
    token = felix.get("/staff/bank-statements/new").soup.select_one('input[name="csrf_token"]')
    assert token is not None
    data = {"csrf_token": str(token["value"]), "bank_account": "general", **more,
            "file": (io.BytesIO(content), "day.bai")}  # fmt: skip
    felix.post("/staff/bank-statements/new", data, expect=expect, budget=60)  # type: ignore[arg-type]


def test_a_bag_from_the_vault_to_the_bank(vault: Vault, marta: PageClient, vera: PageClient) -> None:
    vault.worked(125_00, [40_00, 60_00], 30_00)
    waits = marta.get("/staff/bank-deposits")
    assert "$125.00" in waits.text
    assert "Settlements of card terminals" in waits.text
    page = prepared(vault, marta)
    assert "Somebody else counts it again" in marta.get(page).text
    assert "You prepared this deposit" in marta.get(f"{page}/verify").text
    again = vera.get(f"{page}/verify")
    assert "$225.00" in again.text
    assert "1001" in again.text
    off = vera.submit("It agrees: seal it", {**NOTES, **CHECKS, "20-dollar notes": "2"}, expect=422, budget=40)
    assert "Cash: $20.00 too much." in off.errors[0]
    vera.submit("It agrees: seal it", {"20-dollar notes": "1"}, budget=40)
    done = vera.follow()
    assert "Sealed and in the books" in done.text
    assert vault.desk.balances()["990-1010"] == 225_00
    wrong = vera.submit("Write it down", {"It goes to": "bank"}, expect=422, budget=30)
    assert wrong.errors == ["Enter the name."]
    vera.submit("Write it down", {"It goes to": "bank", "Name of the courier or teller, as they signed": "Ana Ruiz"},
                budget=30)  # fmt: skip
    assert "staff:vera to Ana Ruiz" in vera.follow().text.replace("Vera", "staff:vera")


def test_a_deposit_that_is_given_up_frees_its_batches(vault: Vault, marta: PageClient) -> None:
    page = prepared(vault, marta)
    marta.get(page)
    assert marta.submit("Give it up", {"Why": ""}, expect=422, budget=30).errors == ["Say why in a few words."]
    marta.submit("Give it up", {"Why": "the bag tore"}, budget=30)
    assert "$125.00" in marta.follow().text
    assert vault.desk.rows("SELECT state FROM bank_deposits") == [("given-up",)]


def test_nothing_chosen_leads_back(vault: Vault, marta: PageClient) -> None:
    assert vault.worked(5_00)
    for path in ("/staff/bank-deposits/new", "/staff/bank-deposits/new?batch=x&batch=999999999999999999999"):
        assert marta.get(path, expect=303).location == "/staff/bank-deposits"


def test_money_that_waits_is_named(scene: Scene, vault: Vault, marta: PageClient) -> None:
    vault.worked(5_00)
    assert "Money has waited too long" not in marta.get("/staff/bank-deposits").text
    vault.later(hours=25)
    marta = staff_of(scene, "clerk", name="marta")  # the session of before is over
    assert "Money has waited too long" in marta.get("/staff/bank-deposits").text


@pytest.mark.parametrize(("language", "words"), [("en", "List of checks"), ("es", "Lista de cheques")])
def test_the_slip_tells_what_is_in_the_bag(
    scene: Scene, vault: Vault, marta: PageClient, language: str, words: str
) -> None:
    page = prepared(vault, marta)
    reader = staff_of(scene, "clerk", name="lena", lang=language)
    made = reader.get(f"{page}/slip.pdf", budget=30)
    assert made.headers["Content-Type"] == "application/pdf"
    said = " ".join(sheet.extract_text() for sheet in PdfReader(io.BytesIO(made.body)).pages)
    for part in (words, "B-0042", "$225.00", "$60.00", "1002", "FOR DEPOSIT ONLY"):
        assert part in said, part
    assert scene.scalar("SELECT count(*) FROM audit_entries WHERE details ->> 'what' = 'deposit-slip'") == 1


def test_a_statement_is_read_in_explained_and_signed_off(scene: Scene, vault: Vault) -> None:
    deposit = vault.sealed(50_00, bag="B-0001")
    vault.later(hours=20)
    felix = staff_of(scene, "finance", name="felix")
    lines = [Told(50_00, "301", text="Deposit of a bag"), Told(-12_00, "698", text="Monthly service fee")]
    read_in(felix, bai2(vault.desk.today, 0, lines))
    listed = felix.follow()
    assert "2 new lines, 1 matched." in listed.text
    assert "Not explained: $12.00" in listed.text
    (statement,) = vault.desk.rows("SELECT id FROM bank_statements")[0]
    shown = felix.get(f"/staff/bank-statements/{statement}")
    rows = [row.text for row in shown.soup.select("tbody tr")]
    assert "Monthly service fee" in rows[0]
    assert f"Bank deposit {deposit}" in rows[1]
    (fee,) = vault.desk.rows("SELECT id FROM bank_lines WHERE amount_cents < 0")[0]
    felix.get(f"/staff/bank-lines/{fee}")
    assert felix.submit("Book it under this name", expect=422, budget=40).errors
    felix.submit("Book it under this name", {"Name": "bank-fee"}, budget=40)
    assert "Every line is matched or named." in felix.follow().text
    felix.submit("Sign it off", budget=40)
    assert "Signed off by" in felix.follow().text
    assert "stays as it is" in felix.get(f"/staff/bank-lines/{fee}").text


def test_candidates_are_shown_and_a_person_chooses(scene: Scene, vault: Vault) -> None:
    first = vault.sealed(50_00)
    vault.sealed(50_00)
    vault.later(hours=20)
    felix = staff_of(scene, "finance", name="felix")
    read_in(felix, bai2(vault.desk.today, 0, [Told(50_00, "301")]))
    (line,) = vault.desk.rows("SELECT id FROM bank_lines")[0]
    page = felix.get(f"/staff/bank-lines/{line}")
    assert page.text.count("$50.00") >= 3
    none = felix.submit("Match what is chosen", {"Note": "their slip"}, expect=422, budget=40)
    assert "does not come to the amount" in none.errors[0]
    felix.submit("Match what is chosen", {f"Bank deposit {first}": True, "Note": "their slip"}, budget=40)
    felix.follow()
    felix.get(f"/staff/bank-lines/{line}")
    felix.submit("Take the match back", {"Note": "wrong bag"}, budget=40)
    assert vault.desk.rows("SELECT count(*) FROM bank_matched_lines") == [(0,)]
    assert "Taken back by" in felix.get(f"/staff/bank-lines/{line}").text


def test_a_bad_file_is_refused_in_words_and_nothing_is_kept(vault: Vault, felix: PageClient) -> None:
    read_in(felix, b"01,BANK\n", expect=422)
    assert felix.page is not None
    assert "The file was refused" in felix.page.errors[0]
    read_in(felix, bai2(vault.desk.today, 0, [Told(5_00)]))
    before = vault.state()
    read_in(felix, bai2(vault.desk.today, 7_00, [Told(5_00)]), expect=422)
    assert "off by $7.00" in felix.page.errors[0]
    assert vault.state() == before


@pytest.mark.parametrize("lang", ["en", "es"])
def test_pages_cost_the_same_however_much_there_is(scene: Scene, vault: Vault, lang: str) -> None:
    costs = []
    for round_ in range(2):
        maker = staff_of(scene, "clerk", name="lena", lang=lang)
        finance = staff_of(scene, "finance", name="paco", lang=lang)
        for number in range(1 + 3 * round_):
            vault.sealed(10_00 + number, [5_00])
            vault.worked(3_00)
        day = vault.desk.today
        opening = vault.desk.rows("SELECT coalesce(sum(amount_cents), 0)::bigint FROM bank_lines")[0][0]
        read_in(finance, bai2(day, opening, [Told(1_00 + one) for one in range(1 + 3 * round_)]))
        last = vault.desk.rows("SELECT max(id) FROM bank_deposits")[0][0]
        statement = vault.desk.rows("SELECT max(id) FROM bank_statements")[0][0]
        line = vault.desk.rows("SELECT max(id) FROM bank_lines")[0][0]
        with transaction(scene.sessions):
            scene.wired.city()
        costs.append([
            len(client.get(path).statements)
            for client, path in (
                (maker, "/staff/bank-deposits"), (maker, f"/staff/bank-deposits/{last}"),
                (finance, "/staff/bank-statements"), (finance, f"/staff/bank-statements/{statement}"),
                (finance, f"/staff/bank-lines/{line}"),
            )
        ])  # fmt: skip
        vault.later(days=1)
    assert costs[0] == costs[1]
