"""Correct what a charge asks: by a stated calculation, by the leak policy, or by taking a correction back."""

from __future__ import annotations

from decimal import Decimal

from flask import abort, render_template, request
from werkzeug.wrappers import Response

from accounts.adjustments.commands import Adjust, ByLeak, ByLines, LeakingCharge, StatedLine, TakeBack
from accounts.adjustments.leaks import metered
from accounts.adjustments.queries import AdjustmentView, adjustments_of
from accounts.adjustments.rules import stated_total
from accounts.assessments.queries import AssessedLine, latest
from accounts.cities.rules import City
from accounts.cities.staffing import Permission
from accounts.database import reading
from accounts.pricing.leak_policies import LeakPolicy
from portal.forms.acts import AdjustmentForm, LeakForm, LineForm, TakeBackForm
from portal.i18n import gettext as _
from portal.permissions import needs
from portal.staff.blueprint import opened_file, staff
from portal.staff.charge_words import charge_words
from portal.staff.kept_forms import kept_here
from portal.staff.proposing import look_or_do
from portal.wiring import wiring

_UNPROCESSABLE = 422
_MOST = 100


@staff.route("/accounts/<reference>/adjustments/new", methods=["GET", "POST"])
@needs(Permission.ADJUSTMENTS_MAKE)
def adjustments_new(reference: str) -> str | Response | tuple[str, int]:
    parts, file = wiring(), opened_file()
    city, charges = parts.city().city, _ours()
    form, looked = AdjustmentForm(kept=kept_here()), None
    form.charge.choices = [(charge.charge_id, charge_words(charge)) for charge in charges]
    policy = city.adjustment_policy(parts.clock.today())
    form.code.offer(reason for reason in policy.reasons if reason.calculation == "stated")
    if request.method == "GET" and request.args.get("charge", "").isdecimal():
        form.charge.data = int(request.args["charge"])
    if charges and form.validate_on_submit() and (lines := _lines(form)):
        by = ByLines(
            charge_id=form.charge.data, amount_cents=stated_total(lines).cents, reason_code=form.code.data,
            lines=tuple(lines),
        )  # fmt: skip
        outcome = look_or_do(form, Adjust(by=by), reference)
        if isinstance(outcome, Response):
            return outcome
        looked = outcome
    page = render_template(
        "staff/adjustments/new.html", form=form, looked=looked, file=file, charges=charges, policy=policy,
        has_leaks=policy.leak_reason is not None and file.kind == "utility",
    )  # fmt: skip
    return page, _UNPROCESSABLE if form.errors else 200


@staff.route("/accounts/<reference>/adjustments/leak", methods=["GET", "POST"])
@needs(Permission.ADJUSTMENTS_MAKE)
def adjustments_leak(reference: str) -> str | Response | tuple[str, int]:
    parts, file = wiring(), opened_file()
    policy = parts.city().city.leak_policy(parts.clock.today())
    charges = [charge for charge in _ours() if _may_leak(charge, policy)]
    form, looked = LeakForm(kept=kept_here()), None
    form.first.choices = [(charge.charge_id, charge_words(charge)) for charge in charges]
    form.second.choices = [(0, _("No second bill")), *form.first.choices]
    if charges and form.validate_on_submit():
        chosen = dict.fromkeys(id_ for id_ in (form.first.data, form.second.data) if id_)
        by = ByLeak(
            charges=tuple(LeakingCharge(charge_id=id_) for id_ in chosen),
            is_repair_proved=form.is_repair_proved.data,
            asked_on=parts.clock.today(),
        )
        outcome = look_or_do(form, Adjust(by=by), reference)
        if isinstance(outcome, Response):
            return outcome
        looked = outcome
    page = render_template(
        "staff/adjustments/leak.html", form=form, looked=looked, file=file, charges=charges, policy=policy
    )
    return page, _UNPROCESSABLE if form.errors else 200


@staff.route("/accounts/<reference>/adjustments/<int:adjustment_id>/take-back", methods=["GET", "POST"])
@needs(Permission.ADJUSTMENTS_MAKE)
def adjustments_take_back(reference: str, adjustment_id: int) -> str | Response | tuple[str, int]:
    file, made = opened_file(), _made_here(adjustment_id)
    form, looked = TakeBackForm(kept=kept_here()), None
    if form.validate_on_submit():
        outcome = look_or_do(form, Adjust(by=TakeBack(adjustment_id=made.id)), reference)
        if isinstance(outcome, Response):
            return outcome
        looked = outcome
    page = render_template("staff/adjustments/take_back.html", form=form, looked=looked, file=file, made=made)
    return page, _UNPROCESSABLE if form.errors else 200


def _ours() -> list[AssessedLine]:
    """The newest charges of this account on lines that the city itself corrects."""
    parts = wiring()
    with reading(parts.sessions) as session:
        found = latest(session, opened_file().id, _MOST)
    return [charge for charge in found if _is_ours(parts.city().city, charge)]


def _is_ours(city: City, charge: AssessedLine) -> bool:
    line = city.revenue_lines.get(charge.revenue_line)
    return line is not None and not line.is_external


def _may_leak(charge: AssessedLine, policy: LeakPolicy | None) -> bool:
    """Priced from what a meter said, by a rate that the leak policy covers."""
    read = metered(charge.working)
    return policy is not None and read is not None and read.rate in policy.rates


def _made_here(adjustment_id: int) -> AdjustmentView:
    """The correction, if it is one of this account."""
    with reading(wiring().sessions) as session:
        charges = [charge.charge_id for charge in latest(session, opened_file().id, 10_000)]
        made = next((one for one in adjustments_of(session, charges) if one.id == adjustment_id), None)
    if made is None:
        abort(404)
    return made


def _lines(form: AdjustmentForm) -> list[StatedLine]:
    """The calculation; none, and said so in the form, where a line is not whole."""
    if not form.lines:
        form.refuse(_("Write at least one line: what for, and the rate."))
    lines = [_line(form, line) for line in form.lines]
    return [] if form.errors else [line for line in lines if line]


def _line(form: AdjustmentForm, line: LineForm) -> StatedLine | None:
    if not line.label.data or line.rate.data is None:
        form.refuse(_("Each line needs what it is for and a rate."))
        return None
    return StatedLine(label=line.label.data, quantity=line.quantity.data or Decimal(1), rate=line.rate.data)
