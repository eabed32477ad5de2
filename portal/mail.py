"""Mail over SMTP. A message's id is made from what it is about, so that sending again after a crash repeats it."""

from __future__ import annotations

import re
import smtplib
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import formatdate, parseaddr
from urllib.parse import SplitResult, unquote, urlsplit

SECONDS = 20
_UNSAFE = re.compile(r"[\x00-\x1f\x7f\u2028\u2029]+")
_KEY = re.compile(r"[A-Za-z0-9.-]{1,120}")
_LOCAL = {"localhost", "127.0.0.1", "::1"}


class MailRefused(Exception):
    """It will never arrive (no such address, refused for good): trying again is no use."""

    code = ""
    """What the server answered."""


class NoSuchAddress(MailRefused):
    """It is the address: nothing else will arrive there either."""


class MailDelayed(Exception):
    """The server cannot be reached or says "later": the job tries again."""


@dataclass(frozen=True)
class Attachment:
    """A file that goes with a mail."""

    name: str
    content: bytes
    media_type: str = "application/pdf"


def compose(
    *,
    sender: str,
    to: str,
    subject: str,
    text: str,
    html: str,
    message_id: str,
    language: str,
    attachments: Sequence[Attachment] = (),
    stop: str = "",
) -> EmailMessage:
    """A message with a plain and a rich text. ``message_id`` is a key of ours, such as ``receipt-W1-2026-000123``.

    ``sender`` may carry a name (``City of Example <no-reply@example.gov>``). ``stop``: the address at which a reader,
    or their mail program by one POST, stops mail of this kind (RFC 2369, RFC 8058).
    """
    if not _KEY.fullmatch(message_id):
        raise ValueError(f"not a key for a message: {message_id!r}")
    name, address = parseaddr(_one_line(sender))
    origin = _address(address, name)
    message = EmailMessage()
    message["From"] = origin
    message["To"] = _address(to)
    message["Subject"] = _one_line(subject)
    message["Date"] = formatdate(localtime=False)
    message["Message-ID"] = f"<{message_id}@{origin.domain}>"
    message["Auto-Submitted"] = "auto-generated"
    if stop:
        message["List-Unsubscribe"] = f"<{_one_line(stop)}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message.set_content(text)
    message.add_alternative(html, subtype="html")
    for attachment in attachments:
        main, _, sub = attachment.media_type.partition("/")
        message.add_attachment(
            attachment.content, maintype=main, subtype=sub, filename=_one_line(attachment.name).replace("/", "-")
        )
    # Last: adding parts moves every header that begins with Content- into the first part.
    message["Content-Language"] = language
    return message


@dataclass(frozen=True)
class Mailer:
    """Sends by the server that ``url`` names: ``smtp://user:password@host:port`` or ``smtps://...``.

    ``smtp`` turns encryption on where the server offers it, and never sends a password without.
    """

    url: str
    seconds: float = SECONDS

    def send(self, message: EmailMessage) -> str:
        """Hand ``message`` to the server; its Message-ID. Raises :class:`MailRefused` or :class:`MailDelayed`."""
        parts = urlsplit(self.url)
        try:
            with self._connected(parts) as server:
                server.send_message(message)
            return str(message["Message-ID"])
        except smtplib.SMTPRecipientsRefused as error:
            raise _refusal(min(code for code, _ in error.recipients.values()), NoSuchAddress) from error
        except smtplib.SMTPResponseException as error:
            raise _refusal(error.smtp_code) from error
        except smtplib.SMTPNotSupportedError as error:
            raise MailRefused(str(error)) from error
        except (OSError, smtplib.SMTPException) as error:
            raise MailDelayed(f"{type(error).__name__} from {parts.hostname}") from error

    def _connected(self, parts: SplitResult) -> smtplib.SMTP:
        host, tls = parts.hostname or "localhost", ssl.create_default_context()
        if parts.scheme == "smtps":
            server: smtplib.SMTP = smtplib.SMTP_SSL(host, parts.port or 465, timeout=self.seconds, context=tls)
        else:
            server = smtplib.SMTP(host, parts.port or 25, timeout=self.seconds)
        try:
            self._greet(server, parts, tls)
        except BaseException:
            server.close()
            raise
        return server

    def _greet(self, server: smtplib.SMTP, parts: SplitResult, tls: ssl.SSLContext) -> None:
        server.ehlo()
        encrypted = parts.scheme == "smtps"
        if not encrypted and server.has_extn("starttls"):
            server.starttls(context=tls)
            server.ehlo()
            encrypted = True
        if parts.username:
            if not encrypted and parts.hostname not in _LOCAL:
                raise smtplib.SMTPNotSupportedError(
                    "the server offers no encryption; a password is not sent in clear"
                )
            server.login(unquote(parts.username), unquote(parts.password or ""))


def _refusal(code: int, kind: type[MailRefused] = MailRefused) -> MailRefused | MailDelayed:
    """Codes from 500 on are final; the server's own words stay out, because they repeat the address."""
    final = code >= 500 and code not in {530, 534, 535, 538}
    if not final:
        return MailDelayed(f"the server answered {code}")
    refused = kind(f"the server answered {code}")
    refused.code = str(code)
    return refused


def _address(address: str, name: str = "") -> Address:
    if _UNSAFE.search(address) or address.count("@") != 1:
        raise NoSuchAddress("not an e-mail address")
    try:
        return Address(display_name=name, addr_spec=address.strip())
    except Exception as error:  # the parser raises errors of several unrelated kinds
        raise NoSuchAddress("not an e-mail address") from error


def _one_line(text: str) -> str:
    """Names of people end up in subjects; a line break there would begin a header of its own."""
    return _UNSAFE.sub(" ", text).strip()
