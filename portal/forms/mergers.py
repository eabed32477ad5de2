"""Forms that make two records of one person one, and two again."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import RadioField

from portal.forms.acts import ActForm
from portal.forms.fields import TextField, UnseenField
from portal.forms.staff import StaffForm


class FindRecordForm(StaffForm):
    """Another record of the same person, by the number of one of its accounts."""

    number = TextField(_l("Number of an account of the other record"), missing=_l("Enter the number."), most=40)


class MergerForm(ActForm):
    """Which of the two records stays, and why they are one person."""

    other = UnseenField()
    stays = RadioField(_l("Which record stays?"), choices=[], validate_choice=False)

    @property
    def other_id(self) -> int | None:
        """The other record's id; none where there is none."""
        text = self.other.data or ""
        return int(text) if text.isascii() and text.isdigit() and len(text) < len(str(2**62)) else None


class UndoMergerForm(ActForm):
    """Why they are two people after all."""
