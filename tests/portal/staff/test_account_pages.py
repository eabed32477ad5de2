"""The file of an account: one page that answers most calls, its parts, and what the resident sees."""

from __future__ import annotations

from datetime import timedelta

import pytest

from accounts.contacts import service as contacts
from accounts.contacts.rules import NewFollowUp
from accounts.database import transaction
from accounts.exceptions.service import open_exception
from payments.moves.rules import Move
from tests.portal.scene import Scene, add, leave
from tests.portal.staff.files import (
    PARTS,
    desk_of,
    hide,
    move,
    path,
    pay_at_counter,
    pay_online,
    raise_many,
    same_holder,
)
from tests.portal.staff.people import staff_of


@pytest.mark.parametrize("lang", ["en", "es"])
@pytest.mark.parametrize("kind", ["utility", "license", "citation"])
def test_every_part_of_every_kind_is_a_page_in_both_languages(scene: Scene, kind: str, lang: str) -> None:
    known = scene.open(kind, 50_00, past_due=[10_00])
    pay_online(scene, known)
    scene.run_jobs()
    window = staff_of(scene, "supervisor", "auditor", name="sue", lang=lang)
    for part in PARTS:
        reads = "en" if part == "/as-resident" else None
        page = window.get(path(known, part), reads=reads)
        assert known.number in page.text


def test_the_first_page_says_what_is_owed_since_when_and_why(scene: Scene) -> None:
    known = scene.open("utility", 50_00, 20_00, past_due=[10_00])
    scene.run_as_owner("UPDATE charges SET due_on = due_on - 25 WHERE amount_cents = 1000 AND open_cents = 1000")
    page = staff_of(scene, "clerk").get(path(known))
    assert page.heading == "María López Ruiz"
    strip = {div.dt.get_text(): " ".join(div.dd.get_text(" ").split()) for div in page.soup.select(".strip > div")}
    assert strip["Balance"].startswith("$80.00")
    assert "Past due" in strip["Balance"]
    assert strip["Not yet due"] == "$70.00"
    assert strip["31–60 days late"] == "$10.00"
    assert strip["1–30 days late"] == strip["61–90 days late"] == strip["Over 90 days late"] == "$0.00"
    assert strip["Next due"].startswith("$70.00")
    first = page.soup.select_one('a[href*="/charges/"]')
    assert first is not None
    assert first.get_text() == "water for a month"


def test_money_on_its_way_and_the_last_payment_are_named(scene: Scene) -> None:
    known = scene.open("utility", 50_00)
    clerk = staff_of(scene, "clerk")
    assert "No payment yet" in clerk.get(path(known)).text
    person = scene.guest()
    add(person, known)
    leave(person)
    assert "begun, may still be paid" in clerk.get(path(known)).text
    other = scene.open("utility", 30_00)
    pay_online(scene, other)
    page = clerk.get(path(other))
    assert "$30.00" in page.amounts
    assert "Visa ending in 4242" in page.text


@pytest.mark.parametrize("part", PARTS)
def test_much_on_an_account_costs_no_more_statements_than_little(scene: Scene, part: str) -> None:
    few, many = scene.open("utility", 10_00), scene.open("utility", 10_00)
    raise_many(scene, few, 3)
    raise_many(scene, many, 300)
    desk = desk_of(scene)
    clara = desk.person("clara", "clerk")
    for _ in range(30):
        contacts.add_note(scene.sessions, clara, many.id, "Called.", clock=scene.clock)
    window = staff_of(scene, "supervisor")
    counts = [len(window.get(path(known, part), reads="en").statements) for known in (few, many)]
    assert counts[0] == counts[1]
    assert counts[0] <= 12


def test_notes_that_are_pinned_and_what_was_promised_stand_on_the_first_page(scene: Scene) -> None:
    known = scene.open("utility", 50_00)
    desk = desk_of(scene)
    clara, policy = desk.person("clara", "clerk"), scene.city.desk_policy(scene.today)
    contacts.add_note(scene.sessions, clara, known.id, "Dog in the yard.", clock=scene.clock, pinned=True)
    contacts.add_note(scene.sessions, clara, known.id, "Called twice.", clock=scene.clock)
    promise = NewFollowUp("Call back on Friday", scene.today, for_actor_id=clara.actor_id)
    contacts.add_follow_up(scene.sessions, clara, policy, known.id, promise, clock=scene.clock)
    with transaction(scene.sessions) as session:
        open_exception(session, "second-payment", "pi_1", {}, customer_account_id=known.id)
    page = staff_of(scene, "clerk").get(path(known))
    assert "Dog in the yard." in page.text
    assert "Called twice." not in page.text
    assert "Call back on Friday" in page.text
    assert "Paid twice" in page.text
    talk = staff_of(scene, "clerk").get(path(known, "/conversations"))
    assert talk.text.index("Dog in the yard.") < talk.text.index("Called twice.")


def test_flags_are_words(scene: Scene) -> None:
    known = scene.open("utility", 50_00)
    hide(scene, known, "is_protected")
    hide(scene, known, "is_restricted")
    customer = scene.scalar(f"SELECT customer_id FROM customer_accounts WHERE id = {known.id}")
    scene.run_as_owner(
        "INSERT INTO returned_mail (customer_id, returned_on, address, address_key, mail_kind, reference, evidence,"
        " actor_id, at) VALUES (:customer, :on, '1 Elm', '1 elm', 'bill', '', '', 1, now())",
        customer=customer, on=scene.today - timedelta(days=3),
    )  # fmt: skip
    page = staff_of(scene, "supervisor").get(path(known))
    for words in ("Protected: say nothing", "Restricted file", "Mail came back on", "no shut-off before a visit"):
        assert words in page.text


def test_other_accounts_of_the_holder_are_named_to_those_who_may_see_them(scene: Scene) -> None:
    first, second, third = scene.open("utility", 1_00), scene.open("license", 2_00), scene.open("utility", 3_00)
    same_holder(scene, first, second, third)
    clerk = staff_of(scene, "clerk")
    page = clerk.get(path(first))
    assert second.number in page.text
    assert third.number in page.text
    assert "@example.com" in page.text
    hide(scene, third)
    page = clerk.get(path(first))
    assert second.number in page.text
    assert third.number not in page.text
    assert "@example.com" not in page.text, "how to reach who is protected is nobody's to read on another account"
    seen = staff_of(scene, "supervisor").get(path(first))
    assert third.number in seen.text
    assert "@example.com" in seen.text


def test_acts_are_offered_to_those_who_may_begin_them(scene: Scene) -> None:
    known = scene.open("utility", 50_00)
    clerk = staff_of(scene, "clerk").get(path(known))
    auditor = staff_of(scene, "auditor").get(path(known))
    keys = {str(link["data-key"]): link.get_text() for link in clerk.soup.select(".file-acts [data-key]")}
    assert keys["1"].endswith("Log a contact")
    assert keys["2"].endswith("Write a note")
    assert "9" not in keys, "a clerk restricts no file"
    looks = [link["data-key"] for link in auditor.soup.select(".file-acts a[data-key]")]
    assert looks == ["v r"], "a look and no act"


@pytest.mark.parametrize(("language", "heading"), [("en", "What you owe"), ("es", "Lo que debe")])
def test_the_residents_page_is_read_along_and_does_nothing(scene: Scene, language: str, heading: str) -> None:
    known = scene.open("utility", 50_00, past_due=[20_00], language=language)
    clerk = staff_of(scene, "clerk")
    page = clerk.get(path(known, "/as-resident"), reads=language)
    assert page.heading == heading
    assert "M••• L••• R•••" in page.text, "as a guest sees it"
    assert page.soup.select("form") == []
    assert page.soup.select("button") == []
    header = page.soup.select_one("header")
    assert header is not None
    assert header.find_parent(attrs={"inert": True}) is not None
    other = {"en": "es", "es": "en"}[language]
    turned = clerk.get(path(known, f"/as-resident?language={other}"), reads=other)
    assert turned.heading != heading
    seen = scene.rows("SELECT details FROM audit_entries WHERE act = 'account-seen'")
    assert [line.details for line in seen] == [{"page": "as_resident_show"}]


def test_what_was_declared_is_confidential(scene: Scene) -> None:
    known = scene.open("license", 50_00)
    scene.run_as_owner(
        "WITH term AS (INSERT INTO license_terms (customer_account_id, starts_on, expires_on, state)"
        " VALUES (:id, '2026-07-01', '2027-06-30', 'due') RETURNING id)"
        " INSERT INTO license_declarations (term_id, version, gross_receipts_cents, employees)"
        " SELECT id, 1, 70000000, 4 FROM term",
        id=known.id,
    )
    for part in ("", "/details"):
        assert "700,000" not in staff_of(scene, "clerk").get(path(known, part)).html
        assert "the figures are confidential" in staff_of(scene, "clerk").get(path(known, part)).text
        assert "$700,000.00" in staff_of(scene, "license_officer").get(path(known, part)).text


def test_who_else_had_an_account_here_is_told_to_those_who_may_see_it(scene: Scene) -> None:
    known, before = scene.open("utility", 5_00), scene.open("utility", 7_00, name="Rosa Antes")
    scene.run_as_owner(
        "UPDATE customer_accounts SET premises_id = (SELECT premises_id FROM customer_accounts WHERE id = :id)"
        " WHERE id = :before",
        id=known.id, before=before.id,
    )  # fmt: skip
    clerk = staff_of(scene, "clerk")
    page = clerk.get(path(known, "/details"))
    assert "Rosa Antes" in page.text
    assert before.number in page.text
    assert page.amounts == ["$7.00"]
    hide(scene, before)
    assert "Rosa Antes" not in clerk.get(path(known, "/details")).text


def test_credit_on_a_closed_account_is_said_to_be_owed(scene: Scene) -> None:
    known = scene.open("utility", 5_00)
    scene.run_as_owner(
        "UPDATE customer_accounts SET credit_cents = 1234, status = 'closed' WHERE id = :id", id=known.id
    )
    assert "The City owes $12.34" in staff_of(scene, "clerk").get(path(known)).text


def test_only_what_waits_is_shown_among_many_acts(scene: Scene) -> None:
    known, other = scene.open("utility", 50_00), scene.open("utility", 50_00)
    desk = desk_of(scene)
    receipt = pay_at_counter(scene, known, 50_00)
    payment = scene.scalar("SELECT payment_id FROM receipts WHERE id = :id", id=receipt)
    wanted = Move(payment_id=payment, from_account_id=known.id, to_account_id=other.id, amount_cents=20_00)
    desk.waits(desk.person("clara", "clerk"), wanted)
    move(scene, receipt, known, other, 10_00)
    page = staff_of(scene, "clerk").get(path(known))
    assert page.text.count("Waits for a second person") == 1
