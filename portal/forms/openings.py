"""The form that opens an account: who and where, what, a last look. Each step carries the others along unseen."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from flask import request
from flask_babel import lazy_gettext as _l
from wtforms import RadioField
from wtforms.fields.choices import SelectChoice

from accounts.utilities.starting import SERVICES, UNITS
from portal.forms.fields import LineField, MoneyField, TextField, UnseenField, WholeField
from portal.forms.staff import DayField, PickField, StaffForm

WHO, WHAT, CHECK = "who", "what", "check"
STEPS = (WHO, WHAT, CHECK)
NEW = "new"
_HOLDER = ("holder_kind", "name", "last_name", "phone", "email", "mailing_address", "language")
_PLACE = ("address", "place_city", "zip_code", "parcel", "dwelling_units")
_SEEN_AT = {
    WHO: ("kind", "customer_q", "customer", *_HOLDER, "place_q", "premises", *_PLACE),
    WHAT: (
        "opened_on", "role", "document", "document_2", "document_note",
        *(f"rate_{service}" for service in SERVICES), *(f"quantity_{service}" for service in SERVICES),
        "customer_class", "cycle", "route", "meter_serial", "meter_size", "meter_unit", "meter_dials",
        "meter_multiplier", "first_read",
        "license_class", "business_name", "business_type", "naics", "started_on", "owner_last_name",
        "gross_receipts", "employees",
    ),
    CHECK: (),
}  # fmt: skip
"""The fields that a step shows; the others travel with it."""


class MultiplierField(LineField):
    """What a meter's digits are multiplied by; ``data`` is a Decimal or None."""

    def process_formdata(self, valuelist: list[str]) -> None:
        typed = valuelist[0].strip() if valuelist else ""
        self.raw_text, self.data = "", None
        self.raw_text = typed
        if typed:
            try:
                self.data = Decimal(typed)
            except InvalidOperation as error:
                raise ValueError(str(_l("Enter a number, like 1 or 10."))) from error

    def _value(self) -> str:
        return str(self.data) if self.data is not None else getattr(self, "raw_text", "")


class OpeningForm(StaffForm):
    """All that is asked for an account. Which of it must be there is said by ``portal.staff.opening_steps``."""

    step = UnseenField(default=WHO)
    form_key = UnseenField()
    customer_asked = UnseenField()
    place_asked = UnseenField()
    doubted = UnseenField()
    """The people who are perhaps the same, and were shown: whoever goes on has looked at them."""

    kind = RadioField(
        _l("What is opened"),
        choices=[SelectChoice("utility", _l("Utility account")), SelectChoice("license", _l("Business license"))],
        default="utility",
        invalid_choice_message=_l("Choose one from the list."),
    )
    customer_q = TextField(_l("Find the person or business"), most=120)
    customer = PickField(_l("For whom"), default=NEW)
    holder_kind = RadioField(
        _l("Kind"),
        choices=[SelectChoice("person", _l("A person")), SelectChoice("business", _l("A business"))],
        default="person",
        invalid_choice_message=_l("Choose one from the list."),
    )
    name = TextField(_l("Name"), most=200)
    last_name = TextField(_l("Last name"), most=200)
    phone = TextField(_l("Phone"), most=40)
    email = TextField(_l("E-mail"), most=200)
    mailing_address = TextField(_l("Mailing address"), most=200)
    language = PickField(_l("Language of letters"))
    place_q = TextField(_l("Find the place"), most=120)
    premises = PickField(_l("At which place"), default=NEW)
    address = TextField(_l("Street address"), most=200)
    place_city = TextField(_l("City"), most=80)
    zip_code = TextField(_l("ZIP code"), most=10)
    parcel = TextField(_l("Parcel number"), most=40)
    dwelling_units = WholeField(_l("Dwelling units"), wrong=_l("Enter how many."), least=1, most=9999, default=1)

    opened_on = DayField(_l("From"), missing=_l("Choose the day from which it counts."))
    role = PickField(_l("They are"))
    document = PickField(_l("Document seen"))
    document_2 = PickField(_l("Another document seen"))
    document_note = TextField(_l("About the document"), most=200)

    rate_water = PickField(_l("Water"))
    rate_sewer = PickField(_l("Sewer"))
    rate_refuse = PickField(_l("Refuse"))
    rate_storm = PickField(_l("Storm drain"))
    quantity_water = WholeField(_l("How many"), wrong=_l("Enter how many."), least=1, most=9999, default=1)
    quantity_sewer = WholeField(_l("How many"), wrong=_l("Enter how many."), least=1, most=9999, default=1)
    quantity_refuse = WholeField(_l("How many"), wrong=_l("Enter how many."), least=1, most=9999, default=1)
    quantity_storm = WholeField(_l("How many"), wrong=_l("Enter how many."), least=1, most=9999, default=1)
    customer_class = PickField(_l("Class"))
    cycle = TextField(_l("Billing cycle"), most=20)
    route = TextField(_l("Route"), most=20)
    meter_serial = TextField(_l("Number of a new meter"), most=40)
    meter_size = TextField(_l("Size in inches"), most=10, default="3/4")
    meter_unit = PickField(_l("Counts in"), default="CCF")
    meter_dials = WholeField(_l("Dials"), wrong=_l("Enter how many, from 3 to 9."), least=3, most=9, default=5)
    meter_multiplier = MultiplierField(_l("Multiplier"), default=Decimal(1))
    first_read = WholeField(_l("First read"), wrong=_l("Enter the digits that the meter shows."))

    license_class = PickField(_l("Kind of business"))
    business_name = TextField(_l("Name of the business"), most=200)
    business_type = TextField(_l("What it does"), most=120)
    naics = TextField(_l("NAICS code"), most=10)
    started_on = DayField(_l("Began in the city on"))
    owner_last_name = TextField(_l("Last name of the owner"), most=200)
    gross_receipts = MoneyField(_l("Gross receipts"))
    employees = WholeField(_l("Employees"), wrong=_l("Enter how many."), most=999_999)

    def __init__(self, *given: Any, **options: Any) -> None:
        super().__init__(*given, **options)
        self.meter_unit.choices = [(unit, unit) for unit in UNITS]
        if self.step.data not in STEPS:
            self.step.data = WHO
        if not self.form_key.data:
            self.form_key.data = secrets.token_urlsafe(16)

    @property
    def button(self) -> str:
        """What was pressed: ``find-customer``, ``find-place``, ``next``, ``back`` or ``open``."""
        return request.form.get("go", "")

    @property
    def is_utility(self) -> bool:
        return bool(self.kind.data == "utility")

    def begin(self, today: date, *, customer_id: int | None) -> None:
        """What an empty form says."""
        self.opened_on.data = today
        if customer_id is not None:
            self.customer.data = str(customer_id)

    def asks_to_find(self) -> bool:
        """Was a search asked for, by its button or by going on with new words in its field?"""
        is_new = any(
            self[f"{who}_q"].data not in ("", None, self[f"{who}_asked"].data) for who in ("customer", "place")
        )
        return is_new or self.button in ("find-customer", "find-place")

    def chosen(self, name: str) -> int | None:
        """The customer or the premises that was picked; none for a new one."""
        text = self[name].data or ""
        return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None

    def carried(self) -> Iterator[tuple[str, str]]:
        """Names and values of the fields that this step does not show."""
        shown = set(_SEEN_AT[self.step.data])
        for field in self:
            if field.short_name not in shown:
                value = field._value() if hasattr(field, "_value") else field.data  # noqa: SLF001 - as it renders
                yield field.name, str(value or "")

    def first_step_with_errors(self) -> str | None:
        """The earliest step on which something is to be mended."""
        wrong = {name for name in self.errors if name}
        return next((step for step in STEPS if wrong & set(_SEEN_AT[step])), None)

    def services(self) -> list[tuple[str, str, int]]:
        """(Service, rate code, quantity) of each service that is taken."""
        found = ((service, self[f"rate_{service}"].data, self[f"quantity_{service}"].data) for service in SERVICES)
        return [(service, rate, quantity or 1) for service, rate, quantity in found if rate]
