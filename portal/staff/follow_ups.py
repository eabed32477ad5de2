"""What somebody promised to do: due for me, for my division or for anybody; done with its outcome, or handed on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from accounts import audit
from accounts.cities.desk import DeskPolicy, choice
from accounts.cities.staffing import Permission
from accounts.contacts import queries, service
from accounts.contacts.queries import FollowUpEntry
from accounts.contacts.rules import AlreadyEnded, FollowUpKind, NewFollowUp
from accounts.customer_accounts.rules import shown
from accounts.database import reading, transaction
from accounts.errors import DomainError
from accounts.staff.queries import Colleague, colleagues
from portal.forms.follow_ups import FinishForm, FollowUpsFilter, HandOnForm
from portal.i18n import gettext as _
from portal.i18n import locale_code, short_date
from portal.messages import sentence
from portal.permissions import needs
from portal.staff.blueprint import staff, staff_user
from portal.staff.done import say
from portal.staff.kept_forms import kept_here
from portal.staff.lists import here, link_to
from portal.wiring import wiring

_UNPROCESSABLE, _CONFLICT = 422, 409
_WEEK = timedelta(days=7)
_KEY_DIGITS = 18
_EVER = date(9999, 12, 31)
MINE, EVERYBODYS = "mine", "everybodys"


@dataclass(frozen=True)
class Row:
    """A follow-up in a list."""

    url: str
    text: str
    kind: str
    reference: str
    when: str
    is_late: bool
    whose: str
    by: str


def row_of(entry: FollowUpEntry, policy: DeskPolicy, today: date) -> Row:
    """A follow-up as a list shows it."""
    return Row(
        url=url_for("staff.follow_ups_show", follow_up_id=entry.id),
        text=entry.text,
        kind=_kinds()[entry.kind],
        reference=shown(entry.reference) if entry.reference else "",
        when=_when(entry.due_on, today),
        is_late=entry.due_on < today,
        whose=_whose(entry, policy),
        by=entry.actor,
    )


@staff.get("/follow-ups")
@needs(Permission.CONTACTS_LOG)
def follow_ups_list() -> str:
    parts, by = wiring(), staff_user().authority
    policy, today = _policy(), parts.clock.today()
    form, whose = FollowUpsFilter(), request.args.get("whose") or MINE
    divisions = [(one.code, one.name.in_(locale_code())) for one in policy.divisions]
    form.division.offer([("", _("No division")), *divisions])
    form.due.offer([("", _("Today or earlier")), ("week", _("Within a week")), ("all", _("Some day"))])
    through = {"": today, "week": today + _WEEK, "all": _EVER}[form.due.data]
    after = _after()
    with reading(parts.sessions) as session:
        page = queries.due(
            session,
            by,
            through=through,
            everyone=whose == EVERYBODYS,
            divisions=_divisions(form, policy),
            after=after,
        )
        counts = queries.counts(session, by, today)
    tabs = [
        {"label": _("For me"), "url": here(whose=MINE), "current": whose == MINE, "count": counts.mine},
        {"label": _("Everybody’s"), "url": here(whose=EVERYBODYS), "current": whose == EVERYBODYS,
         "count": counts.late + counts.today},
    ]  # fmt: skip
    onward = page.next_after
    return render_template(
        "staff/follow_ups/list.html",
        form=form,
        whose=whose,
        rows=[row_of(entry, policy, today) for entry in page.follow_ups],
        tabs=tabs,
        first_url=here() if after else "",
        next_url=here(after=f"{onward[0].isoformat()}_{onward[1]}") if onward else "",
    )


@staff.route("/follow-ups/<int:follow_up_id>", methods=["GET", "POST"])
@needs(Permission.CONTACTS_LOG)
def follow_ups_show(follow_up_id: int) -> str | Response | tuple[str, int]:
    """Done, with what came of it."""
    form = FinishForm(kept=kept_here())
    if form.validate_on_submit():
        parts = wiring()
        try:
            service.finish(parts.sessions, staff_user().authority, follow_up_id, form.outcome.data, clock=parts.clock)
        except AlreadyEnded as refusal:
            form.refuse(sentence(refusal), why=type(refusal).__name__)
            return _page(follow_up_id, form), _CONFLICT
        except DomainError as refusal:
            form.refuse(sentence(refusal), "outcome", why=type(refusal).__name__)
        else:
            say(_("Done. It is off the list."))
            return redirect(url_for("staff.follow_ups_list"), 303)
    return _page(follow_up_id, form), _UNPROCESSABLE if form.errors else 200


@staff.route("/follow-ups/<int:follow_up_id>/hand-on", methods=["GET", "POST"])
@needs(Permission.CONTACTS_LOG)
def follow_ups_hand_on(follow_up_id: int) -> str | Response | tuple[str, int]:
    """To another day, a colleague or a division."""
    parts, by, policy = wiring(), staff_user().authority, _policy()
    with reading(parts.sessions) as session:
        entry = queries.follow_up(session, by, follow_up_id)
        people = colleagues(session, parts.clock.today())
    if not entry.is_open and request.method == "GET":
        return redirect(url_for("staff.follow_ups_show", follow_up_id=follow_up_id), 303)
    form = _hand_on_form(entry, policy, people)
    if form.validate_on_submit():
        try:
            service.hand_on(parts.sessions, by, policy, follow_up_id, _wanted(entry, form), clock=parts.clock)
        except AlreadyEnded as refusal:
            return _page(follow_up_id, FinishForm(), refused=sentence(refusal)), _CONFLICT
        except DomainError as refusal:
            form.refuse(sentence(refusal), why=type(refusal).__name__)
        else:
            say(_("Handed on."))
            return redirect(url_for("staff.follow_ups_list"), 303)
    page = render_template("staff/follow_ups/hand_on.html", form=form, entry=entry, row=_row(entry))
    return page, _UNPROCESSABLE if form.errors else 200


def _hand_on_form(entry: FollowUpEntry, policy: DeskPolicy, people: list[Colleague]) -> HandOnForm:
    form = HandOnForm(kept=kept_here(), text=entry.text, division=entry.for_division)
    form.division.offer(policy.divisions, empty=_("Nobody else"))
    form.person.choices = [("", _("Nobody by name")), *((str(one.actor_id), one.name) for one in people)]
    return form


def _wanted(entry: FollowUpEntry, form: HandOnForm) -> NewFollowUp:
    """An escalation that goes to a division that takes none, or to a person, becomes an ordinary one."""
    person, division = form.person.data, form.division.data
    is_same = entry.kind == FollowUpKind.ESCALATION and division == entry.for_division and division
    kind = FollowUpKind.ESCALATION if is_same else FollowUpKind.HAND_OFF if division else FollowUpKind.CALL_BACK
    return NewFollowUp(form.text.data, form.due_on.data, kind, int(person) if person else None, division or "")


def _page(follow_up_id: int, form: FinishForm, *, refused: str = "") -> str:
    parts, user = wiring(), staff_user()
    with reading(parts.sessions) as session:
        entry = queries.follow_up(session, user.authority, follow_up_id)
    if entry.account_id is not None and request.method == "GET":
        with transaction(parts.sessions) as session:
            audit.seen(session, entry.account_id, user.actor_id, "follow_ups_show")
    return render_template(
        "staff/follow_ups/show.html",
        form=form,
        refused=refused,
        entry=entry,
        row=_row(entry),
        has_page=bool(entry.reference and link_to("accounts_show", reference=entry.reference)),
        contact_url=link_to("contacts_new", reference=entry.reference) if entry.reference else "",
    )


def _row(entry: FollowUpEntry) -> Row:
    return row_of(entry, _policy(), wiring().clock.today())


def _policy() -> DeskPolicy:
    parts = wiring()
    return parts.city().city.desk_policy(parts.clock.today())


def _divisions(form: FollowUpsFilter, policy: DeskPolicy) -> list[str]:
    """The division that was chosen; who decides on others' acts also gets what was handed to a senior."""
    chosen = [form.division.data] if form.division.data else []
    if staff_user().may(Permission.APPROVALS_DECIDE):
        chosen += [division.code for division in policy.seniors()]
    return chosen


def _when(due_on: date, today: date) -> str:
    if due_on == today:
        return _("Due today")
    day = short_date(due_on)
    return _("Late: %(day)s", day=day) if due_on < today else _("Due %(day)s", day=day)


def _whose(entry: FollowUpEntry, policy: DeskPolicy) -> str:
    division = choice(policy.divisions, entry.for_division)
    named = division.name.in_(locale_code()) if division else entry.for_division
    return ", ".join(filter(None, (entry.for_actor, named)))


def _kinds() -> dict[str, str]:
    return {"call-back": _("Call back"), "hand-off": _("Handed to a division"), "escalation": _("Handed to a senior")}


def _after() -> tuple[date, int] | None:
    """The key of a page: a day and an id. What is none begins anew."""
    day, _bar, number = request.args.get("after", "").partition("_")
    try:
        return date.fromisoformat(day), int(number[:_KEY_DIGITS])
    except ValueError:
        return None
