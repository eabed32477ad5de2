"""What codes are called on pages of the back office, in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal

from flask_babel import pgettext
from markupsafe import Markup

from accounts.charges.rules import EXPLICIT
from accounts.cities.desk import choice
from accounts.customer_accounts.rules import shown
from accounts.explanations.queries import Change
from accounts.explanations.words import ShownStep
from accounts.money import Money
from accounts.pricing.proration import Period
from accounts.pricing.texts import Text
from portal.account_details import reason_of
from portal.documents.receipt import channel_words, tender_words
from portal.i18n import day_in, locale_code, long_date, money, number_text, short_date
from portal.i18n import gettext as _
from portal.languages import language_name
from portal.staff.blueprint import staff
from portal.wiring import wiring
from portal.words.acts import act_name
from portal.words.exceptions import kind_name
from portal.words.names import person
from portal.words.notices import address_events, message_reasons, message_states, notice_kinds, request_way
from portal.words.values import facts


@staff.app_template_filter("said")
def said(words: Mapping[str, str] | Text) -> str:
    """Words kept by language, in the reader's or in the first there is."""
    if isinstance(words, Text):
        return words.in_(locale_code())
    return words.get(locale_code()) or next(iter(words.values()), "")


@staff.app_template_filter("account_number")
def account_number(reference: str) -> str:
    """A reference as people read it aloud."""
    return shown(reference)


@staff.app_template_filter("value")
def value_text(value: object) -> str | Markup:
    """A value of an explanation: money, a number, a day, days from and to, or words."""
    if isinstance(value, Money):
        return money(value)
    if isinstance(value, Decimal | int):
        return number_text(value)
    if isinstance(value, date):
        return long_date(value)
    if isinstance(value, Period):
        return period_text(value.first, value.last)
    return said(value) if isinstance(value, Text) else str(value)


def period_text(first: date, last: date) -> str:
    """``October 1, 2026 to October 31, 2026``."""
    return _("%(first)s to %(last)s", first=long_date(first), last=long_date(last))


@staff.app_template_filter("short_day")
def short_day(instant: datetime, time_zone: str) -> str:
    """The day of an instant in the city's time zone."""
    return short_date(day_in(instant, time_zone))


staff.add_app_template_filter(person, "person")
staff.add_app_template_filter(act_name, "act_name")
staff.add_app_template_filter(kind_name, "exception_name")
staff.add_app_template_filter(facts, "facts")
staff.add_app_template_filter(tender_words, "tender")
staff.add_app_template_filter(channel_words, "pay_channel")


@staff.app_template_filter("account_status")
def status_text(status: str) -> str:
    """Of an account."""
    known = {"open": pgettext("account status", "Open"), "closed": pgettext("account status", "Closed")}
    return _named(known, status)


@staff.app_template_filter("language_name")
def language_text(code: str) -> str:
    """A language of the portal, in itself."""
    return language_name(code)


@staff.app_template_filter("role")
def role_text(role: str) -> str:
    """Somebody's part at a premises."""
    return _named({"owner": _("Owner"), "tenant": _("Tenant"), "payer": _("Payer")}, role)


@staff.app_template_filter("service")
def service_text(service: str) -> str:
    """A utility service."""
    known = {"water": _("Water"), "sewer": _("Sewer"), "refuse": _("Refuse"), "storm": _("Storm drain")}
    return _named(known, service)


@staff.app_template_filter("charge_kind")
def charge_kind_text(kind: str) -> str:
    """What allocation ranks a charge by."""
    known = {
        "service": _("Service"), "fee": _("Fee"), "tax": _("Tax"), "fine": _("Fine"), "penalty": _("Late penalty"),
        "opening": _("Balance brought forward"),
    }  # fmt: skip
    return _named(known, kind)


@staff.app_template_filter("term_state")
def term_state_text(state: str) -> str:
    """Where a license year stands."""
    known = {
        "due": _("Waiting for payment"), "active": _("Active"), "expired": _("Expired"), "revoked": _("Revoked"),
        "withdrawn": _("Withdrawn"),
    }  # fmt: skip
    return _named(known, state)


@staff.app_template_filter("message_kind")
def message_kind_text(kind: str) -> str:
    """What was sent."""
    known = {
        "receipt": _("Receipt"), "receipt-again": _("Receipt, sent again"), "lookup-code": _("Code to look up"),
        "lookup-number": _("Account number"), "pay-link": _("Link to pay"),
        "share-offered": _("Invitation to see the account online"),
        "payment-returned": _("Notice of a returned payment"), "text-code": _("Code for text messages"),
        "choices-changed": _("Notice that choices were changed"),
        "paperless-asked": _("Confirmation of bills without paper"),
        **notice_kinds(),
    }  # fmt: skip
    return _named(known, kind)


@staff.app_template_filter("channel")
def channel_text(channel: str) -> str:
    """How it was sent."""
    return _named({"mail": _("E-mail"), "text": _("Text message"), "letter": _("Letter")}, channel)


@staff.app_template_filter("sent_outcome")
def sent_outcome_text(outcome: str) -> str:
    """Where it is."""
    return _named(message_states(), outcome)


@staff.app_template_filter("address_event")
def address_event_text(event: str) -> str:
    """What happened to an address."""
    return _named(address_events(), event)


@staff.app_template_filter("message_reason")
def message_reason_text(code: str) -> str:
    """Why it is there; a code of the other side as it is."""
    return message_reasons().get(code, code)


@staff.app_template_filter("request_way")
def request_way_text(code: str) -> str:
    """How somebody asked the counter."""
    return request_way(code)


@staff.app_template_filter("correction")
def correction_text(reason: str) -> str:
    """Why a charge was changed: a reason of the city's by its name, or the words of the system that changed it."""
    parts = wiring()
    city, today = parts.city().city, parts.clock.today()
    waived = city.waiver_policy(today)
    reasons = [*(waived.reasons if waived else ()), *city.adjustment_policy(today).reasons]
    found = choice(reasons, reason)
    return found.name.in_(locale_code()) if found else reason


@staff.app_template_filter("step_sum")
def step_sum(step: ShownStep) -> str:
    """``16 CCF × $2.47``, as the resident's page writes it."""
    return reason_of({
        "label": step.label.root,
        "quantity": step.quantity,
        "unit": step.unit.root if step.unit else None,
        "rate": step.rate,
        "percent": step.percent,
        "share": step.share.root if step.share else None,
        "amount_cents": step.amount.cents,
    }).sum  # fmt: skip


@staff.app_template_filter("cannot")
def cannot_text(why: str) -> str:
    """Why a line cannot be worked out again."""
    known = {
        "no_working": _("Nothing says by which rule it was worked out."),
        "unreadable": _("Its working cannot be read."),
        "unknown_rule": _("The rules of its day have no such rule."),
        "inputs": _("What went in does not do for its rule."),
        "asks_nothing": _("By its rule nothing would be asked."),
    }
    return _named(known, why)


@staff.app_template_filter("change_kind")
def change_kind_text(kind: str) -> str:
    """What changed a charge after it was raised."""
    known = {"adjustment": _("Adjustment"), "payment": _("Payment"), "taken_back": _("Payment taken back")}
    return _named(known, kind)


@staff.app_template_filter("change_why")
def change_why(change: Change) -> str:
    """Why it changed: the reason of an adjustment, or the rule that laid a payment on it."""
    if change.kind == "adjustment":
        return correction_text(change.reason)
    if change.policy == EXPLICIT:
        return _("chosen by the payer")
    return change.memo or (_("by the city's order of payments (%(version)s)", version=change.policy))


@staff.app_template_filter("handle")
def handle_text(handle: str) -> str:
    """Who did it, from a handle: ``staff:rosa`` is rosa, ``system`` is the portal itself."""
    return person(handle)


def _named(known: Mapping[str, str], code: str) -> str:
    return known.get(code, code)
