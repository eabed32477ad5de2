"""A bill of one's own account: the guest's page, at an address that only its people open."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO

import pytest
from pypdf import PdfReader

from accounts.account_links import service as links
from accounts.account_links.rules import Right
from accounts.customer_accounts.queries import account_file
from accounts.customer_accounts.rules import CODE_LENGTH
from accounts.database import one_by_one
from accounts.money import Money
from accounts.utilities.service import assess_penalties
from portal.bill_printings import one_bill
from tests.portal.public.test_bills import billed
from tests.portal.resident.people import actor_of, resident_of
from tests.portal.resident.test_own_accounts import shared
from tests.portal.scene import Known, Scene


@pytest.mark.parametrize("language", ["en", "es"])
def test_the_owner_reads_the_bill_line_by_line_and_on_paper(scene: Scene, language: str) -> None:
    known = billed(scene)
    ana = resident_of(scene, lang=language)
    links.link(scene.sessions, actor_of(scene), known.id, "proof", now=scene.clock.now())
    account = ana.get(f"/my/accounts/{known.reference}")
    (link,) = account.soup.select(f'a[href="/my/accounts/{known.reference}/bill"]')
    page = ana.get(str(link["href"]))
    assert "$3.22" in page.text
    assert page.soup.select_one('nav[class="my-nav"]') is not None
    paper = ana.browser.get(f"/my/accounts/{known.reference}/bill.pdf")
    assert "$3.22" in "".join(sheet.extract_text() for sheet in PdfReader(BytesIO(paper.data)).pages)
    eve = resident_of(scene, "eve@example.com", lang=language)
    eve.get(f"/my/accounts/{known.reference}/bill", expect=404)
    eve.get(f"/my/accounts/{known.reference}/bill.pdf", expect=404)


@pytest.mark.parametrize("language", ["en", "es"])
def test_number_and_code_on_a_mailed_bill_add_the_account_and_no_other_copy_has_the_code(
    scene: Scene, language: str
) -> None:
    known = billed(scene)
    scene.run_as_owner(
        "UPDATE customers SET mailing_address = '1 Elm St, Lodi, CA 95240', language = :language"
        " WHERE id = (SELECT customer_id FROM customer_accounts WHERE id = :id)",
        language=language, id=known.id,
    )  # fmt: skip
    label = {"en": "Bill code", "es": "Código de la factura"}[language]
    mailed = mailed_bill(scene, known)
    code = " ".join(mailed.split(label, 1)[1].split()[:2])
    assert len(code.replace(" ", "")) == CODE_LENGTH
    ana = resident_of(scene, lang="en")
    typed = {"Account, license or citation number": known.number, "Something only you would know": code}
    ana.get("/my/accounts/add")
    ana.submit("Add this account", typed, expect=303)
    assert scene.rows("SELECT proven_by, standing FROM account_links") == [("proof", "holder")]
    tom = shared(scene, known, Right.SEE)
    for person in (ana, tom):
        seen = person.browser.get(f"/my/accounts/{known.reference}/bill.pdf", headers={"Accept-Language": language})
        assert label not in words_of(seen.data), "who may see it must not become its holder by it"


@pytest.mark.parametrize("language", ["en", "es"])
def test_a_copy_at_the_counter_asks_for_what_is_to_pay_by_now(scene: Scene, language: str) -> None:
    known = billed(scene)
    scene.run_as_owner(
        "UPDATE customers SET language = :language WHERE id = (SELECT customer_id FROM customer_accounts"
        " WHERE id = :id)", language=language, id=known.id,
    )  # fmt: skip
    asked = Money(int(scene.scalar("SELECT sum(open_cents) FROM charges WHERE bill_id IS NOT NULL")))
    assert f"${asked.dollars}" in mailed_bill(scene, known)
    on, system = scene.today + timedelta(days=60), scene.scalar("SELECT min(id) FROM actors")
    assert assess_penalties(scene.sessions, scene.wired.city(), on, system).charges
    left = Money(int(scene.scalar("SELECT sum(open_cents) FROM charges WHERE bill_id IS NOT NULL")))
    copy = mailed_bill(scene, known)
    for amount in (asked, left - asked, left):
        assert f"${amount.dollars}" in copy


def mailed_bill(scene: Scene, known: Known) -> str:
    with scene.app.app_context():
        with one_by_one(scene.sessions) as session:
            file = account_file(session, known.reference, sees_protected=True, sees_restricted=True)
        assert file is not None
        return words_of(one_bill(scene.wired, file, scene.scalar("SELECT max(id) FROM bills")).content)


def words_of(content: bytes) -> str:
    return " ".join(" ".join(sheet.extract_text() for sheet in PdfReader(BytesIO(content)).pages).split())
