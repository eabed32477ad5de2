"""The blueprint of the back office. Who may open what is asked here, once, for every page."""

from __future__ import annotations

from typing import TypedDict
from urllib.parse import urlsplit

from flask import Blueprint, abort, current_app, g, redirect, request, url_for
from flask_login import LoginManager, current_user
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect
from werkzeug.wrappers import Response

from accounts import audit
from accounts.cities.staffing import Permission
from accounts.customer_accounts.queries import AccountFile, account_file
from accounts.customer_accounts.rules import number_key
from accounts.database import one_by_one, transaction
from portal import refusals
from portal.identity.staff import kept
from portal.identity.staff.users import Known, StaffUser, who
from portal.identity.vault import KEPT_FORMS
from portal.permissions import ANYONE, STAFF, permission_of
from portal.wiring import wiring

staff = Blueprint("staff", __name__, url_prefix="/staff")
AUTOSAVE = "staff.kept_forms_save"
_KEPT_PATH = "kept-form-path"
logins = LoginManager()
logins.session_protection = None  # a token that the database knows ends sessions; addresses change under telephones


@logins.user_loader  # type: ignore[untyped-decorator]
def load_user(token: str) -> StaffUser | None:
    """Flask-Login asks once a request."""
    parts = wiring()
    with one_by_one(parts.sessions) as reader:
        known = who(reader, token, parts.city().city, parts.clock.now(), parts.clock.today())
    g.known = known
    return known.user


def staff_user() -> StaffUser:
    """The person at the screen; the guard has seen to it that there is one."""
    found: StaffUser = current_user._get_current_object()  # noqa: SLF001 - Flask-Login's own way to the object
    return found


@staff.before_request
def guard() -> Response | None:
    """Nobody unknown, nobody without the permission that the view names, and no account that is not for them."""
    mark = permission_of(current_app, request.endpoint or "")
    if mark == ANYONE:
        return None
    if not current_user.is_authenticated:
        return _ask_who_is_there()
    if mark != STAFF and not staff_user().may(Permission(mark or "")):
        refuse_and_write_down("permission-refused", permission=mark)
        abort(403)
    if "reference" in (request.view_args or {}):
        _open_file(str((request.view_args or {})["reference"]))
    return None


def opened_file() -> AccountFile:
    """The account that the address of this page names; the guard has opened it and written down who looked."""
    found: AccountFile = g.account_file
    return found


class Sight(TypedDict):
    """Which of the accounts that are not for everybody somebody sees."""

    sees_protected: bool
    sees_restricted: bool


def may_see(user: StaffUser) -> Sight:
    """What every query of accounts is told about its reader."""
    return {
        "sees_protected": user.may(Permission.PROTECTED_SEE),
        "sees_restricted": user.may(Permission.RESTRICTED_SEE),
    }


def _open_file(reference: str) -> None:
    """An account that is not for this person is not found, just like one that is not there."""
    parts, user = wiring(), staff_user()
    with one_by_one(parts.sessions) as reader:
        found = account_file(reader, number_key(reference), **may_see(user))
    if found is None:
        refuse_and_write_down("account-not-found", asked=number_key(reference)[:40])
        abort(404)
    with transaction(parts.sessions) as session:
        audit.seen(session, found.id, user.actor_id, (request.endpoint or "").removeprefix("staff."))
    g.account_file = found


@staff.after_request
def forget_what_was_sent(response: Response) -> Response:
    """A form that led on was sent; what was kept of it is done with."""
    is_sent = request.method == "POST" and (response.status_code == 303 or g.get("was_sent", False))
    if is_sent and current_user.is_authenticated:
        kept.forget(wiring().sessions, staff_user().actor_id, request.path)
    return response


def was_sent() -> None:
    """The answer to this form is a page: what it shows is shown once, and must not stand in an address."""
    g.was_sent = True


def refuse_and_write_down(act: str, **details: object) -> None:
    """An audit line of what somebody wanted and may not."""
    refusals.note(act)
    with transaction(wiring().sessions) as session:
        audit.record(
            session, act, subject=("page", request.endpoint or ""), actor_id=staff_user().actor_id, **details
        )


def _ask_who_is_there() -> Response:
    """To the sign-in and back; what was typed is kept for the person whose session ran out."""
    known: Known | None = g.get("known")
    whose = known.actor_id if known is not None else None
    was_kept = request.method == "POST" and whose is not None and keep_what_was_typed(whose)
    return redirect(
        url_for(
            "staff.sign_ins_new", to=_way_back(), ended=1 if whose is not None else None, kept=1 if was_kept else None
        ),
        303,
    )


def keep_what_was_typed(actor_id: int) -> bool:
    """Keep the form that this request sends, for this person; was anything kept?"""
    parts = wiring()
    path = kept_path() if request.endpoint == AUTOSAVE else request.path
    fields = {name: request.form.getlist(name) for name in request.form if name != _KEPT_PATH}
    if not path:
        return False
    return kept.keep(parts.sessions, parts.vault(KEPT_FORMS), actor_id, path, fields, now=parts.clock.now())


def kept_path() -> str:
    """The page whose form a script keeps, as the form says it; empty where that is no page of the back office."""
    path = request.form.get(_KEPT_PATH, "")
    return path if staff_path(path) == path and "?" not in path and len(path) <= kept.LONGEST_PATH else ""


def _way_back() -> str:
    """Where to go after the sign-in: the page that was asked for, or on which the form is that was sent."""
    if request.method == "GET":
        return request.full_path.rstrip("?")
    if _is_a_page(request.path):
        return request.path
    before = urlsplit(request.referrer or "").path
    return before if _is_a_page(before) else url_for("staff.today_show")


def _is_a_page(path: str) -> bool:
    try:
        current_app.url_map.bind("").match(path, method="GET")
    except (HTTPException, RequestRedirect):
        return False
    return staff_path(path) == path


def staff_path(path: str) -> str:
    """A page of the back office that somebody wanted, or its first page: a sign-in never sends anybody elsewhere."""
    is_ours = (path == "/staff" or path.startswith("/staff/")) and path.isprintable() and "\\" not in path
    return path if is_ours and not path.startswith("/staff/sign-in") else url_for("staff.today_show")
