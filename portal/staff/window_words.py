"""Words of drawers and tenders on the pages of the window."""

from __future__ import annotations

from payments.receipts.rules import ReceiptTender, ReceiptTendered
from payments.sales.drafts import TenderLine
from portal.documents.receipt_words import tendered_words
from portal.i18n import gettext as _
from portal.staff.blueprint import staff


@staff.app_template_filter("drawer_state")
def drawer_state(state: str) -> str:
    """Of a drawer."""
    return {
        "float": _("Float waits for a second count"),
        "open": _("In use for sales"),
        "counted": _("Count waits"),
        "closed": _("Closed for good"),
    }.get(state, state)


@staff.app_template_filter("drawer_move")
def drawer_move(kind: str) -> str:
    """What went in or out of a drawer without a sale."""
    return {"drop": _("Dropped"), "pickup": _("Collected"), "change": _("Change brought")}.get(kind, kind)


@staff.app_template_filter("tender_line")
def tender_line(line: TenderLine) -> str:
    """A tender of a sale that is being made, as its receipt will say it."""
    tender = ReceiptTender(line.kind, line.brand, line.last4)
    return tendered_words(ReceiptTendered(tender, line.reference, line.amount, line.given))
