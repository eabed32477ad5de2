"""Forms of residents' sign-ins."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, PasswordField
from wtforms.validators import DataRequired, InputRequired, Length, Optional, ValidationError

from portal.forms.fields import AddressField, PortalForm, TextField
from portal.identity.passwords import LONGEST
from portal.identity.residents.rules import LONGEST_EMAIL, LONGEST_NAME, address_of


def _is_address(form: PortalForm, field: AddressField) -> None:
    del form
    if field.data and not address_of(field.data):
        raise ValidationError(str(_l("Enter a whole e-mail address, like name@example.com.")))


def email_field(label: object) -> AddressField:
    """One e-mail address that must be given, and must be one."""
    most = _l("Use %(most)d characters or fewer.", most=LONGEST_EMAIL)
    return AddressField(
        label,
        validators=[
            DataRequired(message=_l("Enter your e-mail address.")),
            Length(max=LONGEST_EMAIL, message=most),
            _is_address,
        ],
    )


def _password(label: object, *, missing: object = None) -> PasswordField:
    most = Length(max=LONGEST, message=_l("Use %(most)d characters or fewer.", most=LONGEST))
    return PasswordField(label, validators=[Optional() if missing is None else InputRequired(message=missing), most])


class SignInForm(PortalForm):
    """Address and password: one page, one answer."""

    email = email_field(_l("E-mail"))
    password = _password(_l("Password"), missing=_l("Enter your password."))
    to = HiddenField()


class AddressForm(PortalForm):
    """Where a link is mailed."""

    email = email_field(_l("E-mail"))


class OpenLinkForm(PortalForm):
    """What a link asks for: nothing, or a first password."""

    password = _password(_l("Password"))


class CodeForm(PortalForm):
    """A code of the app, or a recovery code."""

    code = TextField(_l("Code"), missing=_l("Enter the code."), most=20)


class PasswordForm(PortalForm):
    """A new password."""

    password = _password(_l("New password"), missing=_l("Enter a password."))


class AppForm(PortalForm):
    """The first code of a new app, and its secret, sealed."""

    code = TextField(_l("Code from your app"), missing=_l("Enter the code that your app shows."), most=20)
    sealed = HiddenField()


class PasskeyForm(PortalForm):
    """A new passkey, as the browser answers it, and what its person calls it."""

    name = TextField(_l("A name for it"), missing=_l("Enter a name, such as My phone."), most=LONGEST_NAME)
    answer = HiddenField()


class PasskeyAnswerForm(PortalForm):
    """What the browser answers for a passkey."""

    answer = HiddenField()
    to = HiddenField()
