"""Text messages: a file in the demo, a provider's API over real HTTP."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest

from portal.config import Settings
from portal.texts import FolderTexts, NoTexts, TextDelayed, TextRefused, TwilioTexts, e164, sender_for


@dataclass
class Provider:
    """What was asked, and what is answered next."""

    url: str = ""
    asked: list[dict[str, Any]] = field(default_factory=list)
    answer: tuple[int, bytes] = (201, b'{"sid": "SM1", "status": "queued"}')


@pytest.fixture
def provider() -> Iterator[Provider]:
    known = Provider()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            known.asked.append({"path": self.path, "login": self.headers["Authorization"], "form": parse_qs(body)})
            self.send_response(known.answer[0])
            self.send_header("Content-Length", str(len(known.answer[1])))
            self.end_headers()
            self.wfile.write(known.answer[1])

        def log_message(self, *arguments: object) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    known.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield known
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("(559) 555-0123", "+15595550123"),
        ("559.555.0123", "+15595550123"),
        ("1-559-555-0123", "+15595550123"),
        ("+1 559 555 0123", "+15595550123"),
        ("559 555 0123 ext. 12", "+15595550123"),
        ("+52 55 1234 5678", "+525512345678"),
    ],
)
def test_numbers_as_people_write_them(typed: str, number: str) -> None:
    assert e164(typed) == number


@pytest.mark.parametrize("typed", ["", "555-0123", "059 555 0123", "559 155 0123", "559-555-CALL", "2559 555 0123"])
def test_what_is_no_number_is_refused(typed: str) -> None:
    with pytest.raises(TextRefused):
        e164(typed)


def test_the_folder_keeps_each_message_as_a_line(tmp_path: Path) -> None:
    sender = FolderTexts(tmp_path / "texts")
    sender.send("559 555 0123", "Su código es 123456", "code-1")
    sender.send("559 555 0124", "Recibo W1", "receipt-W1")
    lines = [json.loads(line) for line in (tmp_path / "texts" / "texts.jsonl").read_text().splitlines()]
    assert [(line["to"], line["body"], line["reference"]) for line in lines] == [
        ("+15595550123", "Su código es 123456", "code-1"),
        ("+15595550124", "Recibo W1", "receipt-W1"),
    ]


def test_the_provider_gets_what_its_api_wants(provider: Provider) -> None:
    TwilioTexts("AC1", "token", "+15595550100", base=provider.url).send("559 555 0123", "Código ñ", "x")
    (asked,) = provider.asked
    assert asked["path"] == "/2010-04-01/Accounts/AC1/Messages.json"
    assert asked["login"] == "Basic " + base64.b64encode(b"AC1:token").decode()
    assert asked["form"] == {"To": ["+15595550123"], "From": ["+15595550100"], "Body": ["Código ñ"]}


def test_a_messaging_service_is_named_as_such(provider: Provider) -> None:
    TwilioTexts("AC1", "token", "MG123", base=provider.url).send("559 555 0123", "x", "x")
    assert provider.asked[0]["form"]["MessagingServiceSid"] == ["MG123"]


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (400, b'{"code": 21211, "message": "The number +15595550123 is invalid"}', TextRefused),
        (400, b'{"code": 21610, "message": "unsubscribed"}', TextRefused),
        (429, b'{"code": 20429}', TextDelayed),
        (401, b'{"code": 20003}', TextDelayed),
        (503, b"<html>", TextDelayed),
        (500, b"[]", TextDelayed),
    ],
)
def test_later_and_never_are_told_apart(provider: Provider, status: int, body: bytes, error: type[Exception]) -> None:
    provider.answer = (status, body)
    with pytest.raises(error, match=str(status)) as caught:
        TwilioTexts("AC1", "token", "+15595550100", base=provider.url).send("559 555 0123", "x", "x")
    assert "5595550123" not in str(caught.value)


def test_a_provider_that_is_away_means_later(provider: Provider) -> None:
    sender = TwilioTexts("AC1", "token", "+15595550100", base="http://127.0.0.1:9")
    with pytest.raises(TextDelayed, match="ConnectionError"):
        sender.send("559 555 0123", "x", "x")


def test_settings_name_the_sender(tmp_path: Path) -> None:
    assert sender_for(Settings()) == NoTexts()
    assert sender_for(Settings(text_provider=f"folder:{tmp_path}")) == FolderTexts(tmp_path)
    twilio = sender_for(Settings(text_provider="twilio", twilio_account="AC1", twilio_token="t", twilio_from="+1"))
    assert isinstance(twilio, TwilioTexts)
    assert "token" not in repr(twilio)
    NoTexts().send("x", "y", "z")
