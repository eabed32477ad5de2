"""What one account owes and why, and how much of it to pay."""

from __future__ import annotations

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from accounts.charges.rules import Standing, standing
from accounts.customer_accounts.rules import number_key, shown
from accounts.database import one_by_one
from accounts.errors import DomainError
from payments.baskets import service as baskets
from payments.baskets.queries import money_on_its_way
from payments.baskets.rules import Choice
from payments.terms import bounds_of
from portal.account_details import details_of
from portal.forms.baskets import AmountForm
from portal.i18n import gettext as _
from portal.i18n import money_text
from portal.messages import sentence
from portal.permissions import anyone
from portal.public import visitors
from portal.public.blueprint import public
from portal.scan_lines import scan_line
from portal.wiring import wiring

_UNPROCESSABLE = 422


@public.route("/accounts/<reference>", methods=["GET", "POST"])
@anyone
def accounts_show(reference: str) -> str | Response | tuple[str, int]:
    account_id = visitors.proven_account(reference)
    parts = wiring()
    today, now = parts.clock.today(), parts.clock.now()
    city = parts.city().city
    with one_by_one(parts.sessions) as session:
        details = details_of(session, number_key(reference), account_id, city, today)
        coming = money_on_its_way(session, [account_id], now, visitors.basket_token()).get(account_id, ())
    owed = standing(details.owed, today)
    form = amount_form(owed)
    if form.validate_on_submit():
        try:
            put_into_basket(account_id, form)
        except DomainError as refusal:
            form.refuse(sentence(refusal), why=type(refusal).__name__)
        else:
            return redirect(url_for("public.baskets_show"), 303)
    page = render_template(
        "public/accounts/show.html",
        head=details.head,
        number=shown(details.head.reference),
        owed=owed,
        coming=coming,
        details=details,
        today=today,
        form=form,
        scan_line=scan_line(city, details.head.reference, details.owed, today),
        corrected=request.args.get("corrected") == "1",
    )
    return page, _UNPROCESSABLE if form.errors else 200


def put_into_basket(account_id: int, form: AmountForm) -> None:
    """Put so much of an account into this browser's basket. Raises what ``baskets.put`` and ``choose`` raise."""
    parts = wiring()
    token = visitors.basket_token(create=True)
    if token is None:
        raise baskets.NothingToPay()
    bounds = bounds_of(parts.city().city)
    baskets.put(parts.sessions, token, account_id, bounds=bounds)
    baskets.choose(
        parts.sessions,
        token,
        account_id,
        Choice(form.choice.data, form.other.data),
        bounds=bounds,
        today=parts.clock.today(),
    )


def amount_form(owed: Standing) -> AmountForm:
    """How much of what is owed to pay, with the choices that there are."""
    form = AmountForm()
    choices = [("total", _("Everything: %(amount)s", amount=money_text(owed.total)))] if owed.total else []
    if owed.past_due and owed.current:
        choices.append(("past_due", _("Only what is past due: %(amount)s", amount=money_text(owed.past_due))))
        choices.append(("current", _("Only what is not yet due: %(amount)s", amount=money_text(owed.current))))
    choices.append(("other", _("Another amount")))
    form.choice.choices = choices
    if not form.is_submitted():
        form.choice.data = choices[0][0]
    return form
