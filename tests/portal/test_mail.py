"""Mail, sent to a real server on this machine."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from email.message import EmailMessage

import pytest

from portal.mail import Attachment, MailDelayed, Mailer, MailRefused, compose
from tests.smtp_server import SmtpServer, smtp_server


@pytest.fixture
def server() -> Iterator[SmtpServer]:
    with smtp_server() as running:
        yield running


def receipt(**changes: str) -> EmailMessage:
    values = {
        "sender": "Ciudad de Río Claro <no-reply@rioclaro.example>",
        "to": "lucia@example.org",
        "subject": "Su recibo W1-2026-000123 — $84.10",
        "text": "Recibimos su pago de $84.10.",
        "html": "<p>Recibimos su pago de <b>$84.10</b>.</p>",
        "message_id": "receipt-W1-2026-000123",
        "language": "es",
    }
    return compose(**(values | changes), attachments=[Attachment("recibo.pdf", b"%PDF-1.7 ...")])  # type: ignore[arg-type]


def test_a_receipt_arrives_whole(server: SmtpServer) -> None:
    Mailer(server.url).send(receipt())
    (message,) = server.messages
    assert message["To"] == "lucia@example.org"
    assert message["From"] == "Ciudad de Río Claro <no-reply@rioclaro.example>"
    assert message["Subject"] == "Su recibo W1-2026-000123 — $84.10"
    assert message["Message-ID"] == "<receipt-W1-2026-000123@rioclaro.example>"
    assert message["Content-Language"] == "es"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message.get_body(("plain",)).get_content().strip() == "Recibimos su pago de $84.10."  # type: ignore[union-attr]
    assert "<b>$84.10</b>" in message.get_body(("html",)).get_content()  # type: ignore[union-attr]
    (pdf,) = message.iter_attachments()
    assert pdf.get_filename() == "recibo.pdf"
    assert pdf.get_content() == b"%PDF-1.7 ..."
    assert server.recipients == [["lucia@example.org"]]


def test_the_same_receipt_again_carries_the_same_id(server: SmtpServer) -> None:
    for _ in range(2):
        Mailer(server.url).send(receipt())
    assert len({message["Message-ID"] for message in server.messages}) == 1


def test_no_header_can_be_smuggled_in(server: SmtpServer) -> None:
    Mailer(server.url).send(receipt(subject="Recibo\r\nBcc: thief@example.org"))
    (message,) = server.messages
    assert message["Bcc"] is None
    assert message["Subject"] == "Recibo Bcc: thief@example.org"
    assert server.recipients == [["lucia@example.org"]]


@pytest.mark.parametrize(
    "address",
    ["", "nobody", "a@b@c.org", "a@b.org\r\nBcc: c@d.org", "a@b.org, c@d.org", "Ana <a@b.org>", "a b@c.org", "a@"],
)
def test_what_is_no_address_is_refused_before_it_leaves(address: str) -> None:
    with pytest.raises(MailRefused):
        receipt(to=address)


def test_a_key_with_anything_odd_in_it_is_a_mistake_of_ours() -> None:
    with pytest.raises(ValueError, match="not a key"):
        receipt(message_id="x>\r\nBcc: y")


def test_later_and_never_are_told_apart(server: SmtpServer) -> None:
    server.answers = ["550 No such person", "451 Come back later"]
    with pytest.raises(MailRefused, match="550"):
        Mailer(server.url).send(receipt())
    with pytest.raises(MailDelayed, match="451"):
        Mailer(server.url).send(receipt())
    Mailer(server.url).send(receipt())
    assert len(server.raw) == 1


def test_a_server_that_is_away_means_later() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with pytest.raises(MailDelayed, match=r"127\.0\.0\.1"):
        Mailer(f"smtp://127.0.0.1:{port}").send(receipt())


def test_a_server_that_does_not_want_a_password_means_later_or_never(server: SmtpServer) -> None:
    with pytest.raises((MailDelayed, MailRefused)):
        Mailer(f"smtp://user:secret@127.0.0.1:{server.port}").send(receipt())
