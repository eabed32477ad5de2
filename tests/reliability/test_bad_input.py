"""Bad input from a browser: a clear answer in the person's language, a 4xx, an audit line, and nothing changed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from importlib import import_module

import pytest

from accounts.money import Money
from payments.terms import bounds_of
from tests.page_client import Page, PageClient
from tests.portal.scene import Known, Scene, add, find, put_many
from tests.reliability.errands import pays

AMOUNTS = [
    "0",
    "-5",
    "-0.01",
    "19.999",
    "1e3",
    "NaN",
    "Infinity",
    "5 EUR",
    "€5",
    "10,000,000,000",
    "0x10",
    "twelve",
    "; --",
]
IGNORED = {"audit_entries", "alembic_version"}


def everything(scene: Scene) -> dict[str, str]:
    """A digest of every table but the audit."""
    tables = scene.rows("SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public'")
    asked = "SELECT md5(coalesce(string_agg(t::text, '|' ORDER BY t::text), '')) FROM {} t"
    return {row.name: scene.scalar(asked.format(row.name)) for row in tables if row.name not in IGNORED}


def refusals(scene: Scene) -> list[tuple[int, str]]:
    rows = scene.rows("SELECT subject_id, details FROM audit_entries WHERE act = 'input-refused' ORDER BY id")
    return [(row.details["status"], row.subject_id) for row in rows]


def on_the_account_page(scene: Scene, lang: str) -> tuple[PageClient, Known]:
    guest, known = scene.guest(), scene.open("utility", 50_00)
    find(guest, known)
    guest.get(f"/accounts/{known.reference}", lang=lang)
    return guest, known


@pytest.mark.parametrize("lang", ["en", "es"])
@pytest.mark.parametrize("typed", AMOUNTS)
def test_an_amount_that_cannot_be_paid(scene: Scene, typed: str, lang: str) -> None:
    guest, _ = on_the_account_page(scene, lang)
    action, data = guest.filled(guest.page.soup.select("main form button")[-1].get_text(" ", strip=True), {})  # type: ignore[union-attr]
    before = everything(scene)
    page = guest.post(action, {**data, "choice": "other", "other": typed}, expect=422)
    assert page.errors, "a sentence for the person"
    assert page.soup.html["lang"] == lang  # type: ignore[index]
    after = everything(scene)
    assert {name for name in before if before[name] != after[name]} <= {"baskets", "basket_lines"}
    assert scene.scalar("SELECT count(*) FROM attempts") == 0
    assert refusals(scene) == [(422, "public.accounts_show")]
    line = str(scene.scalar("SELECT details FROM audit_entries WHERE act = 'input-refused'"))
    assert len(typed) < 3 or typed not in line, "what was typed is not kept"


def forged_total(scene: Scene, guest: PageClient) -> Page:
    action, data = guest.filled("Go to the payment page", {})
    return guest.post(action, {**data, "quoted": "1"}, expect=409, budget=30)


def another_currency(scene: Scene, guest: PageClient) -> Page:
    action, data = guest.filled("Go to the payment page", {})
    return guest.post(action, {**data, "quoted": "5098 MXN", "currency": "mxn"}, expect=409, budget=30)


def somebody_elses_account(scene: Scene, guest: PageClient) -> Page:
    other = scene.open("citation", 10_00)
    return guest.get(f"/accounts/{other.reference}", expect=404)


def somebody_elses_attempt(scene: Scene, guest: PageClient) -> Page:
    _, data = guest.filled("Go to the payment page", {})
    return guest.post("/payments/a-link-that-was-never-given/resume", data, expect=404)


def a_body_of_ten_megabytes(scene: Scene, guest: PageClient) -> Page:
    action, data = guest.filled("Go to the payment page", {})
    return guest.post(action, {**data, "email": "a" * 10_000_000}, expect=413)


def a_form_without_its_token(scene: Scene, guest: PageClient) -> Page:
    action, _ = guest.filled("Go to the payment page", {})
    return guest.post(action, {"quoted": "5098"}, expect=400)


@pytest.mark.parametrize(
    "bad",
    [forged_total, another_currency, somebody_elses_account, somebody_elses_attempt, a_body_of_ten_megabytes,
     a_form_without_its_token],
)  # fmt: skip
def test_a_request_that_no_page_of_ours_makes(scene: Scene, bad: Callable[[Scene, PageClient], Page]) -> None:
    guest = scene.guest()
    add(guest, scene.open("utility", 50_00))
    guest.get("/basket")
    if bad is somebody_elses_account:
        bad(scene, guest)
        assert refusals(scene) == [(404, "public.accounts_show")]
        return
    before = everything(scene)
    page = bad(scene, guest)
    assert page.heading
    assert everything(scene) == before
    assert len(refusals(scene)) == 1


def test_more_accounts_than_one_payment_takes(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    few = replace(bounds_of(scene.city), most_accounts=3)
    monkeypatch.setattr(import_module("portal.public.accounts"), "bounds_of", lambda city: few)
    guest = scene.guest()
    put_many(scene, guest, [scene.open("citation", 10_00 + n) for n in range(3)])
    one_more = scene.open("citation", 99_00)
    find(guest, one_more)
    before = everything(scene)
    page = guest.submit("Continue", expect=422)
    assert page.errors[0].startswith("The basket is full.")
    assert everything(scene) == before
    assert refusals(scene) == [(422, "public.accounts_show")]


def test_another_persons_paid_attempt_cannot_be_paid_or_closed_by_its_number(scene: Scene) -> None:
    """The link is the key; the attempt's own number opens nothing."""
    paid = pays(scene)
    stranger = scene.guest("198.51.100.8")
    for path in (f"/payments/{paid.attempt_id}", f"/payments/{paid.session_id}"):
        stranger.get(path, expect=404)
    assert scene.balance(paid.known) == Money(50_00)
    assert [status for status, _ in refusals(scene)] == [404, 404]


def test_right_input_leaves_no_such_line(scene: Scene) -> None:
    paid = pays(scene)
    paid.guest.land(paid.back)
    assert refusals(scene) == []
