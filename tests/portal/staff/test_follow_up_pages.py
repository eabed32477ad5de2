"""Follow-ups as pages: due for me or for everybody, done with what came of it, or handed on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from accounts.contacts import service
from accounts.contacts.rules import FollowUpKind, NewFollowUp
from accounts.staff.rules import Authority, Grant, authority
from tests.page_client import Page, PageClient
from tests.portal.scene import Known, Scene
from tests.portal.staff.people import SINCE, actor_of, staff_of


@dataclass
class Counter:
    """Two clerks and an account about which something was promised."""

    scene: Scene
    account: Known
    rosa: PageClient
    omar: PageClient

    def by(self, client: PageClient, role: str = "clerk") -> Authority:
        return authority(self.scene.city, actor_of(self.scene, client), "", [Grant(role, SINCE)], self.scene.today)

    def leave(self, text: str = "Call her back.", days: int = 0, kind: str = "call-back", division: str = "") -> int:
        """Something to do for Rosa, or for a division."""
        whom = None if division or kind == "escalation" else actor_of(self.scene, self.rosa)
        wanted = NewFollowUp(text, self.scene.today + timedelta(days=days), FollowUpKind(kind), whom, division)
        policy = self.scene.city.desk_policy(self.scene.today)
        return service.add_follow_up(
            self.scene.sessions, self.by(self.omar), policy, self.account.id, wanted, clock=self.scene.clock
        )

    def open(self) -> int:
        return int(
            self.scene.scalar("SELECT (SELECT count(*) FROM follow_ups) - (SELECT count(*) FROM follow_up_ends)")
        )


@pytest.fixture
def counter(scene: Scene) -> Counter:
    rosa, omar = staff_of(scene, "clerk", name="rosa"), staff_of(scene, "clerk", name="omar")
    return Counter(scene, scene.open("utility", 50_00), rosa, omar)


def entries(page: Page) -> list[int]:
    found = [str(link["href"]) for link in page.soup.select("main table a[href^='/staff/follow-ups/']")]
    return [int(href.rsplit("/", 1)[-1]) for href in found]


@pytest.mark.parametrize("lang", ["en", "es"])
def test_what_is_due_is_there_for_me_and_for_everybody(scene: Scene, counter: Counter, lang: str) -> None:
    mine, theirs = counter.leave(), counter.leave("Read the meter.", division="field", kind="hand-off")
    later = counter.leave("Ask again.", days=5)
    rosa = counter.rosa
    page = rosa.get("/staff/follow-ups", lang=lang)
    assert entries(page) == [mine]
    assert "Call her back." in page.text
    assert counter.account.number in page.text
    assert entries(rosa.get("/staff/follow-ups?division=field")) == [mine, theirs]
    assert entries(rosa.get("/staff/follow-ups?whose=everybodys")) == [mine, theirs]
    assert entries(rosa.get("/staff/follow-ups?due=week")) == [mine, later]
    assert entries(rosa.get("/staff/follow-ups?due=junk&division=junk&after=junk_9")) == [mine]
    assert entries(counter.omar.get("/staff/follow-ups")) == []
    scene.clock.advance(days=1)
    page = staff_of(scene, "clerk", name="rosa").get("/staff/follow-ups", lang=lang)
    assert ("Late:" if lang == "en" else "Atrasado:") in page.text


def test_who_decides_also_gets_what_was_handed_to_a_senior(scene: Scene, counter: Counter) -> None:
    escalated = counter.leave("She wants to speak to somebody else.", kind="escalation")
    assert entries(counter.rosa.get("/staff/follow-ups")) == []
    assert entries(staff_of(scene, "supervisor").get("/staff/follow-ups")) == [escalated]


def test_it_is_done_with_what_came_of_it(scene: Scene, counter: Counter) -> None:
    todo = counter.leave()
    page = counter.rosa.get(f"/staff/follow-ups/{todo}")
    assert "Call her back." in page.text
    page = counter.rosa.submit("It is done", {"What came of it": " "}, expect=422)
    assert page.errors == ["Say what came of it."]
    assert counter.open() == 1
    counter.omar.get(f"/staff/follow-ups/{todo}")
    counter.rosa.submit("It is done", {"What came of it": "She has the reads now."})
    assert "Done. It is off the list." in counter.rosa.follow().text
    page = counter.omar.submit("It is done", {"What came of it": "I called."}, expect=409)
    assert page.errors == ["Somebody finished this or handed it on before you did."]
    assert "She has the reads now." in page.text
    assert scene.scalar("SELECT count(*) FROM follow_up_ends") == 1
    assert entries(counter.rosa.get("/staff/follow-ups")) == []


def test_it_is_handed_on_to_a_person_or_a_division(scene: Scene, counter: Counter) -> None:
    todo, tomorrow = counter.leave(), (scene.today + timedelta(days=1)).isoformat()
    counter.rosa.get(f"/staff/follow-ups/{todo}/hand-on")
    page = counter.rosa.submit("Hand it on", {"Day": "", "What is to be done": ""}, expect=422)
    assert len(page.errors) == 2
    yesterday = (scene.today - timedelta(days=1)).isoformat()
    page = counter.rosa.submit("Hand it on", {"Day": yesterday, "What is to be done": "Call."}, expect=422)
    assert len(page.errors) == 1
    assert counter.open() == 1
    omar = str(actor_of(scene, counter.omar))
    counter.rosa.submit("Hand it on", {"Day": tomorrow, "Person": omar, "What is to be done": "Call, please."})
    (next_one,) = entries(counter.omar.get("/staff/follow-ups?due=week"))
    page = counter.omar.get(f"/staff/follow-ups/{next_one}")
    assert "Call, please." in page.text
    counter.rosa.get(f"/staff/follow-ups/{todo}/hand-on", expect=303)
    counter.omar.get(f"/staff/follow-ups/{next_one}/hand-on")
    counter.omar.submit(
        "Hand it on", {"Day": tomorrow, "Person": "", "Division": "field", "What is to be done": "Read."}
    )
    row = scene.rows("SELECT kind, for_division, follows_id FROM follow_ups ORDER BY id DESC LIMIT 1")[0]
    assert tuple(row) == ("hand-off", "field", next_one)
    token: Any = counter.rosa.get("/staff/keys").soup.select_one('input[name="csrf_token"]')
    sent = {"csrf_token": str(token["value"]), "due_on": tomorrow, "division": "field", "person": "", "text": "x"}
    before = counter.open()
    counter.rosa.post(f"/staff/follow-ups/{todo}/hand-on", sent, expect=409, budget=20)
    assert counter.open() == before


def test_one_about_a_hidden_account_is_not_there(scene: Scene, counter: Counter) -> None:
    todo = counter.leave()
    scene.run_as_owner(f"UPDATE customer_accounts SET is_protected = true WHERE id = {counter.account.id}")
    assert entries(counter.rosa.get("/staff/follow-ups")) == []
    for path in (f"/staff/follow-ups/{todo}", f"/staff/follow-ups/{todo}/hand-on"):
        counter.rosa.get(path, expect=404)
    token: Any = counter.rosa.get("/staff/keys").soup.select_one('input[name="csrf_token"]')
    counter.rosa.post(
        f"/staff/follow-ups/{todo}", {"csrf_token": str(token["value"]), "outcome": "done"}, expect=404, budget=20
    )
    assert counter.open() == 1


def test_a_long_list_goes_on_page_by_page(scene: Scene, counter: Counter) -> None:
    few = len(counter.rosa.get("/staff/follow-ups").statements)
    made = {counter.leave(f"Call {number}.") for number in range(30)}
    page = counter.rosa.get("/staff/follow-ups")
    onward: Any = page.soup.select_one('nav.pages a[rel="next"]')
    rest = counter.rosa.get(str(onward["href"]))
    assert {*entries(page), *entries(rest)} == made
    assert (len(entries(page)), len(entries(rest))) == (25, 5)
    assert len(page.statements) <= few
