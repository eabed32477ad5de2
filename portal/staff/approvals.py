"""What waits for a second person, and deciding it: seen whole, with its effect, before anything is done."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import pgettext
from markupsafe import Markup
from werkzeug.wrappers import Response

from accounts import audit
from accounts.approvals import queries, service
from accounts.approvals.queries import ProposalView
from accounts.approvals.rules import AlreadyDecided, Verdict, WorldChanged
from accounts.cities.staffing import Permission
from accounts.customer_accounts.rules import shown
from accounts.customers.queries import customer
from accounts.database import Reader, reading, transaction
from accounts.errors import DomainError
from accounts.staff.rules import ActKind
from payments.collisions import acts
from portal.acts import acts_of
from portal.forms.approvals import ApprovalsFilter, NoteForm, ReasonForm
from portal.messages import sentence
from portal.permissions import needs
from portal.staff.blueprint import staff, staff_user
from portal.staff.done import say
from portal.staff.kept_forms import kept_here
from portal.staff.lists import here, key, link_to
from portal.staff.paid_online import say_of_pages
from portal.wiring import wiring
from portal.words.acts import ACTS, VERDICTS, act_name, effect, hindrance_words, told, who_decides
from portal.words.values import Fact, age

_UNPROCESSABLE, _CONFLICT = 422, 409
Answer = str | Response | tuple[str, int]
FOR_ME, BY_ME, ALL = "for-me", "by-me", "all"


@dataclass(frozen=True)
class Row:
    """A proposal in a list."""

    id: int
    url: str
    act: str
    about: str
    holder: str
    effect: Markup
    maker: str
    age: str
    why_not: str
    """Why the reader may not decide it; empty where they may."""


def row_of(view: ProposalView, now: datetime) -> Row:
    """A proposal as a list shows it."""
    by = staff_user().authority
    return Row(
        id=view.id,
        url=url_for("staff.approvals_show", proposal_id=view.id),
        act=act_name(view.act),
        about=shown(view.reference) if view.reference else "",
        holder=view.holder,
        effect=effect(view.act, view.effect),
        maker=view.maker,
        age=age(view.age(now)),
        why_not=" ".join(hindrance_words(one, view, by) for one in view.hindrances),
    )


@staff.get("/approvals")
@needs(Permission.APPROVALS_SEE)
def approvals_list() -> str:
    parts, by = wiring(), staff_user().authority
    form = ApprovalsFilter()
    form.act.offer([("", _("All kinds")), *((act.value, str(words)) for act, words in ACTS.items())])
    whose = request.args.get("whose") or (FOR_ME if by.may(Permission.APPROVALS_DECIDE) else ALL)
    after = key("after") or 0
    with reading(parts.sessions) as session:
        page = queries.inbox(
            session, by,
            act=ActKind(form.act.data) if form.act.data else None,
            only_mine=whose == FOR_ME, only_made=whose == BY_ME, after=after,
        )  # fmt: skip
        counts = queries.counts(session, by)
    now = parts.clock.now()
    return render_template(
        "staff/approvals/list.html",
        form=form,
        whose=whose,
        rows=[row_of(view, now) for view in page.proposals],
        tabs=_tabs(whose, counts),
        first_url=here() if after else "",
        next_url=here(after=page.after) if page.after else "",
    )


@staff.get("/approvals/<int:proposal_id>")
@needs(Permission.APPROVALS_SEE)
def approvals_show(proposal_id: int) -> str:
    return _show(_read(proposal_id))


@staff.route("/approvals/<int:proposal_id>/approve", methods=["GET", "POST"])
@needs(Permission.APPROVALS_DECIDE)
def approvals_approve(proposal_id: int) -> Answer:
    parts, by = wiring(), staff_user().authority

    def approve(words: str) -> str:
        done = acts.approve(parts.desk(), acts_of(parts), proposal_id, by, reason=words)
        say_of_pages(closed=done.closed, is_coming=done.beside)
        return _("Approved and done.")

    return _decide(proposal_id, "approve", NoteForm(kept=kept_here()), approve)


@staff.route("/approvals/<int:proposal_id>/reject", methods=["GET", "POST"])
@needs(Permission.APPROVALS_DECIDE)
def approvals_reject(proposal_id: int) -> Answer:
    parts, by = wiring(), staff_user().authority

    def reject(words: str) -> str:
        service.reject(parts.sessions, proposal_id, by, clock=parts.clock, reason=words)
        return _("Rejected. Nothing was done, and the person who asked sees why.")

    return _decide(proposal_id, "reject", ReasonForm(kept=kept_here()), reject)


@staff.route("/approvals/<int:proposal_id>/withdraw", methods=["GET", "POST"])
@needs(Permission.APPROVALS_SEE)
def approvals_withdraw(proposal_id: int) -> Answer:
    parts, by = wiring(), staff_user().authority

    def withdraw(words: str) -> str:
        service.withdraw(parts.sessions, proposal_id, by, clock=parts.clock, reason=words)
        return _("Taken back. Nothing was done.")

    return _decide(proposal_id, "withdraw", NoteForm(kept=kept_here()), withdraw)


def _decide(proposal_id: int, verb: str, form: NoteForm | ReasonForm, act: Callable[[str], str]) -> Answer:
    """Ask, then do it; what somebody else was quicker with is shown as it stands now."""
    read = _read(proposal_id)
    if form.validate_on_submit():
        try:
            said = act(form.reason.data or "")
        except (AlreadyDecided, WorldChanged) as refusal:
            return _show(_read(proposal_id), refused=sentence(refusal)), _CONFLICT
        except DomainError as refusal:
            form.refuse(sentence(refusal), why=type(refusal).__name__)
        else:
            say(said)
            return _back(proposal_id)
    return _confirm(read, form, verb)


@dataclass(frozen=True)
class _Read:
    """A proposal and who else it names."""

    view: ProposalView
    people: tuple[Fact, ...]


def _read(proposal_id: int) -> _Read:
    """The proposal, if the person may see it; who has looked at its accounts is written down."""
    parts, user = wiring(), staff_user()
    with reading(parts.sessions) as session:
        view = queries.proposal(session, proposal_id, user.authority)
        people = _people(session, view)
        accounts = queries.touched(session, proposal_id) if request.method == "GET" else []
    if accounts:
        with transaction(parts.sessions) as session:
            audit.seen_all(session, accounts, user.actor_id, "approvals_show")
    return _Read(view, people)


def _people(session: Reader, view: ProposalView) -> tuple[Fact, ...]:
    if view.act is not ActKind.MERGER:
        return ()
    return tuple(
        Fact(label, f"{found.name} ({found.id})")
        for label, name in ((_("This record"), "from_id"), (_("and this one"), "into_id"))
        for found in [customer(session, int(view.payload[name]))]
    )


def _show(read: _Read, *, refused: str = "") -> str:
    parts, by, view = wiring(), staff_user().authority, read.view
    city, today, now = parts.city().city, parts.clock.today(), parts.clock.now()
    decision = view.decision
    return render_template(
        "staff/approvals/show.html",
        view=view,
        told=told(view, city, today),
        people=read.people,
        refused=refused,
        number=shown(view.reference) if view.reference else "",
        age=age(view.age(now)),
        why_not=[hindrance_words(one, view, by) for one in view.hindrances],
        who_decides=who_decides(view, city, today),
        verdict=str(VERDICTS[decision.verdict]) if decision else "",
        state=state_of(decision.verdict if decision else None),
        is_undone=decision is not None and decision.verdict not in (Verdict.APPROVED, Verdict.ALONE),
        is_mine=view.proposed_by == by.actor_id,
        has_page=bool(view.reference and link_to("accounts_show", reference=view.reference)),
    )


def state_of(verdict: Verdict | None) -> str:
    """The state of ``components/notices.html`` that it is shown in."""
    if verdict is None:
        return "pending"
    return {Verdict.APPROVED: "paid", Verdict.ALONE: "paid", Verdict.STALE: "overdue"}.get(verdict, "closed")


def _confirm(read: _Read, form: NoteForm | ReasonForm, verb: str) -> Answer:
    """The question before a decision. One that is not this person's, or is over, is answered by the proposal."""
    by, view = staff_user().authority, read.view
    may = view.proposed_by == by.actor_id if verb == "withdraw" else view.may_decide
    if not form.is_submitted() and not (view.is_waiting and may):
        return _back(view.id)
    parts = wiring()
    page = render_template(
        "staff/approvals/confirm.html",
        form=form,
        verb=verb,
        view=view,
        told=told(view, parts.city().city, parts.clock.today()),
        people=read.people,
        number=shown(view.reference) if view.reference else "",
    )
    return page, _UNPROCESSABLE if form.errors or form.form_errors else 200


def _back(proposal_id: int) -> Response:
    return redirect(url_for("staff.approvals_show", proposal_id=proposal_id), 303)


def _tabs(whose: str, counts: queries.Counts) -> list[dict[str, Any]]:
    tabs = [
        {"label": _("For me"), "url": here(whose=FOR_ME), "current": whose == FOR_ME, "count": counts.mine_to_decide},
        {"label": _("Asked for by me"), "url": here(whose=BY_ME), "current": whose == BY_ME,
         "count": counts.made_by_me},
        {"label": _("All that wait"), "url": here(whose=ALL), "current": whose == ALL, "count": counts.waiting},
    ]  # fmt: skip
    if not staff_user().may(Permission.APPROVALS_DECIDE):
        tabs = tabs[1:]
    return [*tabs, *deed_tabs("")]


def deed_tabs(current: str) -> list[dict[str, Any]]:
    """Ways to what is over."""
    return [
        {
            "label": pgettext("approvals", "Decided"),
            "url": link_to("approvals_decided"),
            "current": current == "decided",
        },
        {"label": _("Done alone"), "url": link_to("deeds_list"), "current": current == "alone"},
    ]
