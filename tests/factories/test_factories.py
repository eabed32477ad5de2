"""The factories themselves: what they make is in the books."""

from __future__ import annotations

from sqlalchemy import text

from accounts.database import Sessions, transaction
from accounts.money import Money
from tests.factories import make_account, make_chart, pay, pay_attempt, promise
from tests.factories.books import FEE_IN_FUND
from tests.factories.owed import open_cents


def test_a_bill_paid_at_the_counter_and_one_paid_by_card(sessions: Sessions) -> None:
    with transaction(sessions) as session:
        make_chart(session)
        water = make_account(session, charges=[Money(50_00), Money(30_00)])
        ticket = make_account(session, kind="citation", charges=[Money(45_00)])
        posted = pay(session, {water.id: Money(60_00)})
        attempt = promise(session, {water.id: Money(20_00), ticket.id: Money(50_00)}, fee=FEE_IN_FUND)
        pay_attempt(session, attempt)
    with sessions() as session:
        assert posted.receipt_number == "T1-2026-000001"
        assert open_cents(session, water.id) == [0, 0]
        assert open_cents(session, ticket.id) == [0]
        assert session.scalars(text("SELECT credit_cents FROM customer_accounts ORDER BY id")).all() == [0, 500]
