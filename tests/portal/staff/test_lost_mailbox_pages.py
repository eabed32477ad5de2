"""A holder has lost their mailbox: two people at the counter, time to object, and the new mailbox says yes."""

from __future__ import annotations

import pytest
from sqlalchemy.exc import IntegrityError

from accounts.account_links import service as links
from portal.identity.residents import lost_mailboxes
from tests.page_client import PageClient
from tests.portal.resident.people import PASSWORD, actor_of, link_in, resident_of
from tests.portal.scene import Known, Scene
from tests.portal.staff.people import staff_of
from tests.portal.staff.test_every_route_and_role import standing

NEW = "ana.reyes@example.com"
CONFIRMED = "The person is at the counter"


def house_of_ana(scene: Scene) -> tuple[Known, int]:
    """Her house and her link to it; she has a password, too."""
    house = scene.open("utility", 50_00)
    resident_of(scene, password=PASSWORD)
    return house, links.link(scene.sessions, actor_of(scene), house.id, "proof", now=scene.clock.now())


def asked(scene: Scene, clerk: PageClient, house: Known, link: int) -> str:
    """What the counter asks for; the address of the page on which it is decided."""
    clerk.get(f"/staff/accounts/{house.reference}/online")
    clerk.get(f"/staff/accounts/{house.reference}/online/{link}/mailbox")
    typed = {"Their e-mail address": NEW, "What they showed you": "passport", CONFIRMED: True}
    clerk.submit("Ask a colleague to agree", typed, budget=30)
    assert "A colleague has to agree now" in clerk.follow().text
    wish = scene.scalar("SELECT max(id) FROM resident_email_changes")
    return f"/staff/accounts/{house.reference}/mailboxes/{wish}"


def agreed(scene: Scene) -> tuple[Known, str]:
    house, link = house_of_ana(scene)
    decide = asked(scene, staff_of(scene, "clerk"), house, link)
    senior = staff_of(scene, "supervisor")
    assert "Waits for a colleague" in senior.get("/staff/lost-mailboxes").text
    senior.get(decide)
    senior.submit("I agree", budget=30)
    assert "can object until" in senior.follow().text
    scene.run_jobs()
    return house, decide


def acts(scene: Scene) -> list[str]:
    rows = scene.rows(
        "SELECT act FROM audit_entries WHERE act LIKE 'lost-mailbox-%' OR act LIKE 'email-%' ORDER BY id"
    )
    return [row.act for row in rows]


def test_two_people_time_to_object_and_the_new_mailbox(scene: Scene) -> None:
    agreed(scene)
    (mail,) = scene.outbox.mails
    assert mail["To"] == "ana@example.com"
    assert scene.scalar("SELECT email FROM resident_sign_ins") == "ana@example.com"
    door = scene.wired.resident_door()
    assert lost_mailboxes.ask_new_mailboxes(scene.sessions, door, scene.clock.now()) == 0
    scene.clock.advance(days=7, minutes=1)
    assert lost_mailboxes.ask_new_mailboxes(scene.sessions, door, scene.clock.now()) == 1
    assert lost_mailboxes.ask_new_mailboxes(scene.sessions, door, scene.clock.now()) == 0, "once"
    scene.run_jobs()
    assert scene.outbox.mails[-1]["To"] == NEW
    ana = resident_of(scene)
    there = scene.guest()
    there.get(link_in(scene))
    there.submit("Yes, that was me", expect=200, budget=30)
    ana.get("/my", expect=303)
    (row,) = scene.rows("SELECT email, password_hash, asks_second FROM resident_sign_ins")
    assert (row.email, row.password_hash, row.asks_second) == (NEW, "", False)
    assert scene.scalar("SELECT count(*) FROM resident_sessions WHERE ended_at IS NULL") == 0
    assert scene.scalar("SELECT count(*) FROM account_links WHERE ended_at IS NULL") == 1
    assert acts(scene) == [
        "lost-mailbox-asked", "lost-mailbox-approved", "email-changed", "email-changed-away",
    ]  # fmt: skip
    assert NEW not in str(scene.rows("SELECT details FROM audit_entries"))


def test_the_former_mailbox_stops_it(scene: Scene) -> None:
    _house, decide = agreed(scene)
    reader = scene.guest()
    page = reader.get(link_in(scene))
    assert "showed their papers at our counter" in page.text
    assert "Yes, that was me" not in page.text
    reader.submit("No, stop the change", expect=200, budget=30)
    scene.clock.advance(days=8)
    door = scene.wired.resident_door()
    assert lost_mailboxes.ask_new_mailboxes(scene.sessions, door, scene.clock.now()) == 0
    assert scene.scalar("SELECT email FROM resident_sign_ins") == "ana@example.com"
    staff_of(scene, "supervisor").get(decide, expect=404)
    assert acts(scene)[-1] == "email-change-stopped"


def test_who_asked_does_not_decide(scene: Scene) -> None:
    house, link = house_of_ana(scene)
    senior = staff_of(scene, "supervisor")
    decide = asked(scene, senior, house, link)
    page = senior.get(decide)
    assert "A colleague has to decide it" in page.text
    token = {"csrf_token": str(page.soup.select_one('input[name="csrf_token"]')["value"])}  # type: ignore[index]
    before = standing(scene)
    refused = senior.post(decide, {**token, "says": "yes"}, expect=422, budget=30)
    assert "You asked for this. A colleague has to decide it." in refused.text
    assert standing(scene) == before
    assert scene.scalar("SELECT approved_by FROM resident_email_changes") is None
    staff_of(scene, "clerk").get(decide, expect=403)
    with pytest.raises(IntegrityError, match="two_people_approve"):
        scene.run_as_owner("UPDATE resident_email_changes SET approved_by = asked_by, waits_until = now()")


def test_a_colleague_does_not_agree_and_says_why(scene: Scene) -> None:
    house, link = house_of_ana(scene)
    decide = asked(scene, staff_of(scene, "clerk"), house, link)
    senior = staff_of(scene, "supervisor")
    senior.get(decide)
    senior.submit("I do not agree", {}, expect=422, budget=30)
    senior.submit("I do not agree", {"Why": "The name is another one."}, budget=30)
    assert "Nothing was changed." in senior.follow().text
    assert scene.outbox.mails == []
    senior.get(decide, expect=404)
    assert acts(scene) == ["lost-mailbox-asked", "lost-mailbox-refused"]


def test_only_a_holder_is_known_at_the_counter(scene: Scene) -> None:
    house, link = house_of_ana(scene)
    scene.run_as_owner("UPDATE account_links SET standing = 'family'")
    clerk = staff_of(scene, "clerk")
    clerk.get(f"/staff/accounts/{house.reference}/online/{link}/mailbox", expect=404)
    other = scene.open("utility", 10_00)
    scene.run_as_owner("UPDATE account_links SET standing = 'holder'")
    clerk.get(f"/staff/accounts/{other.reference}/online/{link}/mailbox", expect=404)
    page = clerk.get(f"/staff/accounts/{house.reference}/online/{link}/mailbox")
    assert "Marriage" not in page.text, "only what the city takes"
    clerk.submit("Ask a colleague to agree", {"Their e-mail address": NEW}, expect=422, budget=20)
    assert scene.scalar("SELECT count(*) FROM resident_email_changes") == 0


@pytest.mark.parametrize("lang", ["en", "es"])
def test_the_pages_and_mails_in_both_languages(scene: Scene, lang: str) -> None:
    agreed(scene)
    scene.run_as_owner("UPDATE resident_email_changes SET approved_by = NULL, waits_until = NULL")
    senior = staff_of(scene, "supervisor", lang=lang)
    house = scene.scalar("SELECT reference FROM customer_accounts")
    wish = scene.scalar("SELECT id FROM resident_email_changes")
    link = scene.scalar("SELECT id FROM account_links")
    for path in ("", "/online", f"/online/{link}/mailbox", f"/mailboxes/{wish}"):
        senior.get(f"/staff/accounts/{house}{path}", budget=30)
    senior.get("/staff/lost-mailboxes")
    scene.guest(lang=lang).get(link_in(scene))
