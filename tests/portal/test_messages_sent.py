"""What left for people is in the files of the accounts it was about: masked, with its outcome, without its words."""

from __future__ import annotations

from email.message import EmailMessage

import pytest

from portal.mail import MailDelayed, MailRefused, NoSuchAddress
from portal.messages_sent.rules import masked_contact
from portal.messages_sent.service import PURPOSE, ask_receipt_again
from tests.portal.scene import Scene, add, leave
from tests.sandbox_server import pay_hosted_page

ALL = """SELECT m.kind, m.channel, m.to_masked, m.language, m.about, m.state, m.asked_by, x.customer_account_id
           FROM messages_sent m JOIN message_accounts x ON x.message_id = m.id ORDER BY m.id, x.customer_account_id"""
EVENTS = "SELECT event, code FROM message_events ORDER BY id"
DEAD = "SELECT channel, to_masked, event FROM address_events"
EMAIL = "maria.payer@example.com"


def words_of(mail: EmailMessage) -> str:
    """The plain text of a mail."""
    plain = mail.get_body(preferencelist=("plain",))
    assert plain is not None
    return str(plain.get_content())


def pay(scene: Scene, kinds: tuple[str, ...] = ("utility",)) -> list[int]:
    """Somebody pays for these accounts and wants the receipt at ``EMAIL``; the accounts' ids."""
    person, ids = scene.guest(), []
    for kind in kinds:
        known = scene.open(kind, 50_00)
        add(person, known)
        ids.append(known.id)
    person.land(pay_hosted_page(leave(person, EMAIL)))
    return ids


def test_a_receipt_is_a_line_in_the_file_of_each_account_on_it(scene: Scene) -> None:
    ids = pay(scene, ("utility", "license"))
    scene.run_jobs()
    lines = scene.rows(ALL)
    assert [line.customer_account_id for line in lines] == ids
    assert {tuple(line)[:6] for line in lines} == {
        ("receipt", "mail", "m•••@example.com", "en", lines[0].about, "sent")
    }
    assert lines[0].about.startswith("W")
    assert lines[0].asked_by is None


@pytest.mark.parametrize(
    ("error", "state", "dead"),
    [
        (MailRefused("no"), "failed", []),
        (NoSuchAddress("no"), "failed", [("mail", "m•••@example.com", "refused")]),
        (MailDelayed("later"), "delayed", []),
    ],
)
def test_what_could_not_be_sent_is_written_down_and_still_raised(
    scene: Scene, error: Exception, state: str, dead: list[tuple[str, str, str]]
) -> None:
    pay(scene)
    scene.outbox.fails.append(error)
    with pytest.raises(type(error)):
        scene.run_jobs()
    assert [line.state for line in scene.rows(ALL)] == [state]
    assert [tuple(row) for row in scene.rows(DEAD)] == dead, "a server that refuses says nothing of the address"
    if state == "delayed":
        scene.run_jobs()
        assert [line.state for line in scene.rows(ALL)] == ["sent"], "one message, however often it is tried"
        assert [row.event for row in scene.rows(EVENTS)] == ["delayed", "sent"]


def test_a_receipt_sent_again_is_the_same_words_and_another_message(scene: Scene) -> None:
    (account,) = pay(scene)
    scene.run_jobs()
    receipt, number = scene.scalar("SELECT id FROM receipts"), scene.rows(ALL)[0].about
    system = scene.scalar("SELECT id FROM actors WHERE handle = 'system'")
    vault = scene.wired.vault(PURPOSE)
    ask_receipt_again(scene.sessions, vault, account, (receipt, number), "other@example.org", by=system)
    ((fact, details),) = scene.facts()
    assert fact == "receipt_asked_again"
    assert "other@example.org" not in str(details), "the queue is no place for an address"
    scene.run_jobs()
    first, again = scene.outbox.mails
    assert again["To"] == "other@example.org"
    assert again["Subject"] == first["Subject"]
    assert again["Message-ID"] != first["Message-ID"]
    assert words_of(again) == words_of(first)
    last = scene.rows(ALL)[-1]
    assert (last.kind, last.to_masked, last.asked_by) == ("receipt-again", "o•••@example.org", system)
    audit = scene.rows("SELECT subject_id, details FROM audit_entries WHERE act = 'receipt-sent-again'")
    assert [(line.subject_id, line.details) for line in audit] == [
        (str(account), {"receipt": number, "to": "o•••@example.org"})
    ]


def test_a_code_that_was_sent_is_named_and_never_kept(scene: Scene) -> None:
    known = scene.open("utility", 50_00, email="holder@example.com")
    person = scene.guest()
    person.get("/pay/code")
    person.submit("Send me a code", {"Account, license": known.number})
    scene.run_jobs()
    (line,) = scene.rows(ALL)
    assert (line.kind, line.to_masked, line.state) == ("lookup-code", "h•••@example.com", "sent")
    assert line.customer_account_id == known.id
    (mail,) = scene.outbox.mails
    code = next(word for word in words_of(mail).split() if word.isdecimal() and len(word) == 8)
    assert code not in str([tuple(each) for each in scene.rows("SELECT * FROM messages_sent")])


@pytest.mark.parametrize(
    ("channel", "to", "masked"),
    [
        ("mail", "maria@example.com", "m•••@example.com"),
        ("mail", "x", "x•••@"),
        ("text", "(559) 555-0123", "•••-0123"),
        ("text", "12", "•••-12"),
    ],
)
def test_addresses_are_masked(channel: str, to: str, masked: str) -> None:
    assert masked_contact(channel, to) == masked  # type: ignore[arg-type]
