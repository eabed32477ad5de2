"""Forms of money without an owner: whose it is, and rules that are withdrawn."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, RadioField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Optional

from portal.forms.acts import ActForm
from portal.forms.fields import MoneyField, TextField
from portal.forms.staff import StaffForm, WordsField


class IdentifyForm(ActForm):
    """Whose money it is, or that it goes back."""

    outcome = RadioField(
        _l("What becomes of it"),
        choices=[
            SelectChoice("account", _l("It belongs to an account")),
            SelectChoice("sender", _l("It goes back to its sender")),
        ],
        default="account",
    )
    to = TextField(_l("Account"), most=40)
    amount = MoneyField(_l("How much of it"), validators=[Optional()])
    remember = BooleanField(_l("Checks like this belong to this account: suggest it next time"))


class WithdrawRuleForm(StaffForm):
    """A rule suggests nothing any more."""

    reason = WordsField(_l("Why"), missing=_l("Say why in a few words."), most=500)
