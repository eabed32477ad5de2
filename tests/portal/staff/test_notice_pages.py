"""What was sent, in a list with filters and on an account; an address that does not work is shown and tried again."""

from __future__ import annotations

from portal.mail import NoSuchAddress
from portal.notices.walks import due_soon
from tests.portal.notices.people import at, forget_facts, log, owe, run
from tests.portal.scene import Known, Scene
from tests.portal.staff.people import staff_of


def told(scene: Scene, *, refused: bool = False, **changes: object) -> Known:
    """An account whose holder was told that something is due."""
    known = scene.open("utility", 0, **changes)
    owe(scene, known, 40_00, days=3)
    at(scene, 11)
    forget_facts(scene)
    due_soon(scene.wired)
    if refused:
        scene.outbox.fails.append(NoSuchAddress("no"))
    run(scene)
    return known


def test_the_list_is_filtered_and_hides_what_is_about_hidden_files(scene: Scene) -> None:
    told(scene, email="holder@example.com")
    told(scene, email="safe@example.com", is_protected=True)
    clerk = staff_of(scene, "clerk")
    page = clerk.get("/staff/messages")
    assert "h•••@example.com" in page.text
    assert "s•••@example.com" not in page.text
    assert "h•••@example.com" in clerk.get("/staff/messages?state=sent&kind=due-soon&channel=mail").text
    assert "Nothing fits." in clerk.get("/staff/messages?state=bounced").text
    assert "Nothing fits." in clerk.get("/staff/messages?on=2020-01-01").text
    assert "h•••@example.com" in clerk.get("/staff/messages?state=nonsense&on=nonsense").text
    clerk.get("/staff/messages", lang="es")


def test_the_list_says_in_one_line_what_came_of_the_last_day(scene: Scene) -> None:
    known = told(scene, email="holder@example.com")
    told(scene, email="gone@example.com", refused=True)
    owe(scene, known, 10_00, days=4)
    due_soon(scene.wired)
    clerk = staff_of(scene, "clerk")
    assert (
        "3 messages in the last 24 hours: 1 sent, 1 waiting, 1 failed or came back, 0 not needed any more."
        in clerk.get("/staff/messages").text
    )
    assert "3 mensajes en las últimas 24 horas" in clerk.get("/staff/messages", lang="es").text
    clerk.get("/staff/messages", lang="en")
    scene.run_as_owner("UPDATE messages_sent SET at = at - interval '2 days'")
    assert "0 messages in the last 24 hours" in clerk.get("/staff/messages").text


def test_an_address_that_does_not_work_is_shown_and_tried_again_with_a_reason(scene: Scene) -> None:
    known = told(scene, refused=True, email="holder@example.com")
    clerk = staff_of(scene, "clerk")
    page = clerk.get(f"/staff/accounts/{known.reference}/messages")
    assert "came back, so nothing goes there" in page.text
    (key,) = [row.digest.hex() for row in scene.rows("SELECT digest FROM address_events")]
    address = f"/staff/accounts/{known.reference}/addresses/{key}"
    clerk.get(address, lang="es")
    clerk.get(address, lang="en")
    clerk.submit("Try it again", {"Why": ""}, expect=422)
    assert scene.scalar("SELECT count(*) FROM address_events") == 1
    clerk.submit("Try it again", {"Why": "She says that it works."})
    assert "came back, so nothing goes there" not in clerk.follow().text
    audit = scene.rows("SELECT details FROM audit_entries WHERE act = 'address-lifted'")
    assert audit[0].details["reason"] == "She says that it works."
    owe(scene, known, 10_00, days=4)
    assert due_soon(scene.wired).startswith("due soon: 1 messages,")
    clerk.get(f"/staff/accounts/{known.reference}/addresses/{'00' * 32}", expect=404)


def test_what_became_of_each_is_on_the_account(scene: Scene) -> None:
    known = told(scene, refused=True, email="holder@example.com")
    assert [row.state for row in log(scene)] == ["failed"]
    assert (
        "Refused by the other side"
        in staff_of(scene, "clerk").get(f"/staff/accounts/{known.reference}/messages").text
    )
