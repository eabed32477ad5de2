"""Forms of a customer's record: name, address and contact; mail that came back."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, RadioField
from wtforms.fields.choices import SelectChoice

from accounts.customer_accounts.sources import CONTACT_FIELDS
from accounts.customer_changes.rules import Contact
from accounts.customers.queries import CustomerCard
from portal.forms.fields import TextField, UnseenField
from portal.forms.staff import DayField, PickField, StaffForm, WordsField


class ChangeForm(StaffForm):
    """The record as it is to be. ``version`` and ``seen_…`` are what the form showed, so that only what was typed
    anew is changed, and what somebody else changed meanwhile is not put back."""

    name = TextField(_l("Name"), most=200)
    last_name = TextField(_l("Last name"), most=200)
    mailing_address = TextField(_l("Mailing address"), most=200)
    phone = TextField(_l("Phone"), most=40)
    email = TextField(_l("E-mail"), most=200)
    language = PickField(_l("Language of letters"))
    effective_on = DayField(_l("From"), missing=_l("Choose the day from which it counts."))
    reason = TextField(_l("Why"), most=300)
    document = PickField(_l("Document seen"))
    document_note = TextField(_l("About the document"), most=200)
    forgets_old_name = BooleanField(_l("The former name must prove nothing from that day"))
    version = UnseenField()
    seen_name = UnseenField()
    seen_last_name = UnseenField()
    seen_mailing_address = UnseenField()
    seen_phone = UnseenField()
    seen_email = UnseenField()
    seen_language = UnseenField()

    @staticmethod
    def showing(card: CustomerCard) -> dict[str, Any]:
        """What the form says before anybody typed."""
        values = {name: getattr(card, name) for name in CONTACT_FIELDS}
        return {**values, **{f"seen_{name}": value for name, value in values.items()}, "version": str(card.version)}

    def typed(self, name: str) -> str:
        """What stands in a field now, spaces folded."""
        return _folded(self[name].data)

    def was(self, name: str) -> str:
        """What the field showed when the form was opened."""
        return _folded(self[f"seen_{name}"].data)

    def is_typed(self, name: str) -> bool:
        """Did the person type something else than the form showed?"""
        return self.typed(name) != self.was(name)

    @property
    def contact(self) -> Contact:
        """The fields in which something else was typed."""
        return Contact(**{name: self.typed(name) for name in CONTACT_FIELDS if self.is_typed(name)})

    @property
    def seen_version(self) -> int:
        """The version that the form showed; none that ever was, if somebody wrote something else there."""
        text = self.version.data or ""
        return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0

    def look_anew(self, card: CustomerCard) -> None:
        """Show the record as it is now; what the person typed stays typed."""
        for name in CONTACT_FIELDS:
            if not self.is_typed(name):
                self[name].data = getattr(card, name)
            self[f"seen_{name}"].data = getattr(card, name)
        self.version.data = str(card.version)


class WithdrawChangeForm(StaffForm):
    """A change that does not come after all."""

    reason = WordsField(_l("Why it does not come"), missing=_l("Say why in a few words."), most=300)


class ReturnedMailForm(StaffForm):
    """A letter that the post brought back."""

    mail_kind = PickField(_l("What came back"))
    returned_on = DayField(_l("Came back on"), missing=_l("Choose the day on which it came back."))
    address = TextField(_l("Address on it"), most=200)
    letter_reference = TextField(_l("Number on it"), most=60)
    evidence = TextField(_l("What the post wrote on it"), most=200)


class HandlingForm(StaffForm):
    """What was done about a letter that came back."""

    handling = RadioField(
        _l("What was done"),
        choices=[
            SelectChoice("re-mailed", _l("Sent again")),
            SelectChoice("visited", _l("Visited: a notice was left at the door")),
            SelectChoice("not-needed", _l("It need not be sent again")),
            SelectChoice("mistake", _l("Entered by mistake")),
        ],
        default="re-mailed",
        invalid_choice_message=_l("Choose one from the list."),
    )
    on = DayField(_l("On"), missing=_l("Choose the day on which it was done."))
    address = TextField(_l("Sent to"), most=200)
    note = WordsField(_l("Note"), most=300)


def _folded(text: str | None) -> str:
    return " ".join((text or "").split())
