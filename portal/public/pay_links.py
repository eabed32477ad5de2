"""The page of a link that the counter sent: what is asked for, masked, and on to the payment page."""

from __future__ import annotations

from flask import abort, g, redirect, render_template, url_for
from werkzeug.wrappers import Response

from accounts.database import one_by_one
from accounts.errors import DomainError
from accounts.money import Money
from payments.baskets.queries import money_on_its_way
from payments.baskets.rules import Coming, surplus_key
from payments.checkout.service import PaymentNotSent
from payments.gateway.base import GatewayError
from payments.pay_links import service
from payments.pay_links.queries import LinkView, link_by_token
from payments.pay_links.rules import LinkCanceled, LinkOver, LinkPaid, Standing, basket_token
from payments.pay_links.service import Opening
from payments.terms import checkout_fee, checkout_rules
from portal.forms.pay_links import GoOnForm
from portal.messages import sentence
from portal.pay_links import PURPOSE, opened
from portal.permissions import anyone
from portal.public.blueprint import public
from portal.public.leaving import to_processor
from portal.wiring import wiring

_NOT_FOUND, _CONFLICT = 404, 409
_LONGEST_TOLD, _LONGEST_QUOTE = 4_000, 15


@public.route("/l/<token>", methods=["GET", "POST"])
@anyone
def pay_links_show(token: str) -> str | Response | tuple[str, int]:
    parts, form = wiring(), GoOnForm()
    link = _link(token)
    if form.validate_on_submit() and not link.has_ended:
        return _leave(form, link, token)
    if link.standing is Standing.WAITING:
        service.note_opening(parts.sessions, token, clock=parts.clock)
    return _page(form, link, token, 200)


def _link(token: str) -> LinkView:
    parts = wiring()
    with one_by_one(parts.sessions) as reader:
        found = link_by_token(reader, token, parts.clock.now())
    if found is None:
        abort(_NOT_FOUND)
    g.language_of_page = found.language
    return found


def _coming(link: LinkView, token: str) -> list[tuple[str, tuple[Coming, ...]]]:
    """Payments of others that are on their way, by masked number."""
    parts = wiring()
    with one_by_one(parts.sessions) as reader:
        found = money_on_its_way(
            reader, [line.account_id for line in link.lines], parts.clock.now(), basket_token(token)
        )
    return [(line.masked, found[line.account_id]) for line in link.lines if line.account_id in found]


def _page(form: GoOnForm, link: LinkView, token: str, status: int) -> tuple[str, int]:
    parts = wiring()
    coming = _coming(link, token) if not link.has_ended else []
    fee = checkout_fee(parts.city().city, link.amount, parts.clock.today())
    form.quoted.data = str((link.amount + fee.amount).cents)
    form.told.data = " ".join(str(one.id) for _number, payments in coming for one in payments)
    form.surplus.data = surplus_key(line.surplus for line in link.lines)
    page = render_template(
        "public/pay_links/show.html", form=form, link=link, token=token, coming=coming, fee=fee,
        total=link.amount + fee.amount, standing=link.standing.value,
        keeps_credit=parts.city().city.payments.overpayment_allowed,
    )  # fmt: skip
    return page, status


def _leave(form: GoOnForm, link: LinkView, token: str) -> Response | tuple[str, int]:
    parts = wiring()
    quoted = (form.quoted.data or "")[:_LONGEST_QUOTE]
    told = (form.told.data or "")[:_LONGEST_TOLD].split()
    opening = Opening(
        token=token,
        base_url=parts.settings.base_url,
        quoted_total=Money(int(quoted) if quoted.isdecimal() else 0),
        email=opened(parts.vault(PURPOSE), link.sealed).to if link.channel == "mail" else "",
        told=frozenset(int(word) for word in told if word.isdecimal()),
        surplus=form.surplus.data or "",
    )
    try:
        leaving = service.go_on(
            parts.desk(), opening, lambda amount: checkout_rules(parts.city(), amount, parts.clock.today())
        )
    except (LinkPaid, LinkOver, LinkCanceled):
        return redirect(url_for("public.pay_links_show", token=token), 303)
    except PaymentNotSent as refusal:
        return redirect(url_for("public.payments_show", token=refusal.facts["token"]), 303)
    except (DomainError, GatewayError) as refusal:
        form.refuse(sentence(refusal), why=type(refusal).__name__)
        return _page(form, _link(token), token, _CONFLICT)
    return to_processor(leaving.url)
