"""What pages of the back office are called in the audit, by the noun of their address."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext

from portal.words import audit_of_bank, audit_of_cases, audit_of_window
from portal.words.names import plain

PAGES = {
    **audit_of_bank.PAGES,
    **audit_of_cases.PAGES,
    **audit_of_window.PAGES,
    "account_links": _l("Who sees it online"),
    "accounts": _l("Account"),
    "adjustments": _l("Adjustments"),
    "approvals": _l("Approvals"),
    "as_resident": _l("What the resident sees"),
    "audit": _l("Audit"),
    "baskets": _l("Basket"),
    "bills": _l("Bills and charges"),
    "cash_only": _l("Cash only"),
    "charges": _l("Charges"),
    "closings": _l("Closing an account"),
    "contacts": _l("Contacts"),
    "conversations": _l("Notes and contacts"),
    "customer_changes": _l("Changes of a customer"),
    "deeds": _l("Done alone"),
    "days": _l("Days"),
    "desk": _l("The day at a glance"),
    "details": _l("Services, license or citation"),
    "exceptions": _l("Exceptions"),
    "explanations": _l("Why this amount"),
    "fees": _l("Fees"),
    "findings": _l("Findings"),
    "follow_ups": _l("Follow-ups"),
    "interests": _l("Declared interests"),
    "invitations": _l("Invitation"),
    "kept_forms": _l("A form half done"),
    "journal_exports": _l("Journal exports"),
    "keys": _l("Keys"),
    "lockboxes": _l("Lockboxes"),
    "lookups": _l("Look-up"),
    "lost_mailboxes": _l("Lost mailboxes"),
    "mail": _l("Mail"),
    "manual_receipts": _l("Paper receipts"),
    "mergers": _l("Mergers"),
    "message_choices": _l("How they are told"),
    "messages": _l("Messages sent"),
    "notices": _l("Messages sent"),
    "moves": _l("Moves of payments"),
    "my_page": _l("My page"),
    "notes": _l("Notes"),
    "openings": _l("Opening an account"),
    "pay_links": _l("Links to pay"),
    "payments": _l("Payment"),
    "paperless": _l("Bills without paper"),
    "people": _l("People"),
    "receipts": _l("Receipt"),
    "reports": _l("Reports"),
    "kept_reports": _l("Reports"),
    "suspense": _l("Money without an owner"),
    "turn_ins": _l("Departments’ money"),
    "reopenings": _l("Opening an account again"),
    "restrictions": _l("Restrictions"),
    "returned_mail": _l("Returned mail"),
    "returned_payments": _l("Returned payments"),
    "searches": lazy_pgettext("page", "Search"),
    "sign_ins": _l("Sign-in"),
    "timelines": _l("Timeline"),
    "today": _l("Today"),
    "waivers": _l("Waivers"),
}
"""By the noun of a page; one that is not here says its own."""


def page_name(endpoint: str) -> str:
    """What a page is called, by its noun: ``staff.follow_ups_show`` is Follow-ups."""
    name = endpoint.rpartition(".")[2]
    noun = max((noun for noun in PAGES if name.startswith(f"{noun}_")), key=len, default="")
    return str(PAGES[noun]) if noun else plain(name.rpartition("_")[0] or endpoint)
