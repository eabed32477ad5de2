"""Another address for a holder who has lost their mailbox: asked for at the counter, decided by a second person."""

from __future__ import annotations

from flask import abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from accounts.account_links.queries import shares_of
from accounts.account_links.rules import Standing
from accounts.cities.desk import LostMailbox, choice
from accounts.cities.staffing import Permission
from accounts.database import one_by_one
from accounts.errors import DomainError
from portal.forms.account_links import LostMailboxForm, RefusalForm
from portal.i18n import gettext as _
from portal.i18n import locale_code
from portal.identity.residents import lost_mailboxes
from portal.identity.residents.lost_mailboxes import Seen
from portal.identity.residents.queries import AtCounter, at_counter, masked_addresses
from portal.messages import sentence
from portal.permissions import needs
from portal.staff.blueprint import may_see, opened_file, staff, staff_user
from portal.staff.done import say
from portal.staff.kept_forms import kept_here
from portal.wiring import wiring
from portal.words.links import PersonView, person_view

_NOT_FOUND, _UNPROCESSABLE = 404, 422


@staff.get("/lost-mailboxes")
@needs(Permission.CUSTOMERS_CHANGE)
def lost_mailboxes_list() -> str:
    """What waits for a second person, or for the former mailbox; oldest first."""
    parts = wiring()
    with one_by_one(parts.sessions) as reader:
        waiting = at_counter(reader, parts.clock.now(), **may_see(staff_user()))
    return render_template(
        "staff/lost_mailboxes/list.html", waiting=waiting, may_decide=staff_user().may(Permission.APPROVALS_DECIDE),
        me=staff_user().actor_id, document=_document,
    )  # fmt: skip


@staff.route("/accounts/<reference>/online/<int:link_id>/mailbox", methods=["GET", "POST"])
@needs(Permission.CUSTOMERS_CHANGE)
def lost_mailboxes_new(reference: str, link_id: int) -> str | Response | tuple[str, int]:
    """Ask for another address; the kind of paper is kept, and no number of it."""
    parts, file, terms = wiring(), opened_file(), _terms()
    person, form = _holder(link_id), LostMailboxForm(kept=kept_here())
    documents = parts.city().city.desk_policy(parts.clock.today()).documents
    form.document.offer([one for one in documents if one.code in terms.documents], empty=_("Choose one"))
    if form.validate_on_submit():
        seen = Seen(file.id, link_id, form.document.data)
        try:
            lost_mailboxes.ask(
                parts.sessions, parts.resident_door(), staff_user().authority, seen, form.email.data,
                now=parts.clock.now(),
            )  # fmt: skip
        except DomainError as refusal:
            form.refuse(sentence(refusal), "email", why=type(refusal).__name__)
        else:
            say(_("A colleague has to agree now. Nothing is changed yet."))
            return redirect(url_for("staff.account_links_list", reference=reference), 303)
    page = render_template(
        "staff/lost_mailboxes/new.html", form=form, file=file, person=person, days=terms.objection_days
    )
    return page, _UNPROCESSABLE if form.errors else 200


@staff.route("/accounts/<reference>/mailboxes/<int:wish_id>", methods=["GET", "POST"])
@needs(Permission.APPROVALS_DECIDE)
def lost_mailboxes_decide(reference: str, wish_id: int) -> str | Response | tuple[str, int]:
    """A second person agrees, after which the former mailbox is told; or does not, and says why."""
    parts, file, terms, form = wiring(), opened_file(), _terms(), RefusalForm(kept=kept_here())
    with one_by_one(parts.sessions) as reader:
        waiting = at_counter(reader, parts.clock.now(), account_id=file.id, **may_see(staff_user()))
    change = next((one for one in waiting if one.id == wish_id), None)
    if change is None:
        abort(_NOT_FOUND)
    agrees = request.form.get("says") == "yes"
    if agrees and form.is_submitted():
        form.reason.data = form.reason.data or "-"
    if form.validate_on_submit():
        try:
            _decide(wish_id, terms, form.reason.data, agrees=agrees)
        except DomainError as refusal:
            form.refuse(sentence(refusal), why=type(refusal).__name__)
        else:
            return redirect(url_for("staff.account_links_list", reference=reference), 303)
    page = render_template(
        "staff/lost_mailboxes/decide.html", form=form, file=file, change=change, document=_document(change),
        days=terms.objection_days, is_mine=change.asked_by == staff_user().actor_id,
    )  # fmt: skip
    return page, _UNPROCESSABLE if form.errors else 200


def _decide(wish_id: int, terms: LostMailbox, reason: str, *, agrees: bool) -> None:
    parts, by, now = wiring(), staff_user().authority, wiring().clock.now()
    if not agrees:
        lost_mailboxes.refuse(parts.sessions, by, wish_id, reason, now=now)
        return say(_("Nothing was changed."))
    lost_mailboxes.approve(
        parts.sessions, parts.resident_door(), by, wish_id, objection_days=terms.objection_days, now=now
    )
    return say(_("The former mailbox is told now. The new one is asked once nobody has objected."))


def _terms() -> LostMailbox:
    """How the city does it; a city that does not has no such pages."""
    terms = wiring().city().city.desk_policy(wiring().clock.today()).lost_mailbox
    if terms is None:
        abort(_NOT_FOUND)
    return terms


def _holder(link_id: int) -> PersonView:
    with one_by_one(wiring().sessions) as reader:
        shares = shares_of(reader, opened_file().id, wiring().clock.now())
        known = masked_addresses(reader, [share.actor_id for share in shares if share.actor_id is not None])
    found = next((one for one in shares if one.id == link_id and not one.is_invitation), None)
    if found is None or found.standing is not Standing.HOLDER or found.actor_id not in known:
        abort(_NOT_FOUND)
    return person_view(found, known)


def _document(change: AtCounter) -> str:
    documents = wiring().city().city.desk_policy(wiring().clock.today()).documents
    found = choice(documents, change.document)
    return found.name.in_(locale_code()) if found else change.document
