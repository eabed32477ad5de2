"""Text messages through one interface: a file for the demo, Twilio's Messages API for a city."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import requests

if TYPE_CHECKING:
    from portal.config import Settings

SECONDS = 15
TWILIO = "https://api.twilio.com"
_PERMANENT = frozenset({21211, 21214, 21408, 21610, 21612, 21614, 30003, 30005, 30006})
"""Twilio's codes for a number that is none, cannot take texts, or asked to be left alone."""
STOPPED = "21610"
"""Twilio's code for a number whose owner told the provider to stop."""
_EXTENSION = re.compile(r"\s*(?:x|ext\.?|extension)\s*\d+\s*$", re.IGNORECASE)


class TextRefused(Exception):
    """It will never arrive at this number."""

    code = ""
    """The provider's."""


class TextDelayed(Exception):
    """The provider cannot be reached, or is busy, or refuses our account: try again later."""


class TextSender(Protocol):
    """Sends one text message."""

    def send(self, to: str, body: str, reference: str) -> str | None:
        """Send ``body`` to the number ``to``; ``reference`` is ours, to find the message again.

        What the provider calls it, by which it reports what became of it; none where it reports nothing.
        """


@dataclass(frozen=True)
class NoTexts:
    """No provider is configured: nothing is sent, and the caller may ask first."""

    def send(self, to: str, body: str, reference: str) -> None:
        del to, body, reference


@dataclass(frozen=True)
class FolderTexts:
    """Writes each message as a line of JSON, as the demo's ``/demo`` page shows them."""

    folder: Path

    def send(self, to: str, body: str, reference: str) -> None:
        line = {"at": datetime.now(UTC).isoformat(), "to": e164(to), "body": body, "reference": reference}
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / "texts.jsonl").open("a", encoding="utf-8") as file:
            file.write(json.dumps(line, ensure_ascii=False) + "\n")


@dataclass(frozen=True)
class TwilioTexts:
    """Twilio's ``POST /2010-04-01/Accounts/{account}/Messages.json``; it reports to ``reports_to``."""

    account: str
    token: str = field(repr=False)
    sender: str
    base: str = TWILIO
    reports_to: str = ""
    seconds: float = SECONDS

    def send(self, to: str, body: str, reference: str) -> str:
        del reference  # the API has no field for it, and no key that would keep a repeat from leaving twice
        origin = "MessagingServiceSid" if self.sender.startswith("MG") else "From"
        try:
            answer = requests.post(
                f"{self.base}/2010-04-01/Accounts/{self.account}/Messages.json",
                data={"To": e164(to), origin: self.sender, "Body": body, **self._reports()},
                auth=(self.account, self.token),
                timeout=self.seconds,
                allow_redirects=False,
            )
        except requests.RequestException as error:
            raise TextDelayed(f"{type(error).__name__} from the provider of text messages") from None
        with answer:
            if answer.status_code != requests.codes.created:
                raise _refusal(answer)
            try:
                return str(answer.json()["sid"])
            except (ValueError, KeyError, TypeError):
                return ""  # it took the message; we only do not know its name

    def _reports(self) -> dict[str, str]:
        return {"StatusCallback": self.reports_to} if self.reports_to else {}


def sender_for(settings: Settings) -> TextSender:
    """The sender that ``TEXT_PROVIDER`` names."""
    kind, _, folder = settings.text_provider.partition(":")
    if kind == "folder":
        return FolderTexts(Path(folder))
    if kind == "twilio":
        reports_to = f"{settings.base_url}/webhooks/texts/status" if settings.base_url.startswith("https://") else ""
        return TwilioTexts(
            settings.twilio_account, settings.twilio_token, settings.twilio_from, reports_to=reports_to
        )
    return NoTexts()


def e164(number: str) -> str:
    """A US number as people write it, as ``+15595550123``; an international one must begin with a plus sign."""
    bare = _EXTENSION.sub("", number.strip())
    digits = "".join(str(int(character)) for character in bare if character.isdecimal())
    if bare.startswith("+") and not bare.startswith("+1") and 8 <= len(digits) <= 15:
        return f"+{digits}"
    national = digits.removeprefix("1") if len(digits) == 11 else digits
    # An area code and an exchange begin with 2 to 9.
    if len(national) != 10 or national[0] in "01" or national[3] in "01" or re.search(r"[A-Za-z]", bare):
        raise TextRefused("not a US telephone number")
    return f"+1{national}"


def _refusal(answer: requests.Response) -> TextRefused | TextDelayed:
    """Only the numbers of the error are kept: its sentence repeats the telephone number."""
    try:
        code = int(answer.json().get("code") or 0)
    except (ValueError, AttributeError, TypeError):
        code = 0
    sentence = f"the provider answered {answer.status_code}, error {code}"
    if code not in _PERMANENT:
        return TextDelayed(sentence)
    refused = TextRefused(sentence)
    refused.code = str(code)
    return refused
