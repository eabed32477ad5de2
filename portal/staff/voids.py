"""Take back a payment that a person took: a cashier asks for it, somebody who did not take the money does it."""

from __future__ import annotations

from flask import abort, render_template, url_for
from werkzeug.wrappers import Response

from accounts.cities.staffing import Permission
from accounts.database import reading
from payments.receipts.queries import receipt_by_id
from payments.receipts.sight import seen_receipt
from payments.reversals.rules import Void
from portal.forms.acts import VoidForm
from portal.permissions import needs
from portal.staff.blueprint import may_see, staff, staff_user
from portal.staff.kept_forms import kept_here
from portal.staff.proposing import look_or_do
from portal.wiring import wiring

_NOT_FOUND = 404
_UNPROCESSABLE = 422


@staff.route("/receipts/<int:receipt_id>/void", methods=["GET", "POST"])
@needs(Permission.PAYMENTS_VOID)
def voids_new(receipt_id: int) -> str | Response | tuple[str, int]:
    """What it comes to, then do it or ask: while the drawer is open the money is given back out of it."""
    with reading(wiring().sessions) as session:
        seen = seen_receipt(session, receipt_id, **may_see(staff_user()))
        receipt = receipt_by_id(session, receipt_id) if seen else None
    if seen is None or receipt is None:
        abort(_NOT_FOUND)
    form, looked = VoidForm(kept=kept_here()), None
    back = url_for("staff.slips_show", receipt_id=receipt_id)
    if form.validate_on_submit():
        outcome = look_or_do(form, Void(payment_id=seen.payment_id), "", then=back)
        if isinstance(outcome, Response):
            return outcome
        looked = outcome
    page = render_template(
        "staff/voids/new.html", form=form, looked=looked, receipt=receipt, back=back,
        is_own=seen.taken_by == staff_user().actor_id,
    )  # fmt: skip
    return page, _UNPROCESSABLE if form.errors else 200
