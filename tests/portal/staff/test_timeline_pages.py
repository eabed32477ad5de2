"""Everything that happened on an account, newest first, in pages that meet; and what is not for everybody."""

from __future__ import annotations

import pytest

from accounts.contacts import service as contacts
from accounts.contacts.rules import NewContact, NewFollowUp
from accounts.database import reading, transaction
from accounts.exceptions.service import open_exception
from portal.account_files.timeline import SHOWS, timeline_of
from portal.staff.timeline_words import _KINDS
from tests.portal.scene import Known, Scene
from tests.portal.staff.files import desk_of, hide, move, path, pay_at_counter, pay_online, same_holder, take_back
from tests.portal.staff.people import staff_of

ALL = {"sees_protected": True, "sees_restricted": True}
SAID = NewContact("phone", "bill", "photo-id", "answered", "en", spoke_with="María", text="Asked about water.")


def lived(scene: Scene) -> Known:
    """An account on which a bit of everything happened."""
    known, other = scene.open("utility", 50_00, 20_00), scene.open("utility", 10_00)
    desk = desk_of(scene)
    clara, policy = desk.person("clara", "clerk"), scene.city.desk_policy(scene.today)
    receipt = pay_at_counter(scene, known, 30_00)
    move(scene, receipt, known, other, 10_00)
    contacts.add_note(scene.sessions, clara, known.id, "Dog in the yard.", clock=scene.clock)
    promise = NewFollowUp("Call back", scene.today, for_actor_id=clara.actor_id)
    logged = contacts.log_contact(scene.sessions, clara, policy, known.id, SAID, clock=scene.clock, follow_up=promise)
    assert logged.follow_up_id is not None
    contacts.finish(scene.sessions, clara, logged.follow_up_id, "Called", clock=scene.clock)
    with transaction(scene.sessions) as session:
        open_exception(session, "second-payment", "pi_1", {}, customer_account_id=known.id)
    take_back(scene, pay_at_counter(scene, known, 5_00), "Returned by the bank")
    return known


def kinds(scene: Scene, known: Known, shown: tuple[str, ...] = SHOWS, **sees: bool) -> list[str]:
    with reading(scene.sessions) as session:
        return [event.kind for event in timeline_of(session, known.id, shown, limit=500, **{**ALL, **sees}).events]


def test_everything_is_there_and_nothing_twice(scene: Scene) -> None:
    known = lived(scene)
    staff_of(scene, "clerk").get(path(known))
    found = kinds(scene, known)
    for kind in ("charged", "paid", "taken-back", "booked", "note", "contact", "follow-up", "follow-up-ended",
                 "proposed", "decided", "exception", "seen"):  # fmt: skip
        assert kind in found, kind
    assert set(found) <= set(_KINDS), "every kind has its words"
    assert found.count("paid") == 2
    assert found.count("note") == 1, "the audit's line of it is not shown beside it"
    assert "act" not in found


@pytest.mark.parametrize("lang", ["en", "es"])
def test_it_is_said_in_words(scene: Scene, lang: str) -> None:
    known = lived(scene)
    page = staff_of(scene, "supervisor", lang=lang).get(path(known, "/timeline"))
    for words in ("Dog in the yard.", "Asked about water.", "Returned by the bank", "staff:clara"):
        assert words in page.text


def test_pages_meet(scene: Scene) -> None:
    known = lived(scene)
    whole, pieces = kinds(scene, known), []
    with reading(scene.sessions) as session:
        before = None
        while True:
            page = timeline_of(session, known.id, SHOWS, before=before, limit=3, **ALL)
            pieces += [event.kind for event in page.events]
            if page.next_before is None:
                break
            before = page.next_before
    assert pieces == whole


def test_one_may_choose_and_only_auditors_see_who_looked(scene: Scene) -> None:
    known = lived(scene)
    clerk, auditor = staff_of(scene, "clerk"), staff_of(scene, "auditor")
    money = clerk.get(path(known, "/timeline?show=money"))
    assert "Dog in the yard." not in money.text
    assert "Payment" in money.text
    assert "Payment" not in clerk.get(path(known, "/timeline?show=talk")).soup.select_one(".timeline").get_text()  # type: ignore[union-attr]
    clerk.get(path(known, "/timeline?show=looks"), expect=404)
    clerk.get(path(known, "/timeline?show=everything"), expect=404)
    assert "Who looked" not in clerk.get(path(known, "/timeline")).text
    looks = auditor.get(path(known, "/timeline?show=looks"))
    assert "Clerk" in looks.text
    for key in ("x", "2026-01-01_1", "2026-01-01_1_x", "_1_1"):
        clerk.get(path(known, f"/timeline?before={key}"), expect=404)


def test_what_touches_a_hidden_account_or_person_is_left_out(scene: Scene) -> None:
    known, other = scene.open("utility", 50_00), scene.open("utility", 10_00)
    move(scene, pay_at_counter(scene, known, 30_00), known, other, 10_00)
    assert "proposed" in kinds(scene, known)
    hide(scene, other)
    assert "proposed" not in kinds(scene, known, sees_protected=False)
    assert "proposed" in kinds(scene, known)
    scene.run_as_owner(
        "INSERT INTO returned_mail (customer_id, returned_on, address, address_key, mail_kind, reference, evidence,"
        " actor_id, at) SELECT customer_id, current_date, 'A secret street', 'x', 'bill', '', '', 1, now()"
        " FROM customer_accounts WHERE id = :id",
        id=known.id,
    )
    third = scene.open("license", 5_00)
    same_holder(scene, known, third)
    assert "mail-came-back" in kinds(scene, known, sees_protected=False)
    hide(scene, third)
    assert "mail-came-back" not in kinds(scene, known, sees_protected=False)


def test_a_try_to_pay_that_came_to_nothing_is_told(scene: Scene) -> None:
    known = scene.open("utility", 50_00)
    pay_online(scene, known)
    scene.run_as_owner("UPDATE attempts SET state = 'expired'")
    page = staff_of(scene, "clerk").get(path(known, "/timeline"))
    scene.run_as_owner("UPDATE attempts SET state = 'succeeded'")
    assert "Began to pay online and did not finish" in page.text
