"""Post a fee from the city's catalog."""

from __future__ import annotations

from flask import render_template, request
from werkzeug.wrappers import Response

from accounts.cities.staffing import Permission
from accounts.fees.rules import OfferedFee, PostFee, offered
from portal.forms.acts import FeeForm
from portal.i18n import locale_code, money_text
from portal.permissions import needs
from portal.staff.blueprint import opened_file, staff
from portal.staff.kept_forms import kept_here
from portal.staff.proposing import Looked, look_or_do
from portal.wiring import wiring

_UNPROCESSABLE = 422


@staff.route("/accounts/<reference>/fees/new", methods=["GET", "POST"])
@needs(Permission.FEES_POST)
def fees_new(reference: str) -> str | Response | tuple[str, int]:
    parts, file = wiring(), opened_file()
    fees = offered(parts.city().city, file.kind, parts.clock.today())
    form, looked = FeeForm(kept=kept_here()), None
    form.fee.choices = [choice for fee in fees for choice in _choices(fee)]
    if request.method == "GET" and not form.reason.data and fees:
        form.reason.data = fees[0].reason.in_(locale_code())
    if fees and form.validate_on_submit():
        rate, _separator, choice = form.fee.data.partition("/")
        command = PostFee(customer_account_id=file.id, rate=rate, choice=choice, quantity=form.quantity.data)
        outcome = look_or_do(form, command, reference)
        if isinstance(outcome, Response):
            return outcome
        looked = outcome
    return _page(form, looked, fees)


def _page(form: FeeForm, looked: Looked | None, fees: tuple[OfferedFee, ...]) -> tuple[str, int]:
    page = render_template("staff/fees/new.html", form=form, looked=looked, file=opened_file(), fees=fees)
    return page, _UNPROCESSABLE if form.errors else 200


def _choices(fee: OfferedFee) -> list[tuple[str, str]]:
    """One for each price: ``rate/choice`` → ``Returned payment: $25.00``."""
    language = locale_code()
    if not fee.prices:
        return [(fee.rate, fee.name.in_(language))]
    return [
        (
            f"{fee.rate}/{price.choice}" if price.choice else fee.rate,
            f"{price.name.in_(language)}: {money_text(price.amount)}",
        )
        for price in fee.prices
    ]
