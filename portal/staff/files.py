"""What every part of an account's file shows around itself: whose it is, its parts, and what can be done."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import render_template, request, url_for

from accounts.cities.staffing import Permission
from accounts.customer_accounts.queries import AccountFile
from portal.i18n import gettext as _
from portal.i18n import money_text
from portal.staff.acts_menu import acts_menu
from portal.staff.blueprint import opened_file, staff_user

_PARTS = (
    ("accounts_show", "v o"),
    ("bills_list", "v b"),
    ("payments_list", "v p"),
    ("conversations_list", "v n"),
    ("messages_list", "v m"),
    ("details_show", "v d"),
    ("timelines_show", "v t"),
)
"""Endpoints of the parts and the keys that lead there (``v`` as in view)."""
_OF_OVERSIGHT = ("audit_account", "v a")


def file_page(template: str, **words: Any) -> str:
    """A page of the file that the guard opened."""
    file = opened_file()
    return render_template(
        template, file=file, parts=_parts(file), acts=acts_menu(file, staff_user()), flags=_flags(file), **words
    )


def page_url(**changes: Any) -> str:
    """This page with other arguments, for links to the next page of a list."""
    return url_for(request.endpoint or "", **{**(request.view_args or {}), **changes})


def _parts(file: AccountFile) -> list[dict[str, object]]:
    labels = _labels()
    parts = (*_PARTS, _OF_OVERSIGHT) if staff_user().may(Permission.AUDIT_READ) else _PARTS
    return [
        {
            "label": labels[name](file),
            "url": url_for(f"staff.{name}", reference=file.reference),
            "key": key,
            "current": request.endpoint == f"staff.{name}",
        }
        for name, key in parts
    ]


def _labels() -> dict[str, Callable[[AccountFile], str]]:
    return {
        "accounts_show": lambda _file: _("Overview"),
        "bills_list": lambda _file: _("Bills and charges"),
        "payments_list": lambda _file: _("Payments"),
        "conversations_list": lambda _file: _("Notes and contacts"),
        "messages_list": lambda _file: _("Messages sent"),
        "details_show": lambda file: details_label(file.kind),
        "timelines_show": lambda _file: _("Timeline"),
        "audit_account": lambda _file: _("Audit"),
    }


def details_label(kind: str) -> str:
    """The part that only this kind of account has."""
    return {"utility": _("Services and use"), "license": _("License")}.get(kind) or _("Citation")


def _flags(file: AccountFile) -> list[str]:
    """What everybody must know who has the account open, in words."""
    said = []
    if file.is_protected:
        said.append(_("Protected: say nothing of where this person lives"))
    if file.is_restricted:
        said.append(_("Restricted file"))
    if file.system_of_record == "external":
        said.append(_("Billed by another system"))
    if file.status == "closed" and file.credit:
        said.append(_("The City owes %(amount)s: credit on a closed account", amount=money_text(file.credit)))
    return said
