"""Record that a meter took the place of another, with what both showed."""

from __future__ import annotations

from flask import redirect, render_template
from werkzeug.wrappers import Response

from accounts.cities.staffing import Permission
from accounts.database import one_by_one
from accounts.errors import DomainError
from accounts.utilities import exchanges
from accounts.utilities.exchanges import Exchange
from accounts.utilities.queries import StandingMeter, meter_of
from accounts.utilities.starting import NewMeter
from portal.forms.billing_runs import ExchangeForm
from portal.i18n import gettext as _
from portal.messages import sentence
from portal.permissions import needs
from portal.staff.blueprint import opened_file, staff, staff_user
from portal.staff.done import account_url, say
from portal.staff.kept_forms import kept_here
from portal.wiring import wiring

_UNPROCESSABLE = 422
_SIZES = ("5/8", "3/4", "1", "1 1/2", "2", "3", "4", "6", "8")


@staff.route("/accounts/<reference>/meter-exchanges/new", methods=["GET", "POST"])
@needs(Permission.BILLS_RUN)
def meter_exchanges_new(reference: str) -> str | Response | tuple[str, int]:
    parts, file, form = wiring(), opened_file(), ExchangeForm(kept=kept_here())
    today = parts.clock.today()
    with one_by_one(parts.sessions) as reader:
        meter = meter_of(reader, file.id, today)
    _offer(form, meter)
    if meter is not None and form.validate_on_submit() and _has_reads(form):
        new = NewMeter(
            form.serial.data, form.size.data or "3/4", form.unit.data, form.dials.data or 5, form.counts
        )  # fmt: skip
        asked = Exchange(
            file.id, form.old_serial.data or "", form.old_value.data or 0, new, form.new_value.data or 0,
            form.on.data, form.reason.data,
        )  # fmt: skip
        try:
            exchanges.exchange(parts.sessions, staff_user().authority, asked, today=today)
        except DomainError as refusal:
            form.refuse(sentence(refusal), why=type(refusal).__name__)
        else:
            say(_("The exchange is recorded. The next bill has the use of both meters."))
            return redirect(account_url(reference), 303)
    page = render_template("staff/meter_exchanges/new.html", form=form, file=file, meter=meter)
    return page, _UNPROCESSABLE if form.errors else 200


def _offer(form: ExchangeForm, meter: StandingMeter | None) -> None:
    form.old_serial.choices = [(meter.serial, meter.serial)] if meter else []
    form.size.choices = [(size, size) for size in _SIZES]
    if not form.is_submitted() and meter and form.serial.data is None:
        form.size.data, form.unit.data, form.dials.data = meter.size, meter.unit, meter.dials
        form.multiplier.data, form.on.data = 1, wiring().clock.today()


def _has_reads(form: ExchangeForm) -> bool:
    for field in (form.old_value, form.new_value):
        if field.data is None:
            form.refuse(_("Enter what the meter shows."), field.name, why="NoRead")
    return not form.errors
