"""A bill of an account that this visit has proven: line by line on screen, and as an accessible PDF."""

from __future__ import annotations

from flask import Response, abort, make_response, render_template, request, url_for

from accounts.customer_accounts.rules import number_key
from accounts.database import one_by_one
from accounts.utilities.queries import BillDetails, utility_details
from portal.bills import BillView, bill_view
from portal.documents.bill import bill_pdf
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
    view, bills = _found(reference)
    key = number_key(reference)
    return render_template(
        "public/bills/show.html", bill=view, bills=bills, back_url=url_for("public.accounts_show", reference=key),
        pdf_url=url_for("public.bills_pdf", reference=key, number=view.number),
        bill_url=lambda number: url_for("public.bills_show", reference=key, number=number),
    )  # fmt: skip


@public.get("/accounts/<reference>/bill.pdf")
@anyone
def bills_pdf(reference: str) -> Response:
    view, _bills = _found(reference)
    parts = wiring()
    content = bill_pdf(view, parts.city().city, locale_code(), parts.settings.base_url, parts.clock.now())
    response = make_response(content)
    response.mimetype = "application/pdf"
    response.headers["Content-Disposition"] = f'inline; filename="{view.number}.pdf"'
    return response


def _found(reference: str) -> tuple[BillView, tuple[BillDetails, ...]]:
    account_id, parts = visitors.proven_account(reference), wiring()
    city, asked = parts.city().city, request.args.get("number", "")
    with one_by_one(parts.sessions) as reader:
        details = utility_details(reader, [account_id]).get(account_id)
        bills = details.bills if details else ()
        chosen = next((one for one in bills if not asked or one.number == asked), None)
        view = bill_view(reader, city, details, chosen, parts.clock.today()) if details and chosen else None
    if view is None:
        abort(_NOT_FOUND)
    return view, bills
