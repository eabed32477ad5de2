"""The pages of the mail: logged by two, entered line by line, explained, counted; and what does not get in."""

from __future__ import annotations

from io import BytesIO

from tests.factories.lockbox import Check, lockbox_file
from tests.page_client import PageClient
from tests.portal.scene import Scene
from tests.portal.staff.people import staff_of

ENTER = "Enter and go on"


def log(scene: Scene, clerk: PageClient, remittances: int, total: str, **more: str) -> int:
    staff_of(scene, "cashier", name="tomas")
    clerk.get("/staff/mail/new")
    clerk.submit(
        "Log it",
        {"What it is": "payments", "Opened together with": str(actor(scene, "tomas")),
         "How many remittances": str(remittances), "Added up": total, **more}, budget=40,
    )  # fmt: skip
    return int(scene.scalar("SELECT max(id) FROM mail_bundles"))


def actor(scene: Scene, name: str) -> int:
    return int(scene.scalar("SELECT id FROM actors WHERE handle = :handle", handle=f"staff:{name}"))


def begin(scene: Scene, clerk: PageClient, remittances: int, total: str) -> str:
    path = f"/staff/mail/{log(scene, clerk, remittances, total)}"
    clerk.get(path)
    clerk.submit("Enter it", budget=40)
    clerk.follow(budget=20)
    return path


def test_a_bundle_from_its_log_to_its_count(scene: Scene) -> None:
    known, clerk = scene.open("utility", 60_00), staff_of(scene, "cashier", name="rosa")
    path = begin(scene, clerk, 2, "80.00")
    page = clerk.submit(
        ENTER, {"Scan line or account": known.number, "Amount": "60", "Number of the check": "77", "Bank": "River"},
        budget=60,
    )  # fmt: skip
    assert page.location == path
    page = clerk.follow(budget=20)
    assert "Number 1 is entered, paid on" in page.text
    typed = {"Amount": "20", "Number of the check": "78", "Bank": "River", "Name on the check": "J. Smith"}
    clerk.submit(ENTER, typed, budget=60)
    page = clerk.follow(budget=20)
    assert "The bundle ties." in page.text
    assert "Without an owner" in page.text
    clerk.get(f"{path}/count")
    counted = {"20-dollar notes": "0", "How many checks": "2", "Checks and money orders, total": "80"}
    clerk.submit("This is what I counted", counted, budget=60)
    assert "A second person accepts it" in clerk.follow(budget=20).text
    assert scene.scalar("SELECT state FROM drawers") == "counted"


def test_a_bundle_that_is_off_says_so_and_is_explained(scene: Scene) -> None:
    known, clerk = scene.open("utility", 60_00), staff_of(scene, "cashier", name="rosa")
    path = begin(scene, clerk, 2, "100.00")
    clerk.submit(
        ENTER, {"Scan line or account": known.number, "Amount": "60", "Number of the check": "77", "Bank": "River"},
        budget=60,
    )  # fmt: skip
    clerk.get(f"{path}/count")
    counted = {"20-dollar notes": "0", "How many checks": "1", "Checks and money orders, total": "60"}
    page = clerk.submit("This is what I counted", counted, expect=422, budget=60)
    assert page.errors[0].endswith("Missing: 1 remittance, $40.00.")
    assert scene.scalar("SELECT count(*) FROM drawer_counts") == 0
    clerk.get(f"{path}/explain")
    page = clerk.submit("Keep the explanation", {"How much": "a lot"}, expect=422, budget=40)
    assert scene.scalar("SELECT count(*) FROM mail_explanations") == 0
    clerk.submit("Keep the explanation", {"How much": "40.00", "Why": "Made out to somebody else"}, budget=40)
    assert "The bundle ties." in clerk.follow(budget=20).text


def test_what_is_not_taken_is_said_and_changes_nothing(scene: Scene) -> None:
    known, clerk = scene.open("utility", 60_00), staff_of(scene, "cashier", name="rosa")
    begin(scene, clerk, 2, "100.00")
    good = {"Scan line or account": known.number, "Amount": "60", "Number of the check": "77", "Bank": "River",
            "Date on the check": "", "Further accounts that it pays": "", "Routing number": ""}  # fmt: skip
    for wrong, said in (
        ({"Scan line or account": "999-999-999"}, "No one account has this number"),
        ({"Scan line or account": "0034567890111019600000000001000000000100" + "08"}, "That is not the line"),
        ({"Number of the check": ""}, ""),
        ({"Date on the check": "2099-01-01"}, "The check is dated on a later day"),
        ({"Further accounts that it pays": "what is this"}, "Write an account and an amount on each line"),
        ({"Further accounts that it pays": f"{known.number} 70.00"}, "come to more than the check"),
        ({"Routing number": "121000249"}, "not the routing number"),
    ):
        page = clerk.submit(ENTER, {**good, **wrong}, expect=422, budget=60)
        assert page.errors
        assert said in page.errors[0]
    action, data = clerk.filled(ENTER, {**good, "Date on the check": "", "Further accounts that it pays": "",
                                        "Routing number": ""})  # fmt: skip
    page = clerk.post(action, {name: value for name, value in data.items() if name != "made_out_to_city"},
                      expect=422, budget=60)  # fmt: skip
    assert page.errors
    assert scene.scalar("SELECT count(*) FROM payments") == 0
    assert scene.scalar("SELECT count(*) FROM sales") == 0


def test_mail_that_is_not_logged(scene: Scene) -> None:
    clerk = staff_of(scene, "cashier", name="rosa")
    staff_of(scene, "cashier", name="tomas")
    clerk.get("/staff/mail/new")
    page = clerk.submit("Log it", {"What it is": "payments"}, expect=422, budget=40)
    assert page.errors == ["Count the remittances and add them up before you log the bundle."]
    page = clerk.submit("Log it", {"What it is": "letters"}, expect=422, budget=40)
    assert page.errors == ["Say who deals with it: a person or a division."]
    assert scene.scalar("SELECT count(*) FROM mail_bundles") == 0


def test_other_mail_is_handed_on_in_spanish_too(scene: Scene) -> None:
    clerk = staff_of(scene, "cashier", name="rosa", lang="es")
    staff_of(scene, "cashier", name="tomas")
    page = clerk.get("/staff/mail/new")
    assert page.heading == "Registrar un paquete de correo"
    division = scene.city.desk_policy(scene.today).divisions[0].code
    clerk.submit("Registrarlo", {"Qué es": "letters", "División que se encarga": division}, budget=40)
    page = clerk.follow(budget=20)
    assert page.heading == "Correo postal"
    assert "Entregado" in page.text
    clerk.get(f"/staff/mail/{scene.scalar('SELECT max(id) FROM mail_bundles')}")


def test_a_lockbox_file_by_its_page(scene: Scene) -> None:
    known, clerk = scene.open("utility", 60_00), staff_of(scene, "cashier", name="rosa")
    clerk.get("/staff/lockboxes")
    _action, data = clerk.filled("Read the file", {})
    for content, expect in (
        ("rubbish\n", 422),
        (lockbox_file([[Check(60_00, known.reference), Check(5, "1", number="2")]]), 303),
    ):
        sent = {**data, "profile": "river-bank", "file": (BytesIO(content.encode()), "box.txt")}
        page = clerk.post("/staff/lockboxes", sent, expect=expect, budget=120)
        if expect == 422:
            assert page.errors[0].startswith("The file was refused.")
            assert scene.scalar("SELECT count(*) FROM lockbox_files") == 0
    page = clerk.follow(budget=20)
    assert "box.txt" in page.heading
    assert scene.balance(known).cents == 0
    assert "Without an owner" in page.text
