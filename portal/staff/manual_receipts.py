"""Books of paper receipts: issue one, enter what was written while there was no system, account for every number."""

from __future__ import annotations

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from accounts.cities.staffing import Permission
from accounts.database import reading
from accounts.errors import DomainError
from payments.drawers.queries import DrawerView, drawer_of
from payments.mail_batches.queries import openers
from payments.manual_receipts import queries, service
from payments.manual_receipts.queries import BookView
from payments.manual_receipts.rules import NewBook, shown_number
from payments.manual_receipts.service import Written
from payments.sales.drafts import AccountLine, Draft, ItemLine
from portal.forms.turn_ins import BookForm, PaperForm, SpoiledForm
from portal.i18n import gettext as _
from portal.i18n import locale_code
from portal.messages import sentence
from portal.permissions import needs
from portal.staff.blueprint import staff, staff_user
from portal.staff.done import say
from portal.staff.drawers import refused_in
from portal.staff.kept_forms import kept_here
from portal.staff.lists import here, key
from portal.staff.paid_online import refuse, say_of_pages, warned_by
from portal.staff.window_finding import find
from portal.wiring import wiring

_UNPROCESSABLE = 422
_PAGE = 25
Answer = str | Response | tuple[str, int]


@staff.get("/manual-receipts")
@needs(Permission.WINDOW_TAKE)
def manual_receipts_list() -> str:
    """Books, the newest first, with the numbers of which nothing is known."""
    before = key("before")
    with reading(wiring().sessions) as session:
        books = queries.books(session, before=before, most=_PAGE + 1)
    more = books[_PAGE - 1].id if len(books) > _PAGE else None
    return render_template(
        "staff/manual_receipts/list.html", books=books[:_PAGE], shown_number=shown_number,
        first_url=here() if before else "", next_url=here(before=more) if more else "",
    )  # fmt: skip


@staff.route("/manual-receipts/new", methods=["GET", "POST"])
@needs(Permission.DRAWERS_REVIEW)
def manual_receipts_new() -> Answer:
    """Hand a book to somebody."""
    parts, form = wiring(), BookForm(kept=kept_here())
    today = parts.clock.today()
    roles = [
        role.code
        for role in parts.city().city.staff_policy(today).roles
        if Permission.WINDOW_TAKE in role.permissions
    ]
    with reading(parts.sessions) as session:
        form.issued_to.choices = openers(session, roles, staff_user().actor_id, today)
    if form.validate_on_submit():
        new = NewBook(form.code.data.upper(), form.first.data or 0, form.last.data or 0, form.issued_to.data)
        refusal = refused_in(form, lambda: service.issue(parts.sale_desk(), staff_user().authority, new))
        if refusal is None:
            say(_("The book is issued."))
            return redirect(url_for("staff.manual_receipts_list"), 303)
    page = render_template("staff/manual_receipts/new.html", form=form)
    return page, _UNPROCESSABLE if form.errors else 200


@staff.route("/manual-receipts/<int:book_id>", methods=["GET", "POST"])
@needs(Permission.WINDOW_TAKE)
def manual_receipts_show(book_id: int) -> Answer:
    """A book: its numbers, its gaps, and the next one to enter."""
    parts, user, form = wiring(), staff_user(), PaperForm(kept=kept_here())
    city, today = parts.city().city, parts.clock.today()
    items = [(item.code, item.name.in_(locale_code())) for item in city.catalog(today) if not item.turn_in]
    form.item.choices = [("", _("Nothing")), *items]
    with reading(parts.sessions) as session:
        book = queries.book(session, book_id)
        drawer = drawer_of(session, user.actor_id)
    is_open = drawer is not None and drawer.state == "open"
    if drawer is not None and is_open and form.validate_on_submit() and _enter(form, book, drawer):
        return redirect(url_for("staff.manual_receipts_show", book_id=book_id), 303)
    if request.method == "GET" and form.kept_at is None and form.number.data is None and book.next <= book.last:
        form.number.data = book.gaps[0].first if book.gaps else book.next
    with reading(parts.sessions) as session:
        entries = queries.entries(session, book_id)
    page = render_template(
        "staff/manual_receipts/show.html", book=book, form=form, entries=entries, is_open=is_open,
        shown_number=shown_number,
    )  # fmt: skip
    return page, _UNPROCESSABLE if form.errors else 200


@staff.route("/manual-receipts/<int:book_id>/spoiled", methods=["GET", "POST"])
@needs(Permission.WINDOW_TAKE)
def manual_receipts_void(book_id: int) -> Answer:
    """A number that was spoiled is accounted for."""
    parts, form = wiring(), SpoiledForm(kept=kept_here())
    with reading(parts.sessions) as session:
        book = queries.book(session, book_id)
    if request.method == "GET" and form.kept_at is None and form.number.data is None:
        form.number.data = book.gaps[0].first if book.gaps else min(book.next, book.last)
    if form.validate_on_submit():
        refusal = refused_in(
            form,
            lambda: service.void(
                parts.sale_desk(), staff_user().authority, book_id, form.number.data or 0,
                written_on=form.written_on.data, reason=form.reason.data,
            ),
        )  # fmt: skip
        if refusal is None:
            say(_("The number is accounted for."))
            return redirect(url_for("staff.manual_receipts_show", book_id=book_id), 303)
    page = render_template("staff/manual_receipts/spoiled.html", book=book, form=form)
    return page, _UNPROCESSABLE if form.errors else 200


def _enter(form: PaperForm, book: BookView, drawer: DrawerView) -> bool:
    parts, draft = wiring(), _draft(form)
    if draft is None:
        return False
    written = Written(form.number.data or 0, form.written_on.data, draft, parts.city().city.identity.languages[0])
    try:
        entered = service.enter(
            parts.counter(), staff_user().authority, book.id, drawer.id, written, warned=warned_by(form)
        )
    except DomainError as refusal:
        refuse(form, refusal)
        return False
    say(_("Paper receipt %(number)s is entered.", number=shown_number(book.code, written.number)))
    say_of_pages(closed=entered.closed, is_coming=entered.is_coming)
    return True


def _draft(form: PaperForm) -> Draft | None:
    """What the paper says; none, and said so, where it says neither an account nor an item, or both."""
    tender = form.tender_line()
    if bool(form.what.data) == bool(form.item.data):
        form.refuse(_("Enter an account, or choose what was sold."), "what")
        return None
    if form.item.data:
        return Draft(items=(ItemLine(form.item.data, 1, tender.amount),), tenders=(tender,))
    try:
        found = find(form.what.data)
    except DomainError as refusal:
        form.refuse(sentence(refusal), "what", why=type(refusal).__name__)
        return None
    if found.account_id is None:
        form.refuse(_("No one account has this number. Type all of it."), "what")
        return None
    return Draft((AccountLine(found.account_id, tender.amount),), tenders=(tender,))
