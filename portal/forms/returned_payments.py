"""Forms of what the bank sent back: finding it, posting it, presenting it again; and of lifting cash only."""

from __future__ import annotations

from collections.abc import Iterable

from flask import request
from flask_babel import lazy_gettext as _l
from wtforms import HiddenField
from wtforms.validators import Optional

from accounts.cities.returns import ReturnReason
from portal.forms.fields import MoneyField, TextField
from portal.forms.lists import FilterForm
from portal.forms.staff import DayField, PickField, StaffForm, WordsField
from portal.i18n import gettext as _


class FindReturnedForm(FilterForm):
    """What the bank's advice says of the item."""

    number = TextField(_l("Number of the check"), most=40)
    amount = MoneyField(_l("Amount"), validators=[Optional()])
    bank = TextField(_l("Bank"), most=60)
    receipt = TextField(_l("Receipt number"), most=30)
    account = TextField(_l("Account"), most=40)
    text = TextField(_l("What the bank writes"), most=200)


class ReturnForm(StaffForm):
    """Why and when it came back; looked at first, then posted."""

    reason = PickField(_l("Reason that the bank gives"))
    returned_on = DayField(_l("Day on the bank’s advice"), missing=_l("Enter the day."))
    bank_reference = TextField(_l("Reference of the bank"), most=60)
    seen = HiddenField()

    def offer(self, reasons: Iterable[ReturnReason], language: str) -> None:
        """The reasons of the city's policy, each with its code: that is what the advice has."""
        named = [(one.code, f"{one.code}: {one.name.in_(language)}") for one in reasons]
        self.reason.choices = [("", _("Choose one")), *named]

    def validate(self, extra_validators: object = None) -> bool:
        valid = bool(super().validate(extra_validators))
        if valid and not self.reason.data:
            self.refuse(_("Choose one from the list."), "reason")
            return False
        return valid

    @property
    def is_done(self) -> bool:
        """Was "post it" pressed, on what was looked at before?"""
        return request.form.get("step") == "do" and bool(self.seen.data)


class PresentForm(StaffForm):
    """Once more at the bank."""

    presented_on = DayField(_l("Presented on"), missing=_l("Enter the day."))
    note = WordsField(_l("Note"), most=300)


class LiftForm(StaffForm):
    """Checks are taken again before the flag's time."""

    reason = WordsField(_l("Why"), missing=_l("Say why in a few words."), most=500)
