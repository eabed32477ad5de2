"""A bill of one's own account: the guest's page, at an address that only its people open."""

from __future__ import annotations

from io import BytesIO

import pytest
from pypdf import PdfReader

from accounts.account_links import service as links
from tests.portal.public.test_bills import billed
from tests.portal.resident.people import actor_of, resident_of
from tests.portal.scene import Scene


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
