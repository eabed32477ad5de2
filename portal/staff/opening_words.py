"""An account to be opened, in words, for the last look before it is."""

from __future__ import annotations

from collections.abc import Iterator

from markupsafe import Markup

from accounts.cities.desk import choice
from accounts.customer_changes.desk import ChangeDesk
from accounts.customers.queries import CustomerCard
from accounts.premises.queries import PremisesCard
from accounts.utilities.queries import StandingMeter
from portal.forms.openings import OpeningForm
from portal.i18n import gettext as _
from portal.i18n import locale_code, long_date, money
from portal.languages import language_name
from portal.staff.file_words import role_text

Row = dict[str, str | Markup]


def customer_classes() -> list[tuple[str, str]]:
    """Classes of utility customers, as registers name them; rates do not hang on them."""
    return [("residential", _("Residential")), ("multifamily", _("Apartments")), ("commercial", _("Commercial"))]


def check_rows(
    form: OpeningForm, desk: ChangeDesk, holder: CustomerCard | None, place: PremisesCard | None,
    meter: StandingMeter | None,
) -> dict[str, list[Row]]:  # fmt: skip
    """Rows of a description list, by the step that they are changed on."""
    what = _utility(form, meter) if form.is_utility else _license(form)
    return {
        "who": [row for row in _who(form, holder, place) if row["value"]],
        "what": [row for row in (*_terms(form, desk), *what) if row["value"]],
    }


def _row(term: str, value: str | Markup | None) -> Row:
    return {"term": term, "value": value or ""}


def _who(form: OpeningForm, holder: CustomerCard | None, place: PremisesCard | None) -> Iterator[Row]:
    yield _row(_("What is opened"), _picked(form, "kind"))
    if holder is not None:
        yield _row(_("Holder"), _("%(name)s, who is here already", name=holder.name))
        yield _row(_("Phone"), holder.phone)
        yield _row(_("E-mail"), holder.email)
        yield _row(_("Mailing address"), holder.mailing_address)
    else:
        yield _row(_("Holder"), _("%(name)s, new here", name=form.name.data))
        for name in ("last_name", "phone", "email", "mailing_address"):
            yield _row(form[name].label.text, form[name].data)
        yield _row(form.language.label.text, language_name(form.language.data or ""))
    typed = ", ".join(filter(None, (form.address.data, form.place_city.data, form.zip_code.data)))
    if place is not None:
        yield _row(_("Place"), place.line)
    elif typed:
        yield _row(_("Place"), _("%(address)s (new place)", address=typed))


def _terms(form: OpeningForm, desk: ChangeDesk) -> Iterator[Row]:
    yield _row(_("From"), long_date(form.opened_on.data))
    yield _row(form.role.label.text, role_text(form.role.data) if form.role.data else None)
    seen = [choice(desk.policy.documents, code) for code in (form.document.data, form.document_2.data) if code]
    yield _row(_("Document seen"), ", ".join(one.name.in_(locale_code()) for one in seen if one))
    yield _row(_("About the document"), form.document_note.data)


def _utility(form: OpeningForm, meter: StandingMeter | None) -> Iterator[Row]:
    for service, _rate, quantity in form.services():
        named = _picked(form, f"rate_{service}")
        yield _row(form[f"rate_{service}"].label.text, f"{named} × {quantity}" if quantity > 1 else named)
    if form.meter_serial.data:
        yield _row(_("New meter"), f"{form.meter_serial.data}, {form.meter_size.data}″, {form.meter_unit.data}")
    elif meter is not None:
        yield _row(_("Meter that stands there"), f"{meter.serial}, {meter.size}″, {meter.unit}")
    if form.first_read.data is not None:
        yield _row(_("First read"), str(form.first_read.data))
    yield _row(form.customer_class.label.text, _picked(form, "customer_class"))
    yield _row(form.cycle.label.text, form.cycle.data)
    yield _row(form.route.label.text, form.route.data)


def _license(form: OpeningForm) -> Iterator[Row]:
    yield _row(form.license_class.label.text, _picked(form, "license_class"))
    for name in ("business_name", "business_type", "naics", "owner_last_name"):
        yield _row(form[name].label.text, form[name].data)
    if form.started_on.data:
        yield _row(form.started_on.label.text, long_date(form.started_on.data))
    if form.gross_receipts.data is not None:
        yield _row(form.gross_receipts.label.text, money(form.gross_receipts.data))
    if form.employees.data is not None:
        yield _row(form.employees.label.text, str(form.employees.data))


def _picked(form: OpeningForm, name: str) -> str:
    """What a pick says to people."""
    return next((str(option.label) for option in form[name].iter_choices() if option.selected), "")
