"""Whom people who work here have declared: their own customer records and those near to them."""

from __future__ import annotations

from flask import abort, redirect, render_template, url_for
from werkzeug.wrappers import Response

from accounts.cities.staffing import Permission
from accounts.customer_accounts.queries import account_file
from accounts.customer_accounts.rules import number_key
from accounts.database import one_by_one, reading
from accounts.errors import DomainError, NotFound, SamePerson
from payments.findings import queries, service
from payments.findings.service import NewInterest
from portal.forms.baskets import PlainForm
from portal.forms.findings import InterestForm
from portal.i18n import gettext as _
from portal.identity.staff.queries import person
from portal.messages import sentence
from portal.permissions import needs
from portal.staff.blueprint import may_see, staff, staff_user
from portal.staff.done import say
from portal.staff.findings import eyes_here
from portal.staff.kept_forms import kept_here
from portal.wiring import wiring
from portal.words.findings import RELATIONS

_UNPROCESSABLE = 422


@staff.route("/people/<username>/interests", methods=["GET", "POST"])
@needs(Permission.STAFF_MANAGE)
def interests_list(username: str) -> str | Response | tuple[str, int]:
    form, actor, name = InterestForm(kept=kept_here()), *_person(username)
    form.relation.choices = [(code, str(words)) for code, words in RELATIONS.items()]
    try:
        if form.validate_on_submit():
            return _declare(username, actor, form)
    except DomainError as refusal:
        form.refuse(sentence(refusal), "number", why=type(refusal).__name__)
    with reading(wiring().sessions) as session:
        found = queries.interests(session, actor, eyes_here())
    html = render_template(
        "staff/interests/list.html",
        form=form, username=username, name=name, relations=RELATIONS, found=found,
        is_me=actor == staff_user().actor_id,
    )  # fmt: skip
    return html, _UNPROCESSABLE if form.errors else 200


@staff.post("/people/<username>/interests/<int:interest_id>/end")
@needs(Permission.STAFF_MANAGE)
def interests_end(username: str, interest_id: int) -> Response:
    _person(username)
    if PlainForm().validate_on_submit():
        try:
            service.end_interest(wiring().sessions, interest_id, staff_user().authority, now=wiring().clock.now())
            say(_("It is over; what was done until now is still judged by it."))
        except SamePerson as refusal:
            say(sentence(refusal), "error")
    return redirect(url_for("staff.interests_list", username=username), 303)


def _declare(username: str, actor: int, form: InterestForm) -> Response:
    parts = wiring()
    with one_by_one(parts.sessions) as reader:
        file = account_file(reader, number_key(form.number.data), **may_see(staff_user()))
    if file is None:
        raise NotFound("no such account", what="account")
    new = NewInterest(actor, file.customer_id, form.relation.data, form.note.data or "")
    service.declare(parts.sessions, new, staff_user().authority, now=parts.clock.now())
    say(_("Written down."))
    return redirect(url_for("staff.interests_list", username=username), 303)


def _person(username: str) -> tuple[int, str]:
    parts = wiring()
    policy = parts.city().city.staff_policy(parts.clock.today())
    with reading(parts.sessions) as session:
        found = person(session, username.replace("\0", ""), policy, parts.clock.now())
    if found is None:
        abort(404)
    return found.actor_id, found.name
