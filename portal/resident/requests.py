"""A resident asks the city for something; the pages of a request are in :mod:`portal.request_pages`."""

from __future__ import annotations

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from accounts.account_links.queries import linked_accounts
from accounts.account_links.rules import Right
from accounts.cases.asking import NotForThisAccount
from accounts.customer_accounts.rules import shown
from accounts.database import reading
from accounts.requests import residents
from accounts.requests.residents import Resident
from portal import request_pages as pages
from portal.forms import requests as forms
from portal.i18n import gettext as _
from portal.i18n import locale_code
from portal.navigation import account_kind
from portal.permissions import any_resident
from portal.request_pages import Answer, Place
from portal.resident.blueprint import resident, resident_user
from portal.security import takes_files
from portal.wiring import wiring
from portal.words import cases as words

_UNPROCESSABLE = 422


@resident.get("/requests")
@any_resident
def requests_list() -> str:
    city = wiring().city().city
    found = residents.mine(wiring().case_desk(), _who())
    rows = [(one, words.kind_name(city, one), str(words.STATES[one.state]), words.LOOKS[one.state]) for one in found]
    kept = request.args.get("kept") == "1"
    return render_template("resident/requests/list.html", rows=rows, shown=shown, kept=kept)


@resident.route("/requests/new", methods=["GET", "POST"])
@any_resident
def requests_new() -> Answer:
    parts, form = wiring(), forms.NewRequestForm()
    kinds = parts.city().city.requests(parts.clock.today())
    with reading(parts.sessions) as session:
        mine = [one for one in linked_accounts(session, resident_user().actor_id) if one.may(Right.MANAGE)]
    form.kind.choices = [(one.code, one.name.in_(locale_code())) for one in kinds]
    form.account.choices = [
        ("", _("Choose an account")),
        *((str(one.account_id), f"{account_kind(one.kind)} {shown(one.reference)}") for one in mine),
    ]
    if request.method == "GET" and request.args.get("kind") in {one.code for one in kinds}:
        form.kind.data = request.args["kind"]
    if request.method == "GET":
        asked = request.args.get("account")
        form.account.data = next((str(one.account_id) for one in mine if one.reference == asked), "")
    if form.validate_on_submit():
        chosen = form.account.data or ""
        account = int(chosen) if chosen in {code for code, _label in form.account.choices if code} else None
        kind = next(one for one in kinds if one.code == form.kind.data)
        try:
            case_id = residents.begin(parts.case_desk(), _who(), kind.code, account if kind.needs_account else None)
        except NotForThisAccount:
            form.refuse(_("Choose an account that this is for."), "account", why="NotForThisAccount")
        else:
            return redirect(url_for("resident.requests_page", case_id=case_id, number=1), 303)
    hints = {one.code: one.lead.in_(locale_code()) for one in kinds}
    page = render_template("resident/requests/new.html", form=form, hints=hints, has_accounts=bool(mine))
    return page, _UNPROCESSABLE if form.errors else 200


@resident.route("/requests/<int:case_id>/pages/<int:number>", methods=["GET", "POST"])
@any_resident
def requests_page(case_id: int, number: int) -> Answer:
    return pages.page(_place(case_id), number)


@resident.route("/requests/<int:case_id>/documents", methods=["GET", "POST"])
@any_resident
@takes_files
def requests_papers(case_id: int) -> Answer:
    return pages.papers(_place(case_id))


@resident.get("/requests/<int:case_id>/documents/<int:paper_id>")
@any_resident
def requests_document(case_id: int, paper_id: int) -> Response:
    return pages.document(_place(case_id), paper_id)


@resident.route("/requests/<int:case_id>/check", methods=["GET", "POST"])
@any_resident
def requests_check(case_id: int) -> Answer:
    return pages.check(_place(case_id))


@resident.route("/requests/<int:case_id>", methods=["GET", "POST"])
@any_resident
def requests_show(case_id: int) -> Answer:
    return pages.show(_place(case_id))


@resident.route("/requests/<int:case_id>/withdraw", methods=["GET", "POST"])
@any_resident
def requests_withdraw(case_id: int) -> Answer:
    return pages.withdraw(_place(case_id))


@resident.get("/requests/<int:case_id>/letter.pdf")
@any_resident
def requests_letter(case_id: int) -> Response:
    return pages.letter(_place(case_id))


def _place(case_id: int) -> Place:
    """Where a resident works on it; whose it is, is asked with every page and act."""
    named, listed = {"case_id": case_id}, url_for("resident.requests_list")
    return Place(_who(), case_id, "resident.requests", named, "layouts/resident.html", listed)


def _who() -> Resident:
    return Resident(resident_user().actor_id, locale_code())
