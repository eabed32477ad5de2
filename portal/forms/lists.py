"""What narrows a list. It stands in the address, so that a list can be kept and sent to a colleague."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask import request
from wtforms import SelectField

from portal.forms.fields import PortalForm


class FilterForm(PortalForm):
    """A form that is only read: what does not fit chooses nothing."""

    def __init__(self, **options: Any) -> None:
        super().__init__(formdata=request.args, **options)


class FilterField(SelectField):  # type: ignore[misc]
    """One of a few ways to narrow a list; a value that is none of them is the first."""

    data: str

    def __init__(self, label: object, **options: Any) -> None:
        super().__init__(label, choices=[], validate_choice=False, **options)

    def offer(self, choices: Iterable[tuple[str, str]]) -> None:
        """The choices, the first one standing for no choice."""
        self.choices = list(choices)
        if self.data not in {code for code, _label in self.choices}:
            self.data = self.choices[0][0]
