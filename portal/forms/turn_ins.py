"""Forms of what departments bring, and of paper receipts."""

from __future__ import annotations

import re
import secrets
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, FormField, HiddenField, SelectField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Optional

from accounts.money import ZERO, Money
from payments.sales.drafts import CASH, CHECK, MONEY_ORDER, ItemLine, TenderLine
from payments.turn_ins.rules import Sheet, check_line
from portal.forms.drawers import PiecesForm
from portal.forms.fields import MoneyField, PortalForm, TextField, UnseenField, WholeField
from portal.forms.staff import DayField, StaffForm, WordsField
from portal.i18n import gettext as _

_CHECK = re.compile(r"(?P<number>\S+)\s+(?P<bank>.+?)\s+\$?(?P<amount>[\d,]+(?:\.\d{1,2})?)")


class SheetLineForm(PortalForm):
    """What a part of the money is for."""

    item = SelectField(_l("What for"), choices=[], validate_choice=False)
    amount = MoneyField(_l("Amount"), validators=[Optional()])


class SheetForm(PiecesForm):
    """A department's sheet, and the cash as the cashier counted it."""

    key = HiddenField(default=lambda: secrets.token_urlsafe(12))
    department = TextField(_l("Department"), missing=_l("Enter the department."), most=80)
    brought_by = TextField(_l("Who brought it"), missing=_l("Enter a name."), most=80)
    number = TextField(_l("Number of the sheet"), most=40)
    line_1 = FormField(SheetLineForm)
    line_2 = FormField(SheetLineForm)
    line_3 = FormField(SheetLineForm)
    line_4 = FormField(SheetLineForm)
    cash = MoneyField(_l("Cash by the sheet"), validators=[Optional()])
    checks_total = MoneyField(_l("Checks by the sheet, total"), validators=[Optional()])
    checks = WordsField(_l("Each check"), most=4000)

    @property
    def lines(self) -> list[Any]:
        return [self.line_1, self.line_2, self.line_3, self.line_4]

    def sheet(self) -> Sheet | None:
        """What was typed; none, and said so, where a check cannot be read."""
        checks = self._checks()
        if checks is None:
            return None
        lines = tuple(
            ItemLine(line.form.item.data, 1, line.form.amount.data)
            for line in self.lines
            if line.form.amount.data and line.form.item.data
        )
        return Sheet(
            key=self.key.data, department=self.department.data, brought_by=self.brought_by.data, lines=lines,
            cash=self.cash.data or ZERO, checks=checks, checks_total=self.checks_total.data or ZERO,
            denominations=self.counted, number=self.number.data or "",
        )  # fmt: skip

    def _checks(self) -> tuple[TenderLine, ...] | None:
        found = []
        for line in (self.checks.data or "").splitlines():
            match = _CHECK.fullmatch(line.strip())
            if line.strip() and match is None:
                self.refuse(_("Write number, bank and amount of a check on each line, like 1042 River Bank 45.67."),
                            "checks")  # fmt: skip
                return None
            if match is not None:
                found.append(check_line(Money.typed(match["amount"]), match["number"], match["bank"]))
        return tuple(found)


class BookForm(StaffForm):
    """A book of paper receipts, for somebody."""

    code = TextField(_l("Code of the book"), missing=_l("Enter what is printed before the numbers."), most=12)
    first = WholeField(
        _l("First number"), wrong=_l("Enter a number."), least=1,
        validators=[InputRequired(message=_l("Enter a number."))],
    )  # fmt: skip
    last = WholeField(
        _l("Last number"), wrong=_l("Enter a number."), least=1,
        validators=[InputRequired(message=_l("Enter a number."))],
    )  # fmt: skip
    issued_to = SelectField(_l("For whom"), choices=[], coerce=int)


class PaperForm(StaffForm):
    """A paper receipt, as it was written."""

    number = WholeField(
        _l("Number on the paper"), wrong=_l("Enter a number."), least=1,
        validators=[InputRequired(message=_l("Enter a number."))],
    )  # fmt: skip
    written_on = DayField(_l("Day on the paper"), missing=_l("Enter the day."))
    what = TextField(_l("Scan line or account"), most=80)
    item = SelectField(_l("Or something that no account owes"), choices=[], validate_choice=False)
    amount = MoneyField(_l("Amount"), validators=[InputRequired(message=_l("Enter an amount."))])
    tender = SelectField(
        _l("Paid by"),
        choices=[
            SelectChoice(CASH, _l("Cash")),
            SelectChoice(CHECK, _l("Paper check")),
            SelectChoice(MONEY_ORDER, _l("Money order")),
        ],
    )
    check_number = TextField(_l("Number of the check"), most=40)
    bank = TextField(_l("Bank"), most=80)
    beside = UnseenField()
    """Attempts that pay the same online, as the page named them."""
    knowingly = BooleanField(_l("Enter it all the same"))

    def tender_line(self) -> TenderLine:
        amount = self.amount.data or ZERO
        is_cash = self.tender.data == CASH
        number, bank = ("", "") if is_cash else (self.check_number.data or "", self.bank.data or "")
        return TenderLine(self.tender.data, amount, amount, number, bank)


class SpoiledForm(StaffForm):
    """A number of a book that was spoiled."""

    number = WholeField(
        _l("Number on the paper"), wrong=_l("Enter a number."), least=1,
        validators=[InputRequired(message=_l("Enter a number."))],
    )  # fmt: skip
    written_on = DayField(_l("Day on the paper"), missing=_l("Enter the day."))
    reason = WordsField(_l("What became of it"), missing=_l("Say why in a few words."), most=500)
