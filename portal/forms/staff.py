"""The base form of the back office, and forms of signing in."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from flask import request
from flask_babel import lazy_gettext as _l
from werkzeug.datastructures import MultiDict
from wtforms import DateField, HiddenField, PasswordField, SelectField, TextAreaField, ValidationError
from wtforms.validators import DataRequired, InputRequired, Length, Optional

from accounts.cities.banks import BankCategory
from accounts.cities.desk import Choice
from accounts.cities.staffing import StaffRole
from portal.forms.fields import LineField, PortalForm, TextField
from portal.i18n import locale_code
from portal.identity.passwords import LONGEST
from portal.identity.staff.kept import Kept


class StaffForm(PortalForm):
    """A form whose words come back after a session ran out, or after its person left it half done."""

    kept_at: datetime | None = None

    def __init__(self, *given: Any, kept: Kept | None = None, **options: Any) -> None:
        if kept is not None and request.method == "GET":
            options["formdata"] = MultiDict(kept.fields)
            self.kept_at = kept.kept_at
        super().__init__(*given, **options)


class WordsField(TextAreaField):  # type: ignore[misc]
    """Some lines of free text: required unless told otherwise, bounded, never a card number."""

    def __init__(self, label: object, *, missing: object = None, most: int = 2000, **options: Any) -> None:
        checks: list[Any] = [Length(max=most, message=_l("Use %(most)d characters or fewer.", most=most))]
        checks.insert(0, Optional() if missing is None else DataRequired(message=missing))
        super().__init__(label, validators=checks, **options)


class DayField(DateField):  # type: ignore[misc]
    """A calendar day, as a browser's own picker sends it; typed as 2026-03-02 where there is none."""

    def __init__(self, label: object, *, missing: object = None, **options: Any) -> None:
        super().__init__(
            label, validators=[Optional() if missing is None else InputRequired(message=missing)], **options
        )

    def process_formdata(self, valuelist: list[str]) -> None:
        try:
            super().process_formdata(valuelist)
        except ValueError as error:
            raise ValueError(str(_l("Enter a day of the calendar, like 2026-03-02."))) from error


class PickField(SelectField):  # type: ignore[misc]
    """One of the city's own choices, each known by its code; ``offer`` fills it in the reader's language."""

    def __init__(self, label: object, **options: Any) -> None:
        super().__init__(label, choices=[], validate_choice=False, **options)

    def offer(self, choices: Iterable[Choice | StaffRole | BankCategory], *, empty: object = None) -> None:
        """The choices; with ``empty`` the first one is none of them."""
        first = [] if empty is None else [("", str(empty))]
        self.choices = [*first, *((choice.code, choice.name.in_(locale_code())) for choice in choices)]

    def pre_validate(self, form: Any) -> None:
        del form
        if self.data not in {code for code, _label in self.choices}:
            raise ValidationError(str(_l("Choose one from the list.")))


class SignInForm(PortalForm):
    """Name, password and a code: one page, one answer."""

    username = TextField(_l("User name"), missing=_l("Enter your user name."), most=60)
    password = PasswordField(
        _l("Password"),
        validators=[
            InputRequired(message=_l("Enter your password.")),
            Length(max=LONGEST, message=_l("Use %(most)d characters or fewer.", most=LONGEST)),
        ],
    )
    code = LineField(
        _l("Code from your app"),
        validators=[Optional(), Length(max=20, message=_l("Use %(most)d characters or fewer.", most=20))],
    )
    to = HiddenField()


class InvitationForm(PortalForm):
    """A new password, and the first code of the app."""

    password = PasswordField(
        _l("Password"),
        validators=[
            InputRequired(message=_l("Enter a password.")),
            Length(max=LONGEST, message=_l("Use %(most)d characters or fewer.", most=LONGEST)),
        ],
    )
    code = TextField(_l("Code from your app"), missing=_l("Enter the code that your app shows."), most=20)
