"""Forms of findings and of declared interests."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import SelectField

from portal.forms.fields import TextField
from portal.forms.lists import FilterField, FilterForm
from portal.forms.staff import StaffForm, WordsField

_WHY = _l("Say what explains it, or why it is referred.")


class FindingsFilter(FilterForm):
    """By rule."""

    rule = FilterField(_l("Rule"))


class WorkForm(StaffForm):
    """What explains a finding; or to whom it is referred, and why."""

    reason = WordsField(_l("What you found out"), missing=_WHY, most=2000)
    to = TextField(_l("Referred to"), most=120)


class InterestForm(StaffForm):
    """An account by its number, and how its holder is near to a person who works here."""

    number = TextField(_l("Account number"), missing=_l("Enter the number of an account of theirs."), most=40)
    relation = SelectField(_l("How they are near"), choices=[])
    note = TextField(_l("Note"), most=200)
