"""Move a payment that met the wrong account to the right one."""

from __future__ import annotations

from flask import render_template, request
from werkzeug.wrappers import Response

from accounts.cities.staffing import Permission
from accounts.database import reading
from accounts.money import ZERO, Money
from accounts.searches.queries import search
from accounts.searches.rules import Fit, Matched
from payments.moves.queries import holdings, moves_of_account, payments_on
from payments.moves.rules import Move
from portal.forms.acts import MoveForm
from portal.i18n import gettext as _
from portal.i18n import money_text, short_date
from portal.permissions import needs
from portal.staff.blueprint import may_see, opened_file, staff, staff_user
from portal.staff.kept_forms import kept_here
from portal.staff.proposing import look_or_do
from portal.wiring import wiring

_UNPROCESSABLE = 422


@staff.route("/accounts/<reference>/moves/new", methods=["GET", "POST"])
@needs(Permission.PAYMENTS_MOVE)
def moves_new(reference: str) -> str | Response | tuple[str, int]:
    parts, file = wiring(), opened_file()
    form, looked = MoveForm(kept=kept_here()), None
    with reading(parts.sessions) as session:
        payments = payments_on(session, file.id)
        moved = moves_of_account(session, file.id)
    form.payment.choices = [
        (paid.id, f"{paid.receipt_number} · {short_date(paid.effective_on)} · {money_text(paid.amount)}")
        for paid in payments
    ]
    if request.method == "GET" and request.args.get("payment", "").isdecimal():
        form.payment.data = int(request.args["payment"])
    if payments and form.validate_on_submit() and (command := _command(form)):
        outcome = look_or_do(form, command, reference)
        if isinstance(outcome, Response):
            return outcome
        looked = outcome
    page = render_template(
        "staff/moves/new.html", form=form, looked=looked, file=file, payments=payments, moved=moved
    )
    return page, _UNPROCESSABLE if form.errors else 200


def _command(form: MoveForm) -> Move | None:
    """What is asked for; nothing, and said so in the form, where the other account is not plain."""
    file, to = opened_file(), account_of(form.to.data)
    if to is None:
        form.refuse(_("No one account has this number. Type all of it."), "to")
        return None
    amount = form.amount.data or _all_of(form.payment.data, file.id)
    if not amount:
        form.refuse(_("Nothing of this payment is on this account any more."), "payment")
        return None
    form.amount.data = amount
    return Move(payment_id=form.payment.data, from_account_id=file.id, to_account_id=to, amount_cents=amount.cents)


def account_of(number: str) -> int | None:
    """The one account of that number, ours or the city's own, that this person may see."""
    with reading(wiring().sessions) as session:
        found = search(session, number, **may_see(staff_user()), limit=5)
    exact = [hit.account_id for hit in found.hits if hit.matched is Matched.NUMBER and hit.fit is Fit.EXACT]
    return exact[0] if len(exact) == 1 else None


def _all_of(payment_id: int, account_id: int) -> Money:
    """What the payment has on this account now."""
    with reading(wiring().sessions) as session:
        held = [holding.total for holding in holdings(session, payment_id) if holding.account_id == account_id]
    return held[0] if held else ZERO
