"""The form that marks an account, or takes a mark off."""

from __future__ import annotations

from flask import request
from flask_babel import lazy_gettext as _l

from portal.forms.staff import StaffForm, WordsField


class RestrictionForm(StaffForm):
    """Why; the button says what."""

    reason = WordsField(_l("Why"), missing=_l("Say why in a few words."), most=300)

    @property
    def act(self) -> str:
        """Which button was pressed."""
        return request.form.get("act", "")
