"""Forms of the second person, and of the maker who takes something back."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from portal.forms.fields import TextField
from portal.forms.lists import FilterField, FilterForm
from portal.forms.staff import StaffForm


class ApprovalsFilter(FilterForm):
    """By kind of act; whose they are is chosen by tabs."""

    act = FilterField(_l("Kind of act"))


class NoteForm(StaffForm):
    """A word, if there is one to say."""

    reason = TextField(_l("Note"), most=500)


class ReasonForm(StaffForm):
    """A word that must be said."""

    reason = TextField(_l("Why"), missing=_l("Say why in a few words."), most=500)
