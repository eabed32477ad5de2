"""Forms of what is to be followed up."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from portal.forms.lists import FilterField, FilterForm
from portal.forms.staff import DayField, PickField, StaffForm, WordsField


class FollowUpsFilter(FilterForm):
    """By division and by day; whose is chosen by tabs."""

    division = FilterField(_l("Division"))
    due = FilterField(_l("Due"))


class FinishForm(StaffForm):
    """What came of it."""

    outcome = WordsField(_l("What came of it"), missing=_l("Say what came of it."), most=1000)


class HandOnForm(StaffForm):
    """To another day, another person or a division, with a word why."""

    person = PickField(_l("Person"))
    division = PickField(_l("Division"))
    due_on = DayField(_l("Day"), missing=_l("Choose the day on which it is to be done."))
    text = WordsField(_l("What is to be done"), missing=_l("Say what is to be done."), most=1000)
