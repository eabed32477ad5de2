"""The exceptions queue as pages: found by clock and kind, read in words, taken by one, closed with a word."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from accounts.actors.service import actor_id
from accounts.database import transaction
from accounts.exceptions.service import open_exception
from tests.page_client import Page, PageClient
from tests.portal.scene import Scene, add, leave
from tests.portal.staff.people import actor_of, staff_of
from tests.sandbox_server import pay_hosted_page

EVIDENCE: dict[str, dict[str, object]] = {
    "account-differs": {"field": "status", "profile": "utilities-csv", "stated_before": "open", "here": "closed"},
    "amount-mismatch": {"attempt": "pa_01", "amount_cents": 500, "promised_cents": 700, "differs": ["amount"]},
    "balance-difference": {
        "stated_before": "120.00",
        "stated_now": "99.10",
        "open_here": "120.00",
        "paid_here": None,
    },
    "change-after-merger": {"change": 4, "customer": 7, "merged_into": 9},
    "contact-differs": {"field": "phone", "profile": "utilities-csv", "stated_now": "(209) 555-0123"},
    "import-contradiction": {"profile": "citations", "line": 4, "number": "LA-12", "fine": "52.00"},
    "key-conflict": {"attempt": "pa_01", "key": "ik_9f"},
    "no-owner": {"payment_intent": "pi_3Px", "amount_cents": 8123, "currency": "usd", "livemode": False},
    "orphan": {"payment_intent": "pi_4Qy", "amount_cents": 7700, "paid_at": "2026-11-20T18:04:05+00:00"},
    "paid-after-expiry": {"receipt": "W1-2026-000017", "was": "expired", "amount_cents": 4200},
    "payout-failed": {
        "status": "failed",
        "failure_code": "account_closed",
        "amount_cents": 99,
        "arrival_on": "2026-11-20",
    },
    "payout-manual": {"amount_cents": 10000, "status": "paid", "arrival_on": "2026-11-20"},
    "payout-residual": {
        "amount_cents": 10000,
        "residual_cents": -30,
        "by_type": {"charge": {"count": 2, "amount_cents": 9970}},
    },
    "payout-unknown-movement": {"movement": "txn_1", "type": "advance_funding", "amount_cents": 12},
    "payout-unknown-status": {"status": "on_hold"},
    "posted-unpaid": {"payment": 3, "payment_intent": "pi_5", "amount_cents": 4500},
    "remittance-rejected": {"account": "U-17", "charge": "B-3", "amount": "40.00", "reason": "closed_account"},
    "second-payment": {"receipt": "W1-2026-000018", "paid_cents": 5000, "was_open_cents": 0},
    "unknown-page": {"attempt": "pa_01", "session": "cs_test_1", "amount_cents": 300},
    "wrong-currency": {"amount_cents": 500, "currency": "mxn", "differs": ["currency"]},
    "wrong-owner": {"amount_cents": 500, "differs": ["livemode", "environment"], "environment": "staging"},
    "something-new": {"some_code": "x_y", "list": [{"a_b": 1}], "amount_cents": 100},
}


def opened(scene: Scene, kind: str = "orphan", subject: str = "pi_1", account: int | None = None) -> int:
    with transaction(scene.sessions) as session:
        return open_exception(
            session, kind, subject, EVIDENCE[kind], "Do something sensible.", customer_account_id=account
        )


def lines(page: Page) -> list[int]:
    found = [str(link["href"]) for link in page.soup.select("main table a[href^='/staff/exceptions/']")]
    return [int(href.rsplit("/", 1)[-1]) for href in found]


@pytest.mark.parametrize("lang", ["en", "es"])
def test_every_kind_is_read_in_words(scene: Scene, lang: str) -> None:
    clerk = staff_of(scene, "clerk", lang=lang)
    for number, kind in enumerate(EVIDENCE):
        page = clerk.get(f"/staff/exceptions/{opened(scene, kind, f'x{number}')}")
        assert kind not in page.text, "a code is not for people"
        if kind == "something-new":
            assert page.heading == "Something new"
            assert "Do something sensible." in page.text
        else:
            assert len(page.text) > 250, page.text
    page = clerk.get("/staff/exceptions")
    assert len(lines(page)) == len(EVIDENCE)


def test_the_list_goes_by_clock_kind_and_owner(scene: Scene) -> None:
    clerk, other = staff_of(scene, "clerk"), staff_of(scene, "clerk", name="olga")
    known = scene.open("utility", 50_00)
    twice, orphan, nobody = (
        opened(scene, "second-payment", "s", known.id),
        opened(scene),
        opened(scene, "no-owner", "n"),
    )
    assert lines(clerk.get("/staff/exceptions"))[-1] == twice, "it has the longest clock"
    page = clerk.get("/staff/exceptions?kind=second-payment")
    assert lines(page) == [twice]
    assert known.number in page.text
    assert "$50.00" in page.text
    other.get(f"/staff/exceptions/{orphan}")
    other.submit("I take it 1")
    assert lines(other.get("/staff/exceptions?which=mine")) == [orphan]
    assert lines(clerk.get("/staff/exceptions?which=mine")) == []
    assert lines(clerk.get("/staff/exceptions?which=nobodys")) == [nobody, twice]
    assert lines(clerk.get("/staff/exceptions?which=late")) == []
    scene.run_as_owner(f"UPDATE exception_lines SET opened_at = now() - interval '3 days' WHERE id = {orphan}")
    page = clerk.get("/staff/exceptions?which=late&after=junk&kind=junk")
    assert lines(page) == [orphan]
    assert "Late by 2 days" in page.text
    assert "Olga" in page.text


def test_one_takes_it_and_closes_it_with_a_word(scene: Scene) -> None:
    clerk, line = staff_of(scene, "clerk"), opened(scene)
    clerk.get(f"/staff/exceptions/{line}")
    page = clerk.submit("I take it 1")
    assert page.location == f"/staff/exceptions/{line}"
    page = clerk.follow()
    assert "This is yours now." in page.text
    assert not page.soup.select('input[value="take"]')
    page = clerk.submit("Close it", {"Note": "  "}, expect=422)
    assert page.errors == ["Say what was done about it."]
    assert scene.scalar("SELECT count(*) FROM exception_lines WHERE closed_at IS NOT NULL") == 0
    clerk.get(f"/staff/exceptions/{line}")
    clerk.submit("Close it", {"Refunded at the processor.": True, "Note": "re_3PxQ"})
    assert "Closed: Payment that we do not know." in clerk.follow().text
    page = clerk.get(f"/staff/exceptions/{line}")
    assert "Refunded at the processor. re_3PxQ" in page.text
    assert not page.soup.select("main form")
    page = clerk.get("/staff/exceptions?which=closed")
    assert lines(page) == [line]
    assert "Refunded at the processor. re_3PxQ" in page.text
    acts = [row.act for row in scene.rows("SELECT act FROM audit_entries WHERE act LIKE 'exception-%' ORDER BY id")]
    assert acts == ["exception-taken", "exception-closed"]


def test_two_at_once_and_the_second_is_told(scene: Scene) -> None:
    clerk, other, line = staff_of(scene, "clerk"), staff_of(scene, "clerk", name="olga"), opened(scene)
    for person in (clerk, other):
        person.get(f"/staff/exceptions/{line}")
    clerk.submit("I take it 1")
    state = scene.rows("SELECT * FROM exception_lines")
    page = other.submit("I take it 1", expect=409)
    assert page.errors == ["Somebody else took this on while you had it open. Talk to them, or take it over."]
    assert "Clerk has it." in page.text
    assert scene.rows("SELECT * FROM exception_lines") == state
    other.submit("Take it over from Clerk 1")
    clerk.get(f"/staff/exceptions/{line}")
    other.get(f"/staff/exceptions/{line}")
    other.submit("Close it", {"Note": "It was a test."})
    page = clerk.submit("Close it", {"Note": "Me too."}, expect=409)
    assert page.errors == ["Somebody closed this while you had it open. Their note is below."]
    assert "It was a test." in page.text
    assert scene.scalar("SELECT closing_note FROM exception_lines") == "It was a test."


def test_a_line_about_a_hidden_account_is_not_there(scene: Scene) -> None:
    known, clerk, chief = scene.open("utility", 50_00), staff_of(scene, "clerk"), staff_of(scene, "supervisor")
    line = opened(scene, "second-payment", "s", known.id)
    scene.run_as_owner(f"UPDATE customer_accounts SET is_restricted = true WHERE id = {known.id}")
    assert lines(clerk.get("/staff/exceptions")) == []
    hidden, missing = (
        clerk.get(f"/staff/exceptions/{line}", expect=404),
        clerk.get("/staff/exceptions/99", expect=404),
    )
    assert hidden.bare(f"exceptions/{line}") == missing.bare("exceptions/99")
    token = token_of(clerk)
    for act in ("take", "close"):
        clerk.post(f"/staff/exceptions/{line}", {"csrf_token": token, "act": act, "note": "mine"}, expect=404)
    assert scene.scalar("SELECT owner_id IS NULL AND closed_at IS NULL FROM exception_lines")
    chief.get(f"/staff/exceptions/{line}")
    seen = scene.rows(f"SELECT actor_id FROM audit_entries WHERE act = 'account-seen' AND subject_id = '{known.id}'")
    assert [row.actor_id for row in seen] == [actor_of(scene, chief)]


def test_acts_that_fit_lead_on_and_a_payment_tells_its_story(scene: Scene) -> None:
    known, other, clerk = scene.open("utility", 50_00), scene.open("utility", 30_00), staff_of(scene, "clerk")
    payer = scene.guest()
    add(payer, known)
    add(payer, other)
    payer.land(pay_hosted_page(leave(payer)))
    attempt = scene.scalar("SELECT id FROM attempts")
    line = opened(scene, "second-payment", f"{attempt}:{known.id}", known.id)
    page = clerk.get(f"/staff/exceptions/{line}")
    acts = {link.get_text(): str(link["href"]) for link in page.soup.select(".alert a")}
    payment = scene.scalar("SELECT id FROM payments")
    assert acts["Move the payment to another account"] == (
        f"/staff/accounts/{known.reference}/moves/new?payment={payment}"
    )
    receipt = scene.scalar("SELECT series || '-' || year || '-' || lpad(number::text, 6, '0') FROM receipts")
    assert "Paid and in the books" in page.text
    assert str(receipt) in page.text.replace(" ", "")
    assert "$50.00" in page.text
    assert "$30.00" in page.text
    scene.run_as_owner(f"UPDATE customer_accounts SET is_protected = true WHERE id = {other.id}")
    page = clerk.get(f"/staff/exceptions/{line}")
    assert "A protected or restricted account" in page.text
    assert "Find the receipt" not in page.text
    orphan = clerk.get(f"/staff/exceptions/{opened(scene)}")
    assert orphan.soup.find("a", href="/staff/search?q=77.00") or "Search for this amount" not in orphan.text


def test_a_full_queue_goes_on_page_by_page_in_as_many_statements(scene: Scene) -> None:
    clerk = staff_of(scene, "clerk")
    few = len(clerk.get("/staff/exceptions").statements)
    with transaction(scene.sessions) as session:
        actor_id(session, "system")
        for number in range(60):
            open_exception(session, "orphan", f"pi_{number}", {"amount_cents": number})
    page = clerk.get("/staff/exceptions")
    onward: Any = page.soup.select_one('nav.pages a[rel="next"]')
    rest = clerk.get(str(onward["href"]))
    assert (len(lines(page)), len(lines(rest))) == (50, 10)
    assert not set(lines(page)) & set(lines(rest))
    assert len(page.statements) <= few
    scene.clock.advance(days=2)
    assert scene.clock.now() - timedelta(days=2) < scene.clock.now()


def token_of(person: PageClient) -> str:
    found: Any = person.get("/staff/keys").soup.select_one('input[name="csrf_token"]')
    return str(found["value"])
