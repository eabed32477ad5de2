"""A supervisor's side of drawers: floats, change, collecting cash, counting for a colleague, accepting a count."""

from __future__ import annotations

from flask import abort, redirect, render_template, request, url_for

from accounts.cities.staffing import Permission
from accounts.database import reading
from payments.drawers import queries, service, verdicts
from payments.drawers.queries import CountView
from payments.no_sales import queries as no_sales
from portal.forms.drawers import DropForm, PickUpForm, VerdictForm, piece_words
from portal.i18n import gettext as _
from portal.permissions import needs
from portal.staff.blueprint import staff, staff_user
from portal.staff.done import say
from portal.staff.drawers import (
    Answer,
    any_drawer,
    count_page,
    float_page,
    no_sale_reason,
    pieces_page,
    refused_in,
)
from portal.staff.kept_forms import kept_here
from portal.staff.lists import here, key
from portal.wiring import wiring
from portal.words.city_names import till_name

_NOT_FOUND = 404
_UNPROCESSABLE = 422
_A_PAGE = 30


@staff.get("/drawers")
@needs(Permission.DRAWERS_REVIEW)
def drawer_reviews_list() -> str:
    """Drawers that are not closed, then those that are; what waits for a second person is named."""
    before = key("before")
    with reading(wiring().sessions) as session:
        unfinished = [] if before else queries.unfinished(session)
        past = queries.history(session, before, _A_PAGE + 1)
    older = here(before=past[_A_PAGE - 1].id) if len(past) > _A_PAGE else ""
    closed = [one for one in past[:_A_PAGE] if one.state == "closed"]
    return render_template(
        "staff/drawer_reviews/list.html", unfinished=unfinished, closed=closed, older=older, till_name=till_name,
        is_first=before is None,
    )  # fmt: skip


@staff.get("/drawers/<int:drawer_id>")
@needs(Permission.DRAWERS_REVIEW)
def drawer_reviews_show(drawer_id: int) -> str:
    """A drawer: who has it, what moved, its counts. What it should hold is not told before it is counted."""
    drawer = any_drawer(drawer_id)
    with reading(wiring().sessions) as session:
        counts = queries.counts(session, drawer_id)
        moved = queries.movements(session, drawer_id)
        opened = no_sales.of_drawer(session, drawer_id)
    return render_template(
        "staff/drawer_reviews/show.html", drawer=drawer, counts=counts, moved=moved, till_name=till_name,
        piece_words=piece_words, is_own=drawer.cashier_id == staff_user().actor_id,
        waits=bool(counts and not counts[-1].verdict), opened=opened, no_sale_reason=no_sale_reason,
    )  # fmt: skip


@staff.route("/drawers/<int:drawer_id>/review-float", methods=["GET", "POST"])
@needs(Permission.DRAWERS_REVIEW)
def drawer_reviews_float(drawer_id: int) -> Answer:
    """The float, counted a second time by a supervisor."""
    return float_page(drawer_id, url_for("staff.drawer_reviews_show", drawer_id=drawer_id))


@staff.route("/drawers/<int:drawer_id>/change", methods=["GET", "POST"])
@needs(Permission.DRAWERS_REVIEW)
def drawer_reviews_change(drawer_id: int) -> Answer:
    """Change out of the vault."""
    drawer, parts = any_drawer(drawer_id), wiring()

    def bring(form: DropForm) -> None:
        service.bring_change(parts.cash_desk(), staff_user().authority, drawer_id, form.counted)

    title = _("Bring change to %(name)s", name=drawer.cashier)
    words = (title, _("Bring it"), _("The change is in the drawer."))
    return pieces_page(DropForm, bring, words, url_for("staff.drawer_reviews_show", drawer_id=drawer_id), plain=True)


@staff.route("/drawers/<int:drawer_id>/pick-up", methods=["GET", "POST"])
@needs(Permission.DRAWERS_REVIEW)
def drawer_reviews_pick_up(drawer_id: int) -> Answer:
    """Cash that a supervisor collects, counted before the cashier's eyes."""
    drawer, parts = any_drawer(drawer_id), wiring()

    def pick_up(form: PickUpForm) -> None:
        service.pick_up(parts.cash_desk(), staff_user().authority, drawer_id, form.counted, form.note.data)

    title = _("Collect cash from %(name)s", name=drawer.cashier)
    words = (title, _("Collect it"), _("The cash is on its way to the vault."))
    return pieces_page(PickUpForm, pick_up, words, url_for("staff.drawer_reviews_show", drawer_id=drawer_id))


@staff.route("/drawers/<int:drawer_id>/review-count", methods=["GET", "POST"])
@needs(Permission.DRAWERS_REVIEW)
def drawer_reviews_count(drawer_id: int) -> Answer:
    """The count of a drawer whose cashier cannot count it; a third person then accepts it."""
    return count_page(drawer_id, url_for("staff.drawer_reviews_show", drawer_id=drawer_id))


@staff.route("/drawers/<int:drawer_id>/verdict", methods=["GET", "POST"])
@needs(Permission.DRAWERS_REVIEW)
def drawer_reviews_verdict(drawer_id: int) -> Answer:
    """Accept a count or reject it: what that comes to stands above the buttons."""
    parts, drawer = wiring(), any_drawer(drawer_id)
    policy = parts.city().city.cash_policy(parts.clock.today())
    with reading(parts.sessions) as session:
        counts = queries.counts(session, drawer_id)
    waiting = counts[-1] if counts and not counts[-1].verdict else None
    form = VerdictForm(kept=kept_here())
    if waiting is None:
        abort(_NOT_FOUND)
    if form.validate_on_submit() and _is_seen(form, waiting) and refused_in(form, lambda: _decide(form)) is None:
        accepted = request.form.get("step") == "accept"
        say(_("The count is accepted. The drawer is closed.") if accepted else _("The count is rejected."))
        return redirect(url_for("staff.drawer_reviews_show", drawer_id=drawer_id), 303)
    form.seen.data = str(waiting.id)
    needs_reason = waiting.found.difference.largest > policy.explain
    form.reason.flags.optional = not needs_reason
    page = render_template(
        "staff/drawer_reviews/verdict.html", form=form, drawer=drawer, count=waiting, till_name=till_name,
        piece_words=piece_words, policy=policy,
        needs_reason=needs_reason,
    )  # fmt: skip
    return page, _UNPROCESSABLE if form.errors else 200


def _is_seen(form: VerdictForm, waiting: CountView) -> bool:
    """Was it this very count that was looked at?"""
    if form.seen.data == str(waiting.id):
        return True
    form.refuse(_("The drawer was counted again since you looked. Look again, then decide."), why="changed")
    return False


def _decide(form: VerdictForm) -> None:
    desk, by, count_id = wiring().cash_desk(), staff_user().authority, int(form.seen.data)
    if request.form.get("step") == "accept":
        verdicts.accept(desk, by, count_id, form.reason.data or "")
    else:
        verdicts.reject(desk, by, count_id, form.reason.data or "")
