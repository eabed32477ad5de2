"""High use, payments, links: whom each is about, once, and only while it is true."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select

from accounts.account_links.service import end, link
from accounts.customer_accounts.models import CustomerAccount
from accounts.database import reading, transaction
from accounts.message_choices.papers import confirm_paperless, go_paperless
from accounts.message_choices.queries import Person, paperless
from accounts.message_choices.rules import Unit, Way
from accounts.message_choices.service import set_level
from accounts.utilities.models import Meter, MeterRead
from portal.messages_sent.rules import Kind, Message
from portal.messages_sent.service import sending
from portal.notices.jobs import forgetting
from portal.notices.paperless_words import paperless_words
from portal.notices.reports import mail_came_back
from portal.notices.walks import due_soon, high_use
from tests.portal.notices.counter import HOLDER, ask_for_paperless
from tests.portal.notices.people import at, forget_facts, log, owe, resident, run, wants, words
from tests.portal.notices.test_bounces import DEAD, bounce
from tests.portal.resident.people import actor_of, signed_in
from tests.portal.scene import Known, Scene, add, leave
from tests.portal.test_messages_sent import EMAIL
from tests.sandbox_server import pay_hosted_page


def read(scene: Scene, known: Known, *values: int, unit: str = "CCF", kind: str = "actual") -> None:
    """A meter at the account's place, read each thirty days, the last time today."""
    with transaction(scene.sessions) as session:
        place = session.scalars(select(CustomerAccount.premises_id).where(CustomerAccount.id == known.id)).one()
        meter = Meter(premises_id=place, serial=f"M{known.id}", unit=unit, installed_on=scene.today)
        session.add(meter)
        session.flush()
        for place_, value in enumerate(reversed(values)):
            on = scene.today - timedelta(days=30 * place_)
            session.add(MeterRead(meter_id=meter.id, read_on=on, value=value, kind=kind))


@pytest.mark.parametrize(
    ("reads", "unit", "level", "told"),
    [
        ((100, 113), "CCF", (Decimal("12.5"), Unit.CCF), True),
        ((100, 112), "CCF", (Decimal("12.5"), Unit.CCF), False),
        ((99_995, 8), "CCF", (Decimal("12.5"), Unit.CCF), True),
        ((100, 113), "CCF", (Decimal("9700"), Unit.GAL), True),
        ((100, 113), "CCF", (Decimal("9800"), Unit.GAL), False),
        ((100, 1350), "CF", (Decimal("12.4"), Unit.CCF), True),
        ((100,), "CCF", (Decimal("1"), Unit.CCF), False),
    ],
)
def test_use_above_a_level_is_told_once_a_read(
    scene: Scene, reads: tuple[int, ...], unit: str, level: tuple[Decimal, Unit], told: bool
) -> None:
    known = scene.open("utility", 0)
    actor = resident(scene, known, "ana@example.com")
    set_level(scene.sessions, Person(actor_id=actor), known.id, *level, by=actor)
    read(scene, known, *reads, unit=unit)
    at(scene, 11)
    assert high_use(scene.wired).startswith(f"high use: {int(told)} messages,")
    assert high_use(scene.wired).startswith("high use: 0 messages,")
    run(scene)
    assert [mail["To"] for mail in scene.outbox.mails] == (["ana@example.com"] if told else [])
    if told:
        assert "above the level" in str(scene.outbox.mails[0]["Subject"])


def test_an_estimate_rings_no_bell_and_who_gave_the_account_up_hears_nothing(scene: Scene) -> None:
    known = scene.open("utility", 0)
    actor = resident(scene, known, "ana@example.com")
    set_level(scene.sessions, Person(actor_id=actor), known.id, Decimal(5), Unit.CCF, by=actor)
    read(scene, known, 100, 150, kind="estimated")
    at(scene, 11)
    assert high_use(scene.wired).startswith("high use: 0 messages,")
    scene.run_as_owner("UPDATE meter_reads SET kind = 'actual'")
    assert high_use(scene.wired).startswith("high use: 1 messages,")
    held = scene.scalar("SELECT id FROM account_links")
    end(scene.sessions, actor, held, now=scene.clock.now())
    run(scene)
    (told,) = [row for row in log(scene) if row.kind == "high-use"]
    assert (told.state, told.code) == ("dropped", "not-wanted")


def test_the_holder_on_file_is_told_of_a_stranger_and_of_their_end(scene: Scene) -> None:
    known = scene.open("utility", 0, email="holder@example.com")
    signed_in(scene.sessions, scene.clock, "ana@example.com")
    actor = actor_of(scene, "ana@example.com")
    forget_facts(scene)
    held = link(scene.sessions, actor, known.id, "proof", now=scene.clock.now())
    run(scene)
    run(scene)
    end(scene.sessions, actor, held, now=scene.clock.now())
    run(scene)
    run(scene)
    assert [(row.kind, row.to_masked, row.state) for row in log(scene)] == [
        ("account-linked", "h•••@example.com", "sent"), ("account-unlinked", "h•••@example.com", "sent"),
    ]  # fmt: skip
    first = words(scene.outbox.mails[0])
    assert known.number not in first
    assert "ana@example.com" not in first, "who it was is theirs to tell"


def test_a_payment_is_told_to_whoever_did_not_get_the_receipt(scene: Scene) -> None:
    known = scene.open("utility", 50_00, email=EMAIL)
    payer, other = resident(scene, known, EMAIL), resident(scene, known, "ana@example.com")
    wants(scene, payer, payment_received=Way.MAIL)
    wants(scene, other, payment_received=Way.MAIL)
    person = scene.guest()
    add(person, known)
    person.land(pay_hosted_page(leave(person, EMAIL)))
    scene.run_jobs()
    run(scene)
    assert sorted((row.kind, row.to_masked) for row in log(scene)) == [
        ("payment-received", "a•••@example.com"), ("receipt", "m•••@example.com"),
    ]  # fmt: skip


def test_paper_comes_again_when_mail_comes_back(scene: Scene) -> None:
    known = scene.open("utility", 0, email=EMAIL)
    actor = resident(scene, known, EMAIL)
    with scene.app.app_context():
        text = paperless_words(scene.city, "en")
    go_paperless(scene.sessions, known.id, text, by=actor, now=scene.clock.now(), evidence={})
    owe(scene, known, 40_00, days=3)
    at(scene, 11)
    forget_facts(scene)
    due_soon(scene.wired)
    run(scene)
    mail_came_back(scene.sessions, bounce(str(scene.outbox.mails[0]["Message-ID"])), scene.wired.clock.now())
    with reading(scene.sessions) as session:
        assert paperless(session, [known.id]) == {}
    assert scene.scalar("SELECT reason FROM consent_revocations") == "mail came back"


def test_mail_to_a_customer_on_file_that_comes_back_brings_their_paper_and_keeps_the_record(scene: Scene) -> None:
    known, other = scene.open("utility", 0, email=HOLDER), scene.open("utility", 0, email="other@example.com")
    for one in (known, other):
        confirm_paperless(scene.sessions, ask_for_paperless(scene, one), now=scene.clock.now(), evidence={})
    owe(scene, known, 40_00, days=3)
    at(scene, 11)
    forget_facts(scene)
    due_soon(scene.wired)
    run(scene)
    raw, now = bounce(str(scene.outbox.mails[0]["Message-ID"])), scene.wired.clock.now()
    assert mail_came_back(scene.sessions, raw, now).news == 1
    assert mail_came_back(scene.sessions, raw, now).news == 0
    with reading(scene.sessions) as session:
        held = paperless(session, [known.id, other.id])
    assert list(held) == [other.id], "theirs only"
    agreed = scene.rows("SELECT method, customer_account_id FROM consents WHERE kind = 'paperless' ORDER BY 2")
    assert agreed == [("link", known.id), ("link", other.id)], "what was agreed to stays on record"
    assert scene.rows("SELECT reason FROM consent_revocations") == [("mail came back",)]
    ended = scene.rows("SELECT subject_id, details->>'reason' FROM audit_entries WHERE act = 'paperless-ended'")
    assert ended == [(str(known.id), "mail came back")], "and that it ended stands in the audit"
    assert [tuple(row) for row in scene.rows(DEAD)] == [("bounced", "5.1.1", "h•••@example.com")]


@pytest.mark.parametrize("has_moved", [False, True])
def test_a_receipt_that_comes_back_brings_paper_to_whoever_is_reached_there_now(
    scene: Scene, *, has_moved: bool
) -> None:
    """A receipt is nobody's by name; but no bill goes to its address any more."""
    known = scene.open("utility", 50_00, email=EMAIL)
    confirm_paperless(scene.sessions, ask_for_paperless(scene, known), now=scene.clock.now(), evidence={})
    owe(scene, known, 40_00, days=3)
    at(scene, 11)
    forget_facts(scene)
    due_soon(scene.wired)
    run(scene)
    if has_moved:
        scene.run_as_owner("UPDATE customers SET email = 'new@example.com'")
        owe(scene, known, 10_00, days=4)
        due_soon(scene.wired)
        run(scene)
    receipt, now = Message("mail", Kind.RECEIPT, EMAIL, "en"), scene.wired.clock.now()
    sending(scene.sessions, scene.wired.proof_key, receipt, lambda: "<receipt-1@rioclaro.example>", now=now)
    assert mail_came_back(scene.sessions, bounce("<receipt-1@rioclaro.example>"), now).news == 1
    with reading(scene.sessions) as session:
        assert bool(paperless(session, [known.id])) is has_moved


def test_addresses_of_old_messages_are_forgotten(scene: Scene) -> None:
    known = scene.open("utility", 0, email="holder@example.com")
    owe(scene, known, 40_00, days=3)
    at(scene, 11)
    due_soon(scene.wired)
    run(scene)
    assert forgetting(scene.wired).startswith("forgotten: 0 addresses")
    at(scene, 11, days=731)
    assert forgetting(scene.wired).startswith("forgotten: 1 addresses")
    assert [(row.to_masked, row.kind) for row in log(scene)] == [("", "due-soon")]
