"""A bill on letter paper: an accessible PDF with every line's working, the scan line, and a code to pay by phone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any
from urllib.parse import urlsplit

from flask_babel import gettext

from accounts.cities.rules import City
from portal.bills import BillView, LineView
from portal.documents.bill_codes import printed_code
from portal.documents.typesetting import qr_svg, read_drawing, typeset, typeset_with_ends
from portal.i18n import long_date, money_text, speaking
from portal.wiring import wiring


@dataclass(frozen=True)
class Paper:
    """A bill as it is put on paper: in a language, and to an address where it goes by mail."""

    view: BillView
    """In the words of ``language``."""
    language: str
    to: tuple[str, ...] = ()
    """Lines for the window of an envelope."""
    mark: str = ""
    """What the list of a printing calls it, small above the address."""


def bill_pdf(paper: Paper, city: City, base_url: str, at: datetime) -> bytes:
    """The bill as an accessible PDF (PDF/UA-1), dated ``at``."""
    return bills_pdf([paper], city, base_url, at)[0]


def bills_pdf(papers: Sequence[Paper], city: City, base_url: str, at: datetime) -> tuple[bytes, list[int]]:
    """Bills one after the other in one PDF, and how many pages each takes. The same papers are the same bytes."""
    pay = f"{base_url.rstrip('/')}/pay"
    code = qr_svg(pay)
    bills = []
    for paper in papers:
        with speaking(paper.language):
            bills.append(_bill(paper, city, pay, code))
    one = papers[0].language
    identity = city.identity
    content = {
        "language": one,
        "title": bills[0]["title"] if len(bills) == 1 else identity.legal_name.in_(one),
        "city": {
            "name": identity.legal_name.in_(one),
            "lines": list(identity.address),
            "contact": [identity.phone, urlsplit(identity.website).netloc or identity.website],
            "primary": identity.colors.primary,
            "dark": identity.colors.primary_dark,
        },
        "seal": {"drawing": read_drawing(wiring().settings.city_folder / identity.seal)},
        "bills": bills,
    }
    if len(papers) == 1:
        return typeset("bill", content, at), [1]
    made, ends = typeset_with_ends("bill", content, at)
    return made, [end - begun for begun, end in pairwise([0, *ends])]


def _bill(paper: Paper, city: City, pay: str, code: str) -> dict[str, Any]:
    """All that ``bill.typ`` prints of one: it holds no words of its own."""
    view, identity = paper.view, city.identity
    # Whoever opens a bill here is in already, and one who may only see the account must not get more by it.
    own_code = printed_code(city, view.head.kind, view.head.id) if paper.to else ""
    facts = [
        (gettext("Account"), view.account), (gettext("Bill of"), long_date(view.billed_on)),
        (gettext("Bill code"), own_code), (gettext("For service from"), view.period),
        (gettext("Name"), view.head.holder), (gettext("Address"), view.head.address),
    ]  # fmt: skip
    return {
        "language": paper.language,
        "title": gettext("Bill %(number)s", number=view.number),
        "city_name": identity.legal_name.in_(paper.language),
        "seal_alt": identity.seal_description.in_(paper.language),
        "to": {"lines": list(paper.to), "mark": paper.mark},
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
        "pay": _pay(pay, code, own_code),
        "scan_line": [gettext("Bring or send this part when you pay at the window or by mail."), view.scan_line]
        if view.scan_line
        else [],
        "page": gettext("Page %(page)s of %(pages)s", page="{page}", pages="{pages}"),
    }


def _pay(address: str, qr: str, own_code: str) -> dict[str, str]:
    """How it is paid, and what the code on it is good for."""
    words = gettext("Scan the code or open this address, and enter the account number above.")
    if own_code:
        words = gettext(
            "Scan the code or open this address, and enter the account number and the bill code above. With them "
            "you can also add the account to a sign-in of your own. Tell the bill code to nobody."
        )
    alt = gettext("QR code that opens the page where anyone can pay this bill")
    return {"heading": gettext("How to pay"), "text": words, "address": address, "code": qr, "alt": alt}


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
