"""The page of one payment: it tells the truth at every moment, without a session and without a script."""

from __future__ import annotations

from flask import abort, g, redirect, render_template, url_for
from werkzeug.wrappers import Response

from accounts import kill_points
from accounts.database import reading
from accounts.errors import Conflict
from payments.attempts.queries import AttemptPage, attempt_page
from payments.attempts.rules import LIVE
from payments.checkout import service as checkout
from payments.gateway.base import GatewayError
from payments.settlements.service import settle
from portal import logs
from portal.forms.baskets import PlainForm
from portal.permissions import anyone
from portal.public import visitors
from portal.public.blueprint import public
from portal.public.leaving import to_processor
from portal.wiring import wiring

_log = logs.logger(__name__)


@public.get("/payments/<token>")
@anyone
def payments_show(token: str) -> str | Response:
    attempt = _attempt(token)
    unheard = False
    if attempt.state in LIVE:
        unheard = not _settled(attempt)
        attempt = _attempt(token)
    if attempt.receipt_token:
        visitors.forget_basket(attempt.basket_digest)
        return redirect(url_for("public.receipt", token=attempt.receipt_token, paid=1), 303)
    return render_template("public/payments/show.html", attempt=attempt, unheard=unheard, resume=PlainForm())


@public.get("/payments/<token>/return")
@anyone
def payments_return(token: str) -> Response:
    """Where the processor sends people back. What is in the query is not believed; the processor is asked."""
    kill_points.reached("K3")
    _attempt(token)
    return redirect(url_for("public.payments_show", token=token), 303)


@public.get("/payments/<token>/canceled")
@anyone
def payments_canceled(token: str) -> str | Response:
    attempt = _attempt(token)
    if attempt.state not in LIVE:
        return redirect(url_for("public.payments_show", token=token), 303)
    return render_template("public/payments/canceled.html", attempt=attempt, resume=PlainForm())


@public.post("/payments/<token>/resume")
@anyone
def payments_resume(token: str) -> Response:
    attempt = _attempt(token)
    if not PlainForm().validate_on_submit():
        abort(400)
    try:
        leaving = checkout.resume(wiring().desk(), attempt.token)
    except (Conflict, GatewayError, checkout.PaymentNotSent):
        return redirect(url_for("public.payments_show", token=token), 303)
    return to_processor(leaving.url)


def _attempt(token: str) -> AttemptPage:
    with reading(wiring().sessions) as session:
        attempt = attempt_page(session, token)
    if attempt is None:
        abort(404)
    g.language_of_page = attempt.language
    return attempt


def _settled(attempt: AttemptPage) -> bool:
    """Ask the processor; False if it could not be heard (then the page says so and invents nothing)."""
    try:
        settle(wiring().desk(), attempt.attempt_id)
    except GatewayError as error:
        _log.warning("processor not heard", attempt=attempt.attempt_id, error=type(error).__name__)
        return False
    return True
