"""Names of values: what evidence and audit call ``owed_cents`` and people call what is owed."""

from __future__ import annotations

import re
from collections.abc import Callable

from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext

from accounts.actors.service import SYSTEM
from accounts.customer_accounts.rules import is_reference, shown
from portal.i18n import gettext as _

NAMES = {
    "": "",
    "accepted": _l("Accepted"),
    "account": _l("Account"),
    "accounts": _l("Accounts"),
    "adjustment": _l("Adjustment"),
    "adjustment_ids": _l("Adjustments"),
    "amount": _l("Amount"),
    "amount_cents": _l("Amount"),
    "arrival_on": _l("Arrives on"),
    "asked": _l("What was typed"),
    "asked_cents": _l("Asked"),
    "asked_for_by": _l("Asked for by"),
    "asked_way": _l("By which way"),
    "by_mail": _l("From the mail that asked for it"),
    "attempt": _l("Payment attempt"),
    "authority": _l("Authority"),
    "bill_date": _l("Date of the bill"),
    "billed_on": _l("Billed on"),
    "bundle": _l("Bundle of mail"),
    "by_type": _l("By kind"),
    "cents": _l("Amount"),
    "chained": _l("Seal"),
    "change": _l("Number of the change"),
    "channel": _l("Channel"),
    "charge": _l("Charge"),
    "charge_id": _l("Charge"),
    "charge_ids": _l("Charges"),
    "charges": _l("Charges"),
    "code": _l("Code"),
    "contact": _l("Contact"),
    "count": _l("How many"),
    "created_at": _l("Made on"),
    "credit_cents": _l("Credit"),
    "credited_cents": _l("Became credit"),
    "currency": _l("Currency"),
    "customer": _l("Customer"),
    "description": _l("What for"),
    "differs": _l("What differs"),
    "digest": _l("What it says (fingerprint)"),
    "division": _l("Division"),
    "document": _l("Paper seen"),
    "document_note": _l("About the paper"),
    "documents": _l("Papers seen"),
    "due_on": _l("Due on"),
    "effect": _l("What it comes to"),
    "effect_cents": _l("What it comes to"),
    "consent": _l("Consent"),
    "effective_on": _l("In effect on"),
    "email": _l("E-mail"),
    "environment": _l("Environment"),
    "exception": _l("Exception"),
    "failure_code": _l("Why it failed"),
    "fee_cents": _l("Fee"),
    "field": _l("Field"),
    "fields": _l("Fields"),
    "final_on": _l("Last day"),
    "flag": _l("Mark"),
    "follow_up": _l("Follow-up"),
    "for_actor": _l("For person"),
    "forgiven before": _l("Forgiven before, on"),
    "found": _l("How many were found"),
    "given": _l("Given"),
    "given_cents": _l("Given"),
    "here": _l("Here"),
    "holder": _l("Holder"),
    "issuer": _l("Service"),
    "journal": _l("Journal"),
    "journal_id": _l("Journal"),
    "journal_in": _l("Journal in"),
    "journal_out": _l("Journal out"),
    "key": _l("Key at the processor"),
    "kind": _l("Kind"),
    "language": _l("Language"),
    "words": _l("Words that were read"),
    "ledger_accounts_added": _l("New ledger accounts"),
    "letter": _l("Letter"),
    "line": _l("Line of the file"),
    "item": lazy_pgettext("file", "Item"),
    "batch": _l("Batch"),
    "file": _l("File"),
    "identification_id": _l("Identification"),
    "in suspense": _l("In suspense"),
    "remittances": _l("Remittances"),
    "rule": _l("Rule"),
    "rule_id": _l("Rule"),
    "suspense_cents": _l("In suspense"),
    "with_actor": _l("Together with"),
    "lines": _l("Lines"),
    "livemode": _l("Real money"),
    "mail_kind": _l("What came back"),
    "manual_book": _l("Book of paper receipts"),
    "mailing_address": _l("Mailing address"),
    "merged_into": _l("Merged into customer"),
    "merger": _l("Merger"),
    "merger_id": _l("Merger"),
    "meter": _l("Meter"),
    "method": _l("How"),
    "missing_cents": _l("Missing"),
    "move_id": _l("Move"),
    "movement": _l("Movement at the processor"),
    "movements": _l("Movements"),
    "name": _l("Name"),
    "net": _l("Net"),
    "note": _l("Note"),
    "on charges": _l("On charges"),
    "open_cents": _l("Open"),
    "open_here": _l("Open here"),
    "open_on": _l("Open from"),
    "opened_on": _l("Opened on"),
    "owed_cents": _l("Owed"),
    "owner": _l("Whose"),
    "page": _l("Page"),
    "paid_at": _l("Paid on"),
    "paid_cents": _l("Paid"),
    "paid_here": _l("Paid here"),
    "paid_on": _l("Paid on"),
    "pay_link": _l("Link to pay"),
    "payment": _l("Payment"),
    "payment_intent": _l("Payment at the processor"),
    "payout": _l("Payout"),
    "permission": _l("Permission"),
    "phone": _l("Telephone"),
    "pinned": _l("Pinned"),
    "profile": _l("Import profile"),
    "promised_cents": _l("Promised"),
    "proposal": _l("Proposal"),
    "quantity": _l("How many"),
    "rate": _l("Fee"),
    "reason": _l("Reason"),
    "reasons": _l("Reasons"),
    "receipt": _l("Receipt"),
    "reference": _l("Account"),
    "refusal": _l("Refusal"),
    "rejected": _l("Rejected"),
    "release_id": _l("Release"),
    "request": _l("Request"),
    "residual_cents": _l("Unexplained rest"),
    "returned_on": _l("Came back on"),
    "returned_payment": _l("Returned payment"),
    "returns": _l("Returned payments"),
    "reversed_journals": _l("Journals taken back"),
    "role": _l("Role"),
    "roles": _l("Roles"),
    "rows": _l("Lines"),
    "ruling": _l("Ruling release"),
    "session": _l("Page at the processor"),
    "sessions": _l("Sessions"),
    "since": _l("Since"),
    "since_on": _l("From"),
    "source": _l("Source"),
    "stated_before": _l("Stated before"),
    "stated_now": _l("Stated now"),
    "status": _l("Status"),
    "to": _l("Sent to"),
    "total": _l("Together"),
    "total_cents": _l("Total"),
    "type": _l("Kind"),
    "until_on": _l("Through"),
    "username": _l("User name"),
    "verified_by": _l("Verified by"),
    "version": _l("Changes so far"),
    "was": _l("It was"),
    "was_open_cents": _l("Was open"),
    "what": _l("What"),
    "bag": _l("Bag"),
    "batches": _l("Batches"),
    "cadence": _l("Mail a link"),
    "cash_cents": _l("Cash"),
    "checks_cents": _l("Checks"),
    "terminal_cents": _l("Card terminal"),
    "filters": _l("Narrowed by"),
    "float_cents": _l("Float"),
    "format": _l("Form of the file"),
    "journals": _l("Journals"),
    "new": _l("New"),
    "number": _l("Number"),
    "packet": _l("Fingerprint of the packet"),
    "people": _l("People"),
    "relation": _l("How they are near"),
    "report": _l("Report"),
    "sale": _l("Sale"),
    "sha256": _l("Fingerprint"),
    "statements": _l("Statements"),
    "till": _l("Till"),
    "tender": _l("Tender"),
    "until": _l("Through"),
    "why": _l("Why"),
    "bill": _l("Bill"),
    "bills": _l("Bills"),
    "case": _l("Request"),
    "cycle": _l("Cycle"),
    "direction": _l("To or from whom"),
    "event": _l("What happened"),
    "how": _l("How"),
    "invitation": _l("Invitation"),
    "fine": _l("Fine"),
    "is_fine": _l("Is it fine?"),
    "link": _l("Person on the account"),
    "on": _l("Day"),
    "held": _l("Held"),
    "paperless": _l("Without paper"),
    "part": _l("Part"),
    "parts": _l("Parts"),
    "penalty": _l("Penalty"),
    "printed": lazy_pgettext("bills", "Printed"),
    "period_from": _l("Period from"),
    "period_to": _l("Period through"),
    "problems": _l("What was found"),
    "proven_by": _l("Proven by"),
    "rights": _l("May"),
    "run": _l("Billing run"),
    "serial": _l("Meter"),
    "standing": _l("As"),
    "step": _l("Sign-off"),
    "stops": _l("What stands still"),
    "value": _l("Read"),
    "wanted": _l("Document"),
}
"""By the name under which the value is kept; what is not here is said with its own name, blanks for hyphens."""
_PATTERNS: tuple[tuple[re.Pattern[str], Callable[[dict[str, str]], str]], ...] = tuple(
    (re.compile(pattern), words)
    for pattern, words in (
        (r"charge (?P<id>\d+) asks", lambda at: _("Charge %(id)s asks", **at)),
        (r"charge (?P<id>\d+) open", lambda at: _("Open on charge %(id)s", **at)),
        (r"charge (?P<id>\d+) version", lambda at: _("Changes of charge %(id)s so far", **at)),
        (r"credit of (?P<id>\S+)", lambda at: _("Credit of %(id)s", **at)),
        (r"customer (?P<id>\d+) accounts", lambda at: _("Accounts of customer %(id)s", **at)),
        (r"customer (?P<id>\d+) merged into", lambda at: _("Customer %(id)s was merged into", **at)),
        (r"customer (?P<id>\d+) version", lambda at: _("Changes of customer %(id)s so far", **at)),
        (r"payment (?P<id>\d+) on (?P<account>\S+)", lambda at: _("Of payment %(id)s on %(account)s", **at)),
        (r"(?P<fee>\S+) posted", lambda at: _("%(fee)s: posted so often", fee=plain(at["fee"]))),
        (r"(?P<fee>\S+) costs", lambda at: _("%(fee)s: costs", fee=plain(at["fee"]))),
        (r"(?P<id>\S+) is", lambda at: _("%(id)s is", **at)),
    )
)


_RESIDENT = re.compile(r"Resident (?P<code>[0-9a-f]{6})")
"""A resident who signed in has no name in the books: their sign-in is theirs, and accounts have holders."""


def name_of(name: str) -> str:
    """What people call a value."""
    if name in NAMES:
        return str(NAMES[name])
    for pattern, words in _PATTERNS:
        if found := pattern.fullmatch(name):
            return words({part: shown_if_reference(value) for part, value in found.groupdict().items()})
    return plain(name)


def person(name: str) -> str:
    """Who it was: a colleague by name, a resident who signed in by the code that stands for them, or the portal.

    A handle is taken too: packets of closed days keep them (``staff:rosa``).
    """
    if name == SYSTEM:
        return _("the portal itself")
    if resident := _RESIDENT.fullmatch(name):
        return _("Resident %(code)s", code=resident["code"])
    return name.removeprefix("staff:")


def shown_if_reference(code: str) -> str:
    """An account's number as it is read aloud; anything else as it is."""
    return shown(code) if is_reference(code) else code


def plain(code: str) -> str:
    """``late-fee``, ``owed_cents`` as words: a code that nobody has words for yet."""
    words = code.removesuffix("_cents").replace("_", " ").replace("-", " ").strip()
    return words[:1].upper() + words[1:]
