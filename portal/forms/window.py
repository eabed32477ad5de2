"""Forms of the window: what is scanned, what is bought, how it is paid. None has a field for a card number."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, SelectField, SelectMultipleField
from wtforms.validators import Length, Optional, Regexp

from accounts.cities.window import CatalogItem
from payments.sales.drafts import CHECK, MONEY_ORDER, TERMINAL
from payments.sales.owing import HeldSale, OwingAccount
from portal.documents.receipt_words import BRANDS
from portal.forms.baskets import EMAIL
from portal.forms.fields import AddressField, LineField, MoneyField, TextField, UnseenField, WholeField
from portal.forms.staff import StaffForm, WordsField
from portal.i18n import gettext as _
from portal.i18n import locale_code, long_date, money_text
from portal.languages import language_name, offered

_CARDS = ("visa", "mastercard", "amex", "discover")
OTHER_CARD = "other"
_MOST_OF_AN_ITEM = 9_999


def new_key() -> str:
    """Of a form that nobody has sent."""
    return uuid.uuid4().hex


class LookForm(StaffForm):
    """The scan line, a number or a name; and what was handed over."""

    form_key = UnseenField()
    scan = LineField(
        _l("Scan line or number"),
        validators=[Length(max=120, message=_l("Use %(most)d characters or fewer.", most=120))],
    )
    given = MoneyField(_l("Cash handed over"), validators=[Optional()])


class AddForm(StaffForm):
    """One more account."""

    scan = TextField(_l("One more scan line or number"), missing=_l("Scan or type a number."), most=120)


class ItemForm(StaffForm):
    """Something that no account owes."""

    item = SelectField(_l("What is sold"), choices=[])
    quantity = WholeField(_l("How many"), wrong=_l("Enter how many."), least=1, most=_MOST_OF_AN_ITEM)
    price = MoneyField(_l("Amount, where it has no price"), validators=[Optional()])
    project = SelectField(_l("Project"), choices=[], validate_choice=False)

    def offer(self, catalog: Sequence[CatalogItem]) -> None:
        """What the city sells today."""
        language = locale_code()
        self.item.choices = [
            (item.code, item.name.in_(language) + (f", {money_text(item.unit)}" if item.unit else ""))
            for item in catalog
        ]
        projects = {one.code: one.name.in_(language) for item in catalog for one in item.projects}
        self.project.choices = [("", _("No project")), *((code, f"{code} {name}") for code, name in projects.items())]
        if self.quantity.data is None and not getattr(self.quantity, "raw_text", ""):
            self.quantity.data = 1


class TenderForm(StaffForm):
    """Something else than cash. Of a card only what the terminal's slip says."""

    kind = SelectField(_l("Paid with"), choices=[])
    tender_amount = MoneyField(_l("Amount"), validators=[Optional()])
    number = TextField(_l("Number of the check, money order or slip"), missing=_l("Enter its number."), most=40)
    bank = TextField(_l("Bank on the check"), most=60)
    brand = SelectField(_l("Card"), choices=[], validate_choice=False)
    last4 = LineField(
        _l("Last four digits on the slip"),
        validators=[Optional(), Regexp(r"\d{4}", message=_l("Four digits, as the slip shows them."))],
    )
    made_out = BooleanField(_l("The check is made out to the City"))

    def __init__(self, *given: Any, **options: Any) -> None:
        super().__init__(*given, **options)
        self.kind.choices = [
            (CHECK, _("Paper check")),
            (MONEY_ORDER, _("Money order")),
            (TERMINAL, _("Card at the terminal")),
        ]
        self.brand.choices = [("", "—"), *((code, BRANDS[code]) for code in _CARDS), (OTHER_CARD, _("Another card"))]


class TakeForm(StaffForm):
    """Take it: what was handed over in cash, and the language of the receipt.

    ``told`` are payments that it named, ``owed`` is what it said that each account owes.
    """

    given = MoneyField(_l("Cash handed over"), validators=[Optional()])
    language = SelectField(_l("Language of the receipt"), choices=[], validate_choice=False)
    told = UnseenField()
    owed = UnseenField()
    beside = UnseenField()
    """Attempts whose page could not be closed, as the page named them."""
    knowingly = BooleanField(_l("Take the money all the same"))

    def __init__(self, *given: Any, **options: Any) -> None:
        super().__init__(*given, **options)
        self.language.choices = [(code, language_name(code)) for code in offered()]


class ParkForm(StaffForm):
    """Put it aside."""

    note = TextField(_l("A word to find it again by"), missing=_l("Enter a word."), most=60)


class OverrideForm(StaffForm):
    """A supervisor's word, for the accounts that they name."""

    accounts = SelectMultipleField(_l("For which accounts"), choices=[], validate_choice=False)
    reason = WordsField(_l("Why"), missing=_l("Say why in a few words."), most=300)

    def offer(self, held: Sequence[HeldSale]) -> None:
        """What holds the sale up. The only one is chosen; of several, each is chosen by hand."""
        self.accounts.choices = [
            (
                str(one.account_id),
                _("%(holder)s, %(number)s: %(amount)s by check, cash only until %(day)s", holder=one.holder,
                  number=one.number, amount=money_text(one.amount), day=long_date(one.until_on)),
            )
            for one in held
        ]  # fmt: skip
        if not self.is_submitted() and len(held) == 1:
            self.accounts.data = [str(held[0].account_id)]


class MailForm(StaffForm):
    """Where the receipt goes."""

    email = AddressField(
        _l("E-mail of the customer"),
        validators=[
            Length(max=200, message=_l("Use %(most)d characters or fewer.", most=200)),
            Regexp(EMAIL, message=_l("Enter an email address like name@example.com.")),
        ],
    )


class AmountsForm(StaffForm):
    """How much on each account, made by :func:`amounts_form`."""


def amounts_form(accounts: Sequence[OwingAccount], **options: Any) -> Any:
    """A field for the amount of each account of a sale, and one for its charges that the customer names."""
    fields: dict[str, Any] = {}
    for account in accounts:
        fields[f"amount_{account.id}"] = MoneyField(
            _l("Amount on %(number)s", number=account.number), validators=[Optional()]
        )
        fields[f"charges_{account.id}"] = SelectMultipleField(_l("Only these charges"), choices=[], coerce=int)
    made = type("AmountsForm", (AmountsForm,), fields)(**options)
    for account in accounts:
        made[f"charges_{account.id}"].choices = [
            (charge.id, f"{charge.description_in(locale_code())}, {money_text(charge.open)}")
            for charge in account.charges
        ]
    return made
