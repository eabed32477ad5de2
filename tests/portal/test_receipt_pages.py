"""The receipt's pages: all of it for who holds the link, and next to nothing for who scans the code."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import render_template

from portal.i18n import speaking
from portal.receipts import receipt_view, reversed_sentence
from tests.payments.receipts.samples import frozen, page, three_kinds
from tests.portal.scene import Scene, shipped_city

Shown = Callable[..., str]


@pytest.fixture
def shown(scene: Scene) -> Shown:
    """A page of a receipt as a reader of a language gets it."""

    def rendered(name: str, language: str = "en", content: dict[str, Any] | None = None, **changes: Any) -> str:
        just_paid = changes.pop("just_paid", False)
        with scene.app.test_request_context("/receipts/x"), speaking(language):
            view = receipt_view(page(content, **changes), shipped_city(), language, "http://localhost:8000")
            return render_template(
                f"public/receipts/{name}.html",
                receipt=view,
                reversed_sentence=reversed_sentence(view),
                just_paid=just_paid,
            )

    return rendered


def test_each_account_has_its_lines_and_its_new_balance(shown: Shown) -> None:
    html = shown("show")
    for words in (
        "Utility account 100-000-423",
        "Sewer, October 2026",
        "$27.90",
        "Credit for later charges",
        "$348.59",
    ):
        assert words in html
    assert "payer@example.com" not in html


def test_one_line_is_not_summed_three_times(shown: Shown) -> None:
    single = frozen(three_kinds()["accounts"][1])
    html = shown("show", content=single)
    assert "Paid on this account" not in html
    assert "Paid on accounts" not in html


def test_thanks_are_said_to_who_has_just_paid_and_not_for_what_was_reversed(shown: Shown) -> None:
    assert "Thank you" in shown("show", just_paid=True)
    assert "Thank you" not in shown("show")
    assert "Thank you" not in shown("show", just_paid=True, reversed_at=page().issued_at)


@pytest.mark.parametrize(
    ("language", "words"), [("en", "This receipt is genuine"), ("es", "Este recibo es auténtico")]
)
def test_the_code_opens_a_proof_that_names_nobody(shown: Shown, language: str, words: str) -> None:
    html = shown("verify", language)
    assert words in html
    assert "W1-2026-000123" in html
    for private in ("100-000-423", "100000423", "4242", "payer@example.com", "2026-2027"):
        assert private not in html


def test_the_proof_of_a_reversed_payment_does_not_call_it_good(shown: Shown) -> None:
    html = shown("verify", reversed_at=page().issued_at)
    assert "This payment was reversed" in html
    assert "genuine" not in html
