"""A language is a catalog and a line in the city's file: nothing in the code knows which ones there are.

Vietnamese stands for any: its catalog is every string of ours in ⟦…⟧, in the folder of the city, and the city's file
has it among ``more_languages``. The pages, a receipt, a mail and a text then speak it.
"""

from __future__ import annotations

import io
import re
import shutil
import tomllib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from bs4 import BeautifulSoup
from flask.testing import FlaskClient
from pypdf import PdfReader

from accounts.cities.folder import read_folder
from accounts.cities.rules import City
from accounts.cities.service import approve, propose
from accounts.clock import FixedClock
from payments.checkout.rules import page_locale
from payments.gateway.stripe import StripeGateway
from portal import create_app
from portal.config import CHECKOUT, Mode, Settings
from portal.documents.receipt import receipt_pdf
from portal.languages import code_of, direction, language_name, locale_of
from portal.messages_sent.rules import Kind
from portal.notices.matters import Matter
from portal.notices.words import mail_of, text_of, wording
from portal.receipts import receipt_mail
from portal.wiring import Wiring
from scripts.translations import extracted
from tests.database import TestDatabase
from tests.payments.receipts import samples
from tests.portal.scene import Outbox

TAG = "vi"
PAGES = ("/", "/pay", "/basket", "/help", "/privacy", "/find-my-number", "/pay/code", "/my/sign-in", "/no-such-page")
_KEPT = re.compile(r"(%\(\w+\)[sd]|\{\w*\}|</?[a-z][^>]*>)")


def marked(words: str) -> str:
    """``Due %(date)s`` → ``⟦Due %(date)s⟧``."""
    return f"⟦{words}⟧"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demonstration's city with one more line, and one more catalog."""
    place = tmp_path_factory.mktemp("city") / "city"
    shutil.copytree(CHECKOUT / "city", place)
    file = place / "identity.toml"
    text = file.read_text()
    file.write_text(text.replace('languages = ["en", "es"]', f'languages = ["en", "es"]\nmore_languages = ["{TAG}"]'))
    catalog = Catalog(locale=TAG, fuzzy=False)
    for message in extracted():
        if message.id:
            several = isinstance(message.id, tuple | list)
            catalog.add(
                message.id, (marked(message.id[1]),) if several else marked(message.id), context=message.context
            )
    path = place / "translations" / TAG / "LC_MESSAGES" / "messages.mo"
    path.parent.mkdir(parents=True)
    with path.open("wb") as out:
        write_mo(out, catalog)
    return place


@pytest.fixture(scope="module")
def city(folder: Path) -> City:
    return read_folder(folder)


@pytest.fixture
def client(db: TestDatabase, folder: Path, city: City) -> FlaskClient:
    """A browser that asks for the language, as browsers do."""
    approve(db.sessions, propose(db.sessions, city, "staff:maker"), "staff:checker")
    settings = Settings(
        mode=Mode.TEST, database_url=db.app_url, secret_key="a secret key for tests, long enough to count",
        proof_key="a key of proofs for tests, long enough", stripe_key="sk_test_none",
        stripe_api_base="http://127.0.0.1:9", city_folder=folder,
    )  # fmt: skip
    gateway = StripeGateway(settings.stripe_key, ("whsec_none",), settings.stripe_api_base)
    outbox = cast(Any, Outbox())
    clock = FixedClock(datetime(2026, 12, 29, 18, 0, tzinfo=UTC))
    app = create_app(settings, Wiring(settings, db.app, db.sessions, clock, gateway, outbox, outbox))
    return app.test_client()


def test_only_a_line_and_a_catalog_were_added(folder: Path) -> None:
    ours = {path.relative_to(CHECKOUT / "city"): path.read_bytes() for path in (CHECKOUT / "city").rglob("*.toml")}
    theirs = {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*.toml")}
    (changed,) = [name for name in ours if ours[name] != theirs[name]]
    before, after = ours[changed].decode().splitlines(), theirs[changed].decode().splitlines()
    assert [line for line in after if line not in before] == [f'more_languages = ["{TAG}"]']
    assert tomllib.loads(theirs[changed].decode())["identity"]["languages"] == ["en", "es"]


@pytest.mark.parametrize("path", PAGES)
def test_pages_speak_it(client: FlaskClient, path: str) -> None:
    page = client.get(path, headers={"Accept-Language": f"{TAG},en;q=0.5"})
    soup = BeautifulSoup(page.text, "html.parser")
    assert soup.html is not None
    assert soup.html["lang"] == TAG
    (title,) = soup.select("h1")
    assert "⟦" in title.text or path == "/", f"{path} is in another language"
    words = soup.get_text(" ")
    assert words.count("⟦") > 5
    assert words.count("⟦") == words.count("⟧")


def test_the_choice_of_languages_offers_it_by_its_own_name(client: FlaskClient) -> None:
    soup = BeautifulSoup(client.get("/").text, "html.parser")
    links = {str(link["lang"]): link.text for link in soup.select(".languages a")}
    assert links == {"en": "English", "es": "Español", "vi": "Tiếng Việt"}
    client.get(f"/language/{TAG}?to=/help")
    assert BeautifulSoup(client.get("/help").text, "html.parser").html["lang"] == TAG  # type: ignore[index]
    assert client.get("/language/eo").status_code == 404


def test_a_receipt_a_mail_and_a_text_speak_it(client: FlaskClient, city: City) -> None:
    receipt = samples.page(language=TAG, email="a@b.example")
    matter = Matter("100000011", "utility", 40_00, datetime(2026, 12, 3, tzinfo=UTC).date())
    with client.application.app_context():
        pages = PdfReader(io.BytesIO(receipt_pdf(receipt, city, TAG, "https://pay.example"))).pages
        said = wording(Kind.DUE_SOON, matter, city, TAG, "https://pay.example")
        mail = mail_of(said, city, TAG, to="a@b.example", key="notice-1-ab", base_url="https://pay.example")
        receipted = receipt_mail(receipt, city, "https://pay.example")
    assert "⟦" in "".join(page.extract_text() for page in pages)
    for one in (mail, receipted):
        assert one["Content-Language"] == TAG
        assert "⟦" in str(one["Subject"])
        html = one.get_body(("html",))
        assert html is not None
        assert f'<html lang="{TAG}"' in html.get_content()
    assert "STOP" in text_of(said)


def test_the_processor_s_page_follows_where_it_can() -> None:
    assert [page_locale(tag) for tag in ("en", "es", "vi", "tl", "zh-Hant", "hmn")] == [
        "en", "es-419", "vi", "fil", "zh-TW", "auto",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("tag", "name", "written"),
    [("en", "English", "ltr"), ("zh-Hant", "中文 (繁體)", "ltr"), ("ar", "العربية", "rtl"), ("qqq", "qqq", "ltr")],
)
def test_any_tag_has_a_name_a_locale_and_a_direction(tag: str, name: str, written: str) -> None:
    assert (language_name(tag), direction(tag)) == (name, written)
    assert code_of(locale_of(tag)) in {tag, "en"}
