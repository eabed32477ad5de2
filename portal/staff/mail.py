"""The mail: log what two people opened, enter what came with money, explain what differs, count it."""

from __future__ import annotations

import re
from datetime import datetime, time
from zoneinfo import ZoneInfo

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from accounts.cities.desk import choice
from accounts.cities.staffing import Permission
from accounts.database import reading
from accounts.errors import DomainError
from accounts.money import ZERO, Money, NotMoney, total
from payments.mail_batches import queries, service
from payments.mail_batches.entering import enter
from payments.mail_batches.queries import Bundle
from payments.mail_batches.rules import NewBundle, Remittance
from portal.forms.drawers import CloseForm
from portal.forms.mail import BundleForm, ExplanationForm, RemittanceForm
from portal.i18n import gettext as _
from portal.i18n import locale_code, long_date
from portal.messages import sentence
from portal.permissions import needs
from portal.staff.blueprint import may_see, staff, staff_user
from portal.staff.done import say
from portal.staff.drawers import pieces_page, refused_in
from portal.staff.kept_forms import kept_here
from portal.staff.lists import here, key
from portal.staff.paid_online import refuse, say_of_pages, warned_by
from portal.staff.window_finding import find
from portal.wiring import wiring

_UNPROCESSABLE = 422
_PAGE = 25
_OTHER = re.compile(r"(?P<what>.+?)[\s;,]+\$?(?P<amount>[\d,]+(?:\.\d{1,2})?)")
Answer = str | Response | tuple[str, int]


@staff.get("/mail")
@needs(Permission.MAIL_LOG)
def mail_list() -> str:
    """The mail log, the newest first."""
    before = key("before")
    with reading(wiring().sessions) as session:
        bundles = queries.log(session, before=before, most=_PAGE + 1)
    more = bundles[_PAGE - 1].id if len(bundles) > _PAGE else None
    return render_template(
        "staff/mail/list.html", bundles=bundles[:_PAGE], kind_name=_kind_name,
        first_url=here() if before else "", next_url=here(before=more) if more else "",
    )  # fmt: skip


@staff.route("/mail/new", methods=["GET", "POST"])
@needs(Permission.MAIL_LOG)
def mail_new() -> Answer:
    """Two people have opened the mail."""
    parts, form = wiring(), BundleForm(kept=kept_here())
    city, today = parts.city().city, parts.clock.today()
    form.kind.offer(city.mail_policy(today).kinds)
    form.for_division.offer(city.desk_policy(today).divisions, empty=_("No division"))
    people = _colleagues()
    form.opened_with.choices = people
    form.for_person.choices = [(0, _("Nobody")), *people]
    if request.method == "GET" and form.kept_at is None:
        now = parts.clock.now().astimezone(_zone())
        form.received_on.data, form.received_time.data = now.date(), now.time()
    if form.validate_on_submit():
        refusal = refused_in(form, lambda: _log(form))
        if refusal is None:
            return redirect(url_for("staff.mail_list"), 303)
    page = render_template("staff/mail/new.html", form=form, policy=city.mail_policy(today))
    return page, _UNPROCESSABLE if form.errors else 200


@staff.route("/mail/<int:bundle_id>", methods=["GET", "POST"])
@needs(Permission.MAIL_LOG)
def mail_show(bundle_id: int) -> Answer:
    """A bundle and its remittances; whoever works it enters the next one here."""
    parts, bundle = wiring(), _bundle(bundle_id)
    form = RemittanceForm(kept=kept_here())
    is_mine = bundle.state == "open" and bundle.worker_id == staff_user().actor_id
    candidates: tuple[object, ...] = ()
    if is_mine and form.validate_on_submit():
        found = _remittance(form)
        if isinstance(found, Remittance):
            answer = _enter(form, bundle_id, found)
            if answer is not None:
                return answer
        else:
            candidates = found
    with reading(parts.sessions) as session:
        lines = queries.lines(session, bundle_id, **may_see(staff_user()), before=key("before"), most=_PAGE + 1)
        explained = queries.explanations(session, bundle_id)
    more = lines[_PAGE - 1].number if len(lines) > _PAGE else None
    page = render_template(
        "staff/mail/show.html", bundle=bundle, form=form, is_mine=is_mine, lines=lines[:_PAGE], explained=explained,
        kind=_kind_name(bundle.kind), candidates=candidates,
        first_url=here() if key("before") else "", next_url=here(before=more) if more else "",
    )  # fmt: skip
    return page, _UNPROCESSABLE if form.errors else 200


@staff.post("/mail/<int:bundle_id>/work")
@needs(Permission.MAIL_LOG)
def mail_work(bundle_id: int) -> Response:
    """Begin to enter a bundle."""
    try:
        service.work(wiring().mail_desk(), staff_user().authority, bundle_id)
    except DomainError as refusal:
        say(sentence(refusal), "error")
    return redirect(url_for("staff.mail_show", bundle_id=bundle_id), 303)


@staff.route("/mail/<int:bundle_id>/explain", methods=["GET", "POST"])
@needs(Permission.MAIL_LOG)
def mail_explain(bundle_id: int) -> Answer:
    """Why the bundle comes to something else."""
    bundle, form = _bundle(bundle_id), ExplanationForm(kept=kept_here())
    if request.method == "GET" and form.kept_at is None:
        form.count.data, form.amount.data = str(bundle.standing.missing_count), str(bundle.standing.missing)
    if form.validate_on_submit() and (given := _signed(form)) is not None:
        refusal = refused_in(
            form,
            lambda: service.explain(
                wiring().mail_desk(), staff_user().authority, bundle_id, kind=form.kind.data, count=given[0],
                amount=given[1], reason=form.reason.data,
            ),
        )  # fmt: skip
        if refusal is None:
            say(_("The explanation is kept with the bundle."))
            return redirect(url_for("staff.mail_show", bundle_id=bundle_id), 303)
    page = render_template("staff/mail/explain.html", bundle=bundle, form=form)
    return page, _UNPROCESSABLE if form.errors else 200


@staff.route("/mail/<int:bundle_id>/count", methods=["GET", "POST"])
@needs(Permission.MAIL_LOG)
def mail_count(bundle_id: int) -> Answer:
    """Count a bundle that ties; a second person accepts it like any drawer."""
    bundle = _bundle(bundle_id)

    def count(form: CloseForm) -> None:
        service.count(wiring().mail_desk(), staff_user().authority, bundle_id, form.found)

    words = (_("Count the bundle"), _("This is what I counted"), _("The count waits for a second person."))
    return pieces_page(
        CloseForm, count, words, url_for("staff.mail_show", bundle_id=bundle_id), template="mail_count",
        bundle=bundle,
    )  # fmt: skip


def _log(form: BundleForm) -> None:
    parts = wiring()
    received = datetime.combine(form.received_on.data, form.received_time.data or time(), tzinfo=_zone())
    bundle = NewBundle(
        kind=form.kind.data, received_at=min(received, parts.clock.now()) if _is_now(received) else received,
        opened_with=form.opened_with.data, postmarked_on=form.postmarked_on.data,
        remittances=form.remittances.data or 0, total=form.total.data or ZERO, routed_to=form.routed_to.data or "",
        note=form.note.data or "", for_actor_id=form.for_person.data or None,
        for_division=form.for_division.data or "",
    )  # fmt: skip
    service.log(parts.mail_desk(), staff_user().authority, bundle)
    say(_("The bundle is in the log."))


def _is_now(received: datetime) -> bool:
    """The minute that is running has not ended: it counts as now."""
    return abs((received - wiring().clock.now()).total_seconds()) < 60


def _remittance(form: RemittanceForm) -> Remittance | tuple[object, ...]:
    """What was typed; or accounts of which one is meant, said in the form."""
    accounts: list[tuple[int, Money]] = []
    amount = form.amount.data or ZERO
    others = _others(form)
    if others is None:
        return ()
    rest = amount - total(each for _what, each in others)
    wanted = ([(form.what.data, rest, "what")] if form.what.data else []) + [
        (what, each, "others") for what, each in others
    ]
    for what, each, field in wanted:
        try:
            found = find(what)
        except DomainError as refusal:
            form.refuse(sentence(refusal), field, why=type(refusal).__name__)
            return ()
        if found.account_id is None:
            form.refuse(_("No one account has this number. Type all of it, or leave it empty."), field)
            return found.candidates
        accounts.append((found.account_id, each))
    if rest < ZERO or (form.what.data and rest == ZERO):
        form.refuse(_("The further accounts come to more than the check."), "others")
        return ()
    summed: dict[int, Money] = {}
    for account, each in accounts:
        summed[account] = summed.get(account, ZERO) + each
    return Remittance(
        key=form.key.data, tender=form.tender.data, amount=amount, accounts=tuple(summed.items()),
        check_number=form.check_number.data or "", bank=form.bank.data or "", dated_on=form.dated_on.data,
        made_out_to_city=form.made_out_to_city.data, payer=form.payer.data or "", memo=form.memo.data or "",
        routing=form.routing.data or "", bank_account=form.bank_account.data or "",
        postmarked_on=form.postmarked_on.data, language=wiring().city().city.identity.languages[0],
    )  # fmt: skip


def _others(form: RemittanceForm) -> list[tuple[str, Money]] | None:
    """Further stubs, a line each: a number and an amount; none where a line says something else."""
    found = []
    for line in (form.others.data or "").splitlines():
        match = _OTHER.fullmatch(line.strip())
        if line.strip() and match is None:
            form.refuse(_("Write an account and an amount on each line, like 100-000-427 45.67."), "others")
            return None
        if match is not None:
            found.append((match["what"], Money.typed(match["amount"])))
    return found


def _enter(form: RemittanceForm, bundle_id: int, remittance: Remittance) -> Response | None:
    try:
        entered = enter(wiring().mail_desk(), staff_user().authority, bundle_id, remittance, warned_by(form))
    except DomainError as refusal:
        refuse(form, refusal)
        return None
    if entered.again:
        say(_("This form was sent before. Nothing was entered twice."), "info")
    elif entered.unknown:
        say(_("Number %(number)s is entered, without an owner so far.", number=entered.number))
    else:
        day = long_date(entered.paid_on)
        say(_("Number %(number)s is entered, paid on %(day)s.", number=entered.number, day=day))
    say_of_pages(closed=entered.closed, is_coming=entered.is_coming)
    return redirect(url_for("staff.mail_show", bundle_id=bundle_id), 303)


def _signed(form: ExplanationForm) -> tuple[int, Money] | None:
    """A number and an amount, which may be less than nothing where the count was wrong."""
    count, amount = form.count.data.strip(), form.amount.data.strip().replace("$", "")
    if not re.fullmatch(r"-?\d{1,6}", count):
        form.refuse(_("Enter a number."), "count")
        return None
    try:
        money = Money.typed(amount.lstrip("-"))
    except NotMoney:
        form.refuse(_("Enter an amount in dollars and cents, like 45.67."), "amount")
        return None
    return int(count), -money if amount.startswith("-") else money


def _bundle(bundle_id: int) -> Bundle:
    with reading(wiring().sessions) as session:
        return queries.bundle(session, bundle_id)


def _colleagues() -> list[tuple[int, str]]:
    """People of today who may open the mail, but oneself."""
    parts = wiring()
    today = parts.clock.today()
    roles = [
        role.code for role in parts.city().city.staff_policy(today).roles if Permission.MAIL_LOG in role.permissions
    ]
    with reading(parts.sessions) as session:
        return queries.openers(session, roles, staff_user().actor_id, today)


def _kind_name(code: str) -> str:
    parts = wiring()
    kind = choice(parts.city().city.mail_policy(parts.clock.today()).kinds, code)
    return kind.name.in_(locale_code()) if kind else code


def _zone() -> ZoneInfo:
    return ZoneInfo(wiring().city().city.identity.time_zone)
