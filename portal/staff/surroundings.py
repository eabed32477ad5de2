"""What every page of the back office shows around its content: who is there, the menu, the search box, the keys."""

from __future__ import annotations

from typing import Any

from flask import current_app, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from accounts.cities.staffing import Permission
from accounts.customer_accounts.rules import shown
from portal.forms.baskets import PlainForm
from portal.permissions import any_staff
from portal.staff import menu
from portal.staff.blueprint import staff, staff_user
from portal.staff.done import account_url
from portal.wiring import wiring

staff.add_app_template_filter(shown, "reference")
KEYS_COOKIE = "keys"
_YEAR = 365 * 24 * 3600
_MENU: tuple[tuple[str, str, Permission | None], ...] = (
    ("today_show", "g t", None),
    ("desk_show", "g d", Permission.APPROVALS_DECIDE),
    ("window_show", "g w", Permission.WINDOW_TAKE),
    ("drawers_mine", "g c", Permission.WINDOW_TAKE),
    ("drawer_reviews_list", "g o", Permission.DRAWERS_REVIEW),
    ("billing_runs_list", "g 1", Permission.BILLS_RUN),
    ("bank_deposits_list", "g b", Permission.DEPOSITS_MAKE),
    ("bank_statements_list", "g h", Permission.BANK_RECONCILE),
    ("turn_ins_list", "g v", Permission.WINDOW_TAKE),
    ("mail_list", "g s", Permission.MAIL_LOG),
    ("suspense_list", "g z", Permission.SUSPENSE_WORK),
    ("approvals_list", "g a", Permission.APPROVALS_SEE),
    ("exceptions_list", "g e", Permission.EXCEPTIONS_WORK),
    ("cases_list", "g g", Permission.CASES_WORK),
    ("follow_ups_list", "g f", Permission.CONTACTS_LOG),
    ("returned_mail_list", "g r", Permission.CUSTOMERS_CHANGE),
    ("notices_list", "g 2", Permission.ACCOUNTS_SEE),
    ("lost_mailboxes_list", "g 3", Permission.CUSTOMERS_CHANGE),
    ("pay_links_list", "g y", Permission.WINDOW_TAKE),
    ("returned_payments_list", "g x", Permission.RETURNS_POST),
    ("openings_new", "g n", Permission.ACCOUNTS_OPEN),
    ("findings_list", "g i", Permission.FINDINGS_SEE),
    ("reports_list", "g q", Permission.REPORTS_SEE),
    ("days_list", "g k", Permission.REPORTS_SEE),
    ("journal_exports_list", "g j", Permission.JOURNALS_EXPORT),
    ("audit_list", "g l", Permission.AUDIT_READ),
    ("people_list", "g p", Permission.STAFF_MANAGE),
)
"""In the order of the menu: endpoint, keys, and the permission that shows it."""


def _labels() -> dict[str, str]:
    return {
        "today_show": _("Today"),
        "desk_show": _("At a glance"),
        "window_show": _("Window"),
        "drawers_mine": _("My drawer"),
        "drawer_reviews_list": _("Drawers"),
        "billing_runs_list": _("Billing"),
        "bank_deposits_list": _("Bank deposits"),
        "bank_statements_list": _("Bank statements"),
        "turn_ins_list": _("Departments’ money"),
        "mail_list": _("Mail"),
        "suspense_list": _("Money without an owner"),
        "approvals_list": _("Approvals"),
        "exceptions_list": _("Exceptions"),
        "cases_list": _("Requests"),
        "follow_ups_list": _("Follow-ups"),
        "returned_mail_list": _("Returned mail"),
        "notices_list": _("Messages sent"),
        "lost_mailboxes_list": _("Lost mailboxes"),
        "pay_links_list": _("Links to pay"),
        "returned_payments_list": _("Returned payments"),
        "openings_new": _("Open an account"),
        "findings_list": _("Findings"),
        "reports_list": _("Reports"),
        "days_list": _("Days"),
        "journal_exports_list": _("Journal exports"),
        "audit_list": _("Audit"),
        "people_list": _("People"),
    }


@staff.context_processor
def surroundings() -> dict[str, Any]:
    user = staff_user() if current_user.is_authenticated else None
    entries = _menu() if user else []
    has_search = user is not None and user.may(Permission.ACCOUNTS_SEE) and _exists("searches_show")
    return {
        "staff_user": user,
        "account_url": account_url,
        "staff_home_url": url_for("staff.today_show"),
        "staff_menu": entries,
        "staff_menu_arranged": menu.arranged(entries),
        "staff_group_labels": _group_labels(),
        "staff_search_url": url_for("staff.searches_show") if has_search else "",
        "staff_suggest_url": url_for("staff.searches_suggest") if has_search else "",
        "staff_keys_on": request.cookies.get(KEYS_COOKIE) != "off",
    }


@staff.get("/keys")
@any_staff
def keys_show() -> str:
    return render_template("staff/keys/show.html")


@staff.post("/keys")
@any_staff
def keys_switch() -> Response:
    """Keys of one letter can be switched off (WCAG 2.1.4)."""
    response = redirect(url_for("staff.keys_show"), 303)
    if PlainForm().validate_on_submit():
        secure = wiring().settings.is_secure
        value = "off" if request.form.get("keys") == "off" else "on"
        response.set_cookie(KEYS_COOKIE, value, max_age=_YEAR, httponly=True, secure=secure, samesite="Lax")
    return response


def _group_labels() -> dict[str, str]:
    return {
        menu.MONEY: _("Money"),
        menu.ACCOUNTS: _("Accounts"),
        menu.OVERSIGHT: _("Oversight"),
    }


def _menu() -> list[menu.Entry]:
    labels, user = _labels(), staff_user()
    return [
        menu.Entry(name, labels[name], url_for(f"staff.{name}"), key, request.endpoint == f"staff.{name}")
        for name, key, permission in _MENU
        if (permission is None or user.may(permission)) and _exists(name)
    ]


def _exists(name: str) -> bool:
    return f"staff.{name}" in current_app.view_functions
