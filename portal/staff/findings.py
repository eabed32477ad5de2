"""Findings of the rules against fraud: the gravest first, with their facts, worked by somebody else."""

from __future__ import annotations

from typing import Any

from flask import redirect, render_template, request, url_for
from flask_babel import pgettext
from werkzeug.wrappers import Response

from accounts import audit
from accounts.cities.staffing import Permission
from accounts.customer_accounts.rules import shown
from accounts.database import reading, transaction
from accounts.errors import DomainError
from payments.findings import queries, service
from payments.findings.queries import Eyes, FindingView, RuleCount
from payments.findings.rules import FindingEnded
from portal.forms.baskets import PlainForm
from portal.forms.findings import FindingsFilter, WorkForm
from portal.i18n import gettext as _
from portal.i18n import money
from portal.messages import sentence
from portal.permissions import needs
from portal.staff.blueprint import may_see, staff, staff_user
from portal.staff.done import say
from portal.staff.kept_forms import kept_here
from portal.staff.lists import here, link_to
from portal.staff.reports import page_number
from portal.wiring import wiring
from portal.words.findings import SEVERITIES, STATES, VERDICTS, fact_rows, question, rule_name, sentence_of
from portal.words.values import age

_UNPROCESSABLE, _CONFLICT = 422, 409
OPEN, EXPLAINED = "open", "explained"


def eyes_here() -> Eyes:
    """Who reads."""
    user = staff_user()
    return Eyes(user.actor_id, **may_see(user))


@staff.get("/findings")
@needs(Permission.FINDINGS_SEE)
def findings_list() -> str:
    parts, form, number = wiring(), FindingsFilter(), page_number()
    which = EXPLAINED if request.args.get("which") == EXPLAINED else OPEN
    with reading(parts.sessions) as session:
        counts = queries.counts(session, eyes_here())
        form.rule.offer(
            [("", _("All rules")), *((one.rule, f"{rule_name(one.rule)} ({one.open})") for one in counts)]
        )
        found = queries.findings(session, eyes_here(), rule=form.rule.data, is_open=which == OPEN, page=number)
    return render_template(
        "staff/findings/list.html",
        form=form,
        tabs=_tabs(which, counts),
        rows=[_row(one) for one in found[: queries.PAGE]],
        first_url=here(page=None) if number > 1 else "",
        next_url=here(page=number + 1) if len(found) > queries.PAGE else "",
        policy=parts.city().city.oversight_policy(parts.clock.today()),
    )


@staff.post("/findings/look")
@needs(Permission.FINDINGS_WORK)
def findings_look() -> Response:
    """The rules are asked now, as they are each night."""
    parts = wiring()
    if PlainForm().validate_on_submit():
        looked = service.look(parts.sessions, parts.city().city, parts.clock)
        with transaction(parts.sessions) as session:
            audit.record(session, "findings-looked-for", actor_id=staff_user().actor_id, new=looked.new)
        say(_("The rules were asked. New findings: %(count)s.", count=looked.new))
    return redirect(url_for("staff.findings_list"), 303)


@staff.get("/findings/<int:finding_id>")
@needs(Permission.FINDINGS_SEE)
def findings_show(finding_id: int) -> str:
    """A finding with its facts; its form for who may work it."""
    return _page(_read(finding_id), WorkForm())


@staff.route("/findings/<int:finding_id>/work", methods=["GET", "POST"])
@needs(Permission.FINDINGS_WORK)
def findings_work(finding_id: int) -> str | Response | tuple[str, int]:
    """Say what became of it: explained, or referred."""
    found, form = _read(finding_id), WorkForm(kept=kept_here())
    status = 200
    try:
        if form.validate_on_submit():
            return _work(found, form)
    except DomainError as refusal:
        form.refuse(sentence(refusal), "reason", why=type(refusal).__name__)
        status = _CONFLICT if isinstance(refusal, FindingEnded) else _UNPROCESSABLE
        found = _read(finding_id)
    return _page(found, form), status if not form.errors or status != 200 else _UNPROCESSABLE


def _page(found: FindingView, form: WorkForm) -> str:
    with reading(wiring().sessions) as session:
        outcomes = queries.outcomes(session, found.id)
    return render_template(
        "staff/findings/show.html",
        found=found,
        form=form,
        name=rule_name(found.rule),
        said=sentence_of(found),
        question=question(found.rule),
        severity=SEVERITIES[found.severity],
        state=STATES[found.severity],
        facts=fact_rows(found),
        links=_links(found),
        number=shown(found.reference) if found.reference else "",
        outcomes=[{"words": VERDICTS[one.verdict], "one": one} for one in outcomes],
    )


def _read(finding_id: int) -> FindingView:
    """The finding, if it is not about the person at the screen; a look at its account is written down."""
    parts, user = wiring(), staff_user()
    with reading(parts.sessions) as session:
        found = queries.finding(session, finding_id, eyes_here())
    if found.customer_account_id is not None and request.method == "GET":
        with transaction(parts.sessions) as session:
            audit.seen(session, found.customer_account_id, user.actor_id, "findings_show")
    return found


def _work(found: FindingView, form: WorkForm) -> Response:
    parts, by, now = wiring(), staff_user().authority, wiring().clock.now()
    if request.form.get("act") == "refer":
        service.refer(parts.sessions, found.id, by, form.reason.data, eyes_here(), to=form.to.data or "", now=now)
        say(_("Referred: %(what)s.", what=rule_name(found.rule)))
        return redirect(url_for("staff.findings_show", finding_id=found.id), 303)
    service.explain(parts.sessions, found.id, by, form.reason.data, eyes_here(), now=now)
    say(_("Explained: %(what)s.", what=rule_name(found.rule)))
    return redirect(url_for("staff.findings_list"), 303)


def _links(found: FindingView) -> list[dict[str, str]]:
    """Where more can be read, as far as this person may."""
    links = []
    if found.reference:
        links.append((pgettext("look", "Open the account"), link_to("accounts_show", reference=found.reference)))
        links.append((_("Who has seen it"), link_to("audit_account", reference=found.reference)))
    if found.receipt:
        links.append((_("Find the receipt"), link_to("searches_show", q=found.receipt)))
    if found.drawer_id is not None:
        links.append((pgettext("look", "Open the drawer"), link_to("drawers_show", drawer_id=found.drawer_id)))
    links += [(_("What they did"), link_to("audit_list", person=subject)) for subject in found.subjects[:1]]
    return [{"label": label, "url": url} for label, url in links if url]


def _row(found: FindingView) -> dict[str, Any]:
    return {
        "url": url_for("staff.findings_show", finding_id=found.id),
        "name": rule_name(found.rule),
        "said": sentence_of(found),
        "severity": SEVERITIES[found.severity],
        "state": STATES[found.severity],
        "people": found.people or _("Nobody"),
        "amount": money(found.amount) if found.amount is not None else "",
        "age": age(wiring().clock.now() - found.found_at),
        "on": found.happened_on,
        "verdict": VERDICTS.get(found.verdict, ""),
    }


def _tabs(which: str, counts: list[RuleCount]) -> list[dict[str, Any]]:
    tabs = (
        (OPEN, pgettext("findings", "Open"), sum(one.open for one in counts)),
        (EXPLAINED, pgettext("findings", "Explained"), None),
    )
    return [
        {"label": label, "url": here(which=code, page=None), "current": code == which, "count": count}
        for code, label, count in tabs
    ]
