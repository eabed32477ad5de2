"""The form for many accounts at once."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField

from accounts.account_lists.rules import MOST_CHARACTERS, cells_of
from portal.card_numbers import contains_pan
from portal.forms.fields import PortalForm
from portal.forms.staff import WordsField


class ListForm(PortalForm):
    """Lines of numbers and proofs, pasted or in a file; the file is taken where there is one."""

    lines = WordsField(_l("Paste your list here"), most=MOST_CHARACTERS)
    file = FileField(_l("Or a file with the same lines (CSV or text)"))

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        self.lines.flags.optional = self.file.flags.optional = False  # one of the two, as the labels say

    def _with_card_numbers(self, typed: Any) -> list[str]:
        """Cell by cell: the numbers of two accounts side by side are no card."""
        given = (one for one in typed.getlist("lines") if isinstance(one, str))
        return ["lines"] if any(contains_pan(cell) for text in given for cell in cells_of(text)) else []

    def given(self) -> str:
        """What is to be read, as text; a file of an old office program may be written otherwise than in UTF-8."""
        sent = self.file.data.read(MOST_CHARACTERS + 1) if self.file.data else b""
        if not sent:
            return self.lines.data or ""
        try:
            return bytes(sent).decode("utf-8-sig")
        except UnicodeDecodeError:
            return bytes(sent).decode("cp1252", errors="replace")
