"""The first page: what waits for this very person, and nothing that is not theirs."""

from __future__ import annotations

from datetime import timedelta

import pytest

from accounts.contacts import service as contacts
from accounts.contacts.rules import NewFollowUp
from accounts.database import transaction
from accounts.exceptions.service import open_exception
from accounts.staff.rules import Grant, authority
from payments.moves.rules import Move
from tests.page_client import PageClient
from tests.portal.scene import Scene
from tests.portal.staff.files import desk_of, hide, path, pay_at_counter
from tests.portal.staff.people import actor_of, staff_of


def proposed_by(scene: Scene, client: PageClient, role: str) -> None:
    """The person who is signed in there asks for a move, and it waits."""
    wrong, right = scene.open("utility", 50_00), scene.open("utility", 50_00)
    receipt = pay_at_counter(scene, wrong, 50_00)
    payment = scene.scalar("SELECT payment_id FROM receipts WHERE id = :id", id=receipt)
    grants = [Grant(role, scene.today - timedelta(days=9))]
    by = authority(scene.city, actor_of(scene, client), f"staff:{role}", grants, scene.today)
    desk_of(scene).waits(
        by, Move(payment_id=payment, from_account_id=wrong.id, to_account_id=right.id, amount_cents=50_00)
    )


@pytest.mark.parametrize(
    "role", ["cashier", "clerk", "supervisor", "license_officer", "finance", "auditor", "administrator"]
)
@pytest.mark.parametrize("lang", ["en", "es"])
def test_everybody_has_a_first_page(scene: Scene, role: str, lang: str) -> None:
    page = staff_of(scene, role, lang=lang).get("/staff/")
    assert {"en": "Nothing waits for you.", "es": "No hay nada pendiente para usted."}[lang] in page.text


def test_an_act_waits_for_its_maker_and_for_who_may_decide_it(scene: Scene) -> None:
    clerk, finance, cashier = staff_of(scene, "clerk"), staff_of(scene, "finance"), staff_of(scene, "cashier")
    proposed_by(scene, clerk, "clerk")
    assert "What you proposed and still waits" in clerk.get("/staff/").text
    assert "1 act waits for your decision" in finance.get("/staff/").text
    assert "What you proposed" not in finance.get("/staff/").text
    assert "Nothing waits for you." in cashier.get("/staff/").text


def test_follow_ups_and_late_exceptions_are_shown_to_whom_they_concern(scene: Scene) -> None:
    known = scene.open("utility", 50_00)
    clerk, cashier = staff_of(scene, "clerk"), staff_of(scene, "cashier")
    clara, policy = desk_of(scene).person("clara", "clerk"), scene.city.desk_policy(scene.today)
    for text, day in (("Call her back", 0), ("Next month", 30)):
        due = NewFollowUp(text, scene.today + timedelta(days=day), for_actor_id=actor_of(scene, clerk))
        contacts.add_follow_up(scene.sessions, clara, policy, known.id, due, clock=scene.clock)
    with transaction(scene.sessions) as session:
        open_exception(session, "second-payment", "pi_1", {}, customer_account_id=known.id)
    page = clerk.get("/staff/")
    assert "Call her back" in page.text
    assert "Next month" not in page.text
    assert "Exceptions whose time is over" not in page.text
    scene.run_as_owner("UPDATE exception_lines SET opened_at = opened_at - interval '30 days'")
    page = clerk.get("/staff/")
    assert "Paid twice" in page.text
    assert "Call her back" not in cashier.get("/staff/").text
    assert "Paid twice" not in cashier.get("/staff/").text
    hide(scene, known)
    page = clerk.get("/staff/")
    assert "Paid twice" not in page.text
    assert "Call her back" not in page.text


def test_accounts_that_were_opened_last_come_first_and_hidden_ones_go(scene: Scene) -> None:
    first, second = scene.open("utility", 1_00, name="Ana Uno"), scene.open("utility", 2_00, name="Ana Dos")
    clerk = staff_of(scene, "clerk")
    for known in (first, second, first):
        scene.run_as_owner("ALTER TABLE audit_entries DISABLE TRIGGER append_only")
        scene.run_as_owner("UPDATE audit_entries SET at = at - interval '5 minutes'")
        scene.run_as_owner("ALTER TABLE audit_entries ENABLE TRIGGER append_only")
        clerk.get(path(known))
    page = clerk.get("/staff/")
    assert page.text.index("Ana Uno") < page.text.index("Ana Dos")
    assert "Ana" not in staff_of(scene, "cashier").get("/staff/").text
    hide(scene, second)
    assert "Ana Dos" not in clerk.get("/staff/").text
