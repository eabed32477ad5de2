"""The base form of the back office, and forms of signing in."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import request
from flask_babel import lazy_gettext as _l
from werkzeug.datastructures import MultiDict
from wtforms import HiddenField, PasswordField
from wtforms.validators import InputRequired, Length, Optional

from portal.forms.fields import LineField, PortalForm, TextField
from portal.identity.kept import Kept
from portal.identity.passwords import LONGEST


class StaffForm(PortalForm):
    """A form whose words come back after a session ran out, or after its person left it half done."""

    kept_at: datetime | None = None

    def __init__(self, *given: Any, kept: Kept | None = None, **options: Any) -> None:
        if kept is not None and request.method == "GET":
            options["formdata"] = MultiDict(kept.fields)
            self.kept_at = kept.kept_at
        super().__init__(*given, **options)


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
