"""A bill on letter paper: an accessible PDF with every line's working, the scan line, and a code to pay by phone."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from flask_babel import gettext

from accounts.cities.rules import City
from portal.bills import BillView, LineView
from portal.documents.typesetting import qr_svg, read_drawing, typeset
from portal.i18n import long_date, money_text, speaking
from portal.wiring import wiring


def bill_pdf(view: BillView, city: City, language: str, base_url: str, at: datetime) -> bytes:
    """The bill as an accessible PDF (PDF/UA-1), in the language of ``view``, dated ``at``."""
    with speaking(language):
        return typeset("bill", _paper(view, city, language, base_url), at)


def _paper(view: BillView, city: City, language: str, base_url: str) -> dict[str, Any]:
    """All that ``bill.typ`` prints: it holds no words of its own."""
    pay = f"{base_url.rstrip('/')}/pay"
    facts = [
        (gettext("Account"), view.account), (gettext("Bill of"), long_date(view.billed_on)),
        (gettext("For service from"), view.period), (gettext("Name"), view.head.holder),
        (gettext("Address"), view.head.address),
    ]  # fmt: skip
    return {
        "language": language,
        "title": gettext("Bill %(number)s", number=view.number),
        **_head(city, language),
        "due": {"label": gettext("To pay by %(day)s", day=long_date(view.due_on)), "amount": money_text(view.open)},
        "facts": [{"term": term, "value": value} for term, value in facts if value],
        "notes": _notes(view),
        "columns": [gettext("What for"), gettext("Amount")],
        "lines": [_line(line) for line in view.lines],
        "total": [gettext("This bill"), money_text(view.amount)],
        "sums": _sums(view),
        "months": {
            "heading": gettext("Your use by month"),
            "columns": [gettext("Month"), gettext("Used"), gettext("A year before")],
            "rows": [[month.label, month.said, month.said_last_year] for month in view.months],
        },
        "pay": {
            "heading": gettext("How to pay"),
            "text": gettext("Scan the code or open this address, and enter the account number above."),
            "address": pay,
            "code": qr_svg(pay),
            "alt": gettext("QR code that opens the page where anyone can pay this bill"),
        },
        "scan_line": [gettext("Bring or send this part when you pay at the window or by mail."), view.scan_line]
        if view.scan_line
        else [],
        "page": gettext("Page %(page)s of %(pages)s", page="{page}", pages="{pages}"),
    }


def _head(city: City, language: str) -> dict[str, object]:
    identity = city.identity
    return {
        "city": {
            "name": identity.legal_name.in_(language),
            "lines": list(identity.address),
            "contact": [identity.phone, urlsplit(identity.website).netloc or identity.website],
            "primary": identity.colors.primary,
            "dark": identity.colors.primary_dark,
        },
        "seal": {
            "drawing": read_drawing(wiring().settings.city_folder / identity.seal),
            "alt": identity.seal_description.in_(language),
        },
    }


def _notes(view: BillView) -> list[str]:
    notes = []
    if view.replaced_by:
        notes.append(gettext("It was taken back. Bill %(number)s took its place.", number=view.replaced_by))
    if view.replaces:
        words = gettext(
            "This bill took the place of bill %(number)s. What was paid on that one counts here.",
            number=view.replaces,
        )
        notes.append(words)
    return notes


def _sums(view: BillView) -> list[dict[str, object]]:
    """From this bill to what is still to pay: what was added stands first, and says how it came about."""
    how = [_line(line)["how"] for line in view.added]
    steps = enumerate(view.sums[1:])
    return [
        {"for": words, "amount": money_text(amount), "how": how[place] if place < len(how) else []}
        for place, (words, amount) in steps
    ]


def _line(line: LineView) -> dict[str, object]:
    """A line and, smaller, how it came about."""
    how = [read for read in line.reads if read]
    for reason in line.reasons:
        amount = money_text(reason.amount)
        how.append(f"{reason.label}: {reason.sum} = {amount}" if reason.sum else f"{reason.label}: {amount}")
    how += list(line.rules)
    if line.origin:
        how = [line.origin, *(f"{record['term']}: {record['value']}" for record in line.records)]
    return {"for": line.description, "amount": money_text(line.amount), "how": how}
