"""How people are told, at the counter: seen first, changed with a record of who asked, and told to both addresses."""

from __future__ import annotations

import re

import pytest

from accounts.database import reading
from accounts.errors import DomainError
from accounts.message_choices.counter import About, choose_at_counter
from accounts.message_choices.queries import choices_of, paperless
from accounts.message_choices.rules import NOTHING_CHOSEN, ChoicesMoved, NobodyAsked, Request, Way
from accounts.message_choices.service import Wanted
from tests.accounts.counter import person
from tests.portal.notices.counter import ASKED, HOLDER, customer_of
from tests.portal.notices.people import at, forget_facts, run, words
from tests.portal.scene import Known, Scene
from tests.portal.staff.people import staff_of

WHO = {"Who asks for it": "Maria Lopez", "By phone": True}


@pytest.fixture
def known(scene: Scene) -> Known:
    found = scene.open("utility", 40_00, email=HOLDER)
    at(scene, 11)
    forget_facts(scene)
    return found


def base(known: Known) -> str:
    return f"/staff/accounts/{known.reference}/message-choices"


def ways(scene: Scene, known: Known) -> dict[str, Way]:
    holder = customer_of(scene, known)
    with reading(scene.sessions) as session:
        return dict(choices_of(session, [holder])[holder].ways)


def test_the_page_shows_what_changes_before_it_is_done(scene: Scene, known: Known) -> None:
    clerk = staff_of(scene, "clerk")
    assert "How they are told" in clerk.get(base(known)).text
    clerk.get(f"{base(known)}/holder")
    looked = clerk.submit("See what changes", {**WHO, "A bill is due soon": "none"}, expect=200)
    assert "h•••@example.com" in looked.text
    assert ways(scene, known) == {}, "nothing is changed by looking"
    clerk.submit("Change it", budget=20)
    page = clerk.follow()
    assert ways(scene, known)["due-soon"] is Way.NONE
    assert "Changed how somebody is told, as they asked" in page.text
    assert "Maria Lopez" in page.text
    run(scene)
    (mail,) = scene.outbox.mails
    assert mail["To"] == HOLDER
    assert "by phone" in words(mail)
    assert "List-Unsubscribe" not in mail
    clerk.get(base(known), lang="es")
    clerk.get(f"{base(known)}/holder", lang="es")


def test_who_asked_must_be_said_and_another_who_changed_it_first_is_seen(scene: Scene, known: Known) -> None:
    clerk = staff_of(scene, "clerk")
    clerk.get(f"{base(known)}/holder")
    clerk.submit("See what changes", {"A bill is due soon": "none"}, expect=422)
    by, holder = person(scene.sessions, "clerk"), customer_of(scene, known)
    policy = scene.city.message_policy(scene.today)
    assert policy is not None
    wanted = Wanted({"due-soon": Way.NONE})
    tried: list[tuple[type[DomainError], About]] = [
        (NobodyAsked, About(known.id, holder, Request(" ", "phone"))),
        (NobodyAsked, About(known.id, holder, Request("Maria", "pigeon"))),
    ]
    for refusal, about in tried:
        with pytest.raises(refusal):
            choose_at_counter(scene.sessions, policy, by, about, wanted, seen=NOTHING_CHOSEN)
    choose_at_counter(scene.sessions, policy, by, About(known.id, holder, ASKED), wanted, seen=NOTHING_CHOSEN)
    late = Wanted({"due-soon": Way.MAIL, "past-due": Way.NONE})
    with pytest.raises(ChoicesMoved):
        choose_at_counter(scene.sessions, policy, by, About(known.id, holder, ASKED), late, seen=NOTHING_CHOSEN)
    assert ways(scene, known) == {"due-soon": Way.NONE}
    assert scene.scalar("SELECT count(*) FROM audit_entries WHERE act = 'messages-chosen-at-counter'") == 1


def test_a_number_begins_with_a_code_that_comes_back(scene: Scene, known: Known) -> None:
    clerk = staff_of(scene, "clerk")
    clerk.get(f"{base(known)}/holder/number")
    typed = {**WHO, "Mobile number": "(559) 555-0123", "English": True}
    clerk.submit("Send the code", typed, expect=422)
    clerk.submit("Send the code", {**typed, "I read these words": True}, budget=20)
    clerk.follow()
    run(scene)
    assert "number ending in 0123" in words(scene.outbox.mails[0])
    (body,) = [body for to, body in scene.outbox.texts if to.endswith("0123")]
    code = re.search(r"\b\d{6}\b", body)
    assert code is not None
    clerk.submit("Confirm the number", {**WHO, "Code from": "000000"}, expect=422, budget=22)
    clerk.submit("Confirm the number", {**WHO, "Code from": code[0]}, budget=22)
    assert "•••-0123" in clerk.follow().text
    (consent,) = scene.rows("SELECT method, evidence FROM consents WHERE kind = 'texts'")
    assert consent.method == "code"
    assert "Maria Lopez" in consent.evidence["where"]
    clerk.get(f"{base(known)}/holder/number/end")
    clerk.submit("End text messages", WHO, budget=20)
    assert "•••-0123" not in clerk.follow().text


def test_paperless_waits_for_the_mail_and_paper_comes_back_when_asked(scene: Scene, known: Known) -> None:
    clerk, address = staff_of(scene, "clerk"), f"/staff/accounts/{known.reference}/paperless"
    clerk.get(address)
    clerk.submit("Send the mail", {**WHO, "Español": True, "I read these words": True}, budget=20)
    assert "It begins once the mail is confirmed" in clerk.follow().text
    run(scene)
    (mail,) = scene.outbox.mails
    assert mail["Content-Language"] == "es"
    found = re.search(r"/mail/paper/\S+", words(mail))
    assert found is not None
    guest = scene.guest(lang="es")
    guest.get(found[0])
    guest.submit("Acepto", {"Abrí": True, "Acepto": True}, budget=16)
    assert without_paper(scene, known)
    page = clerk.get(base(known))
    assert "Maria Lopez asked for it (By phone)" in page.text
    clerk.get(address)
    clerk.submit("Paper bills again", WHO, budget=20)
    assert not without_paper(scene, known)


def without_paper(scene: Scene, known: Known) -> bool:
    with reading(scene.sessions) as session:
        return known.id in paperless(session, [known.id])


def test_a_changed_address_is_told_at_both_ends(scene: Scene, known: Known) -> None:
    clerk = staff_of(scene, "clerk")
    clerk.get(f"/staff/accounts/{known.reference}/customer-changes/new", budget=16)
    clerk.submit("Make the change", {"E-mail": "new@example.com", "Why": "She called."}, budget=40)
    run(scene)
    assert sorted(str(mail["To"]) for mail in scene.outbox.mails) == [HOLDER, "new@example.com"]


def test_who_may_only_look_sees_no_way_to_change(scene: Scene, known: Known) -> None:
    auditor = staff_of(scene, "auditor")
    page = auditor.get(base(known))
    assert "Change the choices" not in page.text
    auditor.get(f"{base(known)}/holder", expect=403)
    staff_of(scene, "clerk").get(f"{base(known)}/999999", expect=404)
