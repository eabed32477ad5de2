"""What the audit says of deposits and bank statements, in words (see ``portal.words.audit``)."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

ACTS = {}
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
