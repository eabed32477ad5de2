"""Forms of bank statements: a file of the bank, and what a line of it is."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import FileField, SelectField, SelectMultipleField

from portal.forms.fields import PortalForm
from portal.forms.staff import PickField, StaffForm, WordsField
from portal.i18n import gettext as _

MATCH, NAME, BOOK, UNDO = "match", "name", "book", "undo"


class StatementFileForm(PortalForm):
    """A file, and what a person says of a difference."""

    file = FileField(_l("File of the bank"))
    bank_account = SelectField(_l("Bank account"), choices=[])
    difference = WordsField(_l("Why its opening balance differs"), most=500)

    def validate(self, extra_validators: Any = None) -> bool:
        """There is a file."""
        valid = super().validate(extra_validators)
        if not self.file.data or not getattr(self.file.data, "filename", ""):
            self.refuse(_("Choose a file."), "file")
            return False
        return valid


class LineForm(StaffForm):
    """What is done with a line: the button says which, the note says why."""

    ours = SelectMultipleField(_l("What of ours it is"), choices=[], validate_choice=False)
    category = PickField(_l("Name"))
    note = WordsField(_l("Note"), most=500)
