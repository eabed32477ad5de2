"""A card number that was typed on the processor's page, or by mistake on ours, is nowhere: not stored, not echoed."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog
from pypdf import PdfReader
from sqlalchemy import text

from accounts.cases import asking, handing_in
from accounts.requests import guests
from accounts.requests.guests import Wish
from portal import logs
from portal.config import CHECKOUT
from portal.guest_requests import token_of
from tests.page_client import Page, PageClient
from tests.portal.scene import Known, Scene, add, find, leave, put_many
from tests.portal.test_every_route import POSTS
from tests.sandbox_server import pay_hosted_page

ANYWHERE = re.compile(r"\D{0,3}".join("4242424242424242"))
SENTENCE = "Do not type a card number here."
WRITTEN = ["4242424242424242", "4242 4242 4242 4242", "4242-4242-4242-4242", "4242.4242.4242.4242 12/34"]
TEXT_FIELDS = "input:not([type]), input[type=text], input[type=email], input[type=tel], input[type=number], textarea"
OTHERWISE = {"email": "ana@example.com", "zip_code": "93706", "other": "20", "code": "12345678"}
TYPED_BY_HAND = frozenset({"public.lookups_find", "public.lookups_ask_code", "public.lookups_enter_code",
                           "public.lookups_find_number", "public.accounts_show", "public.baskets_show",
                           "public.requests_new", "public.requests_find", "public.requests_page",
                           "public.requests_show", "public.requests_withdraw"})  # fmt: skip
BUTTONS_ALONE = frozenset({"public.baskets_remove", "public.pay_links_show", "public.payments_resume",
                           "public.requests_begin", "public.requests_check", "public.requests_papers",
                           "public.requests_new_link",
                           "public.mail_links_paper"})  # fmt: skip


@pytest.fixture
def logged() -> Iterator[io.StringIO]:
    """Everything that is logged, at the most talkative level."""
    stream, root = io.StringIO(), logs.logging.getLogger()
    handlers, level = root.handlers[:], root.level
    before = structlog.get_config()
    logs.configure("DEBUG", stream)
    yield stream
    root.handlers[:], root.level = handlers, level
    logs.logging.captureWarnings(capture=False)
    structlog.configure(**before)


def all_text_of_the_database(scene: Scene) -> str:
    """Every column of every table that can hold words, and every number."""
    columns = scene.rows(
        "SELECT table_name, column_name, data_type FROM information_schema.columns WHERE table_schema = 'public'"
    )
    pieces = []
    with scene.db.owner.connect() as connection:
        for table, column, kind in columns:
            value = f"encode(\"{column}\", 'escape')" if kind == "bytea" else f'"{column}"::text'
            pieces += connection.scalars(text(f'SELECT {value} FROM "{table}" WHERE "{column}" IS NOT NULL')).all()
    assert len(pieces) > 200, "this looked at almost nothing"
    return "\n".join(map(str, pieces))


def all_text_of_the_mails(scene: Scene) -> str:
    pieces = []
    for mail in scene.outbox.mails:
        pieces += [f"{name}: {value}" for name, value in mail.items()]
        for part in mail.walk():
            content = part.get_payload(decode=True)
            if part.get_content_type() == "application/pdf":
                pieces += [page.extract_text() for page in PdfReader(io.BytesIO(content)).pages]  # type: ignore[arg-type]
            elif isinstance(content, bytes):
                pieces.append(content.decode())
    return "\n".join(pieces)


def all_text_of_files(*folders: Path) -> str:
    found = (path for folder in folders for path in folder.rglob("*") if path.is_file())
    return "\n".join(path.read_bytes().decode(errors="replace") for path in found)


def pages_with_forms(scene: Scene, person: PageClient, known: Known) -> list[str]:
    put_many(scene, person, [known])
    find(person, known)
    public = [
        "/",
        "/pay",
        "/pay/code",
        "/pay/code/enter",
        "/find-my-number",
        f"/accounts/{known.reference}",
        "/basket",
    ]
    draft, sent = _request(scene, known, "bill-appeal"), _request(scene, known, "bill-question")
    return [*public, "/ask", "/ask/status", f"{draft}/pages/1", sent, f"{sent}/withdraw"]


def _request(scene: Scene, known: Known, kind: str) -> str:
    """The address of a guest's request: an appeal that is not sent, or a question that is."""
    desk, email = scene.wired.case_desk(), "rosa@example.com"
    who = guests.begin(desk, Wish(kind, "Rosa Díaz", email, "", "en", known.id))
    if kind == "bill-question":
        asking.keep_answers(desk, who.case_id, {"question": "Why?"})
        handing_in.submit(desk, who.case_id)
    return f"/ask/requests/{token_of(scene.wired, who)}"


def typed_into_every_field(scene: Scene, person: PageClient, known: Known, number: str) -> Iterator[tuple[str, Page]]:
    """The answer to a card number in each field of each form, the others filled in well."""
    for path in pages_with_forms(scene, person, known):
        for form in person.get(path).soup.select('main form[method="post"]'):
            for field in form.select(TEXT_FIELDS):
                data = {str(each["name"]): str(each.get("value", "")) for each in form.select("input[type=hidden]")}
                for other in form.select(TEXT_FIELDS):
                    data[str(other["name"])] = OTHERWISE.get(str(other["name"]), "Ana")
                data.update({str(each["name"]): "other" for each in form.select("input[type=radio]")})
                data[str(field["name"])] = number
                yield f"{path} {field['name']}", person.post(str(form["action"]), data, expect=422)


def test_every_form_that_takes_text_is_among_those_that_are_tried() -> None:
    assert set(POSTS) == TYPED_BY_HAND | BUTTONS_ALONE


@pytest.mark.parametrize("number", WRITTEN)
def test_a_card_number_is_refused_in_every_field_of_every_form_and_not_shown_again(
    scene: Scene, logged: io.StringIO, number: str
) -> None:
    fields = []
    for field, page in typed_into_every_field(scene, scene.guest(), scene.open("utility", 50_00), number):
        fields.append(field)
        assert any(SENTENCE in error for error in page.errors), f"{field}: {page.errors}"
        assert not ANYWHERE.search(page.html), f"{field} shows it again"
    assert len(fields) >= 11
    assert not ANYWHERE.search(all_text_of_the_database(scene))
    assert not ANYWHERE.search(logged.getvalue())


def test_after_paying_the_card_number_is_nowhere(scene: Scene, logged: io.StringIO, tmp_path: Path) -> None:
    person = scene.guest()
    for kind in ("utility", "license", "citation"):
        add(person, scene.open(kind, 50_00))
    back = pay_hosted_page(leave(person, "ana@example.com"))
    receipt = person.land(back)
    person.get(receipt.path.split("?")[0] + "/verify")
    with person.browser.get(receipt.path.split("?")[0] + "/receipt.pdf") as paper:
        printed = "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(paper.data)).pages)
    scene.run_jobs()
    assert "4242" in receipt.text, "the last four are shown"
    assert "4242" in printed
    seen = {
        "database": all_text_of_the_database(scene),
        "logs": logged.getvalue(),
        "mails": all_text_of_the_mails(scene),
        "files": all_text_of_files(tmp_path, CHECKOUT / "static"),
        "receipt": receipt.html,
        "paper": printed,
    }
    for place, words in seen.items():
        assert words or place == "files", f"nothing was looked at in {place}"
        assert not ANYWHERE.search(words), f"a card number in the {place}"


def test_a_card_number_in_a_message_of_ours_is_masked_in_the_log(logged: io.StringIO) -> None:
    logs.logger("test").error("odd", value="typed 4242 4242 4242 4242 by mistake")
    assert "[card number]" in logged.getvalue()
    assert not ANYWHERE.search(logged.getvalue())
