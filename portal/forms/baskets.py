"""Forms of the basket: how much of an account, and where the receipt goes."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import RadioField
from wtforms.validators import Length, Optional, Regexp

from portal.forms.fields import AddressField, MoneyField, PortalForm, UnseenField

EMAIL = r"^[^@\s,;<>]+@[^@\s,;<>]+\.[^@\s,;<>]{2,}$"


class AmountForm(PortalForm):
    """Past due, current, total, or another amount; only choices that come to something are offered."""

    choice = RadioField(_l("How much do you want to pay?"), validate_choice=False)
    other = MoneyField(_l("Other amount"), validators=[Optional()])

    def validate(self, extra_validators: Any = None) -> bool:
        valid = bool(super().validate(extra_validators))
        if self.choice.data not in {value for value, _label in self.choice.choices}:
            self.refuse(str(_l("Choose one of these amounts.")), "choice")
            return False
        if valid and self.choice.data == "other" and not self.other.data:
            self.refuse(str(_l("Enter how much you want to pay.")), "other")
            return False
        return valid


class CheckoutForm(PortalForm):
    """The last look before the payment page."""

    email = AddressField(
        _l("Email for your receipt"),
        validators=[
            Optional(),
            Length(max=200, message=_l("Use %(most)d characters or fewer.", most=200)),
            Regexp(EMAIL, message=_l("Enter an email address like name@example.com.")),
        ],
    )
    quoted = UnseenField()
    told = UnseenField()
    surplus = UnseenField()


class PlainForm(PortalForm):
    """A button and nothing else."""
