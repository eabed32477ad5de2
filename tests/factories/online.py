"""What closes payment pages in a city without a processor: each call goes nowhere."""

from __future__ import annotations

from accounts.cities.rules import City
from accounts.clock import Clock
from accounts.database import Sessions
from payments.gateway.stripe import StripeGateway
from payments.settlements.service import Desk
from payments.terms import terms_of

NOWHERE = "http://127.0.0.1:9"


def unheard(sessions: Sessions, city: City, clock: Clock) -> Desk:
    gateway = StripeGateway("sk_test_nobody", ["whsec"], NOWHERE)
    return Desk(sessions, gateway, clock, terms_of(city), "test", livemode=False, series=city.web_series())
