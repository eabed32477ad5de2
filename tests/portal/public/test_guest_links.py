"""A guest's link that somebody else has: ended by the guest or at the counter, it answers like one we never made."""

from __future__ import annotations

import pytest

from accounts.requests import guests
from accounts.requests.guests import Wish
from portal import guest_requests
from portal.case_mail import clear_drafts_away
from tests.page_client import PageClient
from tests.portal.public.test_requests import ROSA, asks, mailed_path, proved, sent
from tests.portal.scene import Scene
from tests.portal.staff.people import staff_of

RESTS = ("", "/pages/1", "/documents", "/documents/1", "/check", "/withdraw", "/letter.pdf", "/new-link")


def answers(browser: PageClient, path: str) -> list[tuple[int, str, str]]:
    """What each page behind a link answers, without what is new in every answer."""
    found = []
    for rest in RESTS:
        page = browser.get(f"{path}{rest}", expect=404)
        found.append((page.status, page.heading, page.text))
    return found


def test_a_guest_ends_their_links_and_is_mailed_a_new_one(scene: Scene) -> None:
    guest, path = sent(scene)
    old = mailed_path(scene)
    guest.get(path)
    (way,) = [link for link in guest.get(path).soup.select("main a") if link["href"].endswith("/new-link")]  # type: ignore[union-attr]
    page = guest.get(str(way["href"]))
    assert page.heading == "Somebody else has my link"
    guest.submit("End them and mail me a new link", budget=20)
    assert guest.follow().heading == "The old links have ended"
    new = mailed_path(scene)
    assert str(scene.outbox.mails[-1]["To"]) == ROSA
    assert str(scene.outbox.mails[-1]["Subject"]).startswith("A new link to your request")
    eve = scene.guest("198.51.100.9")
    forged, mails = old[:-6] + "AAAAAA", len(scene.outbox.mails)
    told = answers(eve, forged)
    assert answers(eve, old) == answers(eve, path) == told
    assert told[0][1] == "This link is not good any more"
    assert "Why so high?" in eve.get(new).text, "the new one opens"
    scene.clock.advance(days=31)
    assert answers(eve, new) == told, "forged, ended and old ones are answered alike"
    scene.run_jobs()
    assert len(scene.outbox.mails) == mails


@pytest.mark.parametrize("lang", ["en", "es"])
def test_in_the_language_of_the_browser_not_of_the_request(scene: Scene, lang: str) -> None:
    known, desk = scene.open("citation", 50_00), scene.wired.case_desk()
    who = guests.begin(desk, Wish("bill-question", "Rosa Díaz", ROSA, "", "es", known.id))
    token = guest_requests.token_of(scene.wired, who)
    eve = scene.guest("198.51.100.9", lang=lang)
    told = answers(eve, f"/ask/requests/{token[:-6]}AAAAAA")
    with scene.db.owner.begin() as connection:
        connection.exec_driver_sql(f"UPDATE cases SET links = links + 1 WHERE id = {int(who.case_id)}")
    assert answers(eve, f"/ask/requests/{token}") == told


def test_the_counter_ends_them(scene: Scene) -> None:
    _guest, path = sent(scene)
    case, clerk = scene.scalar("SELECT id FROM cases"), staff_of(scene, "clerk")
    clerk.get(f"/staff/cases/{case}")
    clerk.get(f"/staff/cases/{case}/links")
    assert clerk.submit("End the links", expect=422).errors == ["Say why in a few words."]
    assert scene.scalar("SELECT links FROM cases") == 0
    (token,) = {str(one["value"]) for one in clerk.get(f"/staff/cases/{case}/links").soup.select("[name=csrf_token]")}
    clerk.post(
        f"/staff/cases/{case}/links", {"csrf_token": token, "reason": "A neighbor has it.", "links": "0"}, expect=303
    )
    page = clerk.follow()
    assert "The links have ended." in page.text
    assert "A neighbor has it." in page.text
    scene.guest("198.51.100.9").get(path, expect=404)
    assert scene.run_jobs() == ["case_handed_in"], "no new link goes out by itself"
    asked = scene.guest("198.51.100.10")
    asked.get("/ask/status")
    number = scene.scalar("SELECT number FROM cases")
    asked.submit("Mail me the link", {"Number of the request": number, "E-mail": ROSA}, budget=25)
    assert "Why so high?" in asked.get(mailed_path(scene)).text, "who has the mailbox gets a new one"


def test_two_clerks_at_once_the_second_is_told(scene: Scene) -> None:
    sent(scene)
    case, first, second = (
        scene.scalar("SELECT id FROM cases"),
        staff_of(scene, "clerk"),
        staff_of(scene, "supervisor"),
    )
    for one in (first, second):
        one.get(f"/staff/cases/{case}/links")
    first.submit("End the links", {"Why": "Lost."})
    page = second.submit("End the links", {"Why": "Lost."}, expect=409)
    assert "Somebody did something to this request" in page.text
    assert scene.scalar("SELECT links FROM cases") == 1


def test_a_draft_says_until_when_it_is_kept_and_is_then_gone(scene: Scene) -> None:
    guest, known = proved(scene)
    asks(guest, known)
    guest.get(mailed_path(scene))
    guest.submit("Continue", budget=30)
    page = guest.follow()
    assert "What you answer is kept until " in page.text
    scene.clock.advance(days=29)
    assert "requests not handed in: 0 told, 0 cleared" in clear_drafts_away(scene.wired)
    guest.get(page.path)
    scene.clock.advance(days=2)
    assert clear_drafts_away(scene.wired) == "requests not handed in: 0 told, 1 cleared away with 0 files"
    guest.get(page.path, expect=404)
