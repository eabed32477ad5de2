"""A cashier's own drawer: open it, count a colleague's float, drop cash, count it blind and close it.

Until a count is committed, no answer of these pages holds what the books expect: ``drawers.queries.contents``
is asked only whether a limit is passed. Afterwards the difference is shown to the cashier too.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from accounts.cities.staffing import Permission
from accounts.database import reading
from accounts.errors import DomainError
from payments.drawers import lists, queries, service
from payments.drawers.queries import DrawerView
from payments.no_sales import queries as no_sales
from portal.forms.drawers import CloseForm, DropForm, FloatForm, OpenForm, PiecesForm, counting, piece_words
from portal.i18n import gettext as _
from portal.i18n import locale_code
from portal.messages import sentence
from portal.permissions import needs
from portal.staff.blueprint import staff, staff_user
from portal.staff.done import say
from portal.staff.kept_forms import kept_here
from portal.wiring import wiring
from portal.words.city_names import till_name

_NOT_FOUND = 404
_UNPROCESSABLE = 422
Answer = str | Response | tuple[str, int]


@staff.route("/drawers/mine", methods=["GET", "POST"])
@needs(Permission.WINDOW_TAKE)
def drawers_mine() -> Answer:
    """My drawer and what can be done with it; without one, the form that opens one."""
    parts, user = wiring(), staff_user()
    policy = parts.city().city.cash_policy(parts.clock.today())
    with reading(parts.sessions) as session:
        mine = queries.drawer_of(session, user.actor_id)
        floats = lists.waiting_floats(session, user.actor_id)
        before = lists.of_cashier(session, user.actor_id)
        in_use = {one.till for one in queries.unfinished(session) if one.state in ("float", "open")}
        moved = queries.movements(session, mine.id) if mine else []
        without_sale = no_sales.of_drawer(session, mine.id) if mine else []
        is_full = bool(mine and queries.contents(session, [mine.id])[mine.id].cash > policy.warn)
    form = counting(OpenForm, policy.denominations, kept=kept_here())
    form.till.choices = [
        (till.code, till.name.in_(locale_code()) + (f" ({_('in use')})" if till.code in in_use else ""))
        for till in parts.city().city.tills
    ]
    if request.method == "GET" and not form.till.data:
        form.till.data = next((code for code, _label in form.till.choices if code not in in_use), None)
    if mine is None and form.validate_on_submit():
        opened = refused_in(form, lambda: _open(form))
        if opened is None:
            say(_("Your float waits until somebody else has counted it too."), "info")
            return redirect(url_for("staff.drawers_mine"), 303)
    page = render_template(
        "staff/drawers/mine.html", form=form, mine=mine, floats=floats, before=before, moved=moved,
        policy=policy, is_full=is_full, till_name=till_name, opened=without_sale, no_sale_reason=no_sale_reason,
    )  # fmt: skip
    return page, _UNPROCESSABLE if form.errors else 200


@staff.route("/drawers/<int:drawer_id>/float", methods=["GET", "POST"])
@needs(Permission.WINDOW_TAKE)
def drawers_float(drawer_id: int) -> Answer:
    """A colleague's float, counted a second time."""
    return float_page(drawer_id, url_for("staff.drawers_mine"))


@staff.route("/drawers/<int:drawer_id>/drop", methods=["GET", "POST"])
@needs(Permission.WINDOW_TAKE)
def drawers_drop(drawer_id: int) -> Answer:
    """Cash into the vault."""
    own_drawer(drawer_id, "open")
    parts, back = wiring(), url_for("staff.drawers_mine")

    def drop(form: DropForm) -> None:
        service.drop(parts.cash_desk(), staff_user().authority, drawer_id, form.counted, form.note.data or "")

    title = _("Drop cash into the vault")
    return pieces_page(DropForm, drop, (title, _("Drop it"), _("The cash is in the vault.")), back)


@staff.route("/drawers/<int:drawer_id>/count", methods=["GET", "POST"])
@needs(Permission.WINDOW_TAKE)
def drawers_count(drawer_id: int) -> Answer:
    """Count everything and close, before anybody is told what the books expect."""
    own_drawer(drawer_id, "open", "counted")
    return count_page(drawer_id, url_for("staff.drawers_counted", drawer_id=drawer_id))


@staff.get("/drawers/<int:drawer_id>/counted")
@needs(Permission.WINDOW_TAKE)
def drawers_counted(drawer_id: int) -> str:
    """What was counted, what the books said, and what a second person made of it."""
    drawer = own_drawer(drawer_id, "counted", "closed")
    with reading(wiring().sessions) as session:
        counts = queries.counts(session, drawer_id)
    return render_template(
        "staff/drawers/counted.html", drawer=drawer, counts=counts, till_name=till_name, piece_words=piece_words
    )


def own_drawer(drawer_id: int, *states: str) -> DrawerView:
    """The drawer of whoever asks, in one of these states; anybody else's is not found."""
    with reading(wiring().sessions) as session:
        found = queries.drawer(session, drawer_id)
    if found is None or found.cashier_id != staff_user().actor_id or found.state not in states:
        abort(_NOT_FOUND)
    return found


def any_drawer(drawer_id: int) -> DrawerView:
    """A drawer, whoever's."""
    with reading(wiring().sessions) as session:
        found = queries.drawer(session, drawer_id)
    if found is None:
        abort(_NOT_FOUND)
    return found


def no_sale_reason(code: str) -> str:
    """Why a drawer was opened without a sale, as the city calls it; its code where the list has it no more."""
    parts = wiring()
    found = parts.city().city.cash_policy(parts.clock.today()).no_sale_reason(code)
    return found.name.in_(locale_code()) if found else code


def float_page(drawer_id: int, back: str) -> Answer:
    """Where a second person counts a float: neither is told what the other counted."""
    parts, drawer = wiring(), any_drawer(drawer_id)

    def verify(form: FloatForm) -> None:
        service.verify_float(parts.cash_desk(), staff_user().authority, drawer_id, form.counted)

    title = _("Count the float of %(name)s", name=drawer.cashier)
    return pieces_page(FloatForm, verify, (title, _("This is what is in it"), _("The drawer is open.")), back)


def count_page(drawer_id: int, then: str) -> Answer:
    """The blind count."""
    parts, drawer = wiring(), any_drawer(drawer_id)

    def count(form: CloseForm) -> None:
        service.count(parts.cash_desk(), staff_user().authority, drawer_id, form.found)

    words = (_("Count the drawer and close it"), _("This is what I counted"), "")
    return pieces_page(CloseForm, count, words, then, template="count", drawer=drawer)


def pieces_page(
    kind: type[PiecesForm], act: Callable[[Any], object], words: tuple[str, str, str], then: str,
    *, template: str = "pieces", **more: Any,
) -> Answer:  # fmt: skip
    """A page that counts notes and coins and does ``act``. ``words`` are its title, its button, and what is said."""
    parts = wiring()
    policy = parts.city().city.cash_policy(parts.clock.today())
    form = counting(kind, policy.denominations, kept=kept_here())
    title, label, said = words
    if form.validate_on_submit():
        if not any(field.raw_text for field in form.pieces):
            form.refuse(
                _("Enter how many there are of each. Type 0 if there is nothing at all."), form.pieces[0].name
            )
        elif refused_in(form, lambda: act(form)) is None:
            if said:
                say(said)
            return redirect(then, 303)
    page = render_template(
        f"staff/drawers/{template}.html", form=form, title=title, label=label, back=then, till_name=till_name, **more
    )
    return page, _UNPROCESSABLE if form.errors else 200


def refused_in(form: Any, act: Callable[[], object]) -> DomainError | None:
    """Do it; a refusal of the domain is shown in the form, and returned."""
    try:
        act()
    except DomainError as refusal:
        form.refuse(sentence(refusal), why=type(refusal).__name__)
        return refusal
    return None


def _open(form: OpenForm) -> None:
    parts = wiring()
    till = parts.city().city.till(form.till.data)
    service.open_drawer(parts.cash_desk(), staff_user().authority, till.code, till.receipt_series, form.counted)
