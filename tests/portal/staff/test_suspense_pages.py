"""Money without an owner: the queue, what speaks for whom, saying whose it is, and taking that back."""

from __future__ import annotations

from pathlib import Path

import pytest

from accounts.actors.service import actor_id
from accounts.database import transaction
from accounts.staff.rules import Authority, Permission
from payments.lockboxes.service import import_file
from tests.factories.lockbox import Check, lockbox_file
from tests.portal.scene import Scene
from tests.portal.staff.people import staff_of

LOOK = "See what it comes to"


@pytest.fixture
def payment(scene: Scene, tmp_path: Path) -> int:
    """Sixty dollars of somebody called Lopez Ruiz, by a lockbox."""
    with transaction(scene.sessions) as session:
        by = Authority(actor_id(session, "system"), "system", frozenset({Permission.MAIL_LOG}))
    file = tmp_path / "box"
    file.write_text(lockbox_file([[Check(60_00, "77", payer="MARIA LOPEZ RUIZ")]]))
    with scene.app.app_context():
        import_file(scene.wired.lockbox_desk(), by, file, "river-bank")
    return int(scene.scalar("SELECT max(id) FROM payments"))


def test_money_is_identified_by_a_supervisor_from_what_speaks_for_an_account(scene: Scene, payment: int) -> None:
    known, supervisor = scene.open("utility", 60_00), staff_of(scene, "supervisor")
    page = supervisor.get("/staff/suspense")
    assert "MARIA LOPEZ RUIZ" in page.text
    page = supervisor.get(f"/staff/suspense/{payment}")
    assert "The names are alike" in page.text
    assert "It owes exactly this" in page.text
    supervisor.get(f"/staff/suspense/{payment}?account={known.reference}")
    look = supervisor.submit(LOOK, {"Why": "The names fit", "Checks like this": True}, expect=200, budget=40)
    assert "$60.00 leaves suspense." in look.text
    assert scene.balance(known).cents == 60_00
    done = supervisor.submit("It is theirs", budget=60)
    assert done.location == "/staff/suspense"
    assert scene.balance(known).cents == 0
    assert "All money has its owner." in supervisor.follow().text
    assert "The names fit" in supervisor.get(f"/staff/suspense/{payment}").text
    page = supervisor.get("/staff/suspense/rules")
    assert "By its bank account" in page.text
    rule = scene.scalar("SELECT id FROM matching_rules")
    supervisor.get(f"/staff/suspense/rules/{rule}/withdraw")
    page = supervisor.submit("Withdraw it", {"Why": " "}, expect=422, budget=30)
    assert scene.scalar("SELECT count(*) FROM matching_rule_ends") == 0
    supervisor.submit("Withdraw it", {"Why": "Another payer"}, budget=30)
    assert scene.scalar("SELECT reason FROM matching_rule_ends") == "Another payer"


def test_a_clerk_asks_and_what_was_done_is_taken_back(scene: Scene, payment: int) -> None:
    known = scene.open("utility", 60_00)
    clerk, supervisor = staff_of(scene, "clerk"), staff_of(scene, "supervisor")
    clerk.get(f"/staff/suspense/{payment}")
    typed: dict[str, str | bool] = {"Account": known.number, "Why": "They called"}
    clerk.submit(LOOK, typed, expect=200, budget=40)
    asked = clerk.submit("Ask a second person", budget=60)
    assert asked.location.startswith("/staff/approvals/")
    assert scene.balance(known).cents == 60_00
    supervisor.get(f"{asked.location}/approve", budget=20)
    assert "Waits for a second person" in clerk.get("/staff/suspense").text
    supervisor.get(f"/staff/suspense/{payment}")
    supervisor.submit(LOOK, typed, expect=200, budget=40)
    supervisor.submit("It is theirs", budget=60)
    found = scene.scalar("SELECT max(id) FROM identifications")
    supervisor.get(f"/staff/suspense/{payment}/identifications/{found}/take-back")
    supervisor.submit(LOOK, {"Why": "It was not theirs"}, expect=200, budget=40)
    supervisor.submit("Take it back", budget=60)
    assert "Back into suspense" in supervisor.follow().text
    assert scene.balance(known).cents == 60_00


def test_what_is_refused_changes_nothing(scene: Scene, payment: int) -> None:
    scene.open("utility", 60_00)
    supervisor = staff_of(scene, "supervisor")
    supervisor.get(f"/staff/suspense/{payment}")
    page = supervisor.submit(LOOK, {"Account": "nobody", "Why": "x"}, expect=422, budget=40)
    assert page.errors == ["No one account has this number. Type all of it."]
    page = supervisor.submit(
        LOOK, {"Account": "", "Why": "x", "It goes back": True, "How much of it": "60.01"}, expect=422, budget=40
    )
    assert page.errors == ["Less of this payment is in suspense. Check the amount. $60.00 of it is there."]
    assert scene.scalar("SELECT count(*) FROM identifications") == 0
    supervisor.get("/staff/suspense/999999", expect=404)
    supervisor.get(f"/staff/suspense/{payment}/identifications/1/take-back", expect=404)
    supervisor.get("/staff/suspense/rules/7/withdraw", expect=404)


def test_accounts_that_are_not_for_everybody_are_not_suggested(scene: Scene, payment: int) -> None:
    known = scene.open("utility", 60_00)
    scene.run_as_owner("UPDATE customer_accounts SET is_protected = true WHERE id = :id", id=known.id)
    assert known.number not in staff_of(scene, "clerk").get(f"/staff/suspense/{payment}").text
    assert known.number in staff_of(scene, "supervisor").get(f"/staff/suspense/{payment}").text


def test_the_queue_costs_the_same_however_long_it_is(scene: Scene, payment: int, tmp_path: Path) -> None:
    del payment
    clerk = staff_of(scene, "clerk", lang="es")
    first = len(clerk.get("/staff/suspense").statements)
    with transaction(scene.sessions) as session:
        by = Authority(actor_id(session, "system"), "system", frozenset({Permission.MAIL_LOG}))
    file = tmp_path / "more"
    file.write_text(lockbox_file([[Check(100 + n, "77", number=str(n)) for n in range(30)]]))
    with scene.app.app_context():
        import_file(scene.wired.lockbox_desk(), by, file, "river-bank")
    assert len(clerk.get("/staff/suspense").statements) == first
