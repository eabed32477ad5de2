"""The contact log: who called about what, how they were known, and what is to be done."""

from __future__ import annotations

from flask import redirect, render_template
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from accounts.cities.desk import DeskPolicy
from accounts.cities.staffing import Permission
from accounts.contacts import service
from accounts.contacts.rules import FollowUpKind, NewContact, NewFollowUp
from accounts.errors import DomainError
from portal.forms.contacts import ContactForm
from portal.messages import sentence
from portal.permissions import needs
from portal.staff.blueprint import opened_file, staff, staff_user
from portal.staff.done import account_url, say
from portal.staff.kept_forms import kept_here
from portal.wiring import wiring

_UNPROCESSABLE = 422


@staff.route("/accounts/<reference>/contacts/new", methods=["GET", "POST"])
@needs(Permission.CONTACTS_LOG)
def contacts_new(reference: str) -> str | Response | tuple[str, int]:
    parts, file = wiring(), opened_file()
    policy = parts.city().city.desk_policy(parts.clock.today())
    form = _form(policy)
    if form.validate_on_submit() and _says_what_then(form):
        try:
            service.log_contact(
                parts.sessions, staff_user().authority, policy, file.id, _contact(form),
                clock=parts.clock, follow_up=_follow_up(form),
            )  # fmt: skip
        except DomainError as refusal:
            form.refuse(sentence(refusal), why=type(refusal).__name__)
        else:
            say(_("The contact is logged."))
            return redirect(account_url(reference), 303)
    page = render_template("staff/contacts/new.html", form=form, file=file)
    return page, _UNPROCESSABLE if form.errors else 200


def _form(policy: DeskPolicy) -> ContactForm:
    form = ContactForm(kept=kept_here())
    form.channel.offer(policy.channels)
    form.verified_by.offer(policy.verifications)
    form.topic.offer(policy.topics)
    form.outcome.offer(policy.outcomes)
    form.language.offer(policy.spoken_languages)
    form.follow_up_division.offer(policy.divisions, empty=_("Nobody else"))
    return form


def _says_what_then(form: ContactForm) -> bool:
    if form.follow_up_text.data and not form.follow_up_on.data:
        form.refuse(_("Choose the day on which it is to be done."), "follow_up_on")
    if form.follow_up_on.data and not form.follow_up_text.data:
        form.refuse(_("Say what is to be done on that day."), "follow_up_text")
    return not form.errors


def _contact(form: ContactForm) -> NewContact:
    return NewContact(
        channel=form.channel.data,
        topic=form.topic.data,
        verified_by=form.verified_by.data,
        outcome=form.outcome.data,
        language=form.language.data,
        direction=form.direction.data,
        spoke_with=form.spoke_with.data or "",
        text=form.text.data or "",
    )


def _follow_up(form: ContactForm) -> NewFollowUp | None:
    if not form.follow_up_on.data:
        return None
    kind = FollowUpKind(form.follow_up_kind.data)
    mine = staff_user().actor_id if kind is FollowUpKind.CALL_BACK else None
    division = "" if kind is FollowUpKind.CALL_BACK else form.follow_up_division.data or ""
    return NewFollowUp(form.follow_up_text.data, form.follow_up_on.data, kind, mine, division)
