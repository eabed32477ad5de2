"""A line that was brought in says from whose records, and shows what came with it; nothing is made up."""

from __future__ import annotations

import json

import pytest

from tests.portal.scene import Known, Scene, find
from tests.portal.test_plain_words import is_plain, measure, sentences

HOW = {"how": {"en": "16 HCF x $2.47", "es": "16 CCF x $2.47"}, "authority": "Resolution 2025-041"}


def bring_in(scene: Scene, known: Known, **said: object) -> None:
    """Say of the account's charges what came with them."""
    scene.run_as_owner(
        "UPDATE charges SET working = CAST(:working AS jsonb) WHERE customer_account_id = :id",
        working=json.dumps({"imported": {"profile": "demo", **said}}), id=known.id,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "english", "spanish"),
    [
        (
            "citation",
            "The office that keeps these records sent us this amount.",
            "La oficina que lleva estos registros",
        ),
        ("utility", "This amount was in our old records.", "Este importe estaba en nuestros registros anteriores."),
    ],
)
def test_a_line_says_from_whose_records_it_is(scene: Scene, *, kind: str, english: str, spanish: str) -> None:
    known = scene.open(kind, 50_00)
    bring_in(scene, known, key="B-7", **HOW)
    guest = scene.guest()
    page = find(guest, known)
    assert "Where this comes from" in page.text
    for words in (english, "Number in those recordsB-7", "16 HCF x $2.47", "Resolution 2025-041"):
        assert words in page.text, words
    assert is_plain(measure(sentences(page.html), "en"), "en")
    page = guest.get(page.path, lang="es", reads="es")
    for words in ("De dónde viene", spanish, "Número en esos registrosB-7", "16 CCF x $2.47"):
        assert words in page.text, words
    assert is_plain(measure(sentences(page.html), "es"), "es")


def test_what_did_not_come_with_a_line_is_not_shown(scene: Scene) -> None:
    known = scene.open("citation", 50_00)
    bring_in(scene, known)
    page = find(scene.guest(), known)
    assert "Where this comes from" in page.text
    assert "Number in those records" not in page.text
    assert "Set by" not in page.text
