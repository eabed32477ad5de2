"""Links of mails: one click stops a kind, nothing else does; forged, old and other people's links change nothing."""

from __future__ import annotations

from datetime import timedelta

import pytest

from accounts.database import reading
from accounts.message_choices.papers import confirm_paperless
from accounts.message_choices.queries import Person, choices_of, paperless
from accounts.message_choices.rules import Way, address_digest
from portal.messages_sent.rules import Kind
from portal.notices.links import DAYS, Stop, stop_token
from portal.notices.stopping import LIMITS
from portal.notices.walks import due_soon
from tests.portal.notices.counter import HOLDER, ask_for_paperless, customer_of, paper_token_of, stop_token_of
from tests.portal.notices.people import at, forget_facts, owe, resident, run, texts_to, wants, words
from tests.portal.scene import Known, Scene

ONE_CLICK = {"List-Unsubscribe": "One-Click"}


def way(scene: Scene, person: Person, kind: str = "due-soon") -> Way | None:
    with reading(scene.sessions) as session:
        return choices_of(session, [person])[person].ways.get(kind)


def told(scene: Scene) -> Known:
    known = scene.open("utility", 0, email=HOLDER)
    owe(scene, known, 40_00, days=3)
    at(scene, 11)
    forget_facts(scene)
    due_soon(scene.wired)
    run(scene)
    return known


def test_a_mail_says_how_it_is_stopped_and_one_post_without_a_visit_stops_it(scene: Scene) -> None:
    known = told(scene)
    (mail,) = scene.outbox.mails
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    address = str(mail["List-Unsubscribe"]).strip("<>")
    assert address.startswith(scene.wired.settings.base_url)
    assert address in words(mail)
    path = address.removeprefix(scene.wired.settings.base_url)
    assert known.reference not in path
    answer = scene.app.test_client().post(path, data=ONE_CLICK)
    assert answer.status_code == 200
    assert way(scene, customer_of(scene, known)) is Way.NONE
    (line,) = scene.rows("SELECT subject_kind, actor_id FROM audit_entries WHERE act = 'mail-stopped-by-link'")
    assert line == ("customer", None)
    scene.app.test_client().post(path, data=ONE_CLICK)
    assert scene.scalar("SELECT count(*) FROM audit_entries WHERE act = 'mail-stopped-by-link'") == 1
    owe(scene, known, 10_00, days=4)
    assert due_soon(scene.wired).startswith("due soon: 0 messages,")


def test_to_look_changes_nothing_and_the_button_can_be_undone(scene: Scene) -> None:
    known = scene.open("utility", 10_00, email=HOLDER)
    path, holder = f"/mail/stop/{stop_token_of(scene, known)}", customer_of(scene, known)
    guest = scene.guest()
    page = guest.get(path)
    assert "A payment did not go through" in page.text, "what still comes"
    assert way(scene, holder) is None
    guest.submit("Stop it")
    assert "You get no more e-mail of this kind" in guest.follow().text
    assert way(scene, holder) is Way.NONE
    guest.submit("Send it again")
    assert "You get this e-mail again" in guest.follow().text
    assert way(scene, holder) is Way.MAIL
    scene.run_as_owner("UPDATE customers SET language = 'es'")
    assert "Lo que sigue llegando" in guest.get(path, lang="es").text


def test_texts_go_on_where_mail_is_stopped(scene: Scene) -> None:
    known = scene.open("utility", 10_00, email="other@example.com")
    ana = resident(scene, known, "ana@example.com")
    texts_to(scene, ana)
    wants(scene, ana, due_soon=Way.BOTH)
    me = Person(actor_id=ana)
    digest = address_digest(scene.wired.proof_key, "mail", "ana@example.com")
    token = stop_token(scene.wired.proof_key, Stop(me, "due-soon", scene.today), digest)
    scene.app.test_client().post(f"/mail/stop/{token}", data=ONE_CLICK)
    assert way(scene, me) is Way.TEXT
    scene.app.test_client().post(f"/mail/stop/{token}", data={"undo": "1"})
    assert way(scene, me) is Way.BOTH


def test_what_protects_is_not_stopped_and_its_mail_offers_no_link(scene: Scene) -> None:
    known = scene.open("utility", 10_00, email=HOLDER)
    token = stop_token_of(scene, known, Kind.PAYMENT_FAILED)
    answer = scene.app.test_client().post(f"/mail/stop/{token}", data=ONE_CLICK)
    assert answer.status_code == 409
    assert way(scene, customer_of(scene, known), "payment-failed") is None


@pytest.mark.parametrize("wrong", ["forged", "other person", "other kind", "too old", "other address", "nonsense"])
def test_a_link_that_is_not_theirs_changes_nothing(scene: Scene, wrong: str) -> None:
    known, other = scene.open("utility", 10_00, email=HOLDER), scene.open("utility", 10_00, email="b@example.com")
    holder, key = customer_of(scene, known), scene.wired.proof_key
    token, digest = stop_token_of(scene, known), address_digest(key, "mail", HOLDER)
    old = stop_token(key, Stop(holder, "due-soon", scene.today - timedelta(days=DAYS + 1)), digest)
    moved = stop_token(key, Stop(holder, "due-soon", scene.today), address_digest(key, "mail", "was@example.com"))
    tried = {
        "forged": token[:-1] + ("A" if token[-1] != "A" else "B"),
        "other person": token.replace(f"c{holder.customer_id}.", f"c{customer_of(scene, other).customer_id}."),
        "other kind": token.replace("due-soon", "past-due"),
        "too old": old, "other address": moved, "nonsense": "x" * 40,
    }[wrong]  # fmt: skip
    client = scene.app.test_client()
    assert client.post(f"/mail/stop/{tried}", data=ONE_CLICK).status_code == 404
    assert client.get(f"/mail/stop/{tried}").status_code == 404
    assert scene.scalar("SELECT count(*) FROM message_choices") == 0
    assert scene.scalar("SELECT count(*) FROM audit_entries WHERE act = 'mail-stopped-by-link'") == 0


def test_who_tries_many_links_waits_and_a_good_link_still_works(scene: Scene) -> None:
    known = scene.open("utility", 10_00, email=HOLDER)
    client = scene.app.test_client()
    for _ in range(LIMITS.per_client[0]):
        assert client.post("/mail/stop/nothing").status_code == 404
    assert client.post("/mail/stop/nothing").status_code == 429
    assert client.post(f"/mail/stop/{stop_token_of(scene, known)}", data=ONE_CLICK).status_code == 200


def test_who_hears_no_more_of_bills_gets_them_on_paper(scene: Scene) -> None:
    known = scene.open("utility", 10_00, email=HOLDER)
    asked, guest = ask_for_paperless(scene, known), scene.guest()
    confirm_paperless(scene.sessions, asked, now=scene.clock.now(), evidence={})
    token = stop_token_of(scene, known, Kind.BILL_READY)
    guest.get(f"/mail/stop/{token}")
    guest.submit("Stop it", budget=16)
    assert "Your bills come on paper again" in guest.follow().text
    with reading(scene.sessions) as session:
        assert paperless(session, [known.id]) == {}


def test_bills_without_paper_begin_when_the_mail_is_confirmed(scene: Scene) -> None:
    guest, token = scene.guest(), paper_token_of(scene)
    account = scene.scalar("SELECT customer_account_id FROM consents")
    assert guest.browser.get(f"/mail/paper/{token}/sample.pdf").data.startswith(b"%PDF")
    guest.get(f"/mail/paper/{token}")
    with reading(scene.sessions) as session:
        assert paperless(session, [account]) == {}
    guest.submit("Agree", {}, expect=422)
    done = guest.submit("Agree", {"I opened the sample": True, "I agree to bills": True}, budget=16)
    assert done.status == 303
    assert "Your bills come without paper" in guest.follow().text
    with reading(scene.sessions) as session:
        held = paperless(session, [account])[account]
    assert (held.method, held.asked_by, held.way, held.language) == ("link", "Maria Lopez", "phone", "en")
    guest.get(f"/mail/paper/{token[:-1]}x", expect=404)
