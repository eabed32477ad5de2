"""What can be done on an account: one table. An act is shown where its page exists and the person may open it."""

from __future__ import annotations

from dataclasses import dataclass

from flask import current_app, url_for

from accounts.cities.staffing import Permission
from accounts.customer_accounts.queries import AccountFile
from portal.i18n import gettext as _
from portal.identity.staff.users import StaffUser

_ACTS: tuple[tuple[str, str, Permission], ...] = (
    ("1", "contacts_new", Permission.CONTACTS_LOG),
    ("2", "notes_new", Permission.CONTACTS_LOG),
    ("3", "customer_changes_new", Permission.CUSTOMERS_CHANGE),
    ("4", "fees_new", Permission.FEES_POST),
    ("5", "waivers_new", Permission.WAIVERS_MAKE),
    ("6", "adjustments_new", Permission.ADJUSTMENTS_MAKE),
    ("7", "moves_new", Permission.PAYMENTS_MOVE),
    ("8", "closings_new", Permission.ACCOUNTS_OPEN),
    ("8", "reopenings_new", Permission.ACCOUNTS_OPEN),
    ("9", "restrictions_edit", Permission.ACCOUNTS_RESTRICT),
    ("", "meter_exchanges_new", Permission.BILLS_RUN),
    ("", "pay_links_new", Permission.WINDOW_TAKE),
    ("", "account_links_list", Permission.ACCOUNTS_SEE),
    ("", "message_choices_list", Permission.ACCOUNTS_SEE),
    ("", "returned_mail_new", Permission.CUSTOMERS_CHANGE),
    ("", "mergers_new", Permission.CUSTOMERS_MERGE),
    ("", "openings_new", Permission.ACCOUNTS_OPEN),
)
"""Key, endpoint and permission. A key stays with its act, whatever else a person may do: hands remember it."""
_ONLY = {"closings_new": "open", "reopenings_new": "closed"}
"""Acts that only make sense on an account in this state."""


@dataclass(frozen=True, slots=True)
class MenuAct:
    """An act as a page offers it; ``key`` is empty for one that has none."""

    key: str
    label: str
    url: str


def acts_menu(file: AccountFile, user: StaffUser) -> list[MenuAct]:
    """The acts that this person may begin on this account, in the order of their keys."""
    labels = _labels()
    return [
        MenuAct(key, labels[name], _url(name, file.reference))
        for key, name, permission in _ACTS
        if user.may(permission) and exists(name) and _ONLY.get(name, file.status) == file.status
    ]


def _url(name: str, reference: str) -> str:
    """The page of an act on the account; another account is opened for its holder."""
    if name == "openings_new":
        return url_for("staff.openings_new", customer=reference)
    return url_for(f"staff.{name}", reference=reference)


def exists(name: str) -> bool:
    """Is there a page of this name?"""
    return f"staff.{name}" in current_app.view_functions


def _labels() -> dict[str, str]:
    return {
        "contacts_new": _("Log a contact"),
        "notes_new": _("Write a note"),
        "customer_changes_new": _("Change name or address"),
        "fees_new": _("Post a fee"),
        "waivers_new": _("Waive"),
        "adjustments_new": _("Adjust"),
        "moves_new": _("Move a payment"),
        "closings_new": _("Close the account"),
        "reopenings_new": _("Open it again"),
        "restrictions_edit": _("Restrict"),
        "meter_exchanges_new": _("Exchange the meter"),
        "pay_links_new": _("Send a link to pay"),
        "account_links_list": _("Who sees it online"),
        "message_choices_list": _("How they are told"),
        "returned_mail_new": _("Note returned mail"),
        "mergers_new": _("Merge with another record"),
        "openings_new": _("Open another account"),
    }
