"""Every bill of an account with its lines, and the story of one charge."""

from __future__ import annotations

from datetime import date

from flask import abort, request
from werkzeug.wrappers import Response

from accounts import audit
from accounts.billing_runs.queries import corrections
from accounts.charges.queries import open_charges
from accounts.charges.rules import standing
from accounts.cities.staffing import Permission
from accounts.database import reading, transaction
from accounts.errors import NotFound
from accounts.explanations.queries import Explanation, explanation
from portal.account_files.bills import bills_of
from portal.bill_printings import one_bill
from portal.downloads import as_download
from portal.permissions import needs
from portal.scan_lines import scan_line
from portal.staff.blueprint import opened_file, staff, staff_user
from portal.staff.files import file_page, page_url
from portal.wiring import wiring

_NOT_FOUND = 404


@staff.get("/accounts/<reference>/bills")
@needs(Permission.ACCOUNTS_SEE)
def bills_list(reference: str) -> str:
    """Bills, newest first; penalties stand on the bill that earned them."""
    del reference
    parts, file = wiring(), opened_file()
    with reading(parts.sessions) as session:
        page = bills_of(session, file.id, before=_before())
        owed = open_charges(session, [file.id])
        linked = corrections(session, [bill.bill_id for bill in page.bills if bill.bill_id])
    today = parts.clock.today()
    line = scan_line(parts.city().city, file.reference, owed, today)
    older = page_url(before=f"{page.next_before[0]}_{page.next_before[1]}") if page.next_before else ""
    return file_page(
        "staff/bills/list.html", bills=page.bills, older=older, is_first="before" not in request.args,
        scan_line=line, owed=standing(owed, today).total, anew={one.old_bill_id: one for one in linked},
    )  # fmt: skip


@staff.get("/accounts/<reference>/bills/<int:bill_id>/bill.pdf")
@needs(Permission.ACCOUNTS_SEE)
def bills_print(reference: str, bill_id: int) -> Response:
    """One bill on paper, as it goes by mail: a copy, or one that was held back from the printing of its run."""
    del reference
    parts, file = wiring(), opened_file()
    try:
        printed = one_bill(parts, file, bill_id)
    except NotFound:
        abort(_NOT_FOUND)
    with transaction(parts.sessions) as session:
        audit.record(
            session, "bill-printed", subject=("account", file.id), actor_id=staff_user().actor_id, bill=printed.number
        )
    return as_download(printed.content, "application/pdf", f"{printed.number}.pdf")


@staff.get("/accounts/<reference>/charges/<int:charge_id>")
@needs(Permission.ACCOUNTS_SEE)
def charges_show(reference: str, charge_id: int) -> str:
    """Why a charge is what it is, to the cent, and what became of it."""
    del reference
    sees = staff_user().may(Permission.CONFIDENTIAL_SEE)
    return file_page("staff/charges/show.html", why=_explained(charge_id, sees=sees), sees_confidential=sees)


def _explained(charge_id: int, *, sees: bool) -> Explanation:
    """A charge of another account is not found, like one that is not there."""
    with reading(wiring().sessions) as session:
        try:
            found = explanation(session, charge_id, may_see_confidential=sees)
        except NotFound:
            abort(_NOT_FOUND)
    if found.customer_account_id != opened_file().id:
        abort(_NOT_FOUND)
    return found


def _before() -> tuple[date, int] | None:
    """The key of a page, as its link has it; anything else is not a page of ours."""
    day, _, id_ = request.args.get("before", "").partition("_")
    try:
        return (date.fromisoformat(day), int(id_)) if day else None
    except ValueError:
        abort(_NOT_FOUND)
