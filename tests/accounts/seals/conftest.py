"""Books of three days, sealed: bills and payments on Tuesday, nothing on Wednesday, payments on Thursday."""

from __future__ import annotations

import pytest

from accounts.actors.service import actor_id
from accounts.clock import FixedClock
from accounts.database import Sessions, transaction
from accounts.ledger.service import reverse
from accounts.money import Money
from tests.accounts.seals.days import FRIDAY, THURSDAY, TUESDAY, close_all, transfer
from tests.factories import make_account, make_chart, pay


@pytest.fixture
def open_days(sessions: Sessions, clock: FixedClock) -> Sessions:
    """Not closed yet; it is Friday."""
    clock.advance(days=(FRIDAY - TUESDAY).days)
    with transaction(sessions) as session:
        make_chart(session)
        water = make_account(session, charges=[Money(50_00), Money(30_00)])
        ticket = make_account(session, kind="citation", charges=[Money(45_00)])
        pay(session, {water.id: Money(60_00), ticket.id: Money(5_00)}, on=TUESDAY)
        pay(session, {ticket.id: Money(10_00)}, on=TUESDAY)
        pay(session, {ticket.id: Money(30_00)}, on=THURSDAY)
        pay(session, {water.id: Money(25_00)}, tender="check", on=THURSDAY)
        wrong = transfer(session, TUESDAY, 5_00)
        reverse(session, wrong, actor_id=actor_id(session, "staff:rosa"), on=THURSDAY, memo="entered twice")
    return sessions


@pytest.fixture
def sealed_days(open_days: Sessions, clock: FixedClock) -> Sessions:
    """Closed through Thursday."""
    close_all(open_days, clock)
    return open_days
