"""A bill of one's own account: as a guest sees it, at an address that only its people open."""

from __future__ import annotations

from flask import Response, url_for

from accounts.account_links.rules import Right
from portal.permissions import with_right
from portal.public.bills import BillAddresses, bill_file, bill_page
from portal.resident.blueprint import opened_account, resident


@resident.get("/accounts/<reference>/bill")
@with_right(Right.SEE)
def bills_show(reference: str) -> str:
    account = opened_account()
    return bill_page(account.account_id, BillAddresses(
        back_url=url_for("resident.accounts_show", reference=reference),
        bill_url=lambda number: url_for("resident.bills_show", reference=reference, number=number),
        pdf_url=lambda number: url_for("resident.bills_pdf", reference=reference, number=number),
    ), own=account)  # fmt: skip


@resident.get("/accounts/<reference>/bill.pdf")
@with_right(Right.SEE)
def bills_pdf(reference: str) -> Response:
    del reference
    return bill_file(opened_account().account_id)
