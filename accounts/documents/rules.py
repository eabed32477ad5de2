"""What a file is, whatever it is called; and which files are taken. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

import puremagic

from accounts.cities.requests import DocumentPolicy
from accounts.errors import DomainError

PDF, JPEG, PNG, HEIC = "application/pdf", "image/jpeg", "image/png", "image/heic"
_HEIC_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"mif1"})
_BEGINS = {PDF: b"%PDF-", JPEG: b"\xff\xd8\xff", PNG: b"\x89PNG\r\n\x1a\n"}
_PDF_ENDS_WITHIN = 2048
_STREAM = re.compile(rb"stream\r?\n.*?endstream", re.DOTALL)
_ACTIVE = re.compile(rb"/(JavaScript|JS|Launch|EmbeddedFiles?|AA|RichMedia|XFA|SubmitForm|ImportData)\b")
ENDINGS = {PDF: "pdf", JPEG: "jpg", PNG: "png"}
LONGEST_NAME = 80


class NothingSent(DomainError):
    """No file, or an empty one."""


class TooLarge(DomainError):
    """More bytes than the city takes: ``facts["most"]`` (bytes)."""


class TooManyFiles(DomainError):
    """As many files as one matter takes are there: ``facts["most"]``."""


class NotTaken(DomainError):
    """No PDF and no photograph, or one that is not what it says, or does more than show something:
    ``facts["found"]``."""


class Unreadable(DomainError):
    """It begins like a photograph and cannot be read as one."""


class TooManyPixels(DomainError):
    """A picture that would unfold to more than the city takes: ``facts["most"]`` (pixels)."""


@dataclass(frozen=True, slots=True)
class Sent:
    """A file as a browser sends it; what the browser says of it is believed in nothing but the name to show."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Taken:
    """A file as it is kept."""

    name: str
    media_type: str
    content: bytes


def media_type(content: bytes) -> str:
    """What a file is by its own bytes; raises :class:`NotTaken`.

    Two opinions must agree: our own reading of where each format says what it is, and ``puremagic``'s. A file that is
    two things at once (a PDF that begins inside something else, a page of HTML with a picture's first bytes) is
    neither.
    """
    ours = next((kind for kind, begins in _BEGINS.items() if content.startswith(begins)), None)
    if ours is None and content[4:8] == b"ftyp" and content[8:12] in _HEIC_BRANDS:
        ours = HEIC
    if ours is None or ours not in _opinions(content):
        raise NotTaken("it is neither a PDF nor a photograph", found=ours or "")
    if ours == PDF:
        _check_pdf(content)
    return ours


def _opinions(content: bytes) -> set[str]:
    try:
        found = {match.mime_type for match in puremagic.magic_string(content[:65536])}
    except puremagic.PureError:
        return set()
    return found | ({HEIC} if "image/heif" in found else set())


def _check_pdf(content: bytes) -> None:
    """A PDF that runs something, carries other files or goes on behind its end is not taken."""
    if b"%%EOF" not in content[-_PDF_ENDS_WITHIN:]:
        raise NotTaken("the PDF has no end", found=PDF)
    # Not in what is compressed: among five million bytes of a scan any three stand by chance. A page to open at
    # (/OpenAction) is harmless, and most office programs write one.
    if found := _ACTIVE.search(_STREAM.sub(b"", content)):
        raise NotTaken("the PDF does more than show pages", found=found.group(1).decode())


def check_size(policy: DocumentPolicy, sent: Sent, already: int) -> None:
    """Raises :class:`NothingSent`, :class:`TooLarge`, :class:`TooManyFiles`."""
    if not sent.content:
        raise NothingSent("no file")
    if len(sent.content) > policy.most_bytes:
        raise TooLarge(f"{len(sent.content)} bytes", most=policy.most_bytes)
    if already >= policy.most_files:
        raise TooManyFiles(f"{already} files", most=policy.most_files)


def shown_name(name: str, kind: str) -> str:
    """A name to save the file under: letters, digits, blanks, ``-``, ``_``; its ending is what it is."""
    stem = re.split(r"[\\/]", name)[-1].rpartition(".")[0] or "document"
    plain = re.sub(r"[^\w \-]", "", stem, flags=re.UNICODE).strip()[:LONGEST_NAME] or "document"
    return f"{plain}.{ENDINGS[kind]}"
