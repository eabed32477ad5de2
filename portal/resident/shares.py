"""Who else is on an account: invite them, see them, take them off; and the page of who was invited."""

from __future__ import annotations

from flask import abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from accounts.account_links import service as links
from accounts.account_links import sharing
from accounts.account_links.queries import invitation, shares_of
from accounts.account_links.rules import Right, Standing
from accounts.account_links.sharing import NewInvitation
from accounts.database import one_by_one
from accounts.errors import DomainError
from portal.forms.account_links import ShareForm
from portal.forms.baskets import PlainForm
from portal.i18n import locale_code
from portal.identity.residents.queries import masked_addresses
from portal.messages import sentence
from portal.messages_sent.rules import masked_contact
from portal.permissions import any_resident, with_right
from portal.resident.blueprint import opened_account, resident, resident_user
from portal.share_mail import PURPOSE, Envelope, sealed
from portal.wiring import wiring
from portal.words.links import person_view, rights_words, standing_words

_NOT_FOUND, _GONE, _UNPROCESSABLE = 404, 410, 422


@resident.get("/accounts/<reference>/people")
@with_right(Right.SEE)
def shares_list(reference: str) -> str:
    """Everybody on the account; whoever holds it may let in and take off."""
    del reference
    account, parts, user = opened_account(), wiring(), resident_user()
    with one_by_one(parts.sessions) as reader:
        shares = shares_of(reader, account.account_id, parts.clock.now())
        known = masked_addresses(reader, [share.actor_id for share in shares if share.actor_id is not None])
    return render_template(
        "resident/shares/list.html",
        account=account,
        people=[person_view(share, known, me=user.actor_id) for share in shares],
        is_holder=account.standing is Standing.HOLDER,
        form=PlainForm(),
        invited=request.args.get("invited") == "1",
    )


@resident.route("/accounts/<reference>/people/new", methods=["GET", "POST"])
@with_right(Right.SEE)
def shares_new(reference: str) -> str | Response | tuple[str, int]:
    account, parts, user = opened_account(), wiring(), resident_user()
    if account.standing is not Standing.HOLDER:
        abort(_NOT_FOUND)
    form = ShareForm(pays=True, standing=Standing.FAMILY.value, language=locale_code())
    if form.validate_on_submit():
        token = sharing.new_token()
        envelope = sealed(parts.vault(PURPOSE), Envelope(token, form.email.data))
        to = masked_contact("mail", form.email.data)
        new = NewInvitation(token, envelope, to, form.language.data, form.offer)
        try:
            sharing.invite(parts.sessions, user.actor_id, account.account_id, new, now=parts.clock.now())
        except DomainError as refusal:
            form.refuse(sentence(refusal), why=type(refusal).__name__)
        else:
            return redirect(url_for("resident.shares_list", reference=reference, invited=1), 303)
    page = render_template("resident/shares/new.html", account=account, form=form)
    return page, _UNPROCESSABLE if form.errors else 200


@resident.post("/accounts/<reference>/people/<int:link_id>/end")
@with_right(Right.SEE)
def shares_end(reference: str, link_id: int) -> Response:
    """Take somebody off who was let in."""
    if PlainForm().validate_on_submit():
        parts = wiring()
        links.end(parts.sessions, resident_user().actor_id, link_id, now=parts.clock.now())
    return redirect(url_for("resident.shares_list", reference=reference), 303)


@resident.post("/accounts/<reference>/invitations/<int:invitation_id>/withdraw")
@with_right(Right.SEE)
def shares_withdraw(reference: str, invitation_id: int) -> Response:
    """Take an invitation back."""
    if PlainForm().validate_on_submit():
        parts = wiring()
        sharing.withdraw(parts.sessions, resident_user().actor_id, invitation_id, now=parts.clock.now())
    return redirect(url_for("resident.shares_list", reference=reference), 303)


@resident.route("/invitations/<token>", methods=["GET", "POST"])
@any_resident
def invitations_show(token: str) -> str | Response | tuple[str, int]:
    """What is offered; accepting it takes a button, as programs that look through mail open links too."""
    parts, form = wiring(), PlainForm()
    with one_by_one(parts.sessions) as reader:
        found = invitation(reader, token, parts.clock.now())
    if found is None:
        abort(_NOT_FOUND)
    if found.is_open and form.validate_on_submit():
        try:
            sharing.accept(parts.sessions, resident_user().actor_id, token, now=parts.clock.now())
        except DomainError as refusal:
            form.refuse(sentence(refusal), why=type(refusal).__name__)
        else:
            return redirect(url_for("resident.accounts_show", reference=found.reference, added=1), 303)
    page = render_template(
        "resident/invitations/show.html",
        found=found,
        form=form,
        standing=standing_words(found.standing),
        rights=rights_words(found.rights, gets_copies=found.gets_copies),
    )
    return page, _UNPROCESSABLE if form.errors else 200 if found.is_open else _GONE
