"""Forms of the counter's memory: a note, a contact, something to follow up."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, RadioField
from wtforms.fields.choices import SelectChoice

from portal.forms.fields import TextField
from portal.forms.staff import DayField, PickField, StaffForm, WordsField


class NoteForm(StaffForm):
    """Words about an account, for colleagues."""

    text = WordsField(_l("Note"), missing=_l("Write the note."))
    pinned = BooleanField(_l("Pin it to the top of the account"))


class ContactForm(StaffForm):
    """A call, a visit, a letter; and, if wanted, what is to be done after it."""

    channel = PickField(_l("How"))
    direction = RadioField(
        _l("Who began"), choices=[SelectChoice("in", _l("They did")), SelectChoice("out", _l("We did"))], default="in"
    )
    spoke_with = TextField(_l("Spoke with"), most=120)
    verified_by = PickField(_l("How the person was verified"))
    topic = PickField(_l("About"))
    outcome = PickField(_l("Outcome"))
    language = PickField(_l("Language spoken"))
    text = WordsField(_l("What was said"))
    follow_up_on = DayField(_l("Follow up on"))
    follow_up_kind = RadioField(
        _l("What then"),
        choices=[
            SelectChoice("call-back", _l("I call back")),
            SelectChoice("hand-off", _l("Another division takes it")),
            SelectChoice("escalation", _l("A senior takes it")),
        ],
        default="call-back",
    )
    follow_up_division = PickField(_l("Division"))
    follow_up_text = TextField(_l("What is to be done"), most=300)
