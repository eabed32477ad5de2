"""In training every page, and every paper that a page makes, says so: all routes, all templates."""

from __future__ import annotations

import re
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from pypdf import PdfReader

from portal.config import CHECKOUT
from portal.documents.slip import slip_rows
from portal.documents.typesetting import typeset
from portal.printing import slip_bytes
from portal.receipts import receipt_view
from tests.database import TestDatabase
from tests.payments.receipts import samples
from tests.portal.scene import shipped_city
from tests.portal.staff.busy_office import CHIEF, Office, Places, furnish
from tests.portal.staff.people import signed_in
from tests.portal.staff.routes import STAFF_ROUTES
from tests.portal.test_every_route import DEMO_ROUTES, GETS, path_of
from tests.portal.test_pseudo_locale import Town, _town

pytestmark = pytest.mark.long
BAND = "TRAINING – not a receipt. No money moved."
BANDS = (BAND, "CAPACITACIÓN – no es un recibo. No se movió dinero.")
"""A route of the table changes the language, and a paper is in its customer's."""
_PARAMETER = re.compile(r"<(?:\w+:)?\w+>")


@pytest.fixture
def town(db: TestDatabase, tmp_path: Path) -> Town:
    """A training city that is also a demo, so that it has each route there is."""
    made = _town(db, shipped_city(), tmp_path, training=True)
    made.client.set_cookie("language", "en")
    return made


@pytest.fixture
def office(town: Town) -> Office:
    made = furnish(town.wired, Places(town.accounts["home"], town.accounts["shop"], town.accounts["ticket"]))
    with town.client.session_transaction() as kept:
        began = signed_in(town.wired.sessions, town.wired.clock, name=CHIEF)
        kept["_user_id"], kept["last_actor"] = began.token, began.actor_id
    return made


def said(client: FlaskClient, paths: Iterator[str]) -> tuple[list[str], int, int]:
    """Pages that do not say it; how many pages there were, and how many were papers."""
    silent, pages, papers = [], 0, 0
    for path in paths:
        with client.get(path, follow_redirects=True) as answer:
            is_page, is_paper = (answer.mimetype == kind for kind in ("text/html", "application/pdf"))
            if is_page:
                is_said = 'class="training-band' in answer.text and any(band in answer.text for band in BANDS)
            elif is_paper:
                sheets = [sheet.extract_text() for sheet in PdfReader(BytesIO(answer.data)).pages]
                is_said = all(any(band in sheet for band in BANDS) for sheet in sheets)
            else:
                continue
        pages, papers = pages + is_page, papers + is_paper
        if not is_said:
            silent.append(f"{path} ({answer.status_code})")
    return silent, pages, papers


def test_every_public_page_says_it(town: Town, office: Office) -> None:
    """Tokens that nobody has lead to pages that say it too."""
    routes = {**GETS, **DEMO_ROUTES}.values()
    silent, pages, _papers = said(town.app.test_client(), (path_of(route, "100000001") for route in routes))
    assert silent == []
    assert pages >= len(GETS) - 15
    proven = town.client.get(f"/accounts/{office.accounts['home']}")
    assert (proven.status_code, BAND in proven.text) == (200, True), "an account that was proven"


def test_every_page_and_paper_of_the_back_office_says_it(town: Town, office: Office) -> None:
    real = [path for _route, path in office.pages()]
    others = [_PARAMETER.sub("1", route.rule) for route in STAFF_ROUTES.values() if "GET" in route.methods.split()]
    receipt = f"/staff/receipts/{office.ids['receipt_id']}"
    papers = [f"{receipt}/letter.pdf", f"/staff/accounts/{office.accounts['home']}{receipt[6:]}/duplicate.pdf"]
    silent, pages, made = said(town.client, iter([*real, *others, *papers]))
    assert silent == []
    assert pages > len(real)
    assert made >= len(papers)
    slip = town.client.get(f"{receipt}/print")
    assert sum(map(slip.text.count, BANDS)) > 1, "on the slip itself, not only above it"


@pytest.mark.parametrize("language", ["en", "es"])
def test_the_roll_of_the_receipt_printer_says_it_first(town: Town, language: str) -> None:
    with town.app.test_request_context():
        city = town.wired.city().city
        rows = slip_rows(receipt_view(samples.page(), city, language, "http://localhost"), city)
        assert ("TRAINING" if language == "en" else "CAPACITACI") in rows[0].left
        assert slip_bytes(rows, opens_drawer=False).count(b"TRAINING" if language == "en" else b"CAPACITACI") == 1


@pytest.mark.parametrize("template", sorted(path.stem for path in (CHECKOUT / "templates/documents").glob("*.typ")))
def test_no_paper_is_set_without_it(town: Town, template: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the template: what is given to the typesetter begins with the band, in the foreground of each page."""
    given: list[bytes] = []

    class Kept:
        def __init__(self, source: bytes, **_: object) -> None:
            given.append(source)

        def compile(self, **_: object) -> bytes:
            return b"%PDF"

    monkeypatch.setattr("portal.documents.typesetting.typst.Compiler", Kept)
    with town.app.test_request_context():
        typeset(template, {}, town.wired.clock.now())
    (source,) = given
    assert BAND.encode() in source
    assert f'#include "/{template}.typ"'.encode() in source
