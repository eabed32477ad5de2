"""A bill of an account that this visit has proven: line by line on screen, and as an accessible PDF."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import Response, abort, make_response, render_template, request, url_for

from accounts.customer_accounts.rules import number_key
from accounts.database import one_by_one
from accounts.utilities.queries import BillDetails, utility_details
from portal.bills import BillView, bill_view
from portal.documents.bill import Paper, bill_pdf
from portal.i18n import locale_code
from portal.permissions import anyone
from portal.public import visitors
from portal.public.blueprint import public
from portal.wiring import wiring

_NOT_FOUND = 404


@public.get("/accounts/<reference>/bill")
@anyone
def bills_show(reference: str) -> str:
    """The newest bill, or the one whose number the address asks for, with links to the others of the last year."""
    key = number_key(reference)
    return bill_page(visitors.proven_account(reference), BillAddresses(
        back_url=url_for("public.accounts_show", reference=key),
        bill_url=lambda number: url_for("public.bills_show", reference=key, number=number),
        pdf_url=lambda number: url_for("public.bills_pdf", reference=key, number=number),
    ))  # fmt: skip


@public.get("/accounts/<reference>/bill.pdf")
@anyone
def bills_pdf(reference: str) -> Response:
    return bill_file(visitors.proven_account(reference))


@dataclass(frozen=True)
class BillAddresses:
    """Where the page of a bill leads: a guest's pages and a resident's own have addresses of their own."""

    back_url: str
    bill_url: Callable[[str], str]
    pdf_url: Callable[[str], str]


def bill_page(account_id: int, addresses: BillAddresses, **words: Any) -> str:
    """The page of a bill of an account that whoever asks may see."""
    view, bills = _found(account_id)
    return render_template(
        "public/bills/show.html", bill=view, bills=bills, back_url=addresses.back_url,
        pdf_url=addresses.pdf_url(view.number), bill_url=addresses.bill_url, **words,
    )  # fmt: skip


def bill_file(account_id: int) -> Response:
    """The same on paper."""
    view, _bills = _found(account_id)
    parts = wiring()
    paper = Paper(view, locale_code())
    content = bill_pdf(paper, parts.city().city, parts.settings.base_url, parts.clock.now())
    response = make_response(content)
    response.mimetype = "application/pdf"
    response.headers["Content-Disposition"] = f'inline; filename="{view.number}.pdf"'
    return response


def _found(account_id: int) -> tuple[BillView, tuple[BillDetails, ...]]:
    parts = wiring()
    city, asked = parts.city().city, request.args.get("number", "")
    with one_by_one(parts.sessions) as reader:
        details = utility_details(reader, account_id)
        bills = details.bills if details else ()
        chosen = next((one for one in bills if not asked or one.number == asked), None)
        view = bill_view(reader, city, details, chosen, parts.clock.today()) if details and chosen else None
    if view is None:
        abort(_NOT_FOUND)
    return view, bills
