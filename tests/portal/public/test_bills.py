"""A bill that explains itself: on the page of a guest who proved the account, and on paper, in both languages."""

from __future__ import annotations

from io import BytesIO

import pytest
from pypdf import PdfReader
from sqlalchemy import text

from accounts.billing_runs import drafting, posting, service
from accounts.database import transaction
from accounts.money import Money
from accounts.staff.rules import Authority, Permission
from tests.page_client import PageClient
from tests.portal.scene import Known, Scene
from tests.portal.staff.test_billing_pages import house

BOTH = frozenset({Permission.BILLS_RUN, Permission.BILLS_APPROVE})


def billed(scene: Scene, *, used: int = 12) -> Known:
    """A house with a bill that a run has posted."""
    known = house(scene, "M-1", used=used)
    post(scene)
    return known


def post(scene: Scene) -> None:
    sessions, now = scene.sessions, scene.clock.now()
    with transaction(sessions) as session:
        one, other = session.scalars(text("SELECT id FROM actors ORDER BY id LIMIT 2")).all()
    maker, checker = Authority(one, "staff:one", BOTH), Authority(other, "staff:other", BOTH)
    run = drafting.make(
        sessions, scene.wired.city(), maker, cycle="", bill_date=scene.today, today=scene.today, now=now
    )
    drafting.go_on(sessions, run, now)
    total = Money(int(scene.scalar("SELECT sum(amount_cents) FROM billing_totals")))
    service.review(sessions, maker, run, seen=total, now=now)
    service.approve(sessions, checker, run, seen=total, now=now)
    posting.post(sessions, run, now)


def proven(scene: Scene, known: Known, language: str) -> PageClient:
    person = scene.guest(lang=language)
    with person.browser.session_transaction() as session:
        session["proven"] = {known.reference: known.id}
    return person


@pytest.mark.parametrize(
    ("language", "words"),
    [
        (
            "en",
            ("Lines of this bill", "12 hundred cubic feet (HCF) × $3.22", "Resolution 2025-041", "That is 12 CCF."),
        ),
        ("es", ("Renglones de esta factura", "12 cien pies cúbicos (CCF) × $3.22", "Son 12 CCF.")),
    ],
)
def test_a_guest_sees_how_each_line_came_about(scene: Scene, language: str, words: tuple[str, ...]) -> None:
    known = billed(scene)
    person = proven(scene, known, language)
    page = person.get(f"/accounts/{known.reference}/bill")
    for said in words:
        assert said in page.text, said
    assert len(page.statements) <= 5
    assert page.soup.select_one("svg.chart title") is not None
    months = page.soup.select("table tbody tr")
    assert len(months) == 12
    assert person.get(f"/accounts/{known.reference}").text.count("CCF")


@pytest.mark.parametrize("language", ["en", "es"])
def test_the_pdf_is_accessible_and_says_the_same(scene: Scene, language: str) -> None:
    known = billed(scene)
    person = proven(scene, known, language)
    answer = person.browser.get(f"/accounts/{known.reference}/bill.pdf", headers={"Accept-Language": language})
    assert answer.mimetype == "application/pdf"
    reader = PdfReader(BytesIO(answer.data))
    root = reader.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]  # type: ignore[index]
    assert str(root["/Lang"]).startswith(language)  # type: ignore[index]
    printed = " ".join(" ".join(sheet.extract_text() for sheet in reader.pages).split())
    assert "× $3.22" in printed
    assert "Resolution 2025-041" in printed
    assert f"{scene.today:%y%m%d}" in printed


def test_of_an_external_line_only_what_was_told_is_shown(scene: Scene) -> None:
    known = billed(scene)
    scene.run_as_owner(
        """UPDATE charges SET working = '{"imported": {"key": "B-77", "how": {"en": "16 HCF x $2.47", "es": "16 CCF"},
           "authority": "Resolution 9"}}', source_system = 'elsewhere', source_key = 'B-77:' || id"""
    )
    page = proven(scene, known, "en").get(f"/accounts/{known.reference}/bill")
    assert "16 HCF x $2.47" in page.text
    assert "Resolution 9" in page.text
    assert "How we worked this out" not in page.text
    assert "× $3.22" not in page.text


def test_who_has_not_proven_the_account_finds_no_bill(scene: Scene) -> None:
    known = billed(scene)
    stranger = scene.guest("198.51.100.7")
    for path in ("bill", "bill.pdf"):
        stranger.get(f"/accounts/{known.reference}/{path}", expect=404)
    person = proven(scene, known, "en")
    person.get(f"/accounts/{known.reference}/bill?number=none-of-theirs", expect=404)
