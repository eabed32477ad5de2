"""The processor for the bench: the sandbox, a process of its own on this machine, and what was paid there."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime

import requests
from sqlalchemy import text

from accounts.database import Sessions, reading, transaction
from accounts.money import Money
from bench.place import SETTINGS, STATE, Place
from bench.servers import free_port, wait_for
from payments.gateway.base import SessionStatus, Truth
from payments.gateway.stripe import StripeGateway
from payments.settlements.service import Desk
from payments.terms import terms_of
from portal.config import CHECKOUT

ENVIRONMENT = SETTINGS.mode.value
_TOTALS = text("SELECT id, session_id, amount_cents + fee_cents AS cents FROM attempts WHERE id = ANY (:ids)")
_PAGE = text("""
    UPDATE attempts a SET session_id = x.session
      FROM unnest(CAST(:ids AS text[]), CAST(:pages AS text[])) AS x (id, session) WHERE a.id = x.id""")


@contextmanager
def sandbox() -> Iterator[str]:
    """A sandbox that knows nothing yet and sends no webhooks; its address."""
    store, port = STATE / "sandbox.sqlite3", free_port()
    for old in STATE.glob(f"{store.name}*"):
        old.unlink()
    command = [sys.executable, "-m", "sandbox", "--port", str(port), "--store", str(store)]
    with (STATE / "sandbox.log").open("w") as log:
        process = subprocess.Popen(command, cwd=CHECKOUT, env=dict(os.environ), stdout=log, stderr=log)
        try:
            wait_for(f"http://127.0.0.1:{port}/_sim/clock", process, "sandbox")
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait(60)


def pay(place: Place, url: str, attempts: Sequence[str]) -> dict[str, str]:
    """Have attempts paid at the sandbox, as their payers would; the payment intent of each."""
    intents, pages = {}, []
    with requests.Session() as asked:
        for attempt, (_, cents) in _totals(place.sessions, attempts).items():
            wanted = {"amount": cents, "metadata": {"attempt_id": attempt, "env": ENVIRONMENT}}
            made = asked.post(f"{url}/_sim/orphans", json=wanted, timeout=30)
            made.raise_for_status()
            intents[attempt] = made.json()["payment_intent"]
            pages.append(made.json()["session"])
    with transaction(place.sessions) as session:
        session.execute(_PAGE, {"ids": list(intents), "pages": pages})
    return intents


def pay_nowhere(place: Place, attempts: Sequence[str]) -> None:
    """Give attempts pages of which only :class:`KnownTruth` knows."""
    pages = [f"cs_{attempt}" for attempt in attempts]
    with transaction(place.sessions) as session:
        session.execute(_PAGE, {"ids": list(attempts), "pages": pages})


class KnownTruth(StripeGateway):
    """A processor whose answer is at hand: every attempt is paid as promised. So settling costs without the wire."""

    def __init__(self, sessions: Sessions, attempts: Sequence[str], intents: Mapping[str, str] | None = None) -> None:
        super().__init__(SETTINGS.stripe_key, ())
        self._known = {
            page: _paid(attempt, page, cents, (intents or {}).get(attempt, f"pi_{attempt[3:]}"))
            for attempt, (page, cents) in _totals(sessions, attempts).items()
        }

    def truth(self, session_id: str) -> Truth:
        return replace(self._known[session_id], paid_at=datetime.now(UTC))


def desk(place: Place, sessions: Sessions, gateway: StripeGateway) -> Desk:
    """What settling and sweeping need, as the portal wires it."""
    city = place.city.city
    return Desk(sessions, gateway, place.clock, terms_of(city), ENVIRONMENT, livemode=False, series=city.web_series())


def gateway(url: str) -> StripeGateway:
    """The portal's own gateway, pointed at the sandbox."""
    return StripeGateway(SETTINGS.stripe_key, SETTINGS.stripe_webhook_secrets, url)


def _totals(sessions: Sessions, attempts: Sequence[str]) -> dict[str, tuple[str, int]]:
    with reading(sessions) as session:
        return {row.id: (row.session_id, row.cents) for row in session.execute(_TOTALS, {"ids": list(attempts)})}


def _paid(attempt: str, page: str, cents: int, intent: str) -> Truth:
    return Truth(
        session_id=page, status=SessionStatus.COMPLETE, paid=True, amount=Money(cents), currency="usd",
        livemode=False, attempt_id=attempt, environment=ENVIRONMENT, payment_intent_id=intent,
        intent_status="succeeded", paid_at=None, brand="visa", last4="4242", url=None,
    )  # fmt: skip
