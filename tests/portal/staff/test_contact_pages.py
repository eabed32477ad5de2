"""Notes and contacts at the counter: kept as typed, bounded, and never with a card number."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.portal.scene import Scene
from tests.portal.staff.people import actor_of, staff_of

CARD = "4242 4242 4242 4242"


def counts(scene: Scene) -> tuple[int, int, int]:
    return tuple(
        int(scene.scalar(f"SELECT count(*) FROM {table}")) for table in ("account_notes", "contacts", "follow_ups")
    )  # type: ignore[return-value]


def test_a_note_is_added_and_pinned(scene: Scene) -> None:
    known, clerk = scene.open("utility", 50_00), staff_of(scene, "clerk")
    path = f"/staff/accounts/{known.reference}/notes/new"
    clerk.get(path)
    page = clerk.submit("Add the note", {"Note": "Dog in the yard", "Pin it": True})
    assert page.location == f"/staff/accounts/{known.reference}"
    (note,) = scene.rows("SELECT text, author_id FROM account_notes")
    assert (note.text, note.author_id) == ("Dog in the yard", actor_of(scene, clerk))
    assert scene.scalar("SELECT count(*) FROM note_pins") == 1


def test_a_note_of_nothing_or_with_a_card_number_is_refused(scene: Scene) -> None:
    known, clerk = scene.open("utility", 50_00), staff_of(scene, "clerk")
    path = f"/staff/accounts/{known.reference}/notes/new"
    for typed, said in (("", "Write the note."), (f"card {CARD}", "Do not type a card number here.")):
        clerk.get(path)
        page = clerk.submit("Add the note", {"Note": typed}, expect=422)
        assert page.errors[0].startswith(said)
        assert CARD not in page.html
    assert counts(scene) == (0, 0, 0)


@pytest.mark.parametrize("lang", ["en", "es"])
def test_a_contact_is_logged_with_what_is_to_be_done(scene: Scene, lang: str) -> None:
    known, clerk = scene.open("utility", 50_00), staff_of(scene, "clerk", lang=lang)
    day = scene.today + timedelta(days=3)
    clerk.get(f"/staff/accounts/{known.reference}/contacts/new")
    labels = {
        "en": ("Log the contact", "What was said", "Follow up on", "What is to be done"),
        "es": ("Registrar el contacto", "Lo que se dijo", "Dar seguimiento el", "Lo que hay que hacer"),
    }[lang]
    clerk.submit(
        labels[0], {labels[1]: "Asked about the bill", labels[2]: day.isoformat(), labels[3]: "Call about the leak"}
    )
    (contact,) = scene.rows("SELECT channel, text, language FROM contacts")
    assert (contact.channel, contact.text) == ("phone", "Asked about the bill")
    (later,) = scene.rows("SELECT due_on, for_actor_id, text FROM follow_ups")
    assert (later.due_on, later.for_actor_id, later.text) == (day, actor_of(scene, clerk), "Call about the leak")


def test_half_a_follow_up_and_a_choice_that_is_none_are_refused(scene: Scene) -> None:
    known, clerk = scene.open("utility", 50_00), staff_of(scene, "clerk")
    path = f"/staff/accounts/{known.reference}/contacts/new"
    clerk.get(path)
    page = clerk.submit("Log the contact", {"What is to be done": "Call"}, expect=422)
    assert page.errors == ["Choose the day on which it is to be done."]
    clerk.get(path)
    page = clerk.submit(
        "Log the contact", {"Follow up on": (scene.today - timedelta(days=1)).isoformat(), "What is to be done": "x"},
        expect=422,
    )  # fmt: skip
    assert len(page.errors) == 1
    action, data = clerk.filled("Log the contact", {})
    assert clerk.post(action, {**data, "channel": "pigeon"}, expect=422).errors == ["Choose one from the list."]
    assert clerk.post(action, {**data, "follow_up_on": "soon"}, expect=422).errors
    assert counts(scene) == (0, 0, 0)


def test_what_was_typed_comes_back_after_the_session_ran_out(scene: Scene) -> None:
    known, clerk = scene.open("utility", 50_00), staff_of(scene, "clerk", name="ana")
    path = f"/staff/accounts/{known.reference}/notes/new"
    clerk.get(path)
    scene.clock.advance(minutes=30)
    page = clerk.submit("Add the note", {"Note": "She paid at the other window"})
    assert "kept=1" in page.location
    assert "Nothing you typed was lost" in clerk.follow().text
    other = staff_of(scene, "clerk", name="ben")
    assert "the other window" not in other.get(path).html
    again = staff_of(scene, "clerk", name="ana")
    page = again.get(path)
    assert "What you typed has come back" in page.text
    assert "She paid at the other window" in page.html
    again.submit("Add the note")
    assert counts(scene)[0] == 1
    assert scene.scalar("SELECT count(*) FROM kept_forms") == 0
