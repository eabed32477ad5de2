"""Lines of the audit in words: who did what, on which page, and why a request was refused."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import lazy_gettext as _l
from markupsafe import Markup

from accounts.audit.queries import Entry
from accounts.customer_accounts.rules import shown
from accounts.staff.rules import ActKind
from portal.i18n import gettext as _
from portal.i18n import short_datetime
from portal.words import audit_of_bank, audit_of_cases, audit_of_residents, audit_of_window
from portal.words.accounting_acts import ACCOUNTING
from portal.words.acts import act_name
from portal.words.audit_codes import mail_words, worded
from portal.words.audit_of_pages import page_name
from portal.words.audit_of_sign_ins import RESIDENT_ACTS
from portal.words.billing import BILLING_ACTS
from portal.words.exceptions import kind_name
from portal.words.names import plain
from portal.words.notices import CHOSEN_ACTS, NOTICE_ACTS, chosen_rows
from portal.words.returned import RETURNED_ACTS
from portal.words.values import Compared, Fact, breakable, compared, facts

ACTS = (
    RETURNED_ACTS
    | NOTICE_ACTS
    | ACCOUNTING
    | BILLING_ACTS
    | {
        "account-closed": _l("Closed the account"),
        "account-not-found": _l("Asked for an account that is not there or not for them"),
        "account-opened": _l("Opened an account"),
        "account-protected": _l("Marked the account as protected"),
        "account-reopened": _l("Opened the account again"),
        "account-restricted": _l("Restricted the account"),
        "account-seen": _l("Looked at the account"),
        "account-unprotected": _l("Took the protection off the account"),
        "account-unrestricted": _l("Took the restriction off the account"),
        "accounts-searched": _l("Searched"),
        "acknowledge": _l("Read what the owner of balances answered"),
        "act-approved": _l("Approved what another asked for"),
        "act-done-alone": _l("Did it alone, within their limit"),
        "act-proposed": _l("Asked for it; a second person decides"),
        "act-rejected": _l("Rejected what another asked for"),
        "act-stale": _l("Wanted to approve, but something had changed"),
        "act-withdrawn": _l("Took back what they had asked for"),
        "changed-user": _l("Left the window to a colleague"),
        "city.approve": _l("Let new city rules begin"),
        "city.approve.refused": _l("Wanted to approve their own city rules"),
        "city.propose": _l("Proposed new city rules"),
        "contact-logged": _l("Logged a contact"),
        "customer-change-asked": _l("Entered a change of a customer for later"),
        "customer-change-withdrawn": _l("Took back a change of a customer"),
        "customer-changed": _l("Changed a customer"),
        "customers-merged": _l("Made one record of two"),
        "day-sealed": _l("Sealed a day"),
        "decision-refused": _l("Wanted to decide what is not theirs to decide"),
        "exception-closed": _l("Closed an exception"),
        "exception-taken": _l("Took on an exception"),
        "exported": _l("Took data out"),
        "follow-up-added": _l("Left something to be followed up"),
        "follow-up-done": _l("Followed it up"),
        "follow-up-handed-on": _l("Handed a follow-up on"),
        "identity-linked": _l("Linked a sign-in of another service"),
        "import": _l("Read in a file"),
        "input-refused": _l("A page refused what was sent"),
        "mail-came-back": _l("Noted that mail came back"),
        "merger-undone": _l("Made two records of one again"),
        "note-added": _l("Wrote a note"),
        "note-pinned": _l("Pinned a note"),
        "note-unpinned": _l("Took a note down"),
        **audit_of_bank.ACTS,
        **audit_of_cases.ACTS,
        **audit_of_residents.ACTS,
        **audit_of_window.ACTS,
        "payout.found": _l("Found a payment of a payout"),
        "payout.post": _l("Booked a payout"),
        "payout.take-back": _l("Took back a payout that failed"),
        "permission-refused": _l("Wanted a page that is not for them"),
        "receipt-not-found": _l("Asked for a receipt that is not there or not for them"),
        "receipt-reprinted": _l("Printed a receipt again"),
        "receipt-sent-again": _l("Sent a receipt again"),
        "recovery-code-used": _l("Used a recovery code"),
        "recovery-codes-renewed": _l("Got new recovery codes"),
        "remit": _l("Sent payments to the owner of balances"),
        "returned-mail-mistake": _l("Noted that mail had not come back"),
        "returned-mail-new-address": _l("Settled returned mail: there is a new address"),
        "returned-mail-not-needed": _l("Settled returned mail: it need not go again"),
        "returned-mail-re-mailed": _l("Settled returned mail: sent again"),
        "returned-mail-visited": _l("Settled returned mail: a visit left it at the door"),
        "role-ended": _l("Took a role back"),
        "role-granted": _l("Gave a role"),
        "second-factor-reset": _l("Reset a second factor"),
        "session-ended": _l("A session ended"),
        "sessions-ended": _l("Ended the sessions of a person"),
        **RESIDENT_ACTS,
        "sign-in-refused": _l("A sign-in was refused"),
        "sign-in-reset": _l("Reset a sign-in"),
        "sign-in-set-up": _l("Set up their sign-in"),
        "signed-in": _l("Began a session"),
        "signed-out": _l("Ended their session"),
        "staff-added": _l("Added a colleague"),
        "staff-offboarded": _l("Closed the sign-in of a person who left"),
    }
)
"""By the name under which it is written; what is not here is said with its own name."""
SUBJECTS = {
    **audit_of_bank.SUBJECTS,
    **audit_of_window.SUBJECTS,
    "account": _l("Account"),
    "actor": _l("Person"),
    "bill_printing": _l("Printing of bills"),
    "billing_run": _l("Billing run"),
    "business_day": _l("Day"),
    "charge": _l("Charge"),
    "city_release": _l("City rules"),
    "customer": _l("Customer"),
    "exception": _l("Exception"),
    "finding": _l("Finding"),
    "import_run": _l("Import"),
    "journal_batch": _l("Batch of journals"),
    "lockbox_file": _l("Lockbox file"),
    "mail": _l("Bundle of mail"),
    "manual_book": _l("Book of paper receipts"),
    "page": _l("Page"),
    "payment": _l("Payment"),
    "payout": _l("Payout"),
    "proposal": _l("Proposal"),
    "receipt": _l("Receipt"),
    "report": _l("Report"),
    "remittance": _l("Batch of payments"),
    "guest": _l("Somebody without a sign-in"),
    "resident-sign-in": _l("Resident’s sign-in"),
    "sign-in": _l("Sign-in"),
}
_FOLLOW_UPS = {
    "call-back": _l("Call back"),
    "escalation": _l("Handed to a senior"),
    "hand-off": _l("Handed to a division"),
}
_OF_STATUS = ("account-closed", "account-reopened")
_SAID_ELSEWHERE = ("after", "asked_by", "before", "changed", "for_actor", "reason")


@dataclass(frozen=True)
class Said:
    """A line as a person reads it. ``url`` leads to what it is about, where there is a page of it."""

    id: int
    at: str
    instant: datetime
    actor_id: int | None
    who: str
    what: str
    about: str | Markup
    reference: str
    """The account's, without hyphens; empty for anything else."""
    reason: str
    changes: tuple[Compared, ...]
    details: tuple[Fact, ...]
    is_hidden: bool


def said(entry: Entry, time_zone: str) -> Said:
    """A line in the reader's language."""
    details = dict(entry.details)
    if entry.act == "account-seen":
        details = {"page": page_name(str(details.get("page", "")))}
    changes = changes_of(entry.act, entry.before, entry.after)
    stale = details.get("changed")
    if isinstance(stale, Mapping):
        changes += [row for name, (old, new) in stale.items() for row in compared({name: old}, {name: new})]
    return Said(
        id=entry.id,
        at=short_datetime(entry.at, time_zone),
        instant=entry.at,
        actor_id=entry.actor_id,
        who=entry.actor_name or _("Nobody signed in"),
        what=act_words(entry.act),
        about=_about(entry),
        reference=entry.reference,
        reason=reason_words(entry.act, entry.reason),
        changes=tuple(changes),
        details=tuple(details_of(entry.act, details)),
        is_hidden=entry.is_hidden,
    )


def details_of(act: str, details: Mapping[str, Any]) -> list[Fact]:
    """What a line says besides its reason and what it changed."""
    told = worded(details)
    if "kind" in told:
        told["kind"] = _kind(act, str(told["kind"]))
    return facts(told, leave=_SAID_ELSEWHERE)


def changes_of(act: str, before: object, after: object) -> list[Compared]:
    """What a line changed; of a word alone the act says what it is a word of."""
    if act == "case-moved" and isinstance(before, str) and isinstance(after, str):
        return audit_of_cases.case_states(before, after)
    if act in _OF_STATUS and isinstance(before, str) and isinstance(after, str):
        return compared({"status": before}, {"status": after})
    if act in CHOSEN_ACTS and isinstance(before, Mapping) and isinstance(after, Mapping):
        return chosen_rows(before, after)
    return compared(before, after) if before != after else []


def act_words(act: str) -> str:
    """What an act is called."""
    return str(ACTS[act]) if act in ACTS else plain(act.replace(".", " "))


def reason_words(act: str, reason: str) -> str:
    """Why it was done; of a pause that is a code."""
    return audit_of_cases.pause_reason(reason) if act.startswith("pause-") and reason else reason


def choices() -> list[tuple[str, str]]:
    """All acts that have words, by their words."""
    return sorted(((code, str(words)) for code, words in ACTS.items()), key=lambda pair: pair[1])


def _about(entry: Entry) -> str | Markup:
    if entry.is_hidden:
        return _("A protected or restricted account")
    if entry.reference:
        return shown(entry.reference)
    if not entry.subject_kind:
        return ""
    kind = str(SUBJECTS[entry.subject_kind]) if entry.subject_kind in SUBJECTS else plain(entry.subject_kind)
    if entry.subject_kind == "page":
        return f"{kind}: {page_name(entry.subject_id)}"
    return Markup("{} {}").format(kind, breakable(entry.about or entry.subject_id))


def _kind(act: str, code: str) -> str:
    """What kind of thing an act was about; each feature has its own kinds."""
    if act.startswith("exception-"):
        return kind_name(code)
    if act.startswith("mail-"):
        return mail_words(code)
    if act.startswith(("case-", "document-")):
        return audit_of_cases.request_name(code)
    if code in _FOLLOW_UPS:
        return str(_FOLLOW_UPS[code])
    return act_name(ActKind(code)) if code in set(ActKind) else plain(code)
