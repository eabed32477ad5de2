"""Forms of acts in money: what is asked for, why, and the state that the person saw when they looked."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from flask import request
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, DecimalField, FormField, HiddenField, IntegerField, SelectField
from wtforms.validators import InputRequired, NumberRange, Optional

from portal.forms.fields import MoneyField, PortalForm, TextField
from portal.forms.staff import PickField, StaffForm, WordsField


class ActForm(StaffForm):
    """An act is looked at first, then done: the button says which. ``seen`` is what was looked at."""

    reason = WordsField(_l("Why"), missing=_l("Say why in a few words."), most=500)
    seen = HiddenField()

    @property
    def is_done(self) -> bool:
        """Was "do it" pressed, on what was looked at before?"""
        return request.form.get("step") == "do" and bool(self.seen.data)


class ChargeField(SelectField):  # type: ignore[misc]
    """A charge of the account, by its id."""

    def __init__(self, label: object, **options: Any) -> None:
        super().__init__(label, choices=[], coerce=int, **options)


class FeeForm(ActForm):
    """A fee from the city's catalog."""

    fee = SelectField(_l("Fee"), choices=[])
    quantity = IntegerField(
        _l("How many"), default=1,
        validators=[
            InputRequired(message=_l("Enter how many.")),
            NumberRange(1, 99, message=_l("Enter a number from 1 to 99.")),
        ],
    )  # fmt: skip


class WaiverForm(ActForm):
    """A fee or a penalty to forgive, or a part of it."""

    charge = ChargeField(_l("What is forgiven"))
    amount = MoneyField(_l("How much"), validators=[Optional()])
    code = PickField(_l("The city’s reason"))
    beyond = BooleanField(_l("Ask for it although it was forgiven as often as the city forgives"))


class LineForm(PortalForm):
    """A line of a calculation: quantity times rate."""

    label = TextField(_l("What for"), most=200)
    quantity = DecimalField(_l("Quantity"), places=None, default=Decimal(1), validators=[Optional()])
    rate = DecimalField(_l("Rate in dollars"), places=None, validators=[Optional()])

    def __init__(self, *given: Any, **options: Any) -> None:
        super().__init__(*given, **options)
        self.quantity.flags.optional = self.rate.flags.optional = False  # said once, of the lines that are not needed

    @property
    def is_used(self) -> bool:
        return bool(self.label.data) or self.rate.data is not None


class AdjustmentForm(ActForm):
    """A correction by a calculation that the person states."""

    charge = ChargeField(_l("Charge"))
    code = PickField(_l("The city’s reason"))
    line_1 = FormField(LineForm)
    line_2 = FormField(LineForm)
    line_3 = FormField(LineForm)
    line_4 = FormField(LineForm)

    @property
    def lines(self) -> list[LineForm]:
        """The lines on which something was written."""
        return [line.form for line in (self.line_1, self.line_2, self.line_3, self.line_4) if line.form.is_used]


class LeakForm(ActForm):
    """The credit of the city's leak policy: figures come from the bills, not from the form."""

    first = ChargeField(_l("Bill with the leak"))
    second = SelectField(_l("Second bill with the leak"), choices=[], coerce=int)
    is_repair_proved = BooleanField(_l("Proof of the repair was seen"))


class TakeBackForm(ActForm):
    """The opposite of an earlier correction."""


class MoveForm(ActForm):
    """A payment that met the wrong account."""

    payment = SelectField(_l("Payment"), choices=[], coerce=int)
    to = TextField(_l("To the account with this number"), missing=_l("Enter the number."), most=40)
    amount = MoneyField(_l("How much of it"), validators=[Optional()])


class VoidForm(ActForm):
    """A payment that a person took, taken back whole."""
