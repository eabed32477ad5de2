"""Card payments of some days ago on the pretend processor's page, and the payout in which they came to the bank."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import requests
from sqlalchemy import text

from accounts.actors.service import SYSTEM, actor_id
from accounts.clock import FixedClock
from accounts.database import reading, transaction
from accounts.money import Money
from demo.settings import DAYS_AGO
from payments.attempts.queries import attempt_page
from payments.baskets import service as baskets
from payments.baskets.queries import basket
from payments.baskets.rules import basket_total
from payments.checkout import service as checkout
from payments.payouts.service import LOOK_BACK, read_payouts
from payments.settlements.service import settle
from payments.sweeps import service as sweeps
from payments.terms import bounds_of, checkout_rules
from portal.wiring import Wiring

_TIMEOUT = (3, 30)
_CARD = {"number": "4242424242424242", "exp": "12 / 34", "cvc": "123", "name": "Ana Prueba", "zip": "95370"}
_OWING = text("""
    SELECT a.id FROM customer_accounts a JOIN charges c ON c.customer_account_id = a.id AND c.open_cents > 0
     WHERE a.kind = 'utility' AND NOT a.is_protected AND a.system_of_record = 'ventanilla'
     GROUP BY a.id HAVING sum(c.open_cents) BETWEEN 5000 AND 40000 ORDER BY a.id LIMIT 3""")


def paid(wired: Wiring, when: FixedClock) -> None:
    """Some people pay by card, on a day on which the sandbox is then; the sandbox is told to go on to today.

    Its events of those days are not delivered: the first sweep reads them from its list.
    """
    now, simulator = wired.clock, f"{wired.settings.stripe_api_base}/_sim"
    with reading(wired.sessions) as session:
        owing = list(session.scalars(_OWING))
    _tell(f"{simulator}/webhooks/mode", mode="drop")
    wired.clock = when
    try:
        _pay(wired, owing)
    finally:
        wired.clock = now
    _tell(f"{simulator}/clock/advance", days=DAYS_AGO)
    _tell(f"{simulator}/webhooks/mode", mode="now")


def came(wired: Wiring, when: FixedClock) -> None:
    """The processor's payouts, read and posted; and a sweep that finds all card money where it belongs."""
    now = wired.clock
    wired.clock = when
    try:
        read_payouts(wired.payout_desk(), when.now() - LOOK_BACK)
    finally:
        wired.clock = now
    if not sweeps.frequent(wired.desk()).clean:
        raise RuntimeError("the demo's own card payments are not settled")


def _pay(wired: Wiring, owing: Sequence[int]) -> None:
    with transaction(wired.sessions) as session:
        system = actor_id(session, SYSTEM)
    for account in owing:
        token, today = baskets.new_token(), wired.clock.today()
        baskets.put(wired.sessions, token, account, bounds=bounds_of(wired.city().city))
        with reading(wired.sessions) as session:
            due = basket_total(basket(session, token, today, wired.clock.now()))
        rules = checkout_rules(wired.city(), due, today)
        command = checkout.Start(
            token, "en", "", wired.settings.base_url, quoted_total=Money(due.cents + rules.fee.amount.cents),
            actor_id=system,
        )  # fmt: skip
        leaving = checkout.start(wired.desk(), command, rules)
        answer = requests.post(leaving.url, data=_CARD, allow_redirects=False, timeout=_TIMEOUT)
        answer.raise_for_status()
        with reading(wired.sessions) as session:
            attempt = attempt_page(session, leaving.token)
        if attempt is not None:
            settle(wired.desk(), attempt.attempt_id)


def _tell(url: str, **data: object) -> None:
    requests.post(url, json=data, timeout=_TIMEOUT).raise_for_status()


def clock_then(wired: Wiring) -> FixedClock:
    """Now, ``DAYS_AGO`` days ago."""
    zone = wired.city().city.identity.time_zone
    return FixedClock(wired.clock.now() - timedelta(days=DAYS_AGO), zone)
