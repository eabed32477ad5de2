"""Open an account: who and where, what, a last look; then the number and the bill code, told once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from accounts import audit
from accounts.cities.staffing import Permission
from accounts.customer_accounts.lifecycle import ROLES, AlreadyOpened, Opened
from accounts.customer_accounts.queries import HeldAccount, account_file
from accounts.customer_accounts.rules import number_key
from accounts.customer_changes.desk import ChangeDesk
from accounts.customers.queries import CustomerCard
from accounts.database import one_by_one, transaction
from accounts.errors import DomainError, NotFound
from accounts.premises.queries import PremisesCard
from accounts.utilities.offers import offers
from accounts.utilities.queries import StandingMeter, standing_meter
from portal.forms.openings import CHECK, NEW, STEPS, WHAT, WHO, OpeningForm
from portal.i18n import gettext as _
from portal.i18n import locale_code
from portal.identity.staff import kept
from portal.identity.vault import KEPT_FORMS
from portal.languages import language_name
from portal.permissions import needs
from portal.staff import opening_steps
from portal.staff.blueprint import may_see, opened_file, staff, staff_user
from portal.staff.done import say
from portal.staff.file_words import role_text
from portal.staff.kept_forms import kept_here
from portal.staff.opening_finds import Found, doubles, find, holder_of, offer, place_of
from portal.staff.opening_words import check_rows, customer_classes
from portal.wiring import wiring

_UNPROCESSABLE = 422


@dataclass(frozen=True)
class Place:
    """Where the account is opened: what stands there and who has accounts there."""

    card: PremisesCard | None
    accounts: Sequence[HeldAccount]
    meter: StandingMeter | None


@staff.route("/openings/new", methods=["GET", "POST"])
@needs(Permission.ACCOUNTS_OPEN)
def openings_new() -> str | Response | tuple[str, int]:
    desk = wiring().change_desk()
    form = _form(desk)
    if form.is_submitted() and form.button == "back":
        return _back(form, desk)
    searched = form.is_submitted() and form.step.data == WHO and form.asks_to_find()
    found = _first_step(form) if form.step.data == WHO else _later_step(form)
    if not form.is_submitted():
        return _page(form, desk, found)
    if form.validate():
        return _page(form, desk, found) if searched else _step(form, desk, found)
    form.step.data = form.first_step_with_errors() or form.step.data
    return _page(form, desk, _first_step(form) if form.step.data == WHO else found)


@staff.get("/accounts/<reference>/opened")
@needs(Permission.ACCOUNTS_OPEN)
def openings_show(reference: str) -> str:
    """What the person takes home. The bill code is shown this once: only its HMAC is kept."""
    parts, user = wiring(), staff_user()
    given = kept.kept_form(
        parts.sessions, parts.vault(KEPT_FORMS), user.actor_id, request.path, now=parts.clock.now()
    )
    if given is not None:
        kept.forget(parts.sessions, user.actor_id, request.path)
    del reference
    return render_template(
        "staff/openings/show.html",
        file=opened_file(),
        bill_code=given.fields["bill_code"][0] if given and "bill_code" in given.fields else "",
        website=parts.settings.base_url,
    )


def _form(desk: ChangeDesk) -> OpeningForm:
    customer_id = _customer_asked_for()
    form = OpeningForm(kept=None if customer_id is not None else kept_here())
    form.language.choices = [(code, language_name(code)) for code in desk.city.identity.languages]
    form.role.choices = [("", _("Choose")), *((role, role_text(role)) for role in ROLES)]
    for document in (form.document, form.document_2):
        document.offer(desk.policy.documents, empty=_("No document"))
    form.customer_class.choices = customer_classes()
    today = desk.clock.today()
    classes = [(one.code, one.name.in_(locale_code())) for one in desk.city.license_classes]
    form.license_class.choices = [("", _("Choose")), *classes]
    for service, offered in offers(desk.city, form.opened_on.data or today).items():
        choices = [(one.rate_code, one.name.in_(locale_code())) for one in offered]
        form[f"rate_{service}"].choices = [("", _("Not taken")), *choices]
    if not form.is_submitted() and form.kept_at is None:
        form.begin(today, customer_id=customer_id)
    _fill_picks(form)
    return form


def _fill_picks(form: OpeningForm) -> None:
    """A pick that was not sent is its first choice, as a browser shows it."""
    for field in form:
        if field.type == "PickField" and field.short_name not in ("customer", "premises") and field.data is None:
            field.data = field.choices[0][0]
    for name in ("customer", "premises"):
        form[name].data = form[name].data or NEW


def _customer_asked_for() -> int | None:
    """``?customer=`` is the number of an account of theirs: "open another one for this person"."""
    asked = number_key(request.args.get("customer", ""))
    if request.method != "GET" or not asked:
        return None
    parts, user = wiring(), staff_user()
    with one_by_one(parts.sessions) as reader:
        file = account_file(reader, asked, **may_see(user))
    if file is None:
        raise NotFound(f"no account {asked}")
    with transaction(parts.sessions) as session:
        audit.seen(session, file.id, user.actor_id, "openings_new")
    return file.customer_id


def _first_step(form: OpeningForm) -> Found:
    found = find(form)
    offer(form, found)
    return found


def _later_step(form: OpeningForm) -> Found:
    """On later steps the person and the place are those that were picked on the first one."""
    for field in (form.customer, form.premises):
        field.choices = [(field.data, "")]
    return Found()


def _back(form: OpeningForm, desk: ChangeDesk) -> tuple[str, int]:
    """The step before, with all that was typed; what is wrong with it is said when one goes on."""
    _later_step(form)
    form.step.data = STEPS[max(STEPS.index(form.step.data) - 1, 0)]
    return _page(form, desk, _first_step(form) if form.step.data == WHO else Found())


def _step(form: OpeningForm, desk: ChangeDesk, found: Found) -> str | Response | tuple[str, int]:
    """On to the next step, if this one holds what it must; from the last one, open it."""
    step = form.step.data
    if step == WHO:
        return _after_who(form, desk, found)
    place = _place(form, desk)
    opening_steps.check_what(form, desk, place.meter)
    if form.errors:
        form.step.data = form.first_step_with_errors() or WHAT
        return _page(form, desk, _first_step(form) if form.step.data == WHO else found, place)
    if step == CHECK and form.button == "open":
        return _open(form, desk)
    form.step.data = CHECK
    return _page(form, desk, found, place)


def _after_who(form: OpeningForm, desk: ChangeDesk, found: Found) -> tuple[str, int]:
    opening_steps.check_who(form)
    if not form.errors and form.chosen("customer") is None:
        found = doubles(form, found)
        shown = ",".join(str(one) for one in found.doubles)
        if found.doubles and form.doubted.data != shown:
            form.doubted.data = shown
            offer(form, found)
            return _page(form, desk, found)
    if not form.errors:
        form.step.data = WHAT
    return _page(form, desk, found)


def _open(form: OpeningForm, desk: ChangeDesk) -> str | Response | tuple[str, int]:
    try:
        opened = opening_steps.do_open(form, desk)
    except AlreadyOpened as refusal:
        say(_("This form was sent before. This is the account that it opened."), "info")
        return redirect(url_for("staff.openings_show", reference=refusal.facts["reference"]), 303)
    except DomainError as refusal:
        opening_steps.refuse(form, refusal)
        form.step.data = form.first_step_with_errors() or CHECK
        return _page(form, desk, _first_step(form) if form.step.data == WHO else Found())
    return _take_home(opened)


def _take_home(opened: Opened) -> Response:
    """The bill code waits, encrypted, for the one page that shows it to the one who opened the account."""
    parts, to = wiring(), url_for("staff.openings_show", reference=opened.reference)
    kept.keep(
        parts.sessions, parts.vault(KEPT_FORMS), staff_user().actor_id, to, {"bill_code": [opened.bill_code]},
        now=parts.clock.now(),
    )  # fmt: skip
    return redirect(to, 303)


def _place(form: OpeningForm, desk: ChangeDesk) -> Place:
    card, accounts = place_of(form)
    meter = None
    if card is not None and form.is_utility:
        with one_by_one(wiring().sessions) as reader:
            meter = standing_meter(reader, card.id, form.opened_on.data or desk.clock.today())
    return Place(card, accounts, meter)


def _page(form: OpeningForm, desk: ChangeDesk, found: Found, place: Place | None = None) -> tuple[str, int]:
    step, more = form.step.data, dict[str, Any]()
    if step != WHO:
        place = place or _place(form, desk)
        holder: CustomerCard | None = holder_of(form)
        more = {"place": place, "holder": holder}
        if step == CHECK:
            more["rows"] = check_rows(form, desk, holder, place.card, place.meter)
    page = render_template(
        f"staff/openings/{step}.html", form=form, found=found, policy=desk.policy, steps=STEPS,
        current=STEPS.index(step) + 1, **more,
    )  # fmt: skip
    return page, _UNPROCESSABLE if form.errors else 200
