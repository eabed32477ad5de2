"""Money without an owner: the queue, what speaks for whom, identifying it, taking that back, and rules."""

from __future__ import annotations

from flask import abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from accounts.cities.staffing import Permission
from accounts.database import reading
from accounts.money import ZERO
from payments.suspense import queries, service
from payments.suspense.queries import SuspenseItem
from payments.suspense.rules import Identify, Why, suggestions
from portal.forms.acts import ActForm
from portal.forms.suspense import IdentifyForm, WithdrawRuleForm
from portal.i18n import gettext as _
from portal.permissions import needs
from portal.staff.blueprint import may_see, staff, staff_user
from portal.staff.done import say
from portal.staff.drawers import refused_in
from portal.staff.kept_forms import kept_here
from portal.staff.lists import here, key
from portal.staff.moves import account_of
from portal.staff.proposing import look_or_do
from portal.wiring import wiring

_NOT_FOUND = 404
_UNPROCESSABLE = 422
_PAGE = 25
Answer = str | Response | tuple[str, int]


@staff.get("/suspense")
@needs(Permission.SUSPENSE_WORK)
def suspense_list() -> str:
    """Money that is nobody's yet, the oldest first."""
    parts, after = wiring(), key("after") or 0
    code = parts.city().city.roles.suspense
    with reading(parts.sessions) as session:
        rows = queries.queue(session, code, after=after, most=_PAGE + 1)
        total = queries.total(session, code)
    more = rows[_PAGE - 1].payment_id if len(rows) > _PAGE else None
    return render_template(
        "staff/suspense/list.html", rows=rows[:_PAGE], total=total, today=parts.clock.today(),
        first_url=here() if after else "", next_url=here(after=more) if more else "",
    )  # fmt: skip


@staff.route("/suspense/<int:payment_id>", methods=["GET", "POST"])
@needs(Permission.SUSPENSE_WORK)
def suspense_show(payment_id: int) -> Answer:
    """One of them: what is on the check, what speaks for whom, and whose it is said to be."""
    parts, form, looked = wiring(), IdentifyForm(kept=kept_here()), None
    item = _item(payment_id)
    if request.method == "GET" and request.args.get("account"):
        form.to.data = request.args["account"][:40]
    if item.left > ZERO and form.validate_on_submit() and (command := _command(form, item)):
        outcome = look_or_do(form, command, "", then=url_for("staff.suspense_list"))
        if isinstance(outcome, Response):
            return outcome
        looked = outcome
    sees = may_see(staff_user())
    with reading(parts.sessions) as session:
        found = queries.candidates(session, item.clue, item.left, **sees) if item.left > ZERO and not looked else ()
        history = queries.history(session, payment_id, **sees)
    page = render_template(
        "staff/suspense/show.html", item=item, form=form, looked=looked, history=history,
        suggested=suggestions(item.clue, item.left, found), why=_why,
    )  # fmt: skip
    return page, _UNPROCESSABLE if form.errors else 200


@staff.route("/suspense/<int:payment_id>/identifications/<int:identification_id>/take-back", methods=["GET", "POST"])
@needs(Permission.SUSPENSE_WORK)
def suspense_take_back(payment_id: int, identification_id: int) -> Answer:
    """It was not theirs: the money goes back into suspense."""
    form, looked = ActForm(kept=kept_here()), None
    item = _item(payment_id)
    with reading(wiring().sessions) as session:
        history = queries.history(session, payment_id, **may_see(staff_user()))
    first = next((one for one in history if one.id == identification_id), None)
    if first is None or (first.outcome == "account" and first.account_id is None):
        abort(_NOT_FOUND)
    if form.validate_on_submit():
        command = Identify(
            payment_id=payment_id, outcome="account" if first.account_id else "sender", account_id=first.account_id,
            amount_cents=first.amount.cents, undoes_id=first.id,
        )  # fmt: skip
        outcome = look_or_do(form, command, "", then=url_for("staff.suspense_show", payment_id=payment_id))
        if isinstance(outcome, Response):
            return outcome
        looked = outcome
    page = render_template("staff/suspense/take_back.html", item=item, first=first, form=form, looked=looked)
    return page, _UNPROCESSABLE if form.errors else 200


@staff.get("/suspense/rules")
@needs(Permission.SUSPENSE_WORK)
def suspense_rules() -> str:
    """Rules by which checks are recognized; each suggests, and applies nothing."""
    before = key("before")
    with reading(wiring().sessions) as session:
        rules = queries.rules(session, before=before, most=_PAGE + 1, **may_see(staff_user()))
    more = rules[_PAGE - 1].id if len(rules) > _PAGE else None
    return render_template(
        "staff/suspense/rules.html", rules=rules[:_PAGE], first_url=here() if before else "",
        next_url=here(before=more) if more else "",
    )  # fmt: skip


@staff.route("/suspense/rules/<int:rule_id>/withdraw", methods=["GET", "POST"])
@needs(Permission.SUSPENSE_WORK)
def suspense_withdraw(rule_id: int) -> Answer:
    """A rule that was wrong suggests nothing any more."""
    parts, form = wiring(), WithdrawRuleForm(kept=kept_here())
    with reading(parts.sessions) as session:
        found = queries.rules(session, rule=rule_id, most=1, **may_see(staff_user()))
    if not found:
        abort(_NOT_FOUND)
    if form.validate_on_submit():
        refusal = refused_in(
            form,
            lambda: service.withdraw(
                parts.sessions, staff_user().authority, rule_id, reason=form.reason.data, clock=parts.clock
            ),
        )
        if refusal is None:
            say(_("The rule suggests nothing any more."))
            return redirect(url_for("staff.suspense_rules"), 303)
    page = render_template("staff/suspense/withdraw.html", rule=found[0], form=form)
    return page, _UNPROCESSABLE if form.errors else 200


def _command(form: IdentifyForm, item: SuspenseItem) -> Identify | None:
    """What is asked for; nothing, and said so in the form, where the account is not plain."""
    form.amount.data = amount = form.amount.data or item.left
    if form.outcome.data == "sender":
        return Identify(payment_id=item.payment_id, outcome="sender", amount_cents=amount.cents)
    account = account_of(form.to.data) if form.to.data else None
    if account is None:
        form.refuse(_("No one account has this number. Type all of it."), "to")
        return None
    return Identify(
        payment_id=item.payment_id, outcome="account", account_id=account, amount_cents=amount.cents,
        remember=form.remember.data,
    )  # fmt: skip


def _item(payment_id: int) -> SuspenseItem:
    parts = wiring()
    with reading(parts.sessions) as session:
        return queries.item(session, payment_id, parts.city().city.roles.suspense)


def _why(reason: Why) -> str:
    """A reason in words."""
    return {
        Why.RULE: _("A rule says so"),
        Why.NUMBER: _("Its number is on the check"),
        Why.PAID_BEFORE: _("This bank account paid for it before"),
        Why.NAME: _("The names are alike"),
        Why.AMOUNT: _("It owes exactly this, in all or in one charge"),
    }[reason]
