"""Forms that end an account and take it up again."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from portal.forms.fields import TextField, WholeField
from portal.forms.staff import DayField, PickField, StaffForm, WordsField


class ClosingForm(StaffForm):
    """The last day and what is known of it."""

    final_on = DayField(_l("Last day"), missing=_l("Choose the last day."))
    final_read = WholeField(_l("Final read"), wrong=_l("Enter the digits that the meter shows."))
    reason = WordsField(_l("Why"), missing=_l("Say why in a few words."), most=300)
    forwarding_address = TextField(_l("Where the final bill goes"), most=200)
    document = PickField(_l("Document seen"))
    document_note = TextField(_l("About the document"), most=200)


class ReopeningForm(StaffForm):
    """From when it goes on, and why."""

    on = DayField(_l("Open again from"), missing=_l("Choose the day."))
    reason = WordsField(_l("Why"), missing=_l("Say why in a few words."), most=300)
