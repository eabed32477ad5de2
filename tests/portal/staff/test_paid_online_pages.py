"""The pages of mail and of paper receipts while the same bill may be paid online: what the clerk is told first."""

from __future__ import annotations

from tests.page_client import PageClient
from tests.portal.scene import Known, Scene, add, leave
from tests.portal.staff.people import actor_of, staff_of
from tests.portal.staff.test_mail_pages import ENTER, begin
from tests.portal.staff.tills import open_counter
from tests.sandbox_server import pay_hosted_page

BUDGET = 90


def guest_leaves(scene: Scene, known: Known) -> str:
    """Somebody at home is on the payment page of the bill; its address."""
    guest = scene.guest()
    add(guest, known)
    return leave(guest)


def check_of(known: Known) -> dict[str, str]:
    return {"Scan line or account": known.number, "Amount": "60", "Number of the check": "77", "Bank": "River"}


def acts(scene: Scene, act: str) -> int:
    return int(scene.scalar("SELECT count(*) FROM audit_entries WHERE act = :act", act=act))


def payments(scene: Scene) -> int:
    return int(scene.scalar("SELECT count(*) FROM payments"))


def test_a_page_that_is_open_is_closed_and_the_clerk_is_told(scene: Scene) -> None:
    known, clerk = scene.open("utility", 60_00), staff_of(scene, "cashier", name="rosa")
    begin(scene, clerk, 1, "60.00")
    guest_leaves(scene, known)
    clerk.submit(ENTER, check_of(known), budget=BUDGET)
    page = clerk.follow(budget=20)
    assert "A payment page for the same was open. It was closed." in page.text
    assert scene.scalar("SELECT state FROM attempts") == "expired"


def test_a_check_for_what_was_just_paid_online_is_entered_only_knowingly(scene: Scene) -> None:
    known, clerk = scene.open("utility", 60_00), staff_of(scene, "cashier", name="rosa")
    begin(scene, clerk, 1, "60.00")
    pay_hosted_page(guest_leaves(scene, known))
    for typed in (check_of(known), {}):
        page = clerk.submit(ENTER, typed, expect=422, budget=BUDGET)
        assert page.errors == ["$60.00 for the same came in online just now. Nothing was entered."]
        assert "A check can go back to its sender." in page.text
        assert payments(scene) == 1
    clerk.submit(ENTER, {"Enter it all the same": True}, budget=BUDGET)
    assert "Number 1 is entered" in clerk.follow(budget=20).text
    assert (payments(scene), acts(scene, "taken-after-paid-online")) == (2, 1)
    assert scene.scalar("SELECT kind FROM exception_lines") == "second-payment"


def test_where_the_processor_is_silent_it_is_said(scene: Scene) -> None:
    known, clerk = scene.open("utility", 60_00), staff_of(scene, "cashier", name="rosa")
    path = begin(scene, clerk, 1, "60.00")
    guest_leaves(scene, known)
    scene.sandbox.fault("before", match="/expire", count=2)
    page = clerk.submit(ENTER, check_of(known), expect=422, budget=BUDGET)
    assert page.errors == [
        "The payment page for the same could not be closed, so it may still be paid online. Nothing was entered."
    ]
    assert payments(scene) == 0
    assert "Enter it all the same" not in clerk.get(path).text, "named only where something is in the way"


def test_a_paper_receipt_for_what_was_just_paid_online(scene: Scene) -> None:
    known, rosa, book = _with_a_book(scene)
    pay_hosted_page(guest_leaves(scene, known))
    rosa.get(book)
    typed = {"Number on the paper": "2", "Day on the paper": scene.today.isoformat(), "Amount": "60.00",
             "Scan line or account": known.number, "Or something": ""}  # fmt: skip
    for more in (typed, {}):
        page = rosa.submit("Enter it", more, expect=422, budget=BUDGET)
        assert page.errors == ["$60.00 for the same came in online just now. Nothing was entered."]
    rosa.submit("Enter it", {"Enter it all the same": True}, budget=BUDGET)
    assert "is entered." in rosa.follow(budget=20).text
    assert (payments(scene), acts(scene, "taken-after-paid-online")) == (2, 1)


def test_a_paper_receipt_closes_the_page(scene: Scene) -> None:
    known, rosa, book = _with_a_book(scene)
    guest_leaves(scene, known)
    rosa.get(book)
    typed = {"Number on the paper": "2", "Day on the paper": scene.today.isoformat(), "Amount": "60.00"}
    rosa.submit("Enter it", {**typed, "Scan line or account": known.number}, budget=BUDGET)
    assert "It was closed." in rosa.follow(budget=20).text
    assert (payments(scene), scene.scalar("SELECT state FROM attempts")) == (1, "expired")


def test_the_same_in_spanish(scene: Scene) -> None:
    known, clerk = scene.open("utility", 60_00), staff_of(scene, "cashier", name="rosa")
    path = begin(scene, clerk, 1, "60.00")
    pay_hosted_page(guest_leaves(scene, known))
    clerk = staff_of(scene, "cashier", name="rosa", lang="es")
    clerk.get(path)
    typed = {"Línea de escaneo o cuenta": known.number, "Importe": "60", "Número del cheque": "77", "Banco": "River"}
    page = clerk.submit("Ingresar y seguir", typed, expect=422, budget=BUDGET)
    assert page.errors == ["Acaban de entrar $60.00 en línea por lo mismo. No se ingresó nada."]
    assert "Un cheque puede devolverse a quien lo envió." in page.text
    clerk.submit("Ingresar y seguir", {"Ingresarlo de todos modos": True}, budget=BUDGET)
    clerk.follow(budget=20)
    assert payments(scene) == 2


def _with_a_book(scene: Scene) -> tuple[Known, PageClient, str]:
    known, rosa = scene.open("utility", 60_00), open_counter(scene).rosa
    sofia = staff_of(scene, "supervisor", name="sofia")
    sofia.get("/staff/manual-receipts/new")
    given = {"Code of the book": "AB", "First number": "1", "Last number": "50"}
    sofia.submit("Issue it", {**given, "For whom": str(actor_of(scene, rosa))}, budget=40)
    return known, rosa, f"/staff/manual-receipts/{scene.scalar('SELECT id FROM manual_books')}"
