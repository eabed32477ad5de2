"""One account of one's own: what it owes and why, and how much of it to pay."""

from __future__ import annotations

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from accounts.account_links.rules import Right
from accounts.charges.rules import standing
from accounts.database import one_by_one
from accounts.errors import DomainError
from payments.baskets.queries import money_on_its_way
from portal.account_details import details_of
from portal.messages import sentence
from portal.permissions import with_right
from portal.public import visitors
from portal.public.accounts import amount_form, put_into_basket
from portal.resident.blueprint import opened_account, resident
from portal.wiring import wiring

_UNPROCESSABLE = 422


@resident.route("/accounts/<reference>", methods=["GET", "POST"])
@with_right(Right.SEE)
def accounts_show(reference: str) -> str | Response | tuple[str, int]:
    account, parts = opened_account(), wiring()
    today, now = parts.clock.today(), parts.clock.now()
    with one_by_one(parts.sessions) as session:
        details = details_of(session, account.reference, account.account_id, parts.city().city, today)
        coming = money_on_its_way(session, [account.account_id], now, visitors.basket_token())
    owed = standing(details.owed, today)
    form = amount_form(owed)
    if account.may(Right.PAY) and form.validate_on_submit():
        try:
            put_into_basket(account.account_id, form)
        except DomainError as refusal:
            form.refuse(sentence(refusal), why=type(refusal).__name__)
        else:
            return redirect(url_for("public.baskets_show"), 303)
    page = render_template(
        "resident/accounts/show.html",
        account=account,
        head=details.head,
        number=account.number,
        owed=owed,
        coming=coming.get(account.account_id, ()),
        details=details,
        today=today,
        form=form,
        corrected=request.args.get("corrected") == "1",
        added=request.args.get("added") == "1",
        may_pay=account.may(Right.PAY),
        pay_url=url_for("resident.accounts_show", reference=reference),
    )
    return page, _UNPROCESSABLE if form.errors else 200
