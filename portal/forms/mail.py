"""Forms of the mail: a bundle, a remittance, an explanation, and a lockbox file."""

from __future__ import annotations

import re
import secrets
from datetime import time
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField, FileRequired
from wtforms import BooleanField, HiddenField, SelectField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Optional

from payments.mail_batches.rules import MISCOUNTED, SENT_BACK
from portal.forms.fields import LineField, MoneyField, TextField, UnseenField, WholeField
from portal.forms.staff import DayField, PickField, StaffForm, WordsField

TENDERS = [
    SelectChoice("check", _l("Paper check")),
    SelectChoice("money_order", _l("Money order")),
    SelectChoice("cash", _l("Cash")),
]
_TIME = re.compile(r"([01]?\d|2[0-3])[:.h]?([0-5]\d)")


class TimeField(LineField):
    """A time of the day, as ``14:05``; ``data`` is a time or None."""

    def process_formdata(self, valuelist: list[str]) -> None:
        typed = valuelist[0].strip() if valuelist else ""
        self.raw_text, self.data = typed, None
        if typed:
            found = _TIME.fullmatch(typed)
            if found is None:
                raise ValueError(str(_l("Enter a time, like 14:05.")))
            self.data = time(int(found[1]), int(found[2]))

    def _value(self) -> str:
        return self.data.strftime("%H:%M") if isinstance(self.data, time) else getattr(self, "raw_text", "")


class BundleForm(StaffForm):
    """A bundle of mail as two people opened it."""

    kind = PickField(_l("What it is"))
    received_on = DayField(_l("Day on which it came"), missing=_l("Enter the day."))
    received_time = TimeField(_l("Time"), validators=[InputRequired(message=_l("Enter a time, like 14:05."))])
    opened_with = SelectField(_l("Opened together with"), choices=[], coerce=int)
    postmarked_on = DayField(_l("Postmark of all of it"))
    remittances = WholeField(
        _l("How many remittances"), wrong=_l("Enter a number."), most=100_000, validators=[Optional()]
    )
    total = MoneyField(_l("Added up, they come to"), validators=[Optional()])
    for_division = PickField(_l("Division that deals with it"))
    for_person = SelectField(_l("Or a person"), choices=[], coerce=int)
    routed_to = TextField(_l("Where the mail went"), most=120)
    note = WordsField(_l("Note"), most=500)


class RemittanceForm(StaffForm):
    """One envelope, in the order in which hands go through it: line, amount, check."""

    key = HiddenField(default=lambda: secrets.token_urlsafe(12))
    what = TextField(_l("Scan line or account"), most=80)
    amount = MoneyField(_l("Amount"), validators=[InputRequired(message=_l("Enter an amount."))])
    tender = SelectField(_l("Paid by"), choices=TENDERS)
    check_number = TextField(_l("Number of the check"), most=40)
    bank = TextField(_l("Bank"), most=80)
    dated_on = DayField(_l("Date on the check"))
    made_out_to_city = BooleanField(_l("The check is made out to the City"), default=True)
    payer = TextField(_l("Name on the check"), most=120)
    memo = TextField(_l("What else is written on it"), most=200)
    routing = LineField(_l("Routing number"), validators=[Optional()])
    bank_account = LineField(_l("Account at the bank"), validators=[Optional()])
    postmarked_on = DayField(_l("Postmark"))
    others = WordsField(_l("Further accounts that it pays"), most=2000)
    beside = UnseenField()
    """Attempts that pay the same online, as the page named them."""
    knowingly = BooleanField(_l("Enter it all the same"))


class ExplanationForm(StaffForm):
    """Why a bundle comes to something else than was added up."""

    kind = SelectField(
        _l("What happened"),
        choices=[
            SelectChoice(SENT_BACK, _l("Remittances were not taken and go back")),
            SelectChoice(MISCOUNTED, _l("The count was wrong")),
        ],
    )
    count = LineField(_l("How many remittances"), validators=[InputRequired(message=_l("Enter a number."))])
    amount = LineField(_l("How much"), validators=[InputRequired(message=_l("Enter an amount."))])
    reason = WordsField(_l("Why"), missing=_l("Say why in a few words."), most=500)


class LockboxForm(StaffForm):
    """A file of the bank."""

    profile = SelectField(_l("Lockbox"), choices=[])
    file = FileField(_l("File of the bank"), validators=[FileRequired(message=_l("Choose the file."))])

    def __init__(self, *given: Any, **options: Any) -> None:
        super().__init__(*given, **options)


class HeldForm(StaffForm):
    """An item that looks like an earlier one is another check after all."""

    reason = WordsField(_l("Why"), missing=_l("Say why in a few words."), most=500)
