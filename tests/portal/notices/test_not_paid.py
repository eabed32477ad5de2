"""A payment that fails after its payer left: why, what was not lost, what to do; not if it came after all."""

from __future__ import annotations

from accounts.database import transaction
from payments.attempts.rules import Event
from payments.attempts.service import move
from portal.notices.jobs import tell_of_failure
from tests.portal.notices.people import at, forget_facts, log, run, words
from tests.portal.scene import Scene, add, leave


def left(scene: Scene, email: str) -> str:
    """Somebody went to pay 40 dollars by a bank debit that is still on its way; the attempt."""
    known, guest = scene.open("license", 40_00, email="holder@example.com"), scene.guest()
    add(guest, known)
    leave(guest, email)
    attempt = str(scene.scalar("SELECT id FROM attempts"))
    with transaction(scene.sessions) as session:
        move(session, attempt, Event.PROCESSING, {})
    at(scene, 11)
    forget_facts(scene)
    return attempt


def refuse(scene: Scene, attempt: str) -> None:
    with transaction(scene.sessions) as session:
        move(session, attempt, Event.REFUSED, {})


def test_payer_and_holder_hear_why_and_what_was_not_lost(scene: Scene) -> None:
    attempt = left(scene, "payer@example.com")
    refuse(scene, attempt)
    refuse(scene, attempt)
    assert [name for name, _ in scene.facts()].count("payment_not_paid") == 1
    run(scene)
    run(scene)
    mails = {str(mail["To"]): words(mail) for mail in scene.outbox.mails}
    assert set(mails) == {"payer@example.com", "holder@example.com"}
    for said in mails.values():
        assert "Your bank did not let it through" in said
        assert "there is no fee for this" in said
        assert "Please pay in another way" in said
    assert not any("List-Unsubscribe" in mail for mail in scene.outbox.mails)
    assert scene.scalar("SELECT count(*) FROM pending_payments") == 0


def test_one_address_hears_once_and_nothing_leaves_if_it_was_paid_after_all(scene: Scene) -> None:
    attempt = left(scene, "holder@example.com")
    refuse(scene, attempt)
    run(scene)
    run(scene)
    assert [mail["To"] for mail in scene.outbox.mails] == ["holder@example.com"]
    assert [row.state for row in log(scene)] == ["sent"]
    scene.run_as_owner("UPDATE attempts SET state = 'succeeded'")
    scene.outbox.mails.clear()
    with scene.app.app_context():
        tell_of_failure(scene.wired, attempt)
    assert scene.outbox.mails == []
    scene.run_as_owner("UPDATE attempts SET state = 'failed'")  # what is proved in the end is what happened
