"""What is said of each line of a list of accounts."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from accounts.account_lists.rules import Verdict

VERDICTS = {
    Verdict.ADDED: _l("Added"),
    Verdict.THERE: _l("Was in your list before"),
    Verdict.NO_MATCH: _l("We could not find a match"),
    Verdict.TOO_MANY: _l("Not looked at: too many tries. Wait an hour"),
    Verdict.FULL: _l("Not added: your list is full"),
    Verdict.UNREADABLE: _l("Not a number and a proof"),
}
LOOKS = {
    Verdict.ADDED: "paid",
    Verdict.THERE: "closed",
    Verdict.NO_MATCH: "overdue",
    Verdict.TOO_MANY: "pending",
    Verdict.FULL: "overdue",
    Verdict.UNREADABLE: "overdue",
}
