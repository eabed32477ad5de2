"""Forms of finding an account."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms.validators import Length, Optional

from portal.forms.fields import LineField, PortalForm, TextField


class FindForm(PortalForm):
    """A number of any kind, and a proof."""

    number = TextField(_l("Account, license or citation number"), missing=_l("Enter the number."), most=40)
    proof = TextField(
        _l("Something only you would know"), missing=_l("Enter one proof from the list under the box."), most=80
    )
    zip_code = LineField(
        _l("ZIP code"),
        validators=[
            Optional(),
            Length(max=10, message=_l("Use %(most)d characters or fewer.", most=10)),
        ],
    )


class FindNumberForm(PortalForm):
    """Name and address; the answer goes to the contact on file."""

    name = TextField(_l("Name on the account"), missing=_l("Enter the name on the account."))
    address = TextField(_l("Street address"), missing=_l("Enter the street address."))


class AskCodeForm(PortalForm):
    """The number whose holder should get a code."""

    number = TextField(_l("Account, license or citation number"), missing=_l("Enter the number."), most=40)


class CodeForm(PortalForm):
    """The code that was sent."""

    number = TextField(_l("Account, license or citation number"), missing=_l("Enter the number."), most=40)
    code = TextField(_l("Code"), missing=_l("Enter the code that we sent."), most=12)
