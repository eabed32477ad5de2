"""Forms of links to pay: what the counter asks for, and the button of whoever opens the link."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import FormField, HiddenField, RadioField
from wtforms.validators import Length, Optional, Regexp

from portal.forms.baskets import EMAIL
from portal.forms.fields import AddressField, LineField, MoneyField, PortalForm, TextField, UnseenField
from portal.forms.staff import StaffForm
from portal.i18n import gettext as _
from portal.languages import language_name, offered
from portal.texts import TextRefused, e164

_LONGEST = 200


class GoOnForm(PortalForm):
    """On to the payment page: what the page showed goes along."""

    quoted = UnseenField()
    told = UnseenField()
    surplus = UnseenField()


class AskedForm(PortalForm):
    """So much on one account."""

    number = TextField(_l("Account"), most=40)
    amount = MoneyField(_l("Amount"), validators=[Optional()])

    @property
    def is_used(self) -> bool:
        return self.amount.data is not None


class PayLinkForm(StaffForm):
    """Up to five accounts, and by which way the link goes."""

    form_key = HiddenField()
    sale = HiddenField()
    line_1 = FormField(AskedForm)
    line_2 = FormField(AskedForm)
    line_3 = FormField(AskedForm)
    line_4 = FormField(AskedForm)
    line_5 = FormField(AskedForm)
    channel = RadioField(_l("How they get the link"), choices=[], validate_choice=True)
    email = AddressField(
        _l("E-mail address"),
        validators=[
            Optional(),
            Length(max=_LONGEST, message=_l("Use %(most)d characters or fewer.", most=_LONGEST)),
            Regexp(EMAIL, message=_l("Enter an email address like name@example.com.")),
        ],
    )
    phone = LineField(_l("Mobile number"), validators=[Optional(), Length(max=40)])
    language = RadioField(_l("Language"), choices=[])

    def offer(self, *, has_texts: bool) -> None:
        """The ways that there are; text messages only where somebody sends them."""
        ways = [("text", _("Text message"))] if has_texts else []
        self.channel.choices = [
            *ways,
            ("mail", _("E-mail")),
            ("qr", _("Code on this screen, for their own telephone")),
        ]
        self.language.choices = [(code, language_name(code)) for code in offered()]

    @property
    def lines(self) -> list[AskedForm]:
        return [line.form for line in (self.line_1, self.line_2, self.line_3, self.line_4, self.line_5)]

    @property
    def to(self) -> str:
        """Where it goes, by the way that was chosen."""
        return {"mail": self.email.data, "text": self.phone.data}.get(self.channel.data) or ""

    def validate(self, extra_validators: object = None) -> bool:
        valid = bool(super().validate(extra_validators))
        if valid and self.channel.data == "mail" and not self.email.data:
            self.refuse(_("Enter the address."), "email")
            return False
        if valid and self.channel.data == "text":
            try:
                e164(self.phone.data or "")
            except TextRefused:
                self.refuse(_("Enter a US telephone number with its area code."), "phone")
                return False
        return valid
