"""What mail servers and the provider of texts report: noted once, in any order, and a dead address is left alone."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.message_choices.rules import Way
from portal.messages_sent.rules import State
from portal.notices.bounces import read_bounce
from portal.notices.reports import mail_came_back, signature_of
from portal.notices.walks import due_soon
from tests.portal.notices.people import at, log, owe, resident, run, texts_to, wants
from tests.portal.scene import Scene

TOKEN = "a token of the provider, for tests"
BOUNCE = """From: MAILER-DAEMON@mail.example
To: payments@rioclaro.example
Subject: Undelivered Mail Returned to Sender
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="B"

--B
Content-Type: text/plain

This is the mail system. Your message could not be delivered.

--B
Content-Type: message/delivery-status

Reporting-MTA: dns; mail.example

Final-Recipient: rfc822; holder@example.com
Action: {action}
Status: {status}
Diagnostic-Code: smtp; 550 5.1.1 unknown

--B
Content-Type: text/rfc822-headers

From: City <payments@rioclaro.example>
Message-ID: {about}
Subject: Your bill

--B--
"""
DEAD = "SELECT event, code, to_masked FROM address_events ORDER BY id"


def bounce(about: str, action: str = "failed", status: str = "5.1.1") -> bytes:
    return BOUNCE.format(about=about, action=action, status=status).replace("\n", "\r\n").encode()


@pytest.mark.parametrize(
    ("action", "status", "state", "is_the_address"),
    [
        ("failed", "5.1.1", State.BOUNCED, True),
        ("failed", "5.7.1 (blocked)", State.BOUNCED, True),
        ("failed", "5.2.2", State.BOUNCED, False),
        ("failed", "4.4.7", State.BOUNCED, False),
        ("Delivered", "2.0.0", State.DELIVERED, False),
        ("delayed", "4.4.1", None, False),
        ("relayed", "2.0.0", None, False),
    ],
)
def test_a_report_is_read(action: str, status: str, state: State | None, is_the_address: bool) -> None:
    found = read_bounce(bounce("<notice-1-ab@rioclaro.example>", action, status))
    assert [one.state for one in found] == ([state] if state else [])
    assert [one.is_the_address for one in found] == ([is_the_address] if state else [])


def test_the_whole_mail_may_come_back_instead_of_its_headers() -> None:
    raw = bounce("<notice-1-ab@x.example>").replace(b"text/rfc822-headers", b"message/rfc822")
    assert [one.message_id for one in read_bounce(raw)] == ["<notice-1-ab@x.example>"]


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\xff\x00\xfe",
        b"Subject: I am away\r\n\r\nUntil Monday.",
        bounce("<notice-1-ab@x.example>").replace(b"delivery-status; b", b"disposition-notification; b"),
        bounce("<notice-1-ab@x.example>").replace(b"Message-ID", b"X-Nothing"),
    ],
)
def test_what_is_no_report_is_passed_over(raw: bytes) -> None:
    assert read_bounce(raw) == []


@given(st.binary(max_size=400))
def test_no_mail_breaks_the_reader(noise: bytes) -> None:
    read_bounce(noise)
    read_bounce(bounce("<x@y>").replace(b"This is the mail system.", noise))


def test_a_bounce_is_noted_once_and_stops_the_address(scene: Scene) -> None:
    known = scene.open("utility", 0, email="holder@example.com")
    owe(scene, known, 40_00, days=3)
    at(scene, 11)
    due_soon(scene.wired)
    run(scene)
    raw, now = bounce(str(scene.outbox.mails[0]["Message-ID"])), scene.wired.clock.now()
    assert mail_came_back(scene.sessions, raw, now).news == 1
    assert mail_came_back(scene.sessions, raw, now).news == 0
    assert [(row.state, row.code) for row in log(scene)] == [("bounced", "5.1.1")]
    assert [tuple(row) for row in scene.rows(DEAD)] == [("bounced", "5.1.1", "h•••@example.com")]
    owe(scene, known, 10_00, days=4)
    assert due_soon(scene.wired).startswith("due soon: 0 messages,")


def test_a_report_about_nothing_of_ours_changes_nothing(scene: Scene) -> None:
    assert mail_came_back(scene.sessions, bounce("<notice-1-0000@rioclaro.example>"), scene.clock.now()).news == 0
    assert scene.rows(DEAD) == []


@pytest.fixture
def texted(scene: Scene) -> str:
    """A reminder by text that the provider took; the provider's name for it."""
    object.__setattr__(scene.wired.settings, "twilio_token", TOKEN)
    known = scene.open("utility", 0, email="holder@example.com")
    owe(scene, known, 40_00, days=3)
    at(scene, 11)
    ana = resident(scene, known, "holder@example.com")
    texts_to(scene, ana)
    wants(scene, ana, due_soon=Way.TEXT)
    due_soon(scene.wired)
    run(scene)
    return str(scene.scalar("SELECT provider_ref FROM messages_sent WHERE kind = 'due-soon'"))


def report(scene: Scene, sid: str, status: str, code: str = "", token: str = TOKEN) -> int:
    fields = [("MessageSid", sid), ("MessageStatus", status), *([("ErrorCode", code)] if code else [])]
    address = f"{scene.wired.settings.base_url}/webhooks/texts/status"
    headers = {"X-Twilio-Signature": signature_of(token, address, fields)}
    return scene.app.test_client().post("/webhooks/texts/status", data=dict(fields), headers=headers).status_code


def test_the_provider_s_reports_come_in_any_order(scene: Scene, texted: str) -> None:
    assert report(scene, texted, "sent") == 204
    assert report(scene, texted, "delivered") == 204
    assert report(scene, texted, "delivered") == 204
    assert report(scene, texted, "sent") == 204
    assert [row.state for row in log(scene)] == ["delivered"]
    assert scene.scalar("SELECT count(*) FROM message_events WHERE event = 'delivered'") == 1


def test_a_number_that_is_none_is_left_alone(scene: Scene, texted: str) -> None:
    assert report(scene, texted, "undelivered", "30005") == 204
    assert [(row.state, row.code) for row in log(scene)] == [("failed", "30005")]
    assert [row.event for row in scene.rows(DEAD)] == ["refused"]


def test_a_report_that_is_not_signed_by_the_provider_changes_nothing(scene: Scene, texted: str) -> None:
    before = log(scene)
    assert report(scene, texted, "failed", "30005", token="another") == 403
    assert scene.app.test_client().post("/webhooks/texts/status", data={"MessageSid": texted}).status_code == 403
    object.__setattr__(scene.wired.settings, "twilio_token", "")
    assert report(scene, texted, "failed", "30005", token="") == 403, "no token, no provider"
    assert log(scene) == before
    assert scene.rows(DEAD) == []
