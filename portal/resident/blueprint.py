"""The blueprint of the resident's own place. Who is there is asked here, once, for every page."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Blueprint, Response, abort, current_app, g, redirect, request, url_for
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect
from werkzeug.wrappers import Response as AnyResponse

from accounts import audit
from accounts.account_links.queries import LinkedAccount, linked_account
from accounts.account_links.rules import Right
from accounts.cities.desk import ResidentScreens
from accounts.customer_accounts.rules import number_key
from accounts.database import one_by_one, transaction
from portal import refusals
from portal.identity.residents.cookies import drop_session, has_session, token_here
from portal.identity.residents.users import ResidentUser, who
from portal.permissions import ANYONE, RESIDENT_AGAIN, permission_of, right_of
from portal.wiring import wiring

resident = Blueprint("resident", __name__, url_prefix="/my")
_UNKNOWN = object()
_LONGEST_ASKED = 40


def lifetime() -> ResidentScreens:
    """How long a session lasts, by the city's policy of the day."""
    return wiring().city().city.desk_policy(wiring().clock.today()).resident_screens


def whoever_is_there() -> ResidentUser | None:
    """The resident who is signed in here, if anybody is. Asked once a request, and only with a cookie."""
    found = g.get("resident_user", _UNKNOWN)
    if found is _UNKNOWN:
        token = token_here()
        found = None
        if token:
            with one_by_one(wiring().sessions) as reader:
                found = who(reader, token, lifetime(), wiring().clock.now())
        g.resident_user = found
    return found  # type: ignore[no-any-return]


def resident_user() -> ResidentUser:
    """The resident at the screen; the guard has seen to it that there is one."""
    found = whoever_is_there()
    assert found is not None  # noqa: S101 - the guard
    return found


@resident.before_request
def guard() -> AnyResponse | None:
    """Nobody unknown; and for what changes a sign-in, nobody who has not just proved who they are."""
    mark = permission_of(current_app, request.endpoint or "")
    if mark == ANYONE:
        return None
    user = whoever_is_there()
    if user is None:
        return _to_sign_in(ended=has_session())
    if mark == RESIDENT_AGAIN and not user.signed_in_within(lifetime().recent_minutes, wiring().clock.now()):
        return _to_sign_in(again=True)
    needed = right_of(mark or "")
    if needed is not None:
        _open_account(user, needed)
    return None


def opened_account() -> LinkedAccount:
    """The account that the address of this page names; the guard has seen to it that it is theirs."""
    found: LinkedAccount = g.linked_account
    return found


def _open_account(user: ResidentUser, needed: Right) -> None:
    """An account that is not this resident's, or not with this right, is not found, like one that is not there."""
    parts, asked = wiring(), number_key(str((request.view_args or {}).get("reference", "")))
    with one_by_one(parts.sessions) as reader:
        found = linked_account(reader, user.actor_id, asked)
    if found is None or not found.may(needed):
        refusals.note("account-not-theirs")
        with transaction(parts.sessions) as session:
            audit.record(
                session, "account-not-theirs", subject=("page", request.endpoint or ""), actor_id=user.actor_id,
                asked=asked[:_LONGEST_ASKED], right=needed.value,
            )  # fmt: skip
        abort(404)
    g.linked_account = found


def resident_path(path: str) -> str:
    """A page for residents that somebody wanted, or their first page: a sign-in never sends anybody elsewhere."""
    is_ours = (path == "/my" or path.startswith("/my/")) and path.isprintable() and "\\" not in path
    is_way_in = path.startswith(("/my/sign-in", "/my/register", "/my/links/", "/my/mail-sent", "/my/providers/"))
    return path if is_ours and not is_way_in else url_for("resident.home_show")


@resident.after_request
def drop_what_is_over(response: Response) -> Response:
    """A cookie whose session has ended is taken back; menus then say so."""
    if g.get("resident_user", _UNKNOWN) is None and has_session() and "Set-Cookie" not in response.headers:
        drop_session(response)
    return response


def _to_sign_in(*, again: bool = False, ended: bool = False) -> AnyResponse:
    address = url_for("resident.sign_ins_new", to=_way_back(), again=1 if again else None, ended=1 if ended else None)
    return redirect(address, 303)


def _way_back() -> str:
    """Where to go after the sign-in: the page that was asked for, or on which the form is that was sent."""
    if request.method == "GET":
        return request.full_path.rstrip("?")
    places = (request.path, urlsplit(request.referrer or "").path)
    return next(filter(_is_a_page, places), url_for("resident.home_show"))


def _is_a_page(path: str) -> bool:
    try:
        current_app.url_map.bind("").match(path, method="GET")
    except (HTTPException, RequestRedirect):
        return False
    return resident_path(path) == path
