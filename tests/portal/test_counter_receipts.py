"""A receipt of the window: split tenders, change, items and projects; and what of it was taken back since."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO
from typing import Any

import pytest
from flask import render_template
from pypdf import PdfReader

from accounts.money import Money
from payments.receipts.rules import ReceiptPage, TakenBack
from portal.documents.receipt import receipt_pdf
from portal.i18n import speaking
from portal.receipts import receipt_mail, receipt_view, reversed_sentence
from tests.payments.receipts.samples import ISSUED_AT, frozen, page, split_tenders, tendered, three_kinds
from tests.portal.scene import Scene, shipped_city

BASE = "http://localhost:8000"
SAID = {
    "en": ["Paper check 1043", "$100.00", "Visa ending in 4242 (slip 000871)", "$51.00", "Cash, given", "Change",
           "$40.00", "Copy, per page", "Quantity: 4", "Park reservation", "Project: PK-101", "In several ways"],
    "es": ["Cheque 1043", "$100.00", "Visa que termina en 4242 (comprobante 000871)", "$51.00",
           "Efectivo, entregado", "Cambio", "$40.00", "Copia, por página", "Cantidad: 4", "Reservación de parque",
           "Proyecto: PK-101", "De varias formas"],
}  # fmt: skip


def of_window(**changes: Any) -> ReceiptPage:
    return page(split_tenders(), channel="counter", **changes)


def shown(scene: Scene, language: str, found: ReceiptPage, name: str = "show") -> str:
    with scene.app.test_request_context("/receipts/x"), speaking(language):
        view = receipt_view(found, shipped_city(), language, BASE)
        told = reversed_sentence(view)
        return render_template(f"public/receipts/{name}.html", receipt=view, reversed_sentence=told, just_paid=False)


def on_paper(scene: Scene, language: str, found: ReceiptPage) -> str:
    with scene.app.app_context():
        made = receipt_pdf(found, shipped_city(), language, BASE)
    return " ".join(" ".join(sheet.extract_text() for sheet in PdfReader(BytesIO(made)).pages).split())


@pytest.mark.parametrize("language", ["en", "es"])
def test_page_paper_and_mail_tell_each_tender_and_each_item(scene: Scene, language: str) -> None:
    found = of_window(language=language)
    with scene.app.app_context():
        mail = receipt_mail(found, shipped_city(), BASE)
    told = {
        "page": shown(scene, language, found),
        "paper": on_paper(scene, language, found),
        "mail": mail.get_body(("html",)).get_content(),
        "plain mail": mail.get_body(("plain",)).get_content(),
    }
    for where, text in told.items():
        flat = " ".join(text.split())
        assert [words for words in SAID[language] if words not in flat] == [], where


def test_what_the_lines_come_to_is_what_was_paid() -> None:
    content = of_window().content
    parts = sum(one.paid.cents for one in content.accounts) + sum(one.amount.cents for one in content.items)
    assert parts == content.total.cents == sum(one.amount.cents for one in content.tendered)


def test_one_tender_without_change_is_told_in_one_line(scene: Scene) -> None:
    bill = frozen(three_kinds()["accounts"][1], tender={"kind": "money_order", "brand": "", "last4": ""})
    bill["tenders"] = [tendered("money_order", 18_500, reference="R-77")]
    html = shown(scene, "en", page(bill, channel="counter"))
    assert "Money order R-77" in html
    assert "How it was paid" not in html


def test_items_alone_need_no_rule_of_the_city(scene: Scene) -> None:
    whole = split_tenders()
    alone = {**whole, "accounts": [], "amount_cents": 4_600, "total_cents": 4_600,
             "tenders": [tendered("cash", 4_600)]}  # fmt: skip
    html, paper = shown(scene, "en", page(alone)), on_paper(scene, "en", page(alone))
    for text in (html, paper):
        assert "What is paid first" not in text
        assert "$46.00" in text
    assert "Copy, per page" in shown(scene, "en", page(alone), "verify")


@pytest.mark.parametrize("language", ["en", "es"])
def test_a_returned_check_is_said_and_the_rest_stands(scene: Scene, language: str) -> None:
    found = replace(of_window(), taken_back=(TakenBack("returned", 1, Money(10_000), ISSUED_AT),))
    said = {
        "en": "Paper check 1043: the bank returned $100.00 on November 17, 2026.",
        "es": "Cheque 1043: el banco devolvió $100.00 el 17 de noviembre de 2026.",
    }[language]
    assert said in shown(scene, language, found)
    assert said in on_paper(scene, language, found)
    titles = {"en": "Part of this payment was reversed", "es": "Parte de este pago fue revertida"}
    assert titles[language] in shown(scene, language, found, "verify")
    assert said in shown(scene, language, found, "verify")


def test_a_voided_payment_does_not_count_as_paid(scene: Scene) -> None:
    every = tuple(
        TakenBack("void", place, one.amount, ISSUED_AT)
        for place, one in enumerate(of_window().content.tendered, start=1)
    )
    html = shown(scene, "en", replace(of_window(), taken_back=every, reversed_at=ISSUED_AT))
    assert "It does not count as paid." in html
    assert "taken back" not in html


def test_a_receipt_from_before_there_was_a_window_reads_as_it_did(scene: Scene) -> None:
    html = shown(scene, "en", page())
    assert "Visa ending in 4242" in html
    assert "How it was paid" not in html
    assert "Also paid for" not in html
