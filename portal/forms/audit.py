"""Forms of those who read the audit."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import Field, ValidationError

from portal.forms.fields import TextField
from portal.forms.lists import FilterField, FilterForm
from portal.forms.staff import DayField, StaffForm

_WHY = _l("Say why it is taken out and for whom.")


class AuditFilter(FilterForm):
    """By person, act, account and day."""

    person = FilterField(_l("Person"))
    act = FilterField(_l("Act"))
    account = TextField(_l("Account"), most=40)
    since = DayField(_l("From"))
    until = DayField(_l("Through"))


class ExportForm(StaffForm):
    """Why data is taken out."""

    reason = TextField(_l("Why it is taken out"), missing=_WHY, most=500)

    def validate_reason(self, field: Field) -> None:
        """Blanks are no reason."""
        if not field.data:
            raise ValidationError(_WHY)
