"""Forgive a fee or a penalty."""

from __future__ import annotations

from flask import render_template, request
from werkzeug.wrappers import Response

from accounts.adjustments.commands import Waive
from accounts.assessments.queries import AssessedLine, latest
from accounts.cities.corrections import WaiverPolicy
from accounts.cities.rules import City
from accounts.cities.staffing import Permission
from accounts.database import reading
from portal.forms.acts import WaiverForm
from portal.permissions import needs
from portal.staff.blueprint import opened_file, staff
from portal.staff.charge_words import charge_words
from portal.staff.kept_forms import kept_here
from portal.staff.proposing import look_or_do
from portal.wiring import wiring

_UNPROCESSABLE = 422
_MOST = 100


@staff.route("/accounts/<reference>/waivers/new", methods=["GET", "POST"])
@needs(Permission.WAIVERS_MAKE)
def waivers_new(reference: str) -> str | Response | tuple[str, int]:
    parts, file = wiring(), opened_file()
    city, today = parts.city().city, parts.clock.today()
    policy = city.waiver_policy(today)
    with reading(parts.sessions) as session:
        charges = [charge for charge in latest(session, file.id, _MOST) if _is_forgivable(city, charge, policy)]
    form, looked = WaiverForm(kept=kept_here()), None
    form.charge.choices = [(charge.charge_id, charge_words(charge)) for charge in charges]
    form.code.offer(policy.reasons if policy else ())
    if request.method == "GET" and request.args.get("charge", "").isdecimal():
        form.charge.data = int(request.args["charge"])
    if charges and form.validate_on_submit():
        charge = next(charge for charge in charges if charge.charge_id == form.charge.data)
        amount = form.amount.data or charge.open or charge.amount
        form.amount.data = amount
        command = Waive(
            charge_id=charge.charge_id, amount_cents=amount.cents, reason_code=form.code.data,
            beyond_count=form.beyond.data,
        )  # fmt: skip
        outcome = look_or_do(form, command, reference)
        if isinstance(outcome, Response):
            return outcome
        looked = outcome
    page = render_template(
        "staff/waivers/new.html", form=form, looked=looked, file=file, charges=charges, policy=policy
    )
    return page, _UNPROCESSABLE if form.errors else 200


def _is_forgivable(city: City, charge: AssessedLine, policy: WaiverPolicy | None) -> bool:
    """Whether the policy forgives charges of its kind; the act itself asks for everything else."""
    line = city.revenue_lines.get(charge.revenue_line)
    return bool(policy and policy.limit(charge.kind)) and line is not None and not line.is_external
