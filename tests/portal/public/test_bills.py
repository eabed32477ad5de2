"""A bill that explains itself: on the page of a guest who proved the account, and on paper, in both languages."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO

import pytest
from pypdf import PdfReader
from sqlalchemy import text

from accounts.billing_runs import drafting, posting, service
from accounts.database import transaction
from accounts.money import Money
from accounts.staff.rules import Authority, Permission
from accounts.utilities.service import assess_penalties
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


@pytest.mark.parametrize(
    ("language", "added", "after", "others"),
    [
        ("en", "Added on ", "Added after this bill", ("Taken off by a correction", "Paid so far", "Still to pay")),
        ("es", "Agregado el ", "Agregado después de esta factura",
         ("Quitado por una corrección", "Pagado hasta ahora", "Falta pagar")),
    ],
)  # fmt: skip
def test_what_is_still_to_pay_is_a_sum_that_says_what_was_added(
    scene: Scene, language: str, added: str, after: str, others: tuple[str, ...]
) -> None:
    known, on = billed(scene), scene.today + timedelta(days=60)
    person, path = proven(scene, known, language), f"/accounts/{known.reference}/bill"
    assert person.get(path).soup.select(".record--sums") == [], "nothing was done to it"
    assert assess_penalties(
        scene.sessions, scene.wired.city(), on, scene.scalar("SELECT min(id) FROM actors")
    ).charges
    ours = "bill_id IS NOT NULL AND kind <> 'penalty'"
    scene.run_as_owner(f"UPDATE charges SET open_cents = open_cents - 1250 WHERE {ours}")
    scene.run_as_owner(
        "SET LOCAL session_replication_role = replica; INSERT INTO adjustments"
        " (charge_id, amount_cents, reason, source_system, source_key, journal_id)"
        f" SELECT min(id), -250, 'error', 'test', 'one', min(journal_id) FROM charges WHERE {ours}"
    )
    page = person.get(path)
    rows = [(row.dt.text, row.dd.text) for row in page.soup.select(".record--sums > div")]  # type: ignore[union-attr]
    asked, penalty, left = (
        Money(int(scene.scalar(f"SELECT sum({cents}) FROM charges WHERE bill_id IS NOT NULL AND {which}")))
        for cents, which in (
            ("amount_cents", "kind <> 'penalty'"), ("amount_cents", "kind = 'penalty'"), ("open_cents", "true"))
    )  # fmt: skip
    paid = Money(2 * 1250 - 250)
    assert [amount for _, amount in rows] == [
        f"${asked.dollars}", f"${penalty.dollars}", "-$2.50", f"-${paid.dollars}", f"${left.dollars}"
    ]  # fmt: skip
    assert asked.cents + penalty.cents - 250 - paid.cents == left.cents
    assert rows[1][0].startswith(added)
    assert rows[1][0].endswith(")"), "who said that it is added"
    assert tuple(words for words, _ in rows[2:]) == others
    assert after in page.text
    printed = PdfReader(BytesIO(person.browser.get(f"{path}.pdf", headers={"Accept-Language": language}).data))
    paper = " ".join(" ".join(sheet.extract_text() for sheet in printed.pages).split())
    for words, amount in rows[1:]:
        assert amount in paper
        assert words.split(" (")[0] in paper


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
