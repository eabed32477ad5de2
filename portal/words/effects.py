"""What a decision does, in words: before it is made, and after."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from accounts.customer_accounts.rules import shown
from accounts.money import ZERO
from accounts.refunds.queries import CreditMove
from portal.i18n import gettext as _
from portal.i18n import long_date


def effect_words(effect: str, answers: Mapping[str, Any]) -> str:
    """What a grant does; nothing where nothing follows."""

    def day(code: str) -> str:
        said = answers.get(code)
        return long_date(date.fromisoformat(said)) if said else ""

    sentences = {
        "open-service": lambda: _(
            "Granted, an account is opened at %(place)s from %(day)s on, with the services that were there last.",
            place=answers.get("service_address", ""), day=day("start_on"),
        ),
        "close-service": lambda: _(
            "Granted, the account and its services end after %(day)s, and a final bill follows.", day=day("stop_on")
        ),
        "move-service": lambda: _(
            "Granted, service ends here after %(last)s and begins at %(place)s on %(day)s, both or neither.",
            last=day("stop_on"), place=answers.get("service_address", ""), day=day("start_on"),
        ),
        "change-name": lambda: _(
            "Granted, the account stands in the name of %(name)s from today.", name=answers.get("new_name", "")
        ),
        "change-address": lambda: _(
            "Granted, mail goes to %(place)s from %(day)s on.",
            place=answers.get("new_address", ""), day=day("from_day"),
        ),
        "correct-bill": lambda: _("Granted, the charge that you choose asks less. You see the amounts first."),
        "credit-leak": lambda: _("Granted, the leak policy says what comes back. You see the amounts first."),
        "hold-penalties": lambda: _("Granted, the pause of penalties stays until its last day; denied, it ends now."),
        "refund-credit": lambda: _("Granted, the credit is paid back. You see the amounts first."),
    }  # fmt: skip
    return sentences[effect]() if effect in sentences else ""


def follow_words(effect: Mapping[str, Any]) -> str:
    """What came of a decision."""
    if "reference" in effect:
        return _("The account %(number)s is open.", number=shown(str(effect["reference"])))
    if "closed" in effect:
        return _("The account is closed.")
    if "change" in effect:
        return _("The change is made.")
    return _("The resident is told.")


def credit_words(move: CreditMove) -> str:
    """Why there is more or less credit since, for its holder."""
    if move.amount < ZERO:
        return _("Paid back to you") if move.kind == "credit-refund" else _("Used for what was owed")
    sentences = {
        "payment": lambda: _("Paid more than was owed"),
        "adjustment": lambda: _("The City took back what it had charged"),
        "bill-reversal": lambda: _("A bill was taken back"),
        "bill-carried": lambda: _("A bill was corrected"),
    }
    return sentences[move.kind]() if move.kind in sentences else _("Entered in your favor")
