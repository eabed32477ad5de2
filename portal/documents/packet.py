"""The packet of a closed day on paper: the very tables of its page, with its hash and its seal."""

from __future__ import annotations

from datetime import date
from typing import Any
from urllib.parse import urlsplit

from accounts.cities.rules import City
from payments.closings.queries import Packet
from portal.documents.typesetting import read_drawing, typeset
from portal.i18n import gettext as _
from portal.i18n import locale_code, long_date, long_datetime
from portal.wiring import wiring
from portal.words.names import person
from portal.words.packets import packet_tables


def packet_pdf(packet: Packet, seal: str, city: City) -> bytes:
    """The packet as an accessible PDF (PDF/UA-1) in the reader's language; the same packet is the same paper."""
    tables = [
        {"title": t.title, "headings": list(t.headings), "rows": [list(row) for row in t.rows], "words": t.words}
        for t in packet_tables(packet.content, city)
    ]
    content = {
        **_head(packet.day, city),
        "facts": [
            [_("Closed by"), person(packet.made_by)],
            [_("When"), long_datetime(packet.made_at, city.identity.time_zone)],
            [_("Fingerprint of the packet"), grouped(packet.sha256)],
            [_("Seal of the day"), grouped(seal)],
        ],
        "tables": tables,
    }
    return typeset("packet", content, packet.made_at)


def grouped(digest: str) -> str:
    """Hexadecimal digits in groups of eight: undivided, they may look like a card number."""
    return " ".join(digest[start : start + 8] for start in range(0, len(digest), 8))


def _head(day: date, city: City) -> dict[str, Any]:
    identity, language = city.identity, locale_code()
    return {
        "language": language,
        "title": _("Close of %(day)s", day=long_date(day)),
        "city": {
            "name": identity.legal_name.in_(language),
            "department": identity.department.in_(language),
            "contact": [identity.phone, urlsplit(identity.website).netloc or identity.website],
            "primary": identity.colors.primary,
            "dark": identity.colors.primary_dark,
        },
        "seal": {
            "drawing": read_drawing(wiring().settings.city_folder / identity.seal),
            "alt": identity.seal_description.in_(language),
        },
        "page": _("Page %(page)s of %(pages)s", page="{page}", pages="{pages}"),
    }
