"""Billing runs in words: their states, why a bill is held, how it was worked, and what the audit says of them."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext

from accounts.bill_printings.lost import DIFFERS, LOST, MADE_AGAIN
from accounts.bill_printings.rules import Outcome, Reason
from accounts.bill_printings.rules import State as Printing
from accounts.billing_runs.rules import Problem, State

STATES = {
    State.DRAFTING: _l("Being drafted"),
    State.DRAFT: _l("Draft"),
    State.REVIEWED: _l("Reviewed"),
    State.APPROVED: _l("Being posted"),
    State.POSTED: _l("Posted"),
    State.CANCELED: _l("Canceled"),
}
PROBLEMS = {
    Problem.MISSING: _l("No read"),
    Problem.NO_RATE: _l("No rate"),
    Problem.NEGATIVE: _l("Ran backward"),
    Problem.ZERO: _l("No use at all"),
    Problem.HIGH: _l("High"),
    Problem.LOW: _l("Low"),
    Problem.ESTIMATED: _l("Estimated too often"),
}
RESOLUTIONS = {
    "reread": _l("Read again"),
    "estimate": _l("Estimated"),
    "accept": _l("Accepted"),
    "leave_out": _l("Left out"),
    "elsewhere": _l("Billed elsewhere meanwhile"),
    "canceled": _l("Run canceled"),
}
OUTCOMES = {
    Outcome.PRINTED: lazy_pgettext("bills", "Printed"),
    Outcome.PAPERLESS: _l("Without paper"),
    Outcome.HELD: _l("Held"),
}
PRINTINGS = {
    Printing.COUNTING: _l("Being counted"),
    Printing.COUNTED: _l("Counted, not frozen"),
    Printing.FREEZING: _l("Being frozen"),
    Printing.FROZEN: _l("Being made"),
}
NOT_PRINTED = {
    Reason.CONSENT: _l("Agreed to bills without paper"),
    Reason.CORRECTED: _l("Another bill took its place"),
    Reason.BEING_CORRECTED: _l("Being made anew"),
    Reason.HIDDEN: _l("Protected or restricted account"),
    Reason.CAME_BACK: _l("Mail came back from the address"),
    Reason.NO_ADDRESS: _l("No address"),
}
FILES_MADE_AGAIN = {
    LOST: _l("Lost from the folder; being made again"),
    MADE_AGAIN: "",
    DIFFERS: _l("Lost, and it could not be made again as it was. Tell whoever runs the portal."),
}
BILLING_ACTS = {
    "bill-print-differs": _l("A file of printed bills could not be made again as it was"),
    "bill-print-lost": _l("Found a file of printed bills lost"),
    "bill-print-made-again": _l("Made a lost file of printed bills again"),
    "bill-print-taken": _l("Took a file of printed bills"),
    "bill-print-taken-again": _l("Took a file of printed bills again"),
    "bill-printed": _l("Printed one bill"),
    "bill-printing-begun": _l("Began to print the bills of a run"),
    "bill-printing-changed": _l("Found another list of printed bills than was seen"),
    "bill-printing-counted-again": _l("Counted the bills of a run for paper again"),
    "bill-printing-frozen": _l("Froze the list of printed bills"),
    "bill-printing-made": _l("Made the files of printed bills"),
    "bill-correction-begun": _l("Began to make a bill anew"),
    "bill-taken-back": _l("Took a bill back"),
    "bill-worked": _l("Worked a bill that was held"),
    "billing-run-approved": _l("Let a billing run be posted"),
    "billing-run-canceled": _l("Canceled a billing run"),
    "billing-run-made": _l("Made a billing run"),
    "billing-run-posted": _l("Posted a billing run"),
    "billing-run-reopened": _l("Sent a billing run back to work"),
    "billing-run-reviewed": _l("Reviewed a billing run"),
    "meter-exchanged": _l("Exchanged a meter"),
}


def state_words(state: str) -> str:
    return str(STATES[State(state)])


def problem_words(problem: str) -> str:
    return str(PROBLEMS[Problem(problem)])


def resolution_words(resolution: str) -> str:
    return str(RESOLUTIONS[resolution]) if resolution else ""


def outcome_words(outcome: str) -> str:
    return str(OUTCOMES[Outcome(outcome)])


def printing_words(state: str) -> str:
    """Of a printing whose files are not made."""
    return str(PRINTINGS[Printing(state)])


def not_printed_words(reason: str) -> str:
    return str(NOT_PRINTED[Reason(reason)]) if reason else ""


def again_words(act: str) -> str:
    """Of a file that was lost."""
    return str(FILES_MADE_AGAIN[act]) if act else ""
