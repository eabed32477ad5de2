"""The posting step: what one payment does to journal, charges, credit, receipt and queue."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import event, text
from sqlalchemy.orm import Session

from accounts.database import Sessions, reading, transaction
from accounts.errors import NotFound
from accounts.money import Money
from payments.posting import service as posting
from portal.verify import verify
from tests.database import TestDatabase
from tests.factories import DAY, make_account, make_charge, make_chart, pay, pay_attempt, promise
from tests.factories.books import FEE_IN_FUND, FEE_IN_POOL
from tests.factories.owed import open_cents


@pytest.fixture
def account(sessions: Sessions) -> int:
    """Owes $50.00 for water, $30.00 for sewer and a penalty of $4.00."""
    with transaction(sessions) as session:
        make_chart(session)
        return make_account(
            session,
            charges=[
                Money(50_00),
                make_charge(Money(30_00), line="sewer"),
                make_charge(Money(4_00), kind="penalty", due_on=DAY),
            ],
        ).id


def _postings(session: Session, journal_id: int) -> dict[str, int]:
    rows = session.execute(
        text(
            "SELECT a.code, sum(p.amount_cents) AS cents FROM postings p JOIN ledger_accounts a"
            " ON a.id = p.ledger_account_id WHERE p.journal_id = :id GROUP BY a.code ORDER BY a.code"
        ),
        {"id": journal_id},
    )
    return {row.code: int(row.cents) for row in rows}


def test_a_card_payment_over_two_funds_with_a_fee_in_the_pool(sessions: Sessions, account: int) -> None:
    with transaction(sessions) as session:
        posted = pay_attempt(session, promise(session, {account: Money(40_00)}, fee=FEE_IN_POOL))
    with reading(sessions) as session:
        assert _postings(session, posted.journal_id) == {
            "510-1000": 10_00, "510-1200": -10_00, "520-1000": 30_00, "520-1200": -30_00,
            "900-1030": 42_95, "900-2100": -40_00, "900-4900": -2_95,
        }  # fmt: skip
        assert open_cents(session, account) == [44_00, 0, 0]


def test_an_overpayment_with_a_fee_in_another_fund(sessions: Sessions, account: int) -> None:
    with transaction(sessions) as session:
        posted = pay(session, {account: Money(100_00)}, fee=FEE_IN_FUND)
    with reading(sessions) as session:
        assert _postings(session, posted.journal_id) == {
            "100-1000": 1_50, "100-4900": -1_50, "510-1000": 70_00, "510-1200": -54_00, "510-2300": -16_00,
            "520-1000": 30_00, "520-1200": -30_00, "900-1020": 101_50, "900-2100": -101_50,
        }  # fmt: skip
        row = session.execute(text("SELECT credit_cents, last_paid_cents FROM customer_accounts")).one()
        assert tuple(row) == (16_00, 100_00)


def test_the_receipt_says_it_all(sessions: Sessions, account: int) -> None:
    with transaction(sessions) as session:
        posted = pay(session, {account: Money(5_00)}, fee=FEE_IN_POOL, tender="check")
    with reading(sessions) as session:
        content = session.scalars(text("SELECT content FROM receipts")).one()
    assert posted.receipt_number == "T1-2026-000001"
    assert content["total_cents"] == 7_95
    assert content["accounts"][0]["new_balance_cents"] == 79_00
    assert [line["cents"] for line in content["accounts"][0]["lines"]] == [4_00, 1_00]
    assert content["policy"] == {"version": "policy-2026-01", "authority": "Resolution 2026-01"}


def test_the_fact_is_in_the_queue_with_the_posting_or_not_at_all(sessions: Sessions, account: int) -> None:
    with sessions() as session:
        pay(session, {account: Money(1_00)})
        session.rollback()
    with transaction(sessions) as session:
        posted = pay(session, {account: Money(1_00)})
    with reading(sessions) as session:
        jobs = session.execute(text("SELECT task_name, args FROM procrastinate_jobs")).all()
    assert [(job.task_name, job.args) for job in jobs] == [("receipt_issued", {"receipt_id": posted.receipt_id})]


def test_an_attempt_is_done_with_its_payment(sessions: Sessions, account: int) -> None:
    with transaction(sessions) as session:
        attempt = promise(session, {account: Money(9_00)})
        pay_attempt(session, attempt)
    with reading(sessions) as session:
        row = session.execute(text("SELECT state, payment_intent_id FROM attempts")).one()
        assert tuple(row) == ("succeeded", f"pi_{attempt[3:]}")
        assert session.scalars(text("SELECT count(*) FROM pending_payments")).one() == 0
        assert session.scalars(text("SELECT new_state FROM attempt_events")).all() == ["succeeded"]
        locked = posting.lock_attempt(session, attempt, DAY)
        assert locked is not None
        assert (locked.business_day, locked.accounts) == (None, ())


def test_a_named_charge_comes_first_and_says_so(sessions: Sessions, account: int) -> None:
    with reading(sessions) as session:
        water = session.scalars(
            text("SELECT id FROM charges WHERE revenue_line = 'water' AND kind = 'service'")
        ).one()
    with transaction(sessions) as session:
        pay_attempt(session, promise(session, {account: Money(60_00)}, targets={account: [water]}))
    with reading(sessions) as session:
        assert open_cents(session, account) == [0, 24_00, 0]
        policies = session.scalars(text("SELECT policy FROM allocations ORDER BY charge_id")).all()
    assert policies == ["explicit", "policy-2026-01", "policy-2026-01"]


def test_the_policy_of_the_promise_rules_even_when_the_world_changed(sessions: Sessions, account: int) -> None:
    """Charges raised after the promise are met by the frozen order; the sum stays what was paid."""
    with transaction(sessions) as session:
        attempt = promise(session, {account: Money(84_00)})
    with transaction(sessions) as session:
        pay(session, {account: Money(84_00)})
        pay_attempt(session, attempt)
    with reading(sessions) as session:
        assert session.scalars(text("SELECT credit_cents FROM customer_accounts")).one() == 84_00
        assert [check for check in verify(session) if check.violations] == []


def test_unknown_things_are_refused(sessions: Sessions, account: int) -> None:
    with transaction(sessions) as session:
        assert posting.lock_attempt(session, "pa_none", DAY) is None
        with pytest.raises(NotFound, match="no account 999"):
            posting.lock_accounts(session, {account: Money(1), 999: Money(1)}, DAY)


def test_two_attempts_without_a_payment_intent_do_not_collide(sessions: Sessions, account: int) -> None:
    """The processor has named none yet: kept as nothing, not as an empty name that must be unique."""
    with transaction(sessions) as session:
        first, second = (promise(session, {account: Money(1_00)}) for _ in range(2))
        pay_attempt(session, first, intent="")
        pay_attempt(session, second, intent="")
    with reading(sessions) as session:
        assert session.scalars(text("SELECT payment_intent_id FROM attempts")).all() == [None, None]


def test_a_posting_is_two_round_trips(db: TestDatabase, account: int) -> None:
    with transaction(db.sessions) as session:
        attempt = promise(session, {account: Money(9_00)}, fee=FEE_IN_POOL)
    said: list[str] = []

    def listen(*told: object) -> None:
        said.append(str(told[2]))

    with transaction(db.sessions) as session:
        make_chart(session)
        event.listen(db.app, "before_cursor_execute", listen)
        try:
            pay_attempt(session, attempt, chart=False)
        finally:
            event.remove(db.app, "before_cursor_execute", listen)
    assert [statement.split("(")[0] for statement in said] == ["SELECT posting_read", "SELECT posting_write"]


def test_a_payment_of_tomorrow_goes_into_the_next_open_day(sessions: Sessions, account: int) -> None:
    with transaction(sessions) as session:
        for later in (0, 1):
            session.execute(
                text("INSERT INTO business_days (day, state) VALUES (:day, 'closed')"
                     " ON CONFLICT (day) DO UPDATE SET state = 'closed'"),
                {"day": DAY + timedelta(days=later)},
            )  # fmt: skip
    with transaction(sessions) as session:
        pay(session, {account: Money(1_00)})
    with reading(sessions) as session:
        row = session.execute(text("SELECT business_day, effective_on FROM journals ORDER BY id DESC LIMIT 1")).one()
    assert tuple(row) == (DAY + timedelta(days=2), DAY)
