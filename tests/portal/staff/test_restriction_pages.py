"""Marks of an account: put on and taken off by those who may, with a reason, and seen at once by everybody."""

from __future__ import annotations

from typing import Any

import pytest

from tests.portal.scene import Known, Scene
from tests.portal.staff.people import actor_of, staff_of

CARD = "4242 4242 4242 4242"


def path_of(known: Known) -> str:
    return f"/staff/accounts/{known.reference}/restrictions"


def flags(scene: Scene, known: Known) -> tuple[bool, bool]:
    (row,) = scene.rows("SELECT is_restricted, is_protected FROM customer_accounts WHERE id = :id", id=known.id)
    return row.is_restricted, row.is_protected


def lines(scene: Scene) -> list[Any]:
    return scene.rows("SELECT act, actor_id, details FROM audit_entries WHERE act LIKE 'account-%ed' ORDER BY id")


def test_a_supervisor_restricts_and_takes_it_off_and_clerks_see_it_at_once(scene: Scene) -> None:
    known, boss, clerk = scene.open("utility", 50_00), staff_of(scene, "supervisor"), staff_of(scene, "clerk")
    note = f"/staff/accounts/{known.reference}/notes/new"
    clerk.get(note)
    boss.get(path_of(known))
    page = boss.submit("Restrict this account", {"Why": "Threatened a reader"})
    assert page.location == f"/staff/accounts/{known.reference}"
    assert flags(scene, known) == (True, False)
    clerk.get(note, expect=404)
    act, by, details = lines(scene)[-1]
    assert (act, by) == ("account-restricted", actor_of(scene, boss))
    assert details == {"reason": "Threatened a reader", "before": False, "after": True}
    page = boss.get(path_of(known))
    assert "This account is restricted." in page.text
    boss.submit("Take the restriction off", {"Why": "Over"})
    assert flags(scene, known) == (False, False)
    clerk.get(note)


def test_protection_is_of_the_person_and_counts_for_all_their_accounts(scene: Scene) -> None:
    known, other = scene.open("utility", 50_00), scene.open("license", 20_00)
    scene.run_as_owner(
        "UPDATE customer_accounts SET customer_id = (SELECT customer_id FROM customer_accounts"
        f" WHERE id = {known.id}) WHERE id = {other.id}"
    )
    boss = staff_of(scene, "supervisor", lang="es")
    page = boss.get(path_of(known))
    assert page.heading == "Restringir o proteger"
    assert other.number in page.text
    boss.submit("Proteger a esta persona", {"Por qué": "Safe at Home"})
    assert (flags(scene, known), flags(scene, other)) == ((False, True), (False, True))
    boss.get(path_of(other))
    boss.submit("Quitar la protección", {"Por qué": "Terminó"})
    assert (flags(scene, known), flags(scene, other)) == ((False, False), (False, False))


@pytest.mark.parametrize(
    ("typed", "said"), [("", "Say why in a few words."), (CARD, "Do not type a card number here.")]
)
def test_without_a_reason_or_with_a_card_number_nothing_is_marked(scene: Scene, typed: str, said: str) -> None:
    known, boss = scene.open("utility", 50_00), staff_of(scene, "supervisor")
    for button in ("Restrict this account", "Protect this person"):
        boss.get(path_of(known))
        page = boss.submit(button, {"Why": typed}, expect=422)
        assert page.errors[0].startswith(said)
        assert CARD not in page.html
    assert flags(scene, known) == (False, False)
    assert lines(scene) == []


def test_what_is_so_already_and_a_button_that_is_none_are_refused(scene: Scene) -> None:
    known, boss = scene.open("utility", 50_00), staff_of(scene, "supervisor")
    boss.get(path_of(known))
    action, data = boss.filled("Restrict this account", {"Why": "Once"})
    boss.post(action, data, expect=303)
    page = boss.post(action, data, expect=422)
    assert page.errors == ["The account is marked that way already."]
    page = boss.post(action, {**data, "act": "hide"}, expect=422)
    assert page.errors == ["Press the button of what you want to do."]
    assert len(lines(scene)) == 1
