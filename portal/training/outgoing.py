"""Mail and text messages of a training installation: marked, and kept in a folder unless it has its own server."""

from __future__ import annotations

from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path

from flask_babel import gettext

from portal.i18n import speaking
from portal.languages import offered
from portal.mail import Mailer
from portal.texts import TextSender

FOLDER = "training-mail"


@dataclass(frozen=True)
class TrainingMailer(Mailer):
    """Nothing leaves the house but by a server that was set for training; else it is a file in ``folder``."""

    folder: Path = Path(FOLDER)

    def send(self, message: EmailMessage) -> str:
        mark(message)
        if self.url:
            return super().send(message)
        self.folder.mkdir(parents=True, exist_ok=True)
        name = str(message["Message-ID"]).strip("<>").partition("@")[0]
        (self.folder / f"{name}.eml").write_bytes(message.as_bytes())
        return str(message["Message-ID"])


@dataclass(frozen=True)
class TrainingTexts:
    """Each text message says first that it is an exercise."""

    inner: TextSender

    def send(self, to: str, body: str, reference: str) -> str | None:
        word = gettext("TRAINING")
        return self.inner.send(to, f"{word}: {body}", reference)


def mark(message: EmailMessage) -> None:
    """The band, in the subject and above what is said, in the mail's language."""
    language = str(message["Content-Language"] or offered()[0])
    with speaking(language):
        band = gettext("TRAINING – not a receipt. No money moved.")
        word = gettext("TRAINING")
    subject = f"[{word}] {message['Subject']}"
    del message["Subject"]
    message["Subject"] = subject
    for part in message.walk():
        if part.get_content_type() not in {"text/plain", "text/html"} or part.is_attachment():
            continue
        said, is_html = str(part.get_content()), part.get_content_subtype() == "html"
        head, body, rest = said.partition("<body>") if is_html else ("", "", said)
        part.set_content(f"{head}{body}<p><strong>{band}</strong></p>{rest}" if is_html else f"{band}\n\n{said}",
                         subtype="html" if is_html else "plain")  # fmt: skip
