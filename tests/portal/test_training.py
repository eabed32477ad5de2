"""Training: a database of its own that says so, and nothing that could be taken for the real thing."""

from __future__ import annotations

from email.message import EmailMessage
from io import BytesIO
from pathlib import Path

import pytest
from pypdf import PdfReader
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from portal.config import Settings
from portal.mail import compose
from portal.training import marks
from portal.training.outgoing import TrainingMailer, TrainingTexts
from portal.training.rules import refusal
from tests.database import TestDatabase
from tests.portal.scene import Scene, add, leave, make_scene
from tests.portal.staff.people import staff_of
from tests.portal.test_config import PRODUCTION
from tests.sandbox_server import Sandbox, pay_hosted_page

BAND = {
    "en": "TRAINING – not a receipt. No money moved.",
    "es": "CAPACITACIÓN – no es un recibo. No se movió dinero.",
}
TEST_KEY = {"STRIPE_KEY": "rk_test_1", "SMTP_URL": "", "TRAINING": "1"}


@pytest.fixture
def training(db: TestDatabase, sandbox: Sandbox, tmp_path: Path) -> Scene:
    return make_scene(db, sandbox, tmp_path, training=True)


def test_training_starts_with_a_test_key_and_without_mail() -> None:
    settings = Settings.from_environment(PRODUCTION | TEST_KEY)
    assert (settings.training, settings.is_production, settings.environment) == (True, False, "training")


@pytest.mark.parametrize(
    ("marked", "training", "has_receipts", "refused"),
    [
        (None, False, False, ""),
        (None, False, True, ""),
        (None, True, False, ""),
        (None, True, True, "is the real one"),
        ("real", False, True, ""),
        ("real", True, False, "is the real one"),
        ("training", True, True, ""),
        ("training", False, False, "is marked for training"),
    ],
)
def test_a_database_serves_what_it_is_meant_for(
    marked: str | None,
    training: bool,
    has_receipts: bool,
    refused: str,
) -> None:
    found = refusal(marked, training=training, has_receipts=has_receipts)
    assert (refused in found) if refused else found == ""


@pytest.mark.parametrize("training", [True, False])
def test_the_first_start_marks_it_and_no_other_start_is_possible(db: TestDatabase, training: bool) -> None:
    marks.claim_url(db.app_url, training=training)
    marks.claim_url(db.app_url, training=training)
    with pytest.raises(SystemExit, match="does not start"):
        marks.claim_url(db.app_url, training=not training)
    with db.owner.connect() as connection:
        rows = connection.execute(text("SELECT purpose FROM installation_marks")).all()
    assert [tuple(row) for row in rows] == [("training" if training else "real",)]
    with pytest.raises(DBAPIError), db.app.begin() as connection:
        connection.execute(text("UPDATE installation_marks SET purpose = 'real'"))


def test_every_page_and_paper_of_training_says_so_in_its_language(training: Scene) -> None:
    guest = training.guest()
    for lang in ("en", "es"):
        for path in ("/", "/help", "/pay", "/basket"):
            assert BAND[lang] in guest.get(path, lang=lang).html, path
        assert BAND[lang] in guest.get("/nowhere", lang=lang, expect=404).html
    clerk = staff_of(training, "clerk")
    known = training.open("utility", 50_00)
    for path in ("/staff/", f"/staff/accounts/{known.reference}", "/staff/returned-payments", "/staff/keys"):
        assert BAND["en"] in clerk.get(path, budget=20).html, path
    person = training.guest()
    add(person, known)
    receipt = person.land(pay_hosted_page(leave(person, "payer@example.com")))
    assert BAND["en"] in receipt.html
    number = training.scalar("SELECT series FROM receipts")
    assert str(number).startswith("TRW")
    made = person.browser.get(f"{receipt.path.partition('?')[0]}/receipt.pdf")
    words = " ".join(sheet.extract_text() for sheet in PdfReader(BytesIO(made.data)).pages)
    assert "TRAINING" in words
    assert f"{number}-" in words


def test_the_real_thing_does_not_say_so(scene: Scene) -> None:
    assert BAND["en"] not in scene.guest().get("/").html
    assert {series.code for series in scene.wired.city().city.receipt_series} == {
        series.code for series in scene.city.receipt_series
    }


def test_mail_of_training_is_marked_and_stays_in_the_house(training: Scene, tmp_path: Path) -> None:
    message = compose(
        sender="City <no-reply@example.gov>", to="maria@example.com", subject="Recibo", text="Hola",
        html="<html><body><p>Hola</p></body></html>", message_id="receipt-1", language="es",
    )  # fmt: skip
    with training.app.app_context():
        TrainingMailer("", folder=tmp_path / "mail").send(message)
    (kept,) = (tmp_path / "mail").iterdir()
    assert kept.name == "receipt-1.eml"
    assert str(message["Subject"]) == "[CAPACITACIÓN] Recibo"
    for kind in ("plain", "html"):
        part = message.get_body((kind,))
        assert isinstance(part, EmailMessage)
        assert BAND["es"] in part.get_content()

    class Kept:
        said = ""

        def send(self, to: str, body: str, reference: str) -> None:
            del to, reference
            self.said = body

    inner = Kept()
    with training.app.test_request_context():
        TrainingTexts(inner).send("+15595550123", "your code is 1", "x")
    assert inner.said == "TRAINING: your code is 1"
