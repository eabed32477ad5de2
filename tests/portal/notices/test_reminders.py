"""Due soon and past due: told once, to whom it concerns, in their words, and never after it was paid."""

from __future__ import annotations

from datetime import timedelta

import pytest

from accounts.account_links.rules import Offer, Right, Standing
from accounts.database import transaction
from accounts.message_choices.rules import Way
from accounts.money import Money
from portal.mail import MailDelayed, NoSuchAddress
from portal.notices.queueing import FACT
from portal.notices.service import LATEST, SomebodySends, _send, claim, deliver
from portal.notices.walks import bills_ready, due_soon, past_due
from tests.concurrency.threads import together
from tests.factories import promise
from tests.portal.notices.people import (
    at,
    forget_facts,
    lets_in,
    log,
    owe,
    resident,
    run,
    statements,
    texts_to,
    wants,
    words,
)
from tests.portal.scene import Known, Scene, add, leave
from tests.portal.test_messages_sent import EMAIL
from tests.sandbox_server import pay_hosted_page

SEE_ONLY = frozenset({Right.SEE})


@pytest.fixture
def due(scene: Scene) -> Known:
    """An account of which 40 dollars are due in three days."""
    known = scene.open("utility", 0, email="holder@example.com")
    owe(scene, known, 40_00, days=3)
    at(scene, 11)
    return known


def test_the_holder_is_told_once_however_often_the_clock_strikes(scene: Scene, due: Known) -> None:
    assert due_soon(scene.wired).startswith("due soon: 1 messages,")
    assert due_soon(scene.wired).startswith("due soon: 0 messages,")
    run(scene, tries=2)
    (mail,) = scene.outbox.mails
    assert mail["To"] == "holder@example.com"
    assert "$40.00" in str(mail["Subject"])
    assert due.reference[-4:] in words(mail)
    assert due.number not in words(mail), "the end of the number is enough to know it by"
    assert [(row.kind, row.state) for row in log(scene)] == [("due-soon", "sent")]


def test_residents_are_told_in_their_language_and_one_address_once(scene: Scene, due: Known) -> None:
    ana = resident(scene, due, "ana@example.com", lang="es")
    resident(scene, due, "holder@example.com")
    wants(scene, ana, due_soon=Way.MAIL)
    due_soon(scene.wired)
    run(scene)
    assert sorted((mail["To"], mail["Content-Language"]) for mail in scene.outbox.mails) == [
        ("ana@example.com", "es"), ("holder@example.com", "en"),
    ]  # fmt: skip
    spanish = next(mail for mail in scene.outbox.mails if mail["To"] == "ana@example.com")
    assert "vence" in str(spanish["Subject"])


def test_an_owner_gets_copies_of_what_the_tenant_is_told_and_who_wants_none_gets_none(
    scene: Scene, due: Known
) -> None:
    tenant = resident(scene, due, "tenant@example.com")
    lets_in(scene, due, tenant, ("owner@example.com", "es"), Offer(Standing.OWNER, SEE_ONLY, gets_copies=True))
    lets_in(scene, due, tenant, ("aunt@example.com", "en"), Offer(Standing.FAMILY, SEE_ONLY))
    due_soon(scene.wired)
    run(scene)
    assert {mail["To"]: mail["Content-Language"] for mail in scene.outbox.mails} == {
        "holder@example.com": "en", "tenant@example.com": "en", "owner@example.com": "es",
    }  # fmt: skip


def test_who_chose_none_by_their_sign_in_is_not_told_as_the_holder_on_file(scene: Scene, due: Known) -> None:
    holder = resident(scene, due, "holder@example.com")
    wants(scene, holder, due_soon=Way.NONE)
    assert due_soon(scene.wired).startswith("due soon: 0 messages,")
    assert log(scene) == []


def test_nothing_leaves_once_it_is_paid(scene: Scene) -> None:
    known = scene.open("utility", 0)
    owe(scene, known, 40_00, days=3)
    due_soon(scene.wired)
    waiting = scene.facts()
    person = scene.guest()
    add(person, known)
    person.land(pay_hosted_page(leave(person, EMAIL)))
    scene.run_jobs()
    assert [name for name, _ in waiting] == [FACT]
    (told,) = [row for row in log(scene) if row.kind == "due-soon"]
    assert (told.state, told.code) == ("dropped", "paid")
    assert due_soon(scene.wired).startswith("due soon: 0 messages,")


def test_money_on_its_way_stops_a_reminder(scene: Scene, due: Known) -> None:
    due_soon(scene.wired)
    with transaction(scene.sessions) as session:
        promise(session, {due.id: Money(40_00)}, now=scene.wired.clock.now())
    run(scene)
    assert [(row.state, row.code) for row in log(scene)] == [("dropped", "on-its-way")]
    assert scene.outbox.mails == []


def test_past_due_is_told_on_the_city_s_days_and_made_up_for_a_night_that_did_not_come(scene: Scene) -> None:
    known = scene.open("utility", 0)
    owe(scene, known, 40_00, days=-2)
    at(scene, 11)
    assert past_due(scene.wired).startswith("past due: 1 messages,")
    at(scene, 11, days=8)
    assert past_due(scene.wired).startswith("past due: 1 messages,"), "the tenth day"
    run(scene)
    assert [row.about for row in log(scene)] == [
        f"{scene.today - timedelta(days=2)}+1", f"{scene.today - timedelta(days=2)}+10",
    ]  # fmt: skip
    assert all("past due" in str(mail["Subject"]) for mail in scene.outbox.mails)


def test_a_text_waits_for_the_morning(scene: Scene, due: Known) -> None:
    ana = resident(scene, due, "holder@example.com")
    texts_to(scene, ana)
    wants(scene, ana, due_soon=Way.TEXT)
    at(scene, 22, 30)
    due_soon(scene.wired)
    run(scene)
    assert scene.outbox.texts == []
    assert [(row.state, row.code) for row in log(scene)] == [("queued", "quiet")]
    at(scene, 7, 59, days=1)
    run(scene)
    assert scene.outbox.texts == []
    at(scene, 8, days=1)
    run(scene)
    ((number, body),) = scene.outbox.texts
    assert number == "+15595550123"
    assert "$40.00" in body
    assert "STOP" in body
    assert len(body) <= 160


def test_what_is_refused_marks_the_address_and_nothing_more_goes_there(scene: Scene, due: Known) -> None:
    due_soon(scene.wired)
    scene.outbox.fails.append(NoSuchAddress("no"))
    run(scene)
    assert [row.state for row in log(scene)] == ["failed"]
    owe(scene, due, 10_00, days=4)
    assert due_soon(scene.wired).startswith("due soon: 0 messages,")
    scene.run_as_owner("UPDATE customers SET email = 'new@example.com'")
    assert due_soon(scene.wired).startswith("due soon: 1 messages,"), "another address begins anew"


def test_a_server_that_says_later_is_asked_again(scene: Scene, due: Known) -> None:
    due_soon(scene.wired)
    ((_, args),) = scene.facts()
    scene.outbox.fails.append(MailDelayed("later"))
    with scene.app.app_context(), pytest.raises(MailDelayed):
        deliver(scene.wired, args["message_id"])
    run(scene)
    assert [row.event for row in scene.rows("SELECT event FROM message_events ORDER BY id")] == [
        "queued", "delayed", "sent",
    ]  # fmt: skip
    (mail,) = scene.outbox.mails
    assert str(mail["Message-ID"]).startswith(f"<notice-{args['message_id']}-")


def test_what_could_not_leave_for_days_is_not_sent_late(scene: Scene, due: Known) -> None:
    due_soon(scene.wired)
    at(scene, 11, days=LATEST.days + 1)
    run(scene)
    assert [(row.state, row.code) for row in log(scene)] == [("failed", "too-late")]


def test_two_workers_send_one_message(scene: Scene, due: Known) -> None:
    due_soon(scene.wired)
    ((_, args),) = scene.facts()

    def send() -> None:
        with scene.app.app_context():
            deliver(scene.wired, args["message_id"])

    outcomes = together([send] * 3)
    assert all(outcome is None or isinstance(outcome, SomebodySends) for outcome in outcomes)
    assert len(scene.outbox.mails) == 1


def test_without_the_claim_two_workers_would_send_two(
    scene: Scene, due: Known, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: if a claimed message could be taken again, the test above would fail."""
    due_soon(scene.wired)
    ((_, args),) = scene.facts()
    monkeypatch.setattr("portal.notices.service.STALE", timedelta(seconds=-1))
    with scene.app.app_context():
        first, second = claim(scene.wired, args["message_id"]), claim(scene.wired, args["message_id"])
        assert first is not None
        assert second is not None
        assert _send(scene.wired, first) == _send(scene.wired, second), "the same Message-ID at least"


def test_new_bills_of_an_import_are_told_once(scene: Scene, due: Known) -> None:
    scene.run_as_owner(
        "INSERT INTO bills (customer_account_id, number, billed_on, due_on, delinquent_on, source_system)"
        " SELECT :account, 'B-77', CAST(:on AS date), CAST(:on AS date) + 20, CAST(:on AS date) + 21, 'old-system'",
        account=due.id, on=scene.today.isoformat(),
    )  # fmt: skip
    scene.run_as_owner("UPDATE charges SET bill_id = (SELECT id FROM bills)")
    assert bills_ready(scene.wired) == "bills ready: 1 messages, 0 of 1 bills passed over"
    assert bills_ready(scene.wired) == "bills ready: 0 messages, 1 of 1 bills passed over"
    run(scene)
    (mail,) = scene.outbox.mails
    assert "B-77" in words(mail)


@pytest.mark.parametrize("many", [1, 40])
def test_a_batch_is_the_same_few_statements(scene: Scene, many: int) -> None:
    for known in scene.open_many([("utility", (0,), (), {}) for _ in range(many)]):
        owe(scene, known, 40_00, days=3)
    forget_facts(scene)
    with statements(scene.db.app) as sent:
        assert due_soon(scene.wired).startswith(f"due soon: {many} messages,")
    assert len(sent) <= 12
