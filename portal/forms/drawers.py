"""Counting cash: a field for each note and coin of the city, and what goes with the count."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, SelectField

from accounts.money import ZERO
from payments.drawers.rules import MOST_OF_ONE, Counted
from portal.forms.fields import MoneyField, UnseenField, WholeField
from portal.forms.staff import PickField, StaffForm, WordsField
from portal.i18n import gettext as _

_PREFIX = "pieces_"
_DOLLAR = 100


class PiecesForm(StaffForm):
    """How many there are of each note and coin; made for the city's by :func:`counting`."""

    denominations: tuple[int, ...] = ()

    @property
    def pieces(self) -> list[WholeField]:
        """The fields, the largest note first."""
        return [self[f"{_PREFIX}{value}"] for value in self.denominations]

    @property
    def counted(self) -> dict[int, int]:
        """Cents of a note or coin → how many."""
        return {value: self[f"{_PREFIX}{value}"].data or 0 for value in self.denominations}


class OpenForm(PiecesForm):
    """A till, and the float in it."""

    till = SelectField(_l("Till"), choices=[])


class FloatForm(PiecesForm):
    """The float, counted a second time."""


class DropForm(PiecesForm):
    """Cash that leaves the drawer, or comes to it."""

    note = WordsField(_l("Note"), most=200)


class PickUpForm(PiecesForm):
    """Cash that a supervisor collects."""

    note = WordsField(_l("Why"), missing=_l("Say why in a few words."), most=200)


class CloseForm(PiecesForm):
    """All that is in a drawer. Nothing of what is expected is in this form, nor in its answers."""

    checks_count = WholeField(_l("How many checks and money orders"), wrong=_l("Enter a number."), most=10_000)
    checks = MoneyField(_l("Checks and money orders, total"))
    terminal = MoneyField(_l("Total on the slip of the card terminal"))

    @property
    def found(self) -> Counted:
        return Counted(
            self.counted, self.checks_count.data or 0, self.checks.data or ZERO, self.terminal.data or ZERO
        )


class NoSaleForm(StaffForm):
    """Why a drawer is opened without a sale; ``key`` makes it one opening, however often it is sent."""

    key = UnseenField()
    reason = PickField(_l("Why"))
    note = WordsField(_l("Note"), most=200)


class VerdictForm(StaffForm):
    """Accept a count or not; ``seen`` is the count that was looked at."""

    seen = HiddenField()
    reason = WordsField(_l("Why"), most=500)


def counting(form: type[PiecesForm], denominations: Sequence[int], **options: Any) -> Any:
    """``form`` with a field for each note and coin of the city."""
    kind: Any = form
    return _made(kind, tuple(denominations))(**options)


@cache
def _made(form: Any, denominations: tuple[int, ...]) -> Any:
    fields: dict[str, Any] = {
        f"{_PREFIX}{value}": WholeField(
            piece_name(value),
            wrong=_l("Enter how many there are."),
            most=MOST_OF_ONE,
            render_kw={"data-cents": value},
        )
        for value in denominations
    }
    return type(form.__name__, (form,), {**fields, "denominations": denominations})


def piece_name(cents: int) -> Any:
    """``20-dollar notes``, ``25-cent coins``."""
    if cents == _DOLLAR:
        return _l("1-dollar notes")
    if cents > _DOLLAR:
        return _l("%(value)s-dollar notes", value=cents // _DOLLAR)
    return _l("%(value)s-cent coins", value=cents)


def piece_words(cents: int) -> str:
    """The same, spoken now."""
    if cents == _DOLLAR:
        return _("1-dollar notes")
    if cents > _DOLLAR:
        return _("%(value)s-dollar notes", value=cents // _DOLLAR)
    return _("%(value)s-cent coins", value=cents)
