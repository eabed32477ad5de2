"""The receipt on paper: accessible, in both languages, with all that it must say."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from io import BytesIO

import pytest
from flask import Flask
from pypdf import PdfReader

from portal.documents.receipt import receipt_pdf
from tests.payments.receipts.samples import many, page, three_kinds
from tests.portal.scene import Scene, shipped_city

BASE = "http://localhost:8000"


@pytest.fixture
def app(scene: Scene) -> Iterator[Flask]:
    with scene.app.app_context():
        yield scene.app


def pdf(language: str, content: dict[str, object] | None = None, **changes: object) -> PdfReader:
    made = receipt_pdf(page(content or three_kinds(), **changes), shipped_city(), language, BASE)
    return PdfReader(BytesIO(made))


def words_of(reader: PdfReader) -> str:
    return " ".join(" ".join(sheet.extract_text() for sheet in reader.pages).split())


@pytest.mark.parametrize("language", ["en", "es"])
def test_it_is_tagged_and_names_its_language_and_title(app: Flask, language: str) -> None:
    reader = pdf(language)
    root = reader.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert "/StructTreeRoot" in root
    assert root["/Lang"].startswith(language)
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert "W1-2026-000123" in reader.metadata.title
    assert b"pdfuaid:part" in root["/Metadata"].get_data()


def test_pictures_have_words_and_rows_have_heads(app: Flask) -> None:
    tree = pdf("en").trailer["/Root"]["/StructTreeRoot"]
    kinds, alternatives = set(), []

    def walk(node: object) -> None:
        node = getattr(node, "get_object", lambda: node)()
        if isinstance(node, list):
            for child in node:
                walk(child)
        elif isinstance(node, dict):
            kinds.add(str(node.get("/S", "")))
            if "/Alt" in node:
                alternatives.append(node["/Alt"])
            walk(node.get("/K"))

    walk(tree["/K"])
    assert {"/Table", "/TH", "/TD", "/H1", "/Figure"} <= kinds
    assert len(alternatives) >= 2


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        (
            "en",
            [
                "Receipt",
                "$348.59",
                "November 17, 2026",
                "Visa ending in 4242",
                "Utility account",
                "Water, October 2026",
                "New balance",
                "$27.90",
                "Card payment service fee",
                "$6.67",
                "Resolution 2019-102",
            ],
        ),
        (
            "es",
            [
                "Recibo de pago",
                "$348.59",
                "17 de noviembre de 2026",
                "Visa que termina en 4242",
                "Agua, octubre de 2026",
                "Saldo nuevo",
                "$27.90",
                "Cargo por servicio de pago con tarjeta",
                "$6.67",
                "Ciudad de Río Claro",
            ],
        ),
    ],
)
def test_it_says_all_of_it_in_the_readers_language(app: Flask, language: str, expected: list[str]) -> None:
    text = words_of(pdf(language))
    assert [words for words in expected if words not in text] == []


def test_every_account_of_a_long_basket_is_on_it(app: Flask) -> None:
    text = words_of(pdf("en", many(120)))
    assert text.count("Utility account") >= 120
    assert "$51.19" in text


def test_many_threads_set_documents_at_once(app: Flask) -> None:
    def made(number: int) -> str:
        with app.app_context():
            return words_of(pdf("es" if number % 2 else "en", number=f"W1-2026-{number:06d}"))

    with ThreadPoolExecutor(4) as pool:
        texts = list(pool.map(made, range(12)))
    assert [f"W1-2026-{number:06d}" in text for number, text in enumerate(texts)] == [True] * 12


def test_the_address_of_its_proof_is_in_words_beside_the_code(app: Flask) -> None:
    reader = pdf("en")
    assert "/verify" in words_of(reader).replace(" ", "")


def test_a_long_basket_flows_over_pages_with_its_heads(app: Flask) -> None:
    reader = pdf("en", many(120))
    assert len(reader.pages) > 2
    assert "New balance" in " ".join(reader.pages[1].extract_text().split())
    assert f"of {len(reader.pages)}" in words_of(reader)


def test_a_reversed_payment_says_so_on_paper(app: Flask) -> None:
    sample = page()
    assert "reversed" not in words_of(pdf("en"))
    assert "reversed" in words_of(pdf("en", reversed_at=sample.issued_at))


def test_the_same_receipt_makes_the_same_bytes(app: Flask) -> None:
    one, two = (receipt_pdf(page(), shipped_city(), "es", BASE) for _ in range(2))
    assert one == two


@pytest.mark.parametrize(
    ("language", "word", "when"),
    [("en", "DUPLICATE", "November 20, 2026, 10:03 AM"), ("es", "DUPLICADO", "20 de noviembre de 2026, 10:03 AM")],
)
def test_what_is_printed_again_says_so_in_its_body_its_title_and_its_foot(
    app: Flask, language: str, word: str, when: str
) -> None:
    at = datetime(2026, 11, 20, 18, 3, tzinfo=UTC)
    made = receipt_pdf(page(many(60)), shipped_city(), language, BASE, printed_again_at=at)
    reader = PdfReader(BytesIO(made))
    assert word in reader.metadata.title
    assert len(reader.pages) > 1
    assert all(f"({word})" in " ".join(sheet.extract_text().split()) for sheet in reader.pages)
    assert when.split(",", maxsplit=1)[0] in words_of(reader)
    assert word not in words_of(pdf(language))
