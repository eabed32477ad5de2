"""People who work here, for those who administer them: a list, a page each, and acts with their reasons."""

from __future__ import annotations

from flask import abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from accounts.cities.staffing import Permission
from accounts.database import reading
from accounts.errors import DomainError
from portal.forms.people import FACTOR_LOST, IdentityForm, NewLinkForm, PersonForm, ReasonForm, RoleForm
from portal.i18n import gettext as _
from portal.identity.staff import people, queries
from portal.identity.staff.invitations import Invited
from portal.identity.staff.people import NewPerson, Role
from portal.identity.staff.queries import PAGE, PersonFile
from portal.messages import sentence
from portal.permissions import needs
from portal.staff.blueprint import staff, staff_user, was_sent
from portal.staff.done import say
from portal.staff.kept_forms import kept_here
from portal.wiring import wiring
from portal.words.roles import role_name, role_names

_UNPROCESSABLE = 422
_Answer = str | Response | tuple[str, int]


@staff.get("/people")
@needs(Permission.STAFF_MANAGE)
def people_list() -> str:
    parts = wiring()
    left, after = request.args.get("left") == "1", request.args.get("after", "")[:40].replace("\0", "")
    with reading(parts.sessions) as session:
        found = queries.people(session, parts.clock.today(), left=left, after=after)
    following = found[PAGE - 1].username if len(found) > PAGE else ""
    return render_template(
        "staff/people/list.html", people=found[:PAGE], left=left, after=after, following=following, **_words()
    )


@staff.route("/people/new", methods=["GET", "POST"])
@needs(Permission.STAFF_MANAGE)
def people_new() -> _Answer:
    form = PersonForm(kept=kept_here())
    form.role.offer(wiring().city().city.staff_policy(wiring().clock.today()).roles, empty=_("No role yet"))
    if form.validate_on_submit():
        parts, today = wiring(), wiring().clock.today()
        roles = (Role(form.role.data, today, form.until.data),) if form.role.data else ()
        person = NewPerson(
            form.username.data, form.name.data, form.email.data or "", form.language.data or "en", roles
        )
        try:
            invited = people.add_person(
                parts.sessions, parts.door(), parts.city().city, person, by=staff_user().actor_id,
                now=parts.clock.now(), reason=form.reason.data,
            )  # fmt: skip
        except DomainError as refusal:
            form.refuse(sentence(refusal), why=type(refusal).__name__)
        else:
            return _show_link(invited, person.username.strip().lower(), person.name)
    return _page("staff/people/new.html", form)


@staff.get("/people/<username>")
@needs(Permission.STAFF_MANAGE)
def people_show(username: str) -> str:
    return render_template("staff/people/show.html", person=_person(username), **_words())


@staff.route("/people/<username>/roles/new", methods=["GET", "POST"])
@needs(Permission.STAFF_MANAGE)
def people_grant(username: str) -> _Answer:
    person, today = _working(username), wiring().clock.today()
    form = RoleForm(kept=kept_here(), since=today)
    form.role.offer(wiring().city().city.staff_policy(today).roles)
    if form.validate_on_submit():
        parts = wiring()
        role = Role(form.role.data, form.since.data, form.until.data)
        try:
            people.give_role(
                parts.sessions, parts.city().city, person.username, role, by=staff_user().actor_id,
                reason=form.reason.data,
            )  # fmt: skip
        except DomainError as refusal:
            form.refuse(sentence(refusal), why=type(refusal).__name__)
        else:
            say(_("The role is given."))
            return _back(person)
    return _page("staff/people/grant.html", form, person=person)


@staff.route("/people/<username>/roles/<int:grant_id>/end", methods=["GET", "POST"])
@needs(Permission.STAFF_MANAGE)
def people_end_grant(username: str, grant_id: int) -> _Answer:
    person, parts = _working(username), wiring()
    running = (each for each in person.grants if not each.is_over(parts.clock.today()))
    grant = next((each for each in running if each.id == grant_id), None)
    if grant is None:
        abort(404)
    form = ReasonForm(kept=kept_here())
    if form.validate_on_submit():
        try:
            people.take_role(
                parts.sessions, parts.city().city, person.username, grant_id, by=staff_user().actor_id,
                reason=form.reason.data, today=parts.clock.today(), now=parts.clock.now(),
            )  # fmt: skip
        except DomainError as refusal:
            form.refuse(sentence(refusal), why=type(refusal).__name__)
        else:
            say(_("The role has ended."))
            return _back(person)
    return _page("staff/people/end_grant.html", form, person=person, grant=grant)


@staff.route("/people/<username>/new-link", methods=["GET", "POST"])
@needs(Permission.STAFF_MANAGE)
def people_invite(username: str) -> _Answer:
    person, form = _working(username), NewLinkForm(kept=kept_here())
    if form.validate_on_submit():
        parts = wiring()
        try:
            invited = people.invite_again(
                parts.sessions, parts.door(), person.username, by=staff_user().actor_id, now=parts.clock.now(),
                reason=form.reason.data, keeps_password=form.lost.data == FACTOR_LOST and person.has_password,
            )  # fmt: skip
        except DomainError as refusal:
            form.refuse(sentence(refusal), why=type(refusal).__name__)
        else:
            return _show_link(invited, person.username, person.name)
    return _page("staff/people/invite.html", form, person=person)


@staff.route("/people/<username>/sessions/end", methods=["GET", "POST"])
@needs(Permission.STAFF_MANAGE)
def people_end_sessions(username: str) -> _Answer:
    person, form = _working(username), ReasonForm(kept=kept_here())
    if form.validate_on_submit():
        parts = wiring()
        people.end_all_sessions(
            parts.sessions, person.username, by=staff_user().actor_id, reason=form.reason.data, now=parts.clock.now()
        )
        say(_("They are signed out on every screen."))
        return _back(person)
    return _page("staff/people/end_sessions.html", form, person=person)


@staff.route("/people/<username>/identities/new", methods=["GET", "POST"])
@needs(Permission.STAFF_MANAGE)
def people_link(username: str) -> _Answer:
    person, parts = _working(username), wiring()
    if not parts.settings.staff_oidc:
        abort(404)
    form = IdentityForm(kept=kept_here())
    form.issuer.choices = [(one.issuer, one.label) for one in parts.settings.staff_oidc]
    if form.validate_on_submit():
        try:
            people.link_identity(
                parts.sessions, person.username, form.issuer.data, form.subject.data, by=staff_user().actor_id,
                reason=form.reason.data,
            )  # fmt: skip
        except DomainError as refusal:
            form.refuse(sentence(refusal), why=type(refusal).__name__)
        else:
            say(_("They may sign in that way now."))
            return _back(person)
    return _page("staff/people/link.html", form, person=person)


@staff.route("/people/<username>/offboard", methods=["GET", "POST"])
@needs(Permission.STAFF_MANAGE)
def people_offboard(username: str) -> _Answer:
    person, form = _working(username), ReasonForm(kept=kept_here())
    if form.validate_on_submit():
        parts = wiring()
        try:
            people.offboard(
                parts.sessions, parts.city().city, person.username, by=staff_user().actor_id,
                reason=form.reason.data, today=parts.clock.today(), now=parts.clock.now(),
            )  # fmt: skip
        except DomainError as refusal:
            form.refuse(sentence(refusal), why=type(refusal).__name__)
        else:
            say(_("They have left. Every session, role and link has ended."))
            return _back(person)
    return _page("staff/people/offboard.html", form, person=person)


def _person(username: str) -> PersonFile:
    parts = wiring()
    policy = parts.city().city.staff_policy(parts.clock.today())
    with reading(parts.sessions) as session:
        found = queries.person(session, username.replace("\0", ""), policy, parts.clock.now())
    if found is None:
        abort(404)
    return found


def _working(username: str) -> PersonFile:
    """Of somebody who left nothing is changed any more."""
    found = _person(username)
    if found.offboarded_at is not None:
        abort(404)
    return found


def _back(person: PersonFile) -> Response:
    return redirect(url_for("staff.people_show", username=person.username), 303)


def _page(template: str, form: object, **given: object) -> tuple[str, int]:
    errors = getattr(form, "errors", None)
    return render_template(template, form=form, **given, **_words()), _UNPROCESSABLE if errors else 200


def _show_link(invited: Invited, username: str, name: str) -> str:
    """In the answer itself and nowhere else: who loads the page again does not see it again."""
    was_sent()
    url = wiring().settings.staff_url + url_for("staff.invitations_show", token=invited.token)
    return render_template("staff/people/link_made.html", url=url, username=username, name=name)


def _words() -> dict[str, object]:
    parts = wiring()
    today = parts.clock.today()
    policy = parts.city().city.staff_policy(today)
    return {
        "today": today,
        "me": staff_user().username,
        "providers": {one.name: one.label for one in parts.settings.staff_oidc},
        "issuers": {one.issuer: one.label for one in parts.settings.staff_oidc},
        "role_name": lambda code: role_name(policy, code),
        "role_names": lambda codes: role_names(policy, codes),
    }
