"""Acts of links to pay and of payments that came back, in words. Read by ``portal.words.audit``."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

RETURNED_ACTS = {
    "cash-only-lifted": _l("Let the account pay by check again"),
    "cash-only-raised": _l("Marked the account: cash only"),
    "pay-link-canceled": _l("Canceled a link to pay"),
    "pay-link-sent": _l("Sent a link to pay"),
    "payment-returned": _l("Posted a payment that came back"),
    "returned-letter-printed": _l("Printed the letter about a returned payment"),
    "returned-payment-presented": _l("Presented a returned payment again"),
    "returned-payment-short": _l("Could not post a returned payment: money is missing"),
}
