"""Forms of bank deposits: what was counted for one, who has it now, why it was given up."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import SelectField
from wtforms.validators import Optional

from accounts.money import ZERO
from payments.bank_deposits.rules import Counted
from portal.forms.drawers import PiecesForm
from portal.forms.fields import MoneyField, TextField, UnseenField, WholeField
from portal.forms.staff import StaffForm, WordsField
from portal.i18n import gettext as _


class CountForm(PiecesForm):
    """Notes, coins, checks; or what the terminals settled. ``version`` is the deposit that was looked at."""

    version = UnseenField()
    checks_count = WholeField(_l("How many checks and money orders"), wrong=_l("Enter a number."), most=10_000)
    checks = MoneyField(_l("Checks and money orders, total"), validators=[Optional()])
    terminal = MoneyField(_l("Total that the terminals settled"), validators=[Optional()])

    @property
    def found(self) -> Counted:
        """What was counted."""
        counted = {value: number for value, number in self.counted.items() if number}
        return Counted(counted, self.checks_count.data or 0, self.checks.data or ZERO, self.terminal.data or ZERO)


class DepositForm(CountForm):
    """A new deposit of some batches."""

    kind = UnseenField()
    batches = UnseenField()
    bank_account = SelectField(_l("Bank account"), choices=[])
    bag_number = TextField(_l("Number of the bag"), most=60)
    reference = TextField(_l("Number of the settlement"), most=60)

    @property
    def batch_ids(self) -> tuple[int, ...]:
        """Which batches; numbers that are none are left out."""
        typed = (self.batches.data or "").split(",")
        return tuple(int(part) for part in typed if part.isascii() and part.isdigit() and len(part) < 19)


class GiveUpForm(StaffForm):
    """Why a deposit is none."""

    reason = WordsField(_l("Why"), missing=_l("Say why in a few words."), most=500)


class HandOverForm(StaffForm):
    """To whom a bag goes."""

    to_kind = SelectField(_l("It goes to"), choices=[])
    person = SelectField(_l("Colleague"), choices=[], validate_choice=False)
    name = TextField(_l("Name of the courier or teller, as they signed"), most=120)
    receipt = TextField(_l("Number of their receipt"), most=60)

    def offer(self, people: Iterable[tuple[str, str]]) -> None:
        """Who can take it."""
        self.to_kind.choices = [
            ("bank", _("The bank")), ("courier", _("A courier")), ("staff", _("A colleague")),
        ]  # fmt: skip
        self.person.choices = [("", _("Nobody by name")), *people]

    def validate(self, extra_validators: Any = None) -> bool:
        """A colleague is chosen, anybody else is named."""
        valid = super().validate(extra_validators)
        if self.to_kind.data == "staff" and not self.person.data:
            self.refuse(_("Choose a colleague."), "person")
            return False
        if self.to_kind.data in {"bank", "courier"} and not self.name.data:
            self.refuse(_("Enter the name."), "name")
            return False
        return valid
