"""Who sees an account online: the counter's look at it, letting its holder in, taking somebody off."""

from __future__ import annotations

from flask import abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from accounts.account_links import service as links
from accounts.account_links import sharing
from accounts.account_links.queries import shares_of
from accounts.account_links.service import WHOLE
from accounts.account_links.sharing import NewInvitation
from accounts.cities.staffing import Permission
from accounts.database import one_by_one
from accounts.errors import DomainError
from portal.forms.account_links import HolderForm, TakeOffForm
from portal.i18n import gettext as _
from portal.i18n import locale_code
from portal.identity.residents.queries import at_counter, masked_addresses
from portal.messages import sentence
from portal.messages_sent.rules import masked_contact
from portal.permissions import needs
from portal.share_mail import PURPOSE, Envelope, sealed
from portal.staff.blueprint import may_see, opened_file, staff, staff_user
from portal.staff.done import say
from portal.staff.files import file_page
from portal.staff.kept_forms import kept_here
from portal.wiring import wiring
from portal.words.links import PersonView, person_view

_NOT_FOUND, _UNPROCESSABLE = 404, 422


@staff.get("/accounts/<reference>/online")
@needs(Permission.ACCOUNTS_SEE)
def account_links_list(reference: str) -> str:
    """Everybody who has the account in their list, and who was invited to it; addresses are masked."""
    del reference
    parts, user = wiring(), staff_user()
    with one_by_one(parts.sessions) as reader:
        waiting = at_counter(reader, parts.clock.now(), account_id=opened_file().id, **may_see(user))
    return file_page(
        "staff/account_links/list.html", people=_people(), may_change=user.may(Permission.CUSTOMERS_CHANGE),
        may_decide=user.may(Permission.APPROVALS_DECIDE), waiting=waiting,
        has_mailboxes=parts.city().city.desk_policy(parts.clock.today()).lost_mailbox is not None,
    )  # fmt: skip


@staff.route("/accounts/<reference>/online/new", methods=["GET", "POST"])
@needs(Permission.CUSTOMERS_CHANGE)
def account_links_new(reference: str) -> str | Response | tuple[str, int]:
    """Invite the holder, who proved at the counter who they are; the only way to a protected account."""
    parts, file, user = wiring(), opened_file(), staff_user()
    form = HolderForm(kept=kept_here(), language=locale_code())
    if form.validate_on_submit():
        token, to = sharing.new_token(), form.email.data
        envelope = sealed(parts.vault(PURPOSE), Envelope(token, to))
        new = NewInvitation(token, envelope, masked_contact("mail", to), form.language.data, WHOLE)
        try:
            sharing.invite_holder(parts.sessions, user.authority, file.id, new, now=parts.clock.now())
        except DomainError as refusal:
            form.refuse(sentence(refusal), why=type(refusal).__name__)
        else:
            say(_("The invitation is on its way. It can be accepted for 14 days."))
            return redirect(url_for("staff.account_links_list", reference=reference), 303)
    page = render_template("staff/account_links/new.html", form=form, file=file)
    return page, _UNPROCESSABLE if form.errors else 200


@staff.route("/accounts/<reference>/online/<int:link_id>/end", methods=["GET", "POST"])
@needs(Permission.CUSTOMERS_CHANGE)
def account_links_end(reference: str, link_id: int) -> str | Response | tuple[str, int]:
    """Take somebody off, with a reason; who they let in goes with them."""
    parts, file, user, form = wiring(), opened_file(), staff_user(), TakeOffForm(kept=kept_here())
    person = next((one for one in _people() if one.id == link_id and not one.is_invitation), None)
    if person is None:
        abort(_NOT_FOUND)
    if form.validate_on_submit():
        try:
            links.end_at_counter(parts.sessions, user.authority, link_id, form.reason.data, now=parts.clock.now())
        except DomainError as refusal:
            form.refuse(sentence(refusal), why=type(refusal).__name__)
        else:
            say(_("They no longer see this account online."))
            return redirect(url_for("staff.account_links_list", reference=reference), 303)
    page = render_template("staff/account_links/end.html", form=form, file=file, person=person, here=request.path)
    return page, _UNPROCESSABLE if form.errors else 200


def _people() -> list[PersonView]:
    with one_by_one(wiring().sessions) as reader:
        shares = shares_of(reader, opened_file().id, wiring().clock.now())
        known = masked_addresses(reader, [share.actor_id for share in shares if share.actor_id is not None])
    return [person_view(share, known) for share in shares]
