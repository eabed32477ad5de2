"""Forms of the exceptions queue."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import RadioField

from portal.forms.fields import UnseenField
from portal.forms.lists import FilterField, FilterForm
from portal.forms.staff import StaffForm, WordsField

OTHER = "other"


class ExceptionsFilter(FilterForm):
    """By kind; whose and how late is chosen by tabs."""

    kind = FilterField(_l("Kind"))


class LineForm(StaffForm):
    """``seen`` is who had the line when the person opened it: an actor's id, or nothing."""

    seen = UnseenField()

    @property
    def owner_seen(self) -> int | None:
        written = self.seen.data or ""
        return int(written) if written.isascii() and written.isdigit() else None


class TakeForm(LineForm):
    """Take a line on."""


class CloseForm(LineForm):
    """What was done about a line: one of the usual ends, or words of one's own."""

    end = RadioField(_l("What was done"), choices=[], validate_choice=False)
    note = WordsField(_l("Note"), most=1000)

    def offer(self, ends: tuple[str, ...]) -> None:
        """The usual ends of this kind, and words of one's own."""
        self.end.choices = [*((str(place), end) for place, end in enumerate(ends)), (OTHER, _l("Something else"))]
        if not self.is_submitted() and not self.end.data and not ends:
            self.end.data = OTHER

    @property
    def words(self) -> str:
        """What is kept: the end that was chosen, then the note; nothing where neither says anything."""
        ends = {code: str(label) for code, label in self.end.choices if code != OTHER}
        return " ".join(filter(None, (ends.get(self.end.data or "", ""), (self.note.data or "").strip())))
