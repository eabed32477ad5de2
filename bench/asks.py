"""The pages that are measured, as requests of guests whose browsers hold what they would hold."""

from __future__ import annotations

import re
import urllib.parse
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from flask import Flask
from sqlalchemy import text

from accounts.database import reading
from bench import attempts, bills, clerks, population, residents
from bench.load import NUMBER
from bench.place import Place
from bench.settling import settle, till
from payments.baskets import service as baskets
from payments.terms import bounds_of
from portal.public.visitors import BASKET, PROVEN

_TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')
_OPEN = text("SELECT id, reference FROM customer_accounts WHERE id = ANY (:ids) ORDER BY id")
BIG_BASKET = 120
FROM = 200
"""Sampled accounts after so many are not asked for by other pages: they get bills of their own."""


@dataclass(frozen=True)
class Ask:
    """One request. The client's address is put in when it is sent, so that no throttle answers."""

    method: str
    path: str
    cookie: str
    body: str = ""


@dataclass(frozen=True)
class Page:
    """A page under its name, as asked for by several guests; ``status`` is what a right answer has."""

    name: str
    status: int
    asks: Sequence[Ask]


def pages(place: Place, app: Flask, size: int, *, guests: int) -> list[Page]:
    """Every page that is measured, each for so many guests."""
    some = population.sample(size)[: 3 * guests]
    explained = population.sample(size)[FROM + guests : FROM + 2 * guests]
    paid, promised = some[-1], some[-2]
    references = _references(place, [population.VETERAN, *some, *explained, *_many(size)])
    known = some[:guests]
    settled = settle(till(place.app_url, place.clock.today(), 1), attempts.promise(place, [paid], "page")[0])
    bills.billed(place, explained)
    waiting = attempts.promise(place, [promised], "page")[0]
    return [
        *_guests(place, app, size, references, known),
        Page("Bill, explained", 200, [_account(app, references, one, "/bill") for one in explained]),
        Page("Payment, still on its way", 200, [_anybody(app, "GET", f"/payments/{waiting[3:]}")]),
        Page("Receipt", 200, [_anybody(app, "GET", f"/receipts/{_receipt_token(place, settled.receipt_id)}")]),
        *_staff(place, app, references, known[0]),
        *_residents(place, app, size, references, known),
    ]


def _guests(place: Place, app: Flask, size: int, references: Mapping[int, str], known: Sequence[int]) -> list[Page]:
    three = population.sample(size)[:3]
    return [
        Page("Look-up, the form", 200, [_anybody(app, "GET", "/pay")]),
        Page("Look-up, no match", 422, [_lookup(app, NUMBER.decode(), "WRONG")]),
        Page("Look-up, a match", 303, [_lookup(app, references[one], population.bill_code(one)) for one in known]),
        Page("Account, 3 charges", 200, [_account(app, references, one) for one in known]),
        Page("Account, 300 charges", 200, [_account(app, references, population.VETERAN)]),
        Page("Basket, 1 account", 200, [_basket(place, app, references, [one]) for one in known]),
        Page("Basket, 3 accounts", 200, [_basket(place, app, references, three)]),
        Page("Basket, 120 accounts", 200, [_basket(place, app, references, _many(size))]),
    ]


def _staff(place: Place, app: Flask, references: Mapping[int, str], known: int) -> list[Page]:
    held = clerks.signed_in(place)
    found = clerks.paths(place, known, references[known], population.VETERAN, references[population.VETERAN])
    return [Page(name, 200, [_asked(app, "GET", path, held)]) for name, path in found]


def _residents(
    place: Place, app: Flask, size: int, references: Mapping[int, str], known: Sequence[int]
) -> list[Page]:
    now = place.clock.now()
    one, many = ([known[0]], list(range(1, min(size, residents.MANY) + 1)))
    of_one, of_many = (residents.signed_in(place, accounts, now) for accounts in (one, many))
    return [
        Page("Own list, 1 account", 200, [_own(app, "/my", of_one)]),
        Page("Own list, 200 accounts", 200, [_own(app, "/my", of_many)]),
        Page("Own account", 200, [_own(app, f"/my/accounts/{references[known[0]]}", of_one)]),
        Page("Own payments, 200 accounts", 200, [_own(app, "/my/payments", of_many)]),
    ]


def _own(app: Flask, path: str, cookie: str) -> Ask:
    asked = _anybody(app, "GET", path)
    return Ask(asked.method, asked.path, f"{asked.cookie}; {cookie}")


def _many(size: int) -> list[int]:
    every = max(size // (2 * BIG_BASKET), 1)
    return [account for account in range(2, size, every) if population.kind_of(account) == "utility"][:BIG_BASKET]


def _references(place: Place, ids: Sequence[int]) -> Mapping[int, str]:
    with reading(place.sessions) as session:
        return {row.id: row.reference for row in session.execute(_OPEN, {"ids": list(ids)})}


def _receipt_token(place: Place, receipt_id: int) -> str:
    with reading(place.sessions) as session:
        return str(session.scalar(text("SELECT token FROM receipts WHERE id = :id"), {"id": receipt_id}))


def _anybody(app: Flask, method: str, path: str) -> Ask:
    return _asked(app, method, path, {})


def _lookup(app: Flask, reference: str, proof: str) -> Ask:
    def body(token: str) -> str:
        typed = {"csrf_token": token, "number": reference, "proof": proof, "zip_code": ""}
        return urllib.parse.urlencode(typed, safe="@")

    return _asked(app, "POST", "/pay", {}, body)


def _account(app: Flask, references: Mapping[int, str], account: int, page: str = "") -> Ask:
    path = f"/accounts/{references[account]}{page}"
    return _asked(app, "GET", path, {PROVEN: {references[account]: account}})


def _basket(place: Place, app: Flask, references: Mapping[int, str], accounts: Sequence[int]) -> Ask:
    token = baskets.new_token()
    for account in accounts:
        baskets.put(place.sessions, token, account, bounds=bounds_of(place.city.city))
    proven = {references[account]: account for account in accounts}
    return _asked(app, "GET", "/basket", {PROVEN: proven, BASKET: token})


def _asked(
    app: Flask, method: str, path: str, held: Mapping[str, object], body: Callable[[str], str] | None = None
) -> Ask:
    """A guest who has opened a page before, so that the session and its CSRF token are there."""
    client = app.test_client()
    with client.session_transaction() as session:
        session.update(held)
    token = _TOKEN.search(client.get("/pay").text)
    if token is None:
        raise LookupError("the look-up page has no form token")
    name = app.config["SESSION_COOKIE_NAME"]
    cookie = client.get_cookie(name)
    if cookie is None:
        raise LookupError("the look-up page sets no session")
    return Ask(method, path, f"{name}={cookie.value}", body(token.group(1)) if body else "")
