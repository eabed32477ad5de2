"""Where a receipt is sent again."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import lazy_gettext as _l
from wtforms import RadioField
from wtforms.validators import Length, Optional, Regexp

from portal.forms.baskets import EMAIL
from portal.forms.fields import AddressField
from portal.forms.staff import StaffForm
from portal.i18n import gettext as _
from portal.messages_sent.rules import masked_contact

OTHER = "other"
_LONGEST = 200


class SendAgainForm(StaffForm):
    """One of the addresses that are known, or another that the caller says."""

    choice = RadioField(_l("Send it to"), choices=[])
    other = AddressField(
        _l("Another e-mail address"),
        validators=[
            Optional(),
            Length(max=_LONGEST, message=_l("Use %(most)d characters or fewer.", most=_LONGEST)),
            Regexp(EMAIL, message=_l("Enter an email address like name@example.com.")),
        ],
    )

    def offer(self, known: Mapping[str, str]) -> None:
        """The addresses that are known, masked; with none of them, only another is left."""
        labels = {"payer": _("Whoever paid: %(address)s"), "holder": _("The holder: %(address)s")}
        self.choice.choices = [
            *((name, labels[name] % {"address": masked_contact("mail", to)}) for name, to in known.items()),
            (OTHER, _("Another address")),
        ]
        if not self.is_submitted() and not self.choice.data:
            self.choice.data = self.choice.choices[0][0]

    def validate(self, extra_validators: object = None) -> bool:
        valid = super().validate(extra_validators)
        if valid and self.choice.data == OTHER and not self.other.data:
            self.refuse(_("Enter the address."), "other")
            return False
        return valid
