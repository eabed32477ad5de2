"""Lines of the exceptions queue in words: what happened, what to do, what may have been done."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _l
from markupsafe import Markup, escape

from accounts.exceptions.queries import QueuedLine
from accounts.money import Money
from portal.i18n import gettext as _
from portal.words.names import plain
from portal.words.values import Fact, breakable, facts


@dataclass(frozen=True)
class Kind:
    """A kind of exception. ``ends``: what is usually done, one sentence each, as it is kept when a line is closed."""

    name: Any
    meaning: Any
    to_do: Any
    ends: tuple[Any, ...] = ()


_POSTED = _l("Posted where it belongs.")
_REFUNDED = _l("Refunded at the processor.")
_STAYS_CREDIT = _l("The rest stays on the account as credit.")
_MOVED = _l("Moved to another account.")
_CORRECTED_HERE = _l("Corrected here.")
_CORRECTED_THERE = _l("The owner of the register corrected it.")
_BOTH_RIGHT = _l("Looked into: nothing has to change.")
_BOOKED = _l("Booked by hand.")
_EXPLAINED = _l("The processor explained it.")

KINDS = {
    "account-differs": Kind(
        _l("Account differs from its register"),
        _l("The register states something of this account that was changed at the counter meanwhile."),
        _l("Ask the holder or the register which is right. Change the account, or tell the register."),
        (_CORRECTED_HERE, _CORRECTED_THERE, _BOTH_RIGHT),
    ),
    "amount-mismatch": Kind(
        _l("Another amount was paid"),
        _l("The processor took another amount than was promised. Nothing was posted."),
        _l("Compare with the processor. Then post it where it belongs, or refund it."),
        (_POSTED, _REFUNDED),
    ),
    "balance-difference": Kind(
        _l("Balances differ"),
        _l("The owner of this balance states another one, and what was paid here does not explain it."),
        _l("Compare the account with its owner’s system. Adjust what is wrong here, with a reason."),
        (_CORRECTED_HERE, _CORRECTED_THERE, _BOTH_RIGHT),
    ),
    "lockbox-repeated": Kind(
        _l("Lockbox item came before"),
        _l("A check of a lockbox file is the same as one that the bank sent before. It was not posted."),
        _l("Compare it with the bank’s image. Post it from the file if it is another check, else tell the bank."),
        (_l("It was another check: posted."), _l("It was the same check: the bank was told.")),
    ),
    "change-after-merger": Kind(
        _l("Change for a record that was merged"),
        _l("A change was to begin for a customer who is now part of another record. It was not made."),
        _l("Enter the change for the customer that it was merged into, if it still holds."),
        (_l("Entered for the merged customer."), _l("It no longer holds.")),
    ),
    "contact-differs": Kind(
        _l("Contact differs from the register"),
        _l("The register states another contact than the one that the holder gave at the counter."),
        _l("Ask the holder which is right. Change the contact, or tell the register."),
        (_CORRECTED_HERE, _CORRECTED_THERE, _BOTH_RIGHT),
    ),
    "import-contradiction": Kind(
        _l("Row that contradicts itself"),
        _l("A row of an imported file contradicts itself. It was not taken."),
        _l("Ask the owner of the register which figure is right. A mended row can be imported again."),
        (_CORRECTED_THERE, _l("The row was imported again."), _BOTH_RIGHT),
    ),
    "key-conflict": Kind(
        _l("Another request under the same key"),
        _l("The processor has another request under the key of this payment attempt. A payment page may exist."),
        _l("Look at the processor for a payment of this attempt. The portal asks for it too."),
        (_POSTED, _REFUNDED, _l("There was no payment.")),
    ),
    "no-owner": Kind(
        _l("Money that is nobody’s"),
        _l("The processor took money that names no payment of ours. It is not in the books."),
        _l("Find out at the processor who paid and for what. Then post it or refund it."),
        (_POSTED, _REFUNDED, _l("It belongs to another business of the city.")),
    ),
    "orphan": Kind(
        _l("Payment that we do not know"),
        _l("The processor took money for a payment that is not in our books."),
        _l("Find out at the processor whose payment it is. Then post it or refund it."),
        (_POSTED, _REFUNDED),
    ),
    "paid-after-expiry": Kind(
        _l("Paid after the page was over"),
        _l("The money came after we had told the payer that the page was over. It is posted."),
        _l("See whether the person paid a second time meanwhile. Refund what is too much."),
        (_l("Paid once: nothing to do."), _REFUNDED, _STAYS_CREDIT, _MOVED),
    ),
    "payout-failed": Kind(
        _l("Payout that failed"),
        _l("The bank did not take a payout. Its journal was reversed; the money is with the processor."),
        _l("Check the bank account at the processor. Another payout will bring the money."),
        (_l("The money came with another payout."), _l("The bank account was corrected.")),
    ),
    "payout-manual": Kind(
        _l("Payout by hand"),
        _l("Somebody asked the processor for this payout by hand. It does not say what it is made of."),
        _l("Book it by hand, and let payouts be automatic."),
        (_BOOKED,),
    ),
    "payout-residual": Kind(
        _l("Payout that does not add up"),
        _l("This payout is not the sum of its parts. Nothing was posted."),
        _l("Ask the processor what else it holds. It is read again every hour."),
        (_l("It adds up now and is posted."), _EXPLAINED, _BOOKED),
    ),
    "payout-unknown-movement": Kind(
        _l("Movement that nobody can book"),
        _l("The processor has a movement that nobody has said how to book. Paid out, it stands in suspense."),
        _l("Find out what it is, and book it from the suspense account."),
        (_BOOKED, _EXPLAINED),
    ),
    "payout-unknown-status": Kind(
        _l("Payout in an unknown state"),
        _l("The processor has a new word for the state of a payout. Nothing was posted."),
        _l("Ask the processor what it means."),
        (_EXPLAINED,),
    ),
    "posted-unpaid": Kind(
        _l("Booked, but not at the processor"),
        _l("The books have a card payment that the processor does not know."),
        _l("Stop, and find out before it is deposited."),
        (_l("The processor has it after all."), _l("The payment was reversed.")),
    ),
    "remittance-rejected": Kind(
        _l("Payment that the owner did not take"),
        _l("We sent a payment to the owner of the balance, and it was not taken. The money is here."),
        _l("Settle with the owner how it takes this payment."),
        (_l("The owner took it."), _MOVED, _REFUNDED),
    ),
    "returned-short": Kind(
        _l("Returned payment with money missing"),
        _l("The bank took a payment back, and a part of it is not where it was put. Nothing was posted."),
        _l("See where the money went and bring it back there. Then post the return."),
        (_l("The return is posted now."), _l("The bank had made a mistake.")),
    ),
    "second-payment": Kind(
        _l("Paid twice"),
        _l("This was paid when somebody else had paid it already. The rest is credit on the account."),
        _l("Ask the payer: move it to another account, refund it, or leave it for the next bill."),
        (_STAYS_CREDIT, _MOVED, _REFUNDED),
    ),
    "unknown-page": Kind(
        _l("Page that the processor does not know"),
        _l("The processor does not know the payment page of this attempt, so it took no money for it."),
        _l("Ask whoever runs the portal: is its key that of the same account at the processor?"),
        (_l("The key was corrected."), _l("No money was taken.")),
    ),
    "wrong-currency": Kind(
        _l("Paid in another currency"),
        _l("The processor took another currency than dollars. Nothing was posted."),
        _l("Compare with the processor. Then refund it."),
        (_REFUNDED, _POSTED),
    ),
    "wrong-owner": Kind(
        _l("Paid in another environment"),
        _l("The processor’s payment says that it belongs to another portal or to a test. Nothing was posted."),
        _l("Compare with the processor, then post it where it belongs or refund it."),
        (_POSTED, _REFUNDED, _l("It belongs to another portal.")),
    ),
}
"""By the code under which lines are opened; one that is not here says its own name and its own suggestion."""
_AMOUNTS = ("amount_cents", "paid_cents", "residual_cents", "promised_cents")
_SAID_IN_WORDS = ("differs", "environment", "livemode", "field")
_DIFFERENCES = {
    "amount": _l("The amount is another one."),
    "currency": _l("The currency is another one."),
    "attempt": _l("It names another payment attempt."),
    "environment": _l("It comes from another portal."),
    "livemode": _l("Real money and test money do not fit."),
    "paid": _l("It is not paid."),
}


_SUBJECTS: tuple[tuple[re.Pattern[str], Callable[[str], str]], ...] = (
    (re.compile(r"lockbox item (\d+)"), lambda number: _("Item %(number)s of a lockbox file", number=number)),
    (re.compile(r"tender (\d+)"), lambda number: _("Check or other payment, number %(number)s", number=number)),
    (re.compile(r"[\w.-]+:([^:]+):[0-9a-f]{16}"), str),  # a row of an import: the number it has in the other system
    (re.compile(r"change:(\d+)"), lambda number: _("Change %(number)s of a customer’s record", number=number)),
)


@dataclass(frozen=True)
class Told:
    """A line in words of the reader's language."""

    name: str
    meaning: str
    to_do: str
    ends: tuple[str, ...]
    amount: Money | None
    findings: tuple[str, ...]
    facts: tuple[Fact, ...]


def told(line: QueuedLine) -> Told:
    """All that a line says."""
    kind, evidence = KINDS.get(line.kind), line.evidence
    return Told(
        name=kind_name(line.kind),
        meaning=str(kind.meaning) if kind else "",
        to_do=str(kind.to_do) if kind else line.suggestion,
        ends=tuple(str(end) for end in kind.ends) if kind else (),
        amount=amount(line),
        findings=tuple(_findings(evidence)),
        facts=tuple(facts(evidence, leave=_SAID_IN_WORDS)),
    )


def subject_words(subject: str) -> Markup:
    """What a line is about: a thing of ours by its number, or the processor's name for it, to the letter."""
    for pattern, words in _SUBJECTS:
        if found := pattern.fullmatch(subject):
            return escape(words(found[1]))
    return breakable(subject)


def kind_name(kind: str) -> str:
    return str(KINDS[kind].name) if kind in KINDS else plain(kind)


def amount(line: QueuedLine) -> Money | None:
    """The money that a line is about, where there is one amount."""
    found = next((line.evidence[name] for name in _AMOUNTS if isinstance(line.evidence.get(name), int)), None)
    return None if found is None else Money(int(str(found)))


def _findings(evidence: Mapping[str, Any]) -> list[str]:
    """What was compared, in sentences."""
    found = []
    for code in evidence.get("differs", ()):
        found.append(str(_DIFFERENCES.get(code) or plain(str(code))))
    if evidence.get("livemode") is False:
        found.append(_("This is test money."))
    if field := evidence.get("field"):
        found.append(_("It is about this field: %(field)s.", field=plain(str(field)).lower()))
    return found
