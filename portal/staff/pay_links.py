"""Links to pay: sent while the caller waits, or shown as a code; the screen turns when one is paid."""

from __future__ import annotations

import secrets

from flask import Response, abort, jsonify, redirect, render_template, request, url_for
from flask_babel import pgettext
from markupsafe import Markup
from werkzeug.wrappers import Response as AnyResponse

from accounts.charges.queries import open_charges
from accounts.cities.staffing import Permission
from accounts.customer_accounts.queries import account_file, accounts_of
from accounts.customer_accounts.rules import number_key
from accounts.database import one_by_one, reading
from accounts.errors import DomainError
from accounts.money import ZERO, Money, total
from payments.attempts.rules import State
from payments.gateway.base import GatewayError
from payments.pay_links import service
from payments.pay_links.queries import LinkView, link, links
from payments.pay_links.rules import Asked, NothingAsked, Standing
from payments.pay_links.service import NewLink
from payments.settlements.service import settle
from payments.terms import bounds_of
from portal import logs
from portal.account_files.heads import file_head
from portal.documents.typesetting import qr_svg
from portal.forms.baskets import PlainForm
from portal.forms.pay_links import PayLinkForm
from portal.i18n import gettext as _
from portal.messages import sentence
from portal.messages_sent.rules import masked_contact
from portal.pay_links import PURPOSE, Secret, link_address, opened, sealed
from portal.permissions import needs
from portal.staff.blueprint import may_see, opened_file, staff, staff_user
from portal.staff.done import say
from portal.staff.files import file_page
from portal.staff.kept_forms import kept_here
from portal.staff.lists import here, key
from portal.texts import NoTexts
from portal.wiring import wiring

_NOT_FOUND, _UNPROCESSABLE = 404, 422
_LONGEST_AMOUNT, _LONGEST_ID = 12, 18
_ASKING = (Standing.PAYING, Standing.CHECKING)
_log = logs.logger(__name__)


@staff.route("/accounts/<reference>/pay-links/new", methods=["GET", "POST"])
@needs(Permission.WINDOW_TAKE)
def pay_links_new(reference: str) -> str | AnyResponse | tuple[str, int]:
    """Accounts and amounts, and by which way the link goes. A sale at the window names itself and its rest."""
    del reference
    parts, form = wiring(), PayLinkForm(kept=kept_here())
    form.offer(has_texts=not isinstance(parts.texts, NoTexts))
    if form.validate_on_submit():
        try:
            if asked := _asked_for(form):
                link_id = _sent(form, asked)
                return redirect(url_for("staff.pay_links_show", link_id=link_id), 303)
        except DomainError as refusal:
            form.refuse(sentence(refusal), why=type(refusal).__name__)
    elif request.method == "GET":
        _prefill(form)
    policy = parts.city().city.pay_link_policy(parts.clock.today())
    page = file_page("staff/pay_links/new.html", form=form, minutes=policy.minutes)
    return page, _UNPROCESSABLE if form.errors else 200


@staff.get("/pay-links")
@needs(Permission.WINDOW_TAKE)
def pay_links_list() -> str:
    """Links that were sent, newest first: one's own, or everybody's."""
    parts, user, whose = wiring(), staff_user(), request.args.get("whose", "mine")
    sender = None if whose == "everybodys" else user.actor_id
    with one_by_one(parts.sessions) as reader:
        page = links(reader, parts.clock.now(), sender_id=sender, before=key("before"), **may_see(user))
    tabs = [
        {"label": pgettext("links", "Mine"), "url": here(whose="mine"), "current": sender is not None},
        {"label": _("Everybody’s"), "url": here(whose="everybodys"), "current": sender is None},
    ]
    return render_template(
        "staff/pay_links/list.html", links=page.links, tabs=tabs, words=standing_words,
        first_url=here() if key("before") else "", next_url=here(before=page.next_before) if page.next_before else "",
    )  # fmt: skip


@staff.get("/pay-links/<int:link_id>")
@needs(Permission.WINDOW_TAKE)
def pay_links_show(link_id: int) -> str:
    """How a link stands. The processor is asked where somebody is on its page."""
    found = _found(link_id)
    if found.standing in _ASKING and _asked(found):
        found = _found(link_id)
    parts = wiring()
    address = ""
    if found.channel == "qr" and not found.has_ended:
        address = link_address(parts.settings.base_url, opened(parts.vault(PURPOSE), found.sealed).token)
    return render_template(
        "staff/pay_links/show.html", link=found, words=standing_words(found.standing), address=address,
        code=Markup(qr_svg(address)) if address else "", cancel=PlainForm(),  # noqa: S704 - our own drawing
    )  # fmt: skip


@staff.get("/pay-links/<int:link_id>/state")
@needs(Permission.WINDOW_TAKE)
def pay_links_state(link_id: int) -> Response:
    """What the clerk's screen asks every few seconds."""
    found = _found(link_id)
    return jsonify(standing=found.standing.value, words=standing_words(found.standing), ended=found.has_ended)


@staff.post("/pay-links/<int:link_id>/cancel")
@needs(Permission.WINDOW_TAKE)
def pay_links_cancel(link_id: int) -> AnyResponse:
    """The link can be paid no more; its page at the processor is closed."""
    _found(link_id)
    if PlainForm().validate_on_submit():
        try:
            state = service.cancel(wiring().desk(), staff_user().authority, link_id)
        except GatewayError:
            say(_("The link is canceled, but the payment service did not answer: its page may still be open. "
                  "Cancel once more in a minute."), "warning")  # fmt: skip
        except DomainError as refusal:
            say(sentence(refusal), "warning")
        else:
            if state is State.SUCCEEDED:
                say(_("It had just been paid. The receipt is below."), "warning")
            else:
                say(_("The link is canceled. Nobody can pay by it any more."))
    return redirect(url_for("staff.pay_links_show", link_id=link_id), 303)


def standing_words(standing: Standing) -> str:
    """How a link stands, for the clerk."""
    return {
        Standing.WAITING: _("Not opened yet"),
        Standing.OPENED: _("Opened"),
        Standing.PAYING: _("On the payment page"),
        Standing.CHECKING: _("Being checked: take no other payment for it yet"),
        Standing.FAILED: _("Did not go through; it can be tried again"),
        Standing.PAID: _("Paid"),
        Standing.CANCELED: _("Canceled"),
        Standing.OVER: _("Its time is over"),
    }[standing]


def _found(link_id: int) -> LinkView:
    with one_by_one(wiring().sessions) as reader:
        found = link(reader, link_id, wiring().clock.now(), **may_see(staff_user()))
    if found is None:
        abort(_NOT_FOUND)
    return found


def _asked(found: LinkView) -> bool:
    try:
        settle(wiring().desk(), found.attempt_id)
    except GatewayError as error:
        _log.warning("processor not heard", attempt=found.attempt_id, error=type(error).__name__)
        return False
    return True


def _prefill(form: PayLinkForm) -> None:
    """The account itself with what it owes (or the rest of the sale), and the holder's other accounts without."""
    parts, file, user = wiring(), opened_file(), staff_user()
    with reading(parts.sessions) as session:
        head = file_head(session, file.id, parts.clock.today(), **may_see(user))
        owed = total(charge.open for charge in open_charges(session, [file.id]))
        others = accounts_of(session, [file.customer_id], **may_see(user))
    form.form_key.data = form.form_key.data or secrets.token_urlsafe(12)
    if form.kept_at is not None:
        return
    form.sale.data = request.args.get("sale", "")
    first, *rest = form.lines
    first.number.data, first.amount.data = file.number, _rest_of_sale() or owed or None
    open_ones = [one for one in others if one.reference != file.reference and one.status == "open"]
    for line, other in zip(rest, open_ones, strict=False):
        line.number.data = other.number
    form.email.data, form.phone.data = head.email, head.phone
    form.language.data = head.language
    known = {"text": head.phone, "mail": head.email, "qr": "here"}
    form.channel.data = next(way for way, _label in form.channel.choices if known[way])


def _number(written: str | None) -> int | None:
    return (
        int(written) if written and written.isascii() and written.isdigit() and len(written) <= _LONGEST_ID else None
    )


def _rest_of_sale() -> Money | None:
    written = request.args.get("amount", "")[:_LONGEST_AMOUNT]
    return Money(int(written)) if written.isascii() and written.isdigit() and int(written) else None


def _sent(form: PayLinkForm, asked: tuple[Asked, ...]) -> int:
    parts, token = wiring(), service.new_token()
    to, channel = form.to, form.channel.data
    new = NewLink(
        form_key=f"{staff_user().actor_id}:{(form.form_key.data or '')[:40]}",
        token=token,
        sealed=sealed(parts.vault(PURPOSE), Secret(token, to)),
        channel=channel,
        to_masked=masked_contact(channel, to) if to else "",
        language=form.language.data,
        lines=asked,
        sale_id=_number(form.sale.data),
    )
    city = parts.city().city
    policy = city.pay_link_policy(parts.clock.today())
    return service.send(
        parts.sessions, staff_user().authority, new, policy, bounds_of(city), clock=parts.clock
    )  # fmt: skip


def _asked_for(form: PayLinkForm) -> tuple[Asked, ...]:
    """The lines with an amount; none where a number is no account for this person, which the form then says."""
    found = []
    with one_by_one(wiring().sessions) as reader:
        for line in (line for line in form.lines if line.is_used):
            file = account_file(reader, number_key(line.number.data or ""), **may_see(staff_user()))
            if file is None:
                line.refuse(_("There is no account with this number."), "number", why="account")
                return ()
            found.append(Asked(file.id, line.amount.data or ZERO))
    if not found:
        form.refuse(sentence(NothingAsked()), why="NothingAsked")
    return tuple(found)
