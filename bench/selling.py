"""A water bill in cash at the window, over real HTTP: the look, and the sale posted with its receipt."""

from __future__ import annotations

import statistics
import time
from collections.abc import Sequence
from datetime import date

import requests
from bs4 import BeautifulSoup
from sqlalchemy import text
from sqlalchemy.orm import Session

from accounts.actors.models import ActorKind
from accounts.actors.service import SYSTEM, actor_id
from accounts.database import reading, transaction
from accounts.staff.models import StaffGrant
from accounts.staff.rules import Authority, Permission
from bench.place import Place
from bench.posting import never_paid
from bench.report import Section
from bench.servers import both
from payments.drawers import service as drawers
from payments.drawers.service import CashDesk
from payments.terms import cash_terms
from portal import create_app
from portal.identity.staff.models import StaffSignIn
from portal.identity.staff.signing_in import begin_session
from portal.wiring import wiring

SALES, WARM = 60, 5
GIVEN = "1000"
"""Dollars handed over for each; the rest is change."""
DROP_AT = 1_000_00
"""Cents in the drawer from which they are dropped, between two sales: so it stays below the city's limit."""
_OWING = text("""
    SELECT a.id, a.reference, sum(c.open_cents)::bigint AS cents
      FROM customer_accounts a JOIN charges c ON c.customer_account_id = a.id
     WHERE a.id = ANY (:ids) GROUP BY a.id ORDER BY a.id""")


def section(place: Place) -> Section:
    """One sale after the other by one cashier; each beside a bare page on the same server."""
    accounts = [account for account, _ in zip(never_paid(place), range(SALES + WARM), strict=False)]
    with reading(place.sessions) as session:
        owing = [(row.reference, int(row.cents)) for row in session.execute(_OWING, {"ids": accounts})]
    till = _Till(place)
    spans = []
    with both(place) as (port, bare):
        for reference, cents in owing:
            spans.append(_sold(port, bare, till.cookie, reference))
            till.holds(cents)
    looked, took, page = zip(*spans[WARM:], strict=True)
    rows = [_row("what is owed, looked at", looked, page), _row("sale posted, receipt shown", took, page)]
    rows.append(_row("bare page", page, page))
    return Section(
        "A bill paid in cash at the window", ["", "p50 ms", "p95 ms", "times the bare page at the 95th"], rows,
        [f"{len(took)} sales, two requests each, one after the other, committed to disk."],
    )  # fmt: skip


def _sold(port: int, bare: int, cookie: str, reference: str) -> tuple[float, float, float]:
    """Milliseconds of the look, of taking it, and of a bare page in between."""
    at = f"http://127.0.0.1:{port}"
    headers = {"Host": "localhost:8000", "X-Forwarded-For": "10.1.2.3", "Cookie": cookie}
    empty = requests.get(f"{at}/staff/window", headers=headers, timeout=30)
    form, action = _form(empty.text, "scan")
    began = time.perf_counter()
    look = requests.post(f"{at}{action}", {**form, "scan": reference, "given": GIVEN}, headers=headers, timeout=30)
    looked = time.perf_counter()
    form, action = _form(look.text, "take")
    asked = time.perf_counter()
    done = requests.post(f"{at}{action}", {**form, "step": "take"}, headers=headers, timeout=30)
    taken = time.perf_counter()
    if done.status_code != 200 or "C1-" not in done.text:
        raise LookupError(f"{reference} was not sold: {done.status_code}")
    requests.get(f"http://127.0.0.1:{bare}/bare?id=1", timeout=30)
    bared = time.perf_counter()
    return 1000 * (looked - began), 1000 * (taken - asked), 1000 * (bared - taken)


def _form(page: str, step: str) -> tuple[dict[str, str], str]:
    """What the form with this button (or this field) would send, and where."""
    soup = BeautifulSoup(page, "html.parser")
    here = soup.select_one(f"main form:has([name={step}]), main form:has([name=step][value={step}])")
    if here is None:
        raise LookupError(f"the page has no form for {step}")
    fields = {
        str(one["name"]): str(one.get("value", ""))
        for one in here.select("input[name], select[name]")
        if one.get("type") not in {"checkbox", "radio", "submit"} or one.has_attr("checked")
    }
    for one in here.select("select[name]"):
        chosen = one.select_one("option[selected]") or one.select_one("option")
        fields[str(one["name"])] = str(chosen["value"]) if chosen else ""
    return fields, str(here["action"])


class _Till:
    """An open drawer, whose float a colleague has counted, and the cookie of its cashier's screen."""

    def __init__(self, place: Place) -> None:
        with transaction(place.sessions) as session:
            rosa, tomas = (_hired(session, name) for name in ("bench-cashier", "bench-colleague"))
            token = begin_session(session, rosa, "password", place.clock.now()).token
        city = place.city.city
        self.desk = CashDesk(place.sessions, place.clock, city.cash_policy(place.clock.today()), cash_terms(city))
        may = frozenset({Permission.WINDOW_TAKE})
        self.cashier, other = (Authority(who.actor_id, who.username, may) for who in (rosa, tomas))
        float_ = {100: self.desk.policy.float_money.cents // 100}
        till = city.tills[0]
        self.drawer = drawers.open_drawer(self.desk, self.cashier, till.code, till.receipt_series, float_)
        drawers.verify_float(self.desk, other, self.drawer, float_)
        self.cookie = _cookie(place, token, rosa.actor_id)
        self.cents = 0

    def holds(self, cents: int) -> None:
        """So much more; a full drawer is emptied into the vault."""
        self.cents += cents
        if self.cents > DROP_AT:
            drawers.drop(self.desk, self.cashier, self.drawer, {100: self.cents // 100, 1: self.cents % 100})
            self.cents = 0


def _cookie(place: Place, token: str, actor: int) -> str:
    """Of a screen that has shown a page before: the token of its forms is in it."""
    app = create_app(place.settings)
    client = app.test_client()
    with client.session_transaction() as held:
        held.update({"_user_id": token, "last_actor": actor})
    client.get("/staff/window")
    with app.app_context():
        wiring().engine.dispose()
    name = app.config["SESSION_COOKIE_NAME"]
    cookie = client.get_cookie(name)
    if cookie is None:
        raise LookupError("the window sets no session")
    return f"{name}={cookie.value}"


def _hired(session: Session, username: str) -> StaffSignIn:
    actor = actor_id(session, f"staff:{username}", ActorKind.STAFF, username)
    person = StaffSignIn(actor_id=actor, username=username, language="en")
    session.add(person)
    session.add(
        StaffGrant(
            actor_id=actor, role="cashier", since_on=date(2024, 1, 2), reason="hired",
            granted_by=actor_id(session, SYSTEM),
        )
    )  # fmt: skip
    session.flush()
    return person


def _row(name: str, times: Sequence[float], bare: Sequence[float]) -> list[object]:
    last, beside = (statistics.quantiles(found, n=20)[18] for found in (times, bare))
    return [name, f"{statistics.median(times):.0f}", f"{last:.0f}", f"{last / beside:.1f}"]
