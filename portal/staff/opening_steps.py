"""What each step of opening an account must hold, what it says to the domain, and where a refusal belongs."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from accounts.cities.desk import DocumentMissing, TooFarAhead, TooFarBack
from accounts.cities.rules import NotInTheCity
from accounts.customer_accounts.lifecycle import Opened, Opening, PlaceMissing, RoleMissing, check_opening
from accounts.customer_accounts.rules import shown
from accounts.customer_accounts.service import Holder, Place
from accounts.customer_changes.desk import ChangeDesk
from accounts.customers.models import CustomerKind
from accounts.customers.rules import BadContact, Merged
from accounts.errors import DomainError, NotFound
from accounts.licenses.opening import LicenseStart, open_license
from accounts.pricing.facts import NoSuchChoice
from accounts.utilities.opening import open_utility_account
from accounts.utilities.queries import StandingMeter
from accounts.utilities.starting import (
    AlreadyServed,
    BadMeter,
    BadRead,
    MeterElsewhere,
    MeterMissing,
    NewMeter,
    NotAService,
    ServiceWanted,
    Start,
    check_meter,
    check_read,
    check_services,
)
from portal.forms.openings import OpeningForm
from portal.i18n import gettext as _
from portal.messages import sentence
from portal.staff.blueprint import staff_user
from portal.staff.contact_words import contact_problem
from portal.staff.reopenings import seen_reference

_AT: Mapping[type[DomainError], str] = {
    AlreadyServed: "rate_water",
    BadMeter: "meter_serial",
    BadRead: "first_read",
    DocumentMissing: "document",
    Merged: "customer",
    MeterElsewhere: "meter_serial",
    MeterMissing: "meter_serial",
    NoSuchChoice: "meter_size",
    NotAService: "rate_water",
    NotFound: "customer",
    NotInTheCity: "license_class",
    PlaceMissing: "address",
    RoleMissing: "role",
    TooFarAhead: "opened_on",
    TooFarBack: "opened_on",
}
"""A refusal → the field that it is about."""


def opening_of(form: OpeningForm) -> Opening:
    """The account as asked for. Raises ``PlaceMissing`` for a utility account at no place."""
    customer_id, premises_id = form.chosen("customer"), form.chosen("premises")
    documents = tuple(dict.fromkeys(filter(None, (form.document.data, form.document_2.data))))
    return Opening(
        opened_on=form.opened_on.data,
        customer_id=customer_id,
        holder=None if customer_id is not None else _holder(form),
        premises_id=premises_id,
        place=None if premises_id is not None else _place(form),
        role=form.role.data or "",
        documents=documents,
        document_note=form.document_note.data or "",
        form_key=form.form_key.data,
    )


def start_of(form: OpeningForm) -> Start:
    """The services of a utility account."""
    return Start(
        services=tuple(ServiceWanted(*service) for service in form.services()),
        customer_class=form.customer_class.data,
        cycle=form.cycle.data or "",
        route=form.route.data or "",
        meter=_meter(form),
        first_read=form.first_read.data,
    )


def license_of(form: OpeningForm) -> LicenseStart:
    """The license of a license account."""
    return LicenseStart(
        license_class=form.license_class.data,
        business_name=form.business_name.data or "",
        business_type=form.business_type.data or "",
        naics=form.naics.data or "",
        started_on=form.started_on.data,
        owner_last_name=form.owner_last_name.data or "",
        gross_receipts=form.gross_receipts.data,
        employees=form.employees.data,
    )


def check_who(form: OpeningForm) -> None:
    """The first step: somebody, and somewhere; refusals go into the form."""
    if form.chosen("customer") is None and not form.name.data:
        form.refuse(contact_problem("name"), "name", why="BadContact")
    if form.is_utility and form.chosen("premises") is None and not form.address.data:
        form.refuse(sentence(PlaceMissing()), "address", why="PlaceMissing")


def check_what(form: OpeningForm, desk: ChangeDesk, meter: StandingMeter | None) -> None:
    """The second step, by the rules that opening goes by; refusals go into the form."""
    try:
        _check(form, desk, meter, desk.clock.today())
    except DomainError as refusal:
        refuse(form, refusal)


def do_open(form: OpeningForm, desk: ChangeDesk) -> Opened:
    """Open it; raises what the domain refuses."""
    by = staff_user().authority
    if form.is_utility:
        return open_utility_account(desk, by, opening_of(form), start_of(form))
    return open_license(desk, by, opening_of(form), license_of(form))


def refuse(form: OpeningForm, refusal: DomainError) -> None:
    """Put a refusal of the domain where it belongs."""
    name, at = type(refusal).__name__, _AT.get(type(refusal))
    if isinstance(refusal, BadContact):
        at = str(refusal.facts.get("field", "name"))
        form.refuse(contact_problem(at), at if at in form else "name", why=name)
        return
    if at == "license_class" and form.is_utility:
        at = "rate_water"
    if isinstance(refusal, NotAService | AlreadyServed) and f"rate_{refusal.facts.get('service')}" in form:
        at = f"rate_{refusal.facts['service']}"
    form.refuse(_words(refusal), at, why=name)


def _words(refusal: DomainError) -> str:
    if isinstance(refusal, NotFound):
        return _("You cannot open an account for this person. Ask a supervisor.")
    said = sentence(refusal)
    if isinstance(refusal, AlreadyServed) and (reference := seen_reference(str(refusal.facts["reference"]))):
        whose = _("It is account %(number)s.", number=shown(reference))
        return f"{said} {whose}"
    return said


def _check(form: OpeningForm, desk: ChangeDesk, meter: StandingMeter | None, today: date) -> None:
    opening = opening_of(form)
    check_opening(desk.policy, opening, languages=desk.city.identity.languages, today=today)
    if not form.is_utility:
        desk.city.license_class(form.license_class.data)
        return
    if not opening.role:
        raise RoleMissing("say what they are at the premises")
    start = start_of(form)
    if start.meter is not None:
        check_meter(start.meter)
    size = start.meter.size if start.meter else meter.size if meter else None
    check_services(desk.city, start.services, opening.opened_on, size)
    if start.first_read is not None:
        if start.meter is None and meter is None:
            raise MeterMissing("no meter stands there to be read")
        check_read(start.first_read, start.meter.dials if start.meter else meter.dials if meter else 0)


def _holder(form: OpeningForm) -> Holder:
    return Holder(
        name=" ".join((form.name.data or "").split()),
        kind=CustomerKind(form.holder_kind.data),
        last_name=form.last_name.data or "",
        email=form.email.data or "",
        phone=form.phone.data or "",
        mailing_address=form.mailing_address.data or "",
        language=form.language.data,
    )


def _place(form: OpeningForm) -> Place | None:
    if not form.address.data:
        return None
    return Place(
        address=form.address.data,
        city=form.place_city.data or "",
        zip_code=form.zip_code.data or "",
        parcel=form.parcel.data or "",
        dwelling_units=form.dwelling_units.data or 1,
    )


def _meter(form: OpeningForm) -> NewMeter | None:
    if not form.meter_serial.data:
        return None
    return NewMeter(
        serial=form.meter_serial.data,
        size=form.meter_size.data or "",
        unit=form.meter_unit.data,
        dials=form.meter_dials.data or 0,
        multiplier=form.meter_multiplier.data or Decimal(0),
    )
