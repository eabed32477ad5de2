"""Forms of choosing how to be told, of a number for texts, and of bills without paper."""

from __future__ import annotations

from datetime import time
from decimal import Decimal, InvalidOperation
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, RadioField, SelectField
from wtforms.validators import DataRequired, Length, Optional, Regexp, ValidationError

from accounts.cities.messages import MessagePolicy
from accounts.message_choices.rules import NOTHING_CHOSEN, Choices, Unit, Way, way_of
from accounts.message_choices.service import Wanted
from portal.forms.fields import LineField, PortalForm
from portal.i18n import clock_text
from portal.i18n import gettext as _
from portal.languages import language_name, offered
from portal.words.notices import notice_kinds, ways

_HOUR = 60
PHONE = r"^[-+(). 0-9]{10,20}$"


class ChoicesForm(PortalForm):
    """A way for each kind of message, the language of them all, and the quiet hours of texts."""

    language = RadioField(_l("Language of your messages"), validators=[DataRequired(_l("Choose one."))])
    quiet_from = SelectField(_l("No texts from"))
    quiet_until = SelectField(_l("until"))

    def __init__(self, policy: MessagePolicy, held: Choices, language: str, **given: Any) -> None:
        """``language`` is that of the sign-in, where no other was chosen."""
        begins, ends = held.quiet or policy.quiet_minutes
        super().__init__(language=held.language or language, quiet_from=str(begins), quiet_until=str(ends), **given)
        self.policy, self.held = policy, held
        self.language.choices = [(code, language_name(code)) for code in offered()]
        latest, earliest = policy.quiet_minutes
        self.quiet_from.choices = [
            (str(hour * _HOUR), clock_text(time(hour))) for hour in range(17, latest // _HOUR + 1)
        ]
        self.quiet_until.choices = [
            (str(hour * _HOUR), clock_text(time(hour))) for hour in range(earliest // _HOUR, 13)
        ]
        names = ways()
        for kind, rule in policy.kinds.items():
            chosen = way_of(rule, kind, held).value
            field = self[kind]
            field.choices = [(way, name) for way, name in names.items() if way != "none" or rule.may_be_none]
            if not held.text_number:
                field.choices = [(way, name) for way, name in field.choices if way in {"mail", "none"}]
            if not field.raw_data:
                field.data = chosen if chosen in dict(field.choices) else "mail"

    @property
    def kinds(self) -> list[Any]:
        """The fields of kinds, in the order of pages."""
        return [self[kind] for kind in notice_kinds() if kind in self.policy.kinds]

    @property
    def wanted(self) -> Wanted:
        """What was chosen."""
        quiet = (int(self.quiet_from.data), int(self.quiet_until.data))
        chosen = {field.name: Way(field.data) for field in self.kinds}
        return Wanted(chosen, self.language.data, None if quiet == self.policy.quiet_minutes else quiet)


def choices_form(policy: MessagePolicy, held: Choices = NOTHING_CHOSEN, language: str = "") -> ChoicesForm:
    """The form of this city's kinds: a field for each, named by its code."""
    names = notice_kinds()
    fields = {kind: SelectField(names[kind]) for kind in names if kind in policy.kinds}
    made: type[ChoicesForm] = type("CityChoicesForm", (ChoicesForm,), fields)
    return made(policy, held, language)


class NumberForm(PortalForm):
    """A number, and the agreement to get texts there."""

    number = LineField(
        _l("Mobile number"),
        validators=[
            DataRequired(message=_l("Enter a number with its area code.")),
            Regexp(PHONE, message=_l("Enter a number with its area code.")),
        ],
    )
    agrees = BooleanField(validators=[DataRequired(message=_l("Agree to text messages, or go back."))])


class TextCodeForm(PortalForm):
    """The code that was sent."""

    code = LineField(
        _l("Code from the text message"),
        validators=[DataRequired(message=_l("Enter the code.")), Length(max=10, message=_l("Enter the code."))],
    )


class PaperlessForm(PortalForm):
    """The agreement to bills without paper."""

    agrees = BooleanField(
        _l("I agree to bills without paper for this account."),
        validators=[DataRequired(message=_l("Agree to bills without paper, or go back."))],
    )
    can_open = BooleanField(
        _l("I opened the sample above, so I can read bills in this way."),
        validators=[DataRequired(message=_l("Open the sample first, and say that you could read it."))],
    )


class ReplyForm(PortalForm):
    """What somebody answers to a text, in the demonstration."""

    body = LineField(
        _l("Reply to this text"), validators=[DataRequired(message=_l("Write something.")), Length(max=160)]
    )


class LevelForm(PortalForm):
    """A level of use; empty: do not tell me."""

    level = LineField(_l("Tell me when use is above"), validators=[Optional(), Length(max=12)])
    unit = SelectField(_l("Unit"))

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self.unit.choices = [("CCF", "CCF"), ("CF", _("cubic feet")), ("GAL", _("gallons"))]

    def validate_level(self, field: LineField) -> None:
        """A number above zero, as people type it."""
        try:
            fits = not field.data or 0 < Decimal(field.data.replace(",", "")) <= Decimal(1_000_000)
        except InvalidOperation:
            fits = False
        if not fits:
            raise ValidationError(_("Enter a number above zero, or leave it empty."))

    @property
    def wanted(self) -> Decimal | None:
        """The level; none where nothing is wanted."""
        return Decimal(self.level.data.replace(",", "")) if self.level.data else None

    @property
    def wanted_unit(self) -> Unit:
        return Unit(self.unit.data)
