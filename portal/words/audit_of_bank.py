"""What the audit says of deposits and bank statements, in words (see ``portal.words.audit``)."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

ACTS = {
    "bank-line.book": _l("Booked a line of the bank"),
    "bank-line.match": _l("Matched a line of the bank by hand"),
    "bank-line.name": _l("Named a line of the bank"),
    "bank-line.undo": _l("Took back a match with the bank"),
    "bank-statement.import": _l("Read in a bank statement"),
    "bank-statement.sign-off": _l("Signed off a bank statement"),
    "deposit.give-up": _l("Gave up a bank deposit"),
    "deposit.hand-over": _l("Handed over a deposit bag"),
    "deposit.prepare": _l("Prepared a bank deposit"),
    "deposit.seal": _l("Verified and sealed a bank deposit"),
}
SUBJECTS = {
    "bank-deposit": _l("Bank deposit"),
    "bank-file": _l("Bank file"),
    "bank-line": _l("Line of a bank statement"),
    "bank-statement": _l("Bank statement"),
}
PAGES = {
    "bank_deposits": _l("Bank deposits"),
    "bank_lines": _l("Line of a bank statement"),
    "bank_statements": _l("Bank statements"),
}
