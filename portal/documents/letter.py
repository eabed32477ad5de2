"""A letter of the city on its paper: to whom, about what, sentences, and a table of amounts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from flask_babel import gettext

from accounts.cities.rules import City
from portal.documents.typesetting import read_drawing, typeset
from portal.i18n import day_in, long_date, speaking
from portal.wiring import wiring


@dataclass(frozen=True)
class Letter:
    """What a letter says, in one language. A row is what for, due on, amount; ``total`` is (words, amount)."""

    language: str
    to: Sequence[str]
    """Name and lines of the address."""
    subject: str
    about: str
    """Whose account, in a line."""
    sentences: Sequence[str]
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    total: tuple[str, str]
    scan_line: Sequence[str] = ()
    """What to do with the page, and the line that finds the account and the amount at the window; or nothing."""


def letter_pdf(letter: Letter, city: City, at: datetime) -> bytes:
    """The letter as an accessible PDF (PDF/UA-1), dated ``at``."""
    identity = city.identity
    with speaking(letter.language):
        paper = {
            "language": letter.language,
            "title": letter.subject,
            "city": {
                "name": identity.legal_name.in_(letter.language),
                "lines": list(identity.address),
                "contact": [identity.phone, urlsplit(identity.website).netloc or identity.website],
                "primary": identity.colors.primary,
                "dark": identity.colors.primary_dark,
            },
            "seal": {
                "drawing": read_drawing(wiring().settings.city_folder / identity.seal),
                "alt": identity.seal_description.in_(letter.language),
            },
            "date": long_date(day_in(at, identity.time_zone)),
            "to": list(letter.to),
            "about": letter.about,
            "sentences": list(letter.sentences),
            "columns": list(letter.columns),
            "rows": [list(row) for row in letter.rows],
            "total": list(letter.total),
            "scan_line": list(letter.scan_line),
            "page": gettext("Page %(page)s of %(pages)s", page="{page}", pages="{pages}"),
        }
        return typeset("letter", paper, at)
