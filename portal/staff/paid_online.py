"""What a form is told of the same being paid online, when its money is here already."""

from __future__ import annotations

from typing import Any

from accounts.errors import DomainError
from payments.collisions.rules import PageStillOpen, PaidOnline, Warned
from portal.i18n import gettext as _
from portal.i18n import money_text
from portal.messages import sentence
from portal.staff.done import say


def warned_by(form: Any) -> Warned:
    """What the form had named when it was sent, and whether its sender goes on knowingly."""
    return Warned(frozenset(filter(None, (form.beside.data or "").split(","))), goes_on=bool(form.knowingly.data))


def refuse(form: Any, refusal: DomainError) -> None:
    """Say why nothing was entered; what has to be known first is carried by the form."""
    words = sentence(refusal)
    if isinstance(refusal, PaidOnline | PageStillOpen):
        form.beside.data = ",".join(sorted({*warned_by(form).attempts, *refusal.attempts}))
    if isinstance(refusal, PaidOnline):
        words = _("%(amount)s for the same came in online just now.", amount=money_text(refusal.amount))
        words += " " + _("Nothing was entered.")
    elif isinstance(refusal, PageStillOpen):
        words = _("The payment page for the same could not be closed, so it may still be paid online.")
        words += " " + _("Nothing was entered.")
    form.refuse(words, why=type(refusal).__name__)


def say_of_pages(*, closed: bool, is_coming: bool) -> None:
    """What became of pages on which the same might have been paid."""
    if closed:
        say(_("A payment page for the same was open. It was closed."), "info")
    if is_coming:
        say(_("Another payment for the same is on its way. What is too much becomes credit."), "warning")
