"""Forms about people who work here, and of one's own page."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import PasswordField, RadioField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, Optional, Regexp

from portal.forms.baskets import EMAIL
from portal.forms.fields import AddressField, PortalForm, TextField
from portal.forms.staff import DayField, PickField, StaffForm
from portal.identity.passwords import LONGEST
from portal.languages import language_name, offered

PASSWORD_LOST, FACTOR_LOST = "password", "factor"


class SpokenField(RadioField):  # type: ignore[misc]
    """One of the languages that the portal speaks; the city's first, if nothing else was chosen."""

    def __init__(self, label: Any = None, **given: Any) -> None:
        super().__init__(label, choices=[], **given)
        self.choices = [SelectChoice(code, language_name(code)) for code in offered()]
        self.default = offered()[0]


class PersonForm(StaffForm):
    """Somebody who begins to work here."""

    name = TextField(_l("Name"), missing=_l("Enter the name."))
    username = TextField(_l("User name"), missing=_l("Enter a user name."), most=40)
    email = AddressField(
        _l("Email"),
        validators=[
            Optional(),
            Length(max=200, message=_l("Use %(most)d characters or fewer.", most=200)),
            Regexp(EMAIL, message=_l("Enter an email address like name@example.com.")),
        ],
    )
    language = SpokenField(_l("Language"))
    role = PickField(_l("Role"))
    until = DayField(_l("Last day of the role"))
    reason = TextField(_l("Why"), missing=_l("Say why in a few words."), most=300)


class RoleForm(StaffForm):
    """A role for somebody, for days or until it is ended."""

    role = PickField(_l("Role"))
    since = DayField(_l("First day"), missing=_l("Choose the first day."))
    until = DayField(_l("Last day"))
    reason = TextField(_l("Why"), missing=_l("Say why in a few words."), most=300)


class ReasonForm(StaffForm):
    """An act that needs its reason and nothing else."""

    reason = TextField(_l("Why"), missing=_l("Say why in a few words."), most=300)


class NewLinkForm(StaffForm):
    """What was lost, and why there is a new link."""

    lost = RadioField(
        _l("What was lost?"),
        choices=[
            SelectChoice(FACTOR_LOST, _l("Telephone or app: the password stays, the app is set up anew")),
            SelectChoice(PASSWORD_LOST, _l("Password: password and app are set up anew")),
        ],
        validators=[InputRequired(message=_l("Choose what was lost."))],
    )
    reason = TextField(_l("Why"), missing=_l("Say why in a few words."), most=300)


class IdentityForm(StaffForm):
    """How an OpenID provider names somebody."""

    issuer = PickField(_l("Service"))
    subject = TextField(_l("Their code there"), missing=_l("Enter the code."), most=255)
    reason = TextField(_l("Why"), missing=_l("Say why in a few words."), most=300)


class LanguageForm(PortalForm):
    """The language in which somebody works."""

    language = SpokenField(_l("Language"))


class RecoveryCodesForm(PortalForm):
    """Who asks for new codes proves once more who they are."""

    password = PasswordField(
        _l("Password"),
        validators=[
            InputRequired(message=_l("Enter your password.")),
            Length(max=LONGEST, message=_l("Use %(most)d characters or fewer.", most=LONGEST)),
        ],
    )
    one_time_code = TextField(_l("Code from your app"), missing=_l("Enter the code that your app shows."), most=20)
