"""A file whose name holds a card number: what is kept, logged and shown of it has none, whoever sends it."""

from __future__ import annotations

import io
import re
from datetime import timedelta

import pytest

from portal.card_numbers import contains_pan, file_name_without_pans
from tests.accounts.documents.test_documents import photo
from tests.factories.bank_files import Told, bai2
from tests.factories.lockbox import Check, lockbox_file
from tests.page_client import PageClient
from tests.portal.public.test_requests import asks, mailed_path
from tests.portal.resident.test_request_pages import ana_with, begun
from tests.portal.scene import Scene
from tests.portal.staff.people import staff_of
from tests.portal.test_card_numbers_nowhere import ANYWHERE, all_text_of_the_database, logged

__all__ = ["logged"]
NAME = "my card 4242 4242 4242 4242"


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("4242424242424242.jpg", "xxxx.jpg"),
        ("my card 4242 4242 4242 4242 (front).JPG", "my card xxxx front.JPG"),
        ("4242-4242-4242-4242.pdf", "xxxx.pdf"),
        ("visa_4242_4242_4242_4242_.png", "visa_xxxx_.png"),
        ("3782_822463_10005.pdf", "xxxx.pdf"),
        ("42(42)42[42]4242....4242.pdf", "xxxx.pdf"),
        ("4242424242424242", "xxxx"),
        ("card.4242424242424242", "card"),
    ],
)
def test_what_reads_like_a_card_number_is_masked(sent: str, kept: str) -> None:
    found = file_name_without_pans(sent)
    assert not contains_pan(re.sub(r"[^\w \-]", "", found).replace("_", " "))
    assert not ANYWHERE.search(found)
    assert found == kept


@pytest.mark.parametrize(
    "name",
    ["lease.pdf", "IMG_20261122_123456789.jpg", "PXL_20261122_204512345.MP.jpg", "Bill 100-000-427 June.pdf", "",
     "2026-11-22 10.15.42.png", "día 3 ñ.heic", "box (2).txt", "WhatsApp Image 2026-11-22 at 10.15.42.jpeg"],
)  # fmt: skip
def test_other_names_stay_as_they_are(name: str) -> None:
    assert file_name_without_pans(name) == name


def send(person: PageClient, path: str, content: bytes, ending: str, **more: str) -> int:
    token = str(person.get(path).soup.select_one('input[name="csrf_token"]')["value"])  # type: ignore[index]
    data = {"csrf_token": token, **more, "file": (io.BytesIO(content), f"{NAME}.{ending}")}
    return person.browser.post(path, data=data, content_type="multipart/form-data").status_code


def assert_nowhere(scene: Scene, logged: io.StringIO, *shown: str) -> None:
    assert not ANYWHERE.search(all_text_of_the_database(scene)), "it was stored"
    assert not ANYWHERE.search(logged.getvalue()), "it was logged"
    for text in shown:
        assert "my card xxxx" in text
        assert not ANYWHERE.search(text), "it is shown"


def test_of_a_guests_paper(scene: Scene, logged: io.StringIO) -> None:
    guest = scene.guest()
    asks(guest, None, "Start service")
    guest.get(mailed_path(scene))
    guest.submit("Continue", budget=30)
    path = guest.follow().path.rpartition("/pages")[0] + "/documents"
    assert send(guest, path, photo(), "jpg", wanted="lease") == 303
    page, paper = guest.get(path), scene.scalar("SELECT id FROM case_documents")
    answer = guest.get(f"{path}/{paper}", budget=15)
    assert_nowhere(scene, logged, page.text, answer.headers["Content-Disposition"])


def test_of_a_residents_paper_which_staff_see_too(scene: Scene, logged: io.StringIO) -> None:
    ana, known = ana_with(scene)
    case = begun(scene, ana, known).split("/")[3]
    path = f"/my/requests/{case}/documents"
    assert send(ana, path, photo(), "jpg", wanted="escrow-papers") == 303
    page = ana.get(path)
    ana.get(f"/my/requests/{case}/pages/1")
    ana.submit("Save and continue", {"Last day of service": (scene.today + timedelta(days=8)).isoformat()}, budget=25)
    ana.get(f"/my/requests/{case}/check")
    ana.submit("Send it to the City", budget=45)
    assert_nowhere(scene, logged, page.text, staff_of(scene, "clerk").get(f"/staff/cases/{case}").text)


def test_of_files_that_staff_read_in(scene: Scene, logged: io.StringIO) -> None:
    known, clerk = scene.open("utility", 60_00), staff_of(scene, "cashier", name="rosa")
    content = lockbox_file([[Check(60_00, known.reference)]]).encode()
    assert send(clerk, "/staff/lockboxes", content, "txt", profile="river-bank") == 303
    felix = staff_of(scene, "finance", name="felix")
    content = bai2(scene.today, 0, [Told(50_00, "301")])
    assert send(felix, "/staff/bank-statements/new", content, "bai", bank_account="general") == 303
    shown = [clerk.get("/staff/lockboxes").text, felix.get("/staff/bank-statements").text]
    assert_nowhere(scene, logged, *shown)
