"""The supervisor's day on one screen."""

from __future__ import annotations

from datetime import timedelta

import pytest

from accounts.contacts import service as contacts
from accounts.contacts.rules import NewFollowUp
from accounts.database import transaction
from accounts.exceptions.service import open_exception
from tests.portal.scene import Scene
from tests.portal.staff.people import staff_of
from tests.portal.staff.test_approval_pages import Office, office

__all__ = ["office"]


@pytest.mark.parametrize("lang", ["en", "es"])
def test_a_supervisor_sees_the_day_on_one_screen(scene: Scene, office: Office, lang: str) -> None:
    chief = office.chief
    chief.get("/staff/desk", lang=lang)
    office.ask()
    office.ask(quantity=1)
    with transaction(scene.sessions) as session:
        open_exception(session, "orphan", "pi_1", {"amount_cents": 7700})
    policy = scene.city.desk_policy(scene.today)
    wanted = NewFollowUp("Call her back.", scene.today, for_division="billing")
    contacts.add_follow_up(
        scene.sessions, office.by(office.clerk, "clerk"), policy, office.account.id, wanted, clock=scene.clock
    )
    scene.run_as_owner("UPDATE exception_lines SET opened_at = now() - interval '3 days'")
    page = chief.get("/staff/desk", lang=lang)
    counts = [found.get_text() for found in page.soup.select(".tally__value")][:4]
    assert counts == ["1", "1", "1", "0"]
    for said in ("$150.00", "$50.00", "$77.00", "Call her back.", office.account.number, "Clerk"):
        assert said in page.text, said
    few = len(page.statements)
    for rate in ("meter-pull", "meter-test"):
        office.ask(rate=rate)
    assert len(chief.get("/staff/desk").statements) <= few
    scene.clock.advance(days=1)
    later = staff_of(scene, "supervisor").get("/staff/desk", lang=lang)
    assert [found.get_text() for found in later.soup.select(".tally__value")][3] == "1", "the follow-up is late now"
    assert scene.clock.now() - timedelta(days=1) < scene.clock.now()


def test_who_does_not_supervise_has_no_such_page(scene: Scene) -> None:
    staff_of(scene, "clerk").get("/staff/desk", expect=403)
    page = staff_of(scene, "administrator").get("/staff/desk")
    assert len(page.soup.select(".tally__item")) == 2, "an administrator works neither exceptions nor follow-ups"
