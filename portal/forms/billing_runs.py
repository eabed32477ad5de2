"""Forms of billing runs: which cycle and when, working a bill that is held, letting a run go, exchanging a meter."""

from __future__ import annotations

from decimal import Decimal

from flask_babel import lazy_gettext as _l
from wtforms import RadioField, SelectField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import AnyOf

from portal.forms.fields import TextField, UnseenField, WholeField
from portal.forms.staff import DayField, StaffForm, WordsField

_DIGITS = _l("Enter the digits of the meter, without a decimal point.")


class NewRunForm(StaffForm):
    """A cycle and the date that its bills carry."""

    cycle = SelectField(_l("Cycle"), choices=[])
    bill_date = DayField(_l("Date of the bills"), missing=_l("Enter the date of the bills."))


class WorkForm(StaffForm):
    """What to do about a bill that is held. ``seen`` is the version that was looked at."""

    how = RadioField(
        _l("What do you do?"),
        choices=[
            SelectChoice("reread", _l("Enter a reread")),
            SelectChoice("estimate", _l("Enter an estimate")),
            SelectChoice("accept", _l("Accept the bill as it is")),
            SelectChoice("leave_out", _l("Leave it out of this run")),
        ],
        validate_choice=False,
        validators=[AnyOf(("reread", "estimate", "accept", "leave_out"), message=_l("Choose one."))],
    )
    serial = SelectField(_l("Meter"), choices=[], validate_choice=False)
    value = WholeField(_l("What the meter shows"), wrong=_DIGITS)
    on = DayField(_l("Day of the read"))
    reason = WordsField(_l("Why"), most=500)
    seen = UnseenField()


class TotalForm(StaffForm):
    """A run with the total, in cents, that somebody looked at."""

    seen = UnseenField()


class CorrectBillForm(StaffForm):
    reason = WordsField(_l("Why is the bill wrong?"), missing=_l("Say why in a few words."), most=500)


class ExchangeForm(StaffForm):
    """The old meter's last read and the new meter with its first."""

    old_serial = SelectField(_l("Old meter"), choices=[], validate_choice=False)
    old_value = WholeField(_l("Last read of the old meter"), wrong=_DIGITS)
    on = DayField(_l("Day of the exchange"), missing=_l("Enter the day of the exchange."))
    serial = TextField(_l("Number of the new meter"), missing=_l("Enter the number of the new meter."), most=40)
    size = SelectField(_l("Size in inches"), choices=[], validate_choice=False)
    unit = SelectField(_l("Unit"), choices=[SelectChoice(unit, unit) for unit in ("CCF", "CF", "GAL")])
    dials = WholeField(_l("Dials"), wrong=_l("Enter how many digits the meter has, from 3 to 9."), least=3, most=9)
    multiplier = WholeField(_l("Each count stands for"), wrong=_l("Enter a whole number."), least=1, most=1000)
    new_value = WholeField(_l("First read of the new meter"), wrong=_DIGITS)
    reason = WordsField(_l("Why"), missing=_l("Say why in a few words."), most=500)

    @property
    def counts(self) -> Decimal:
        return Decimal(self.multiplier.data or 1)


class CountForm(StaffForm):
    """How many bills somebody saw that would be printed."""

    seen = UnseenField()

    @property
    def count(self) -> int:
        """None of ours where somebody changed it."""
        said = str(self.seen.data)
        return int(said) if said.isascii() and said.isdigit() and len(said) <= 9 else -1
