"""The basket: check what is about to be paid, then leave for the payment page."""

from __future__ import annotations

from flask import abort, redirect, render_template, url_for
from werkzeug.wrappers import Response

from accounts.actors.service import SYSTEM, actor_id
from accounts.customer_accounts.rules import number_key
from accounts.database import one_by_one, transaction
from accounts.errors import DomainError
from accounts.money import Money
from payments.baskets import service as baskets
from payments.baskets.queries import basket
from payments.baskets.rules import BasketAccount, basket_total, surplus_key, told_of
from payments.checkout import service as checkout
from payments.terms import checkout_fee, checkout_rules
from portal.forms.baskets import CheckoutForm, PlainForm
from portal.i18n import locale_code
from portal.messages import sentence
from portal.permissions import anyone
from portal.public import visitors
from portal.public.blueprint import public
from portal.public.leaving import to_processor
from portal.resident.blueprint import whoever_is_there
from portal.wiring import wiring

_CONFLICT = 409
_UNPROCESSABLE = 422
_LONGEST_TOLD = 4_000
_LONGEST_QUOTE = 15
"""Digits of cents; more is not a total of ours."""


@public.route("/basket", methods=["GET", "POST"])
@anyone
def baskets_show() -> str | Response | tuple[str, int]:
    form = CheckoutForm()
    if form.validate_on_submit():
        return _leave(form)
    return _page(form, _UNPROCESSABLE if form.is_submitted() else 200)


@public.post("/basket/<reference>/remove")
@anyone
def baskets_remove(reference: str) -> Response:
    """Whoever has the basket may take out what is in it; anything else is not found, whether it exists or not."""
    wanted = next((one for one in _contents() if one.reference == number_key(reference)), None)
    if wanted is None:
        abort(404)
    if PlainForm().validate_on_submit():
        baskets.take_out(wiring().sessions, visitors.basket_token() or "", wanted.customer_account_id)
    return redirect(url_for("public.baskets_show"), 303)


def _contents() -> tuple[BasketAccount, ...]:
    parts = wiring()
    with one_by_one(parts.sessions) as session:
        return basket(session, visitors.basket_token(), parts.clock.today(), parts.clock.now())


def _page(form: CheckoutForm, status: int) -> tuple[str, int]:
    accounts = _contents()
    parts = wiring()
    amount = basket_total(accounts)
    fee = checkout_fee(parts.city().city, amount, parts.clock.today())
    total = amount + fee.amount
    user = whoever_is_there()
    if user is not None and not form.is_submitted():
        form.email.data = user.email
    form.quoted.data = str(total.cents)
    form.told.data = " ".join(str(one["pending"]) for one in told_of(accounts))
    form.surplus.data = surplus_key(account.surplus for account in accounts)
    page = render_template(
        "public/baskets/show.html",
        accounts=accounts,
        amount=amount,
        fee=fee,
        total=total,
        form=form,
        remove=PlainForm(),
        keeps_credit=parts.city().city.payments.overpayment_allowed,
    )
    return page, status


def _told(form: CheckoutForm) -> frozenset[int]:
    words = (form.told.data or "")[:_LONGEST_TOLD].split()
    return frozenset(int(word) for word in words if word.isdecimal())


def _leave(form: CheckoutForm) -> Response | tuple[str, int]:
    parts = wiring()
    user = whoever_is_there()
    with transaction(parts.sessions) as session:
        actor = user.actor_id if user else actor_id(session, SYSTEM)
    quoted = (form.quoted.data or "")[:_LONGEST_QUOTE]
    command = checkout.Start(
        basket_token=visitors.basket_token() or "",
        language=locale_code(),
        email=form.email.data or "",
        base_url=parts.settings.base_url,
        quoted_total=Money(int(quoted) if quoted.isdecimal() else 0),
        actor_id=actor,
        told=_told(form),
        surplus=form.surplus.data or "",
    )
    rules = checkout_rules(parts.city(), basket_total(_contents()), parts.clock.today())
    try:
        leaving = checkout.start(parts.desk(), command, rules)
    except checkout.PaymentNotSent as refusal:
        return redirect(url_for("public.payments_show", token=refusal.facts["token"]), 303)
    except DomainError as refusal:
        form.refuse(sentence(refusal), why=type(refusal).__name__)
        return _page(form, _CONFLICT)
    return to_processor(leaving.url)
