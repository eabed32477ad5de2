"""What a guest's browser holds: a basket's token, the accounts proven in this visit, and those proven ever.

All of it is signed. The cookie of known accounts only lets a right proof pass a throttle; it opens nothing.
"""

from __future__ import annotations

from collections.abc import Sequence

from flask import Response, abort, current_app, request, session
from itsdangerous import BadSignature, URLSafeSerializer

from accounts.customer_accounts.rules import number_key
from payments.baskets.rules import digest
from payments.baskets.service import new_token

BASKET, PROVEN = "basket", "proven"
KNOWN_COOKIE = "known"
_MOST_KNOWN = 40
_MOST_PROVEN = 300
_YEAR = 365 * 24 * 3600


def basket_token(*, create: bool = False) -> str | None:
    """The basket of this browser; made when asked for."""
    if create and BASKET not in session:
        session[BASKET] = new_token()
    token = session.get(BASKET)
    return token if isinstance(token, str) else None


def forget_basket(paid: bytes | None) -> None:
    """After a payment the next one starts empty; a basket that was begun since stays."""
    token = basket_token()
    if token is not None and digest(token) == paid:
        session.pop(BASKET)


def forget_visit() -> None:
    """Somebody signed out: who sits down here next finds neither their basket nor their accounts."""
    session.pop(BASKET, None)
    session.pop(PROVEN, None)


def remember_proof(account_id: int, reference: str) -> None:
    """This visit has proven this account."""
    proven = dict(list(session.get(PROVEN, {}).items())[-_MOST_PROVEN:])
    proven[reference] = account_id
    session[PROVEN] = proven


def proven_account(reference: str) -> int:
    """The id of an account that this visit has proven; anything else is not found, whether it exists or not."""
    account_id = session.get(PROVEN, {}).get(number_key(reference))
    if not isinstance(account_id, int):
        abort(404)
    return account_id


def proven_accounts() -> dict[str, int]:
    """Accounts that this visit has proven: reference → id."""
    found = session.get(PROVEN, {})
    return {str(reference): one for reference, one in found.items() if isinstance(one, int)}


def has_proven_any() -> bool:
    """Has this visit proven an account?"""
    return bool(session.get(PROVEN))


def known_accounts() -> frozenset[int]:
    """Accounts that this browser proved before, by its own signed cookie."""
    try:
        known = _serializer().loads(request.cookies.get(KNOWN_COOKIE, ""))
    except BadSignature:
        return frozenset()
    return frozenset(account_id for account_id in known if isinstance(account_id, int))


def set_known(response: Response, account_id: int) -> None:
    """Remember for a year that this browser proved this account."""
    set_known_all(response, [account_id])


def set_known_all(response: Response, account_ids: Sequence[int]) -> None:
    """The same for some accounts, as many as are remembered."""
    if not account_ids:
        return
    known = [*sorted(known_accounts() - set(account_ids)), *account_ids][-_MOST_KNOWN:]
    response.set_cookie(
        KNOWN_COOKIE,
        _serializer().dumps(known),
        max_age=_YEAR,
        httponly=True,
        secure=bool(current_app.config["SESSION_COOKIE_SECURE"]),
        samesite="Lax",
    )


def _serializer() -> URLSafeSerializer:
    return URLSafeSerializer(str(current_app.config["SECRET_KEY"]), salt="known-accounts")
