"""Forms of journal exports: which layout and how far, and the file with the answers."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField, FileRequired
from wtforms import SelectField

from portal.forms.fields import PortalForm
from portal.forms.staff import DayField, StaffForm


class ExportForm(StaffForm):
    """A layout of the city, and the last closed day that goes into the batch (all of them where it is left empty)."""

    layout = SelectField(_l("Layout"), choices=[])
    through = DayField(_l("Through which closed day"))


class AnswerForm(PortalForm):
    """The acknowledgement, as the accounting system wrote it."""

    file = FileField(_l("File"), validators=[FileRequired(message=_l("Choose the file."))])
