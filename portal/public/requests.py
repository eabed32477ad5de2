"""A guest asks the city for something: what; a link in the mail; then the pages of :mod:`portal.request_pages`."""

from __future__ import annotations

from flask import abort, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from accounts.cases.asking import NotForThisAccount
from accounts.cities.requests import RequestKind
from accounts.customer_accounts.rules import number_key, shown
from accounts.errors import DomainError, NotFound
from accounts.requests import guest_links, guests
from accounts.requests.guests import Wish
from portal import guest_requests as links
from portal import request_pages as pages
from portal.forms.baskets import PlainForm
from portal.forms.requests import GuestLinkForm, GuestRequestForm, WithdrawForm
from portal.i18n import gettext as _
from portal.i18n import locale_code
from portal.identity.residents.rules import LinkOver, TooManyMails, address_of
from portal.messages import sentence
from portal.permissions import anyone
from portal.public import visitors
from portal.public.blueprint import public
from portal.request_pages import Answer, Place
from portal.security import takes_files
from portal.wiring import wiring

_NOT_FOUND, _UNPROCESSABLE, _TOO_MANY = 404, 422, 429


@public.route("/ask", methods=["GET", "POST"])
@anyone
def requests_new() -> Answer:
    """What is asked for, about which of the accounts that this visit has proved, and by whom."""
    form, kinds, proven = GuestRequestForm(), _kinds(), visitors.proven_accounts()
    form.kind.choices = [(one.code, one.name.in_(locale_code())) for one in kinds]
    form.account.choices = [("", _("Choose an account")), *((one, shown(one)) for one in proven)]
    if request.method == "GET":
        asked = number_key(request.args.get("account", ""))
        form.account.data = asked if asked in proven else ""
        form.kind.data = request.args.get("kind")
    if form.validate_on_submit():
        kind = next(one for one in kinds if one.code == form.kind.data)
        wish = Wish(
            kind.code, form.name.data, address_of(form.email.data), form.phone.data or "", locale_code(),
            proven.get(form.account.data or "") if kind.needs_account else None,
        )  # fmt: skip
        try:
            links.ask(wiring(), wish, g.client)
        except NotForThisAccount:
            form.refuse(_("Choose an account that this is for."), "account", why="NotForThisAccount")
        except TooManyMails as refusal:
            form.refuse(sentence(refusal), why="TooManyMails")
            return _new(form, kinds, has_accounts=bool(proven)), _TOO_MANY
        else:
            return redirect(url_for("public.requests_mailed"), 303)
    return _new(form, kinds, has_accounts=bool(proven)), _UNPROCESSABLE if form.errors else 200


@public.get("/ask/mail-sent")
@anyone
def requests_mailed() -> str:
    """The same whoever asked, and whatever for."""
    return render_template("public/requests/mailed.html")


@public.route("/ask/status", methods=["GET", "POST"])
@anyone
def requests_find() -> Answer:
    """A new link to a request, by its number and the address that asked for it."""
    form = GuestLinkForm()
    if not form.validate_on_submit():
        status = _UNPROCESSABLE if form.is_submitted() else 200
        return render_template("public/requests/find.html", form=form), status
    try:
        links.ask_for_link(
            wiring(), form.number.data, address_of(form.email.data), g.client, language=locale_code()
        )  # fmt: skip
    except TooManyMails as refusal:
        form.refuse(sentence(refusal), why="TooManyMails")
        return render_template("public/requests/find.html", form=form), _TOO_MANY
    return redirect(url_for("public.requests_mailed"), 303)


@public.route("/ask/begin/<token>", methods=["GET", "POST"])
@anyone
def requests_begin(token: str) -> Answer:
    """The link in the mail: nothing is begun before its button is pressed, as mailboxes open links by themselves."""
    parts, form = wiring(), WithdrawForm()
    try:
        wish = links.wish_of(parts, token)
    except LinkOver:
        return _over()
    g.language_of_page = wish.language
    kind = next((one for one in _kinds() if one.code == wish.kind), None)
    if kind is None:
        return _over()
    if form.validate_on_submit():
        try:
            who = guests.begin(parts.case_desk(), wish)
        except DomainError as refusal:
            form.refuse(sentence(refusal), why=type(refusal).__name__)
        else:
            return redirect(url_for("public.requests_page", token=links.token_of(parts, who), number=1), 303)
    rendered = render_template(
        "public/requests/begin.html", form=form, wish=wish, token=token,
        name=kind.name.in_(locale_code()), lead=kind.lead.in_(locale_code()),
        papers=[one.name.in_(locale_code()) for one in kind.documents if one.required],
    )  # fmt: skip
    return rendered, _UNPROCESSABLE if form.errors else 200


@public.route("/ask/requests/<token>", methods=["GET", "POST"])
@anyone
def requests_show(token: str) -> Answer:
    try:
        return pages.show(_place(token))
    except LinkOver:
        return _over()


@public.route("/ask/requests/<token>/pages/<int:number>", methods=["GET", "POST"])
@anyone
def requests_page(token: str, number: int) -> Answer:
    return pages.page(_open_place(token), number)


@public.route("/ask/requests/<token>/documents", methods=["GET", "POST"])
@anyone
@takes_files
def requests_papers(token: str) -> Answer:
    return pages.papers(_open_place(token))


@public.get("/ask/requests/<token>/documents/<int:paper_id>")
@anyone
def requests_document(token: str, paper_id: int) -> Response:
    return pages.document(_open_place(token), paper_id)


@public.route("/ask/requests/<token>/check", methods=["GET", "POST"])
@anyone
def requests_check(token: str) -> Answer:
    return pages.check(_open_place(token))


@public.route("/ask/requests/<token>/withdraw", methods=["GET", "POST"])
@anyone
def requests_withdraw(token: str) -> Answer:
    return pages.withdraw(_open_place(token))


@public.get("/ask/requests/<token>/letter.pdf")
@anyone
def requests_letter(token: str) -> Response:
    return pages.letter(_open_place(token))


@public.route("/ask/requests/<token>/new-link", methods=["GET", "POST"])
@anyone
def requests_new_link(token: str) -> Answer:
    """Somebody else has the link: all that were mailed end, and a new one goes to the address that asked."""
    place, form = _open_place(token), PlainForm()
    if form.validate_on_submit():
        guest_links.call_back(wiring().case_desk(), links.guest_of(wiring(), token))
        return redirect(url_for("public.requests_link_ended"), 303)
    return render_template("public/requests/new_link.html", form=form, place=place)


@public.get("/ask/link-ended")
@anyone
def requests_link_ended() -> str:
    """What became of the links, for whoever ended them."""
    return render_template("public/requests/link_ended.html")


def _place(token: str) -> Place:
    """Where the holder of a link works on their request; raises ``LinkOver``, the same for a link that was called
    back as for one that we never made."""
    who = links.guest_of(wiring(), token)
    try:
        guests.must_open(wiring().case_desk(), who)
    except NotFound as refusal:
        raise LinkOver("called back") from refusal
    g.language_of_page = who.language
    new_link = url_for("public.requests_new_link", token=token)
    return Place(
        who, who.case_id, "public.requests", {"token": token}, "layouts/resident.html", new_link_url=new_link
    )  # fmt: skip


def _open_place(token: str) -> Place:
    try:
        return _place(token)
    except LinkOver:
        abort(_NOT_FOUND)


def _over() -> tuple[str, int]:
    return render_template("public/requests/over.html"), _NOT_FOUND


def _kinds() -> list[RequestKind]:
    """What somebody without a sign-in may ask for."""
    parts = wiring()
    return [one for one in parts.city().city.requests(parts.clock.today()) if one.guests]


def _new(form: GuestRequestForm, kinds: list[RequestKind], *, has_accounts: bool) -> str:
    hints = {one.code: one.lead.in_(locale_code()) for one in kinds}
    return render_template("public/requests/new.html", form=form, hints=hints, has_accounts=has_accounts)
