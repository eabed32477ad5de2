"""Who opens the pages of a busy office, and which routes are no pages."""

from __future__ import annotations

from accounts.cities.staffing import Permission
from tests.portal.staff.routes import STAFF_ROUTES

NO_PAGES = {
    "staff.sign_ins_begin": "leads to another service",
    "staff.sign_ins_return": "comes from another service",
    "staff.searches_suggest": "is read by a script",
    "staff.receipts_reprint": "is a PDF",
    "staff.slips_letter": "is a PDF",
    "staff.bills_print": "is a PDF",
    "staff.cases_letter": "is a PDF",
    "staff.cases_document": "is a file",
    "staff.bank_deposits_slip": "is a PDF",
    "staff.returned_payments_letter": "is a PDF",
    "staff.days_packet": "is a file",
    "staff.pay_links_state": "is read by a script",
}
CHIEF, CHIEFS_ROLES = "samira", ("supervisor", "cashier", "finance", "auditor", "administrator")
"""Who may open every page."""
READER = "fina"
"""Of finance, without a drawer: whoever has one that is not counted reads no figures of its day."""
SEATS = (CHIEF, READER, "")
"""All who open pages; the last has not signed in."""


def seat_of(endpoint: str) -> str:
    """Who opens a page, by name; empty for somebody who has not signed in."""
    route = STAFF_ROUTES[endpoint]
    return "" if route.is_open else READER if route.permission is Permission.REPORTS_SEE else CHIEF
