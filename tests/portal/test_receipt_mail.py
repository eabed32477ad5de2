"""The receipt by mail and by text message, in the payer's language."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask

from portal.receipts import LONGEST_TEXT, gsm_7, receipt_mail, receipt_text, septets
from tests.payments.receipts.samples import page
from tests.portal.scene import Scene, shipped_city

BASE = "http://localhost:8000"


@pytest.fixture
def app(scene: Scene) -> Iterator[Flask]:
    with scene.app.app_context():
        yield scene.app


@pytest.mark.parametrize(
    ("language", "subject", "words"),
    [("en", "Receipt W1-2026-000123", "New balance"), ("es", "Recibo de pago W1-2026-000123", "Saldo nuevo")],
)
def test_it_is_written_in_the_payers_language(app: Flask, language: str, subject: str, words: str) -> None:
    mail = receipt_mail(page(language=language), shipped_city(), BASE)
    assert subject in mail["Subject"]
    assert mail["Content-Language"] == language
    plain = mail.get_body(preferencelist=("plain",))
    rich = mail.get_body(preferencelist=("html",))
    assert plain is not None
    assert rich is not None
    assert words in plain.get_content()
    assert f'<html lang="{language}"' in rich.get_content()
    assert BASE in plain.get_content()


def test_the_paper_goes_with_it_and_its_key_never_changes(app: Flask) -> None:
    one, two = (receipt_mail(page(), shipped_city(), BASE) for _ in range(2))
    (paper,) = one.iter_attachments()
    assert paper.get_content_type() == "application/pdf"
    assert paper.get_content().startswith(b"%PDF-")
    assert one["Message-ID"] == two["Message-ID"]
    assert "receipt-W1-2026-000123@" in one["Message-ID"]


@pytest.mark.parametrize("language", ["en", "es"])
def test_a_text_message_fits_in_one(app: Flask, language: str) -> None:
    text = receipt_text(page(language=language), shipped_city(), BASE)
    assert septets(text) <= LONGEST_TEXT
    assert gsm_7(text) == text


def test_a_text_message_drops_words_before_it_drops_the_link(app: Flask) -> None:
    roomy = receipt_text(page(), shipped_city(), "https://pay.example")
    tight = receipt_text(page(), shipped_city(), "https://payments.finance-department.of.the.city.example/services")
    none = receipt_text(page(), shipped_city(), f"https://{'a-long-name.' * 12}example")
    assert roomy.startswith("City of Rio Claro: you paid $348.59. Receipt W1-2026-000123: https://pay.example/")
    assert tight.startswith("You paid $348.59. Receipt: https://payments.finance")
    assert none == "You paid $348.59. Receipt W1-2026-000123."


@pytest.mark.parametrize(
    ("written", "sent", "room"),
    [("Río, año, ¡Él!", "Rio, año, ¡Él!", 14), ("“a” — b…", '"a" - b...', 10), ("[€]", "[€]", 6), ("水", "?", 1)],
)
def test_words_are_written_in_the_alphabet_of_text_messages(written: str, sent: str, room: int) -> None:
    assert gsm_7(written) == sent
    assert septets(sent) == room
