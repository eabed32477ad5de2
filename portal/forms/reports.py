"""Forms of reports: what narrows one, why it is taken out, and how it is kept and mailed."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import Field, SelectField, SelectMultipleField, ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from portal.forms.fields import TextField
from portal.forms.lists import FilterField, FilterForm
from portal.forms.staff import DayField, StaffForm

_WHY = _l("Say why it is taken out and for whom.")
_NAME = _l("Give it a name.")


class ReportFilter(FilterForm):
    """Days, and what else the report knows."""

    since = DayField(_l("From"))
    until = DayField(_l("Through"))
    till = FilterField(_l("Till"))
    cashier = FilterField(_l("Cashier"))
    tender = FilterField(_l("Tender"))
    fund = FilterField(_l("Fund"))
    line = FilterField(_l("Revenue line"))


class TakeOutForm(StaffForm):
    """Which file, and why, where the report names accounts."""

    format = SelectField(_l("File"), choices=[])
    reason = TextField(_l("Why it is taken out"), most=500)
    needs_reason = False

    def __init__(self, *given: Any, **options: Any) -> None:
        super().__init__(*given, **options)
        self.format.choices = [("csv", "CSV"), ("xlsx", "XLSX"), ("pdf", "PDF")]

    def validate_reason(self, field: Field) -> None:
        """Blanks are no reason."""
        if self.needs_reason and not field.data:
            raise ValidationError(_WHY)


class KeepForm(StaffForm):
    """A name, when it is mailed and to whom."""

    name = TextField(_l("Name"), missing=_NAME, most=80)
    cadence = SelectField(_l("Mail a link"), choices=[])
    people = SelectMultipleField(
        _l("To whom"),
        choices=[],
        option_widget=CheckboxInput(),
        widget=ListWidget(prefix_label=False),
        validate_choice=False,
    )
