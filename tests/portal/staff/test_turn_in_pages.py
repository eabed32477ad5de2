"""What departments bring, and paper receipts, by their pages."""

from __future__ import annotations

from tests.page_client import PageClient
from tests.portal.scene import Scene
from tests.portal.staff.people import actor_of, staff_of
from tests.portal.staff.tills import open_counter, token


def cashier(scene: Scene) -> PageClient:
    """Somebody with an open drawer."""
    return open_counter(scene).rosa


def test_a_department_s_sheet_is_taken_and_another_is_not(scene: Scene) -> None:
    rosa = cashier(scene)
    sheet = {
        "Department": "Library", "Who brought it": "Lena Ortiz", "What for": "library-turn-in", "Amount": "45.00",
        "Cash by the sheet": "25.00", "20-dollar notes": "1", "Checks by the sheet, total": "20.00",
        "Each check": "77 River Bank 20.00",
    }  # fmt: skip
    rosa.get("/staff/turn-ins/new")
    page = rosa.submit("Take it", {**sheet, "5-dollar notes": "0"}, expect=422, budget=40)
    assert page.errors == ["You counted something else than the sheet says. Count again together."]
    page = rosa.submit("Take it", {**sheet, "5-dollar notes": "1", "Each check": "77"}, expect=422, budget=40)
    assert page.errors[0].startswith("Write number, bank and amount")
    assert scene.scalar("SELECT count(*) FROM payments") == 0
    rosa.submit("Take it", {**sheet, "5-dollar notes": "1"}, budget=60)
    page = rosa.follow(budget=20)
    assert "Lena Ortiz" in page.text
    token = scene.scalar("SELECT token FROM receipts")
    assert "brought by Library" in rosa.get(f"/receipts/{token}", budget=20).text


def test_without_a_drawer_nothing_is_taken(scene: Scene) -> None:
    rosa = staff_of(scene, "cashier", name="rosa", lang="es")
    page = rosa.get("/staff/turn-ins/new")
    assert page.heading == "Recibir el dinero de un departamento"
    assert page.soup.select("main form") == []
    data = {"csrf_token": token(rosa), "department": "Library"}
    rosa.post("/staff/turn-ins/new", data, expect=200, budget=40)
    assert scene.scalar("SELECT count(*) FROM payments") == 0


def test_paper_receipts_from_the_book_to_the_last_number(scene: Scene) -> None:
    known, rosa, sofia = scene.open("utility", 60_00), cashier(scene), staff_of(scene, "supervisor", name="sofia")
    sofia.get("/staff/manual-receipts/new")
    wrong = sofia.submit("Issue it", {"Code of the book": "a b", "First number": "1", "Last number": "50",
                                      "For whom": str(actor_of(scene, rosa))}, expect=422, budget=30)  # fmt: skip
    assert wrong.errors[0].startswith("Check the book")
    sofia.submit("Issue it", {"Code of the book": "AB"}, budget=30)
    book = f"/staff/manual-receipts/{scene.scalar('SELECT id FROM manual_books')}"
    rosa.get(book)
    typed = {"Number on the paper": "2", "Day on the paper": scene.today.isoformat(), "Amount": "20.00",
             "Scan line or account": known.number}  # fmt: skip
    page = rosa.submit("Enter it", {**typed, "Or something": "copy"}, expect=422, budget=40)
    assert page.errors == ["Enter an account, or choose what was sold."]
    rosa.submit("Enter it", {**typed, "Or something": ""}, budget=60)
    page = rosa.follow(budget=20)
    assert "Numbers of which nothing is known" in page.text
    assert scene.balance(known).cents == 40_00
    page = rosa.submit("Enter it", typed, expect=422, budget=60)
    assert page.errors == ["That number was entered or voided before. Nothing was done twice."]
    assert scene.balance(known).cents == 40_00
    rosa.get(f"{book}/spoiled")
    rosa.submit(
        "Account for it", {"Day on the paper": scene.today.isoformat(), "What became of it": "Torn"}, budget=30
    )
    assert "Numbers of which nothing is known" not in rosa.follow(budget=20).text
    assert "No gap" in rosa.get("/staff/manual-receipts").text
    token = scene.scalar("SELECT token FROM receipts")
    assert "paper receipt AB-0002" in rosa.get(f"/receipts/{token}", budget=20).text
