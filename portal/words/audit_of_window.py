"""What the audit says of drawers, sales, mail and oversight, in words (see ``portal.words.audit``)."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

ACTS = {
    "cash-change": _l("Brought change to a drawer"),
    "cash-drop": _l("Dropped cash into the vault"),
    "cash-only-overridden": _l("Let an account pay by check once, although it pays in cash only"),
    "cash-pickup": _l("Collected cash from a drawer"),
    "count-accepted": _l("Accepted the count of a drawer"),
    "count-rejected": _l("Rejected the count of a drawer"),
    "drawer-counted": _l("Counted a drawer"),
    "drawer-opened": _l("Opened a drawer"),
    "drawer-opened-without-sale": _l("Opened a drawer without a sale"),
    "finding-explained": _l("Explained a finding"),
    "finding-referred": _l("Referred a finding"),
    "findings-looked-for": _l("Asked the rules against fraud"),
    "float-verified": _l("Counted the float of a drawer a second time"),
    "interest-declared": _l("Wrote down a declared interest"),
    "interest-ended": _l("Ended a declared interest"),
    "lockbox-posted-after-all": _l("Posted an item of a lockbox that had been held"),
    "lockbox-read": _l("Read a lockbox file"),
    "mail-explained": _l("Explained why a bundle of mail comes to something else"),
    "mail-logged": _l("Logged a bundle of mail"),
    "manual-book-issued": _l("Issued a book of paper receipts"),
    "manual-receipt-entered": _l("Entered a paper receipt"),
    "manual-receipt-voided": _l("Accounted for a paper receipt that was spoiled"),
    "matching-rule-made": _l("Made a rule for checks of a payer"),
    "matching-rule-withdrawn": _l("Withdrew a rule for checks of a payer"),
    "online-payment-withdrawn": _l("Closed a payment page, as the same is paid another way"),
    "posted-beside-open-page": _l("Posted a check of the bank’s, though a payment page for the same stayed open"),
    "receipt-printed": _l("Printed a receipt"),
    "report-ended": _l("Ended a report that was kept"),
    "report-kept": _l("Kept a report"),
    "sale-beside-open-page": _l("Took money knowing that a payment page for the same could not be closed"),
    "sale-taken-over": _l("Went on with a colleague’s parked sale"),
    "taken-after-paid-online": _l("Took money knowing that the same had been paid online"),
    "turn-in-received": _l("Took the money of a department"),
}
SUBJECTS = {
    "drawer": _l("Drawer"),
    "sale": _l("Sale"),
}
PAGES = {
    "no_sales": _l("Open without a sale"),
    "bill_corrections": _l("Corrections of bills"),
    "bill_printings": _l("Bills on paper"),
    "billing_runs": _l("Billing runs"),
    "meter_exchanges": _l("Meter exchanges"),
    "drawer_reviews": _l("Drawers"),
    "drawers": _l("My drawer"),
    "slips": _l("Receipt"),
    "voids": _l("Void"),
    "window": _l("Window"),
}
