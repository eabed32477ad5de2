"""Rule 6 of the counter's duties: nobody deletes a posted transaction. Its fellows stand where their acts are tested:

1 (who took the money does not void it): tests/payments/reversals.
3 (who counts a deposit does not match the bank): tests/payments/bank_deposits, tests/payments/bank_statements.
2 (nobody approves what they asked for): tests/accounts/approvals, tests/accounts/adjustments, tests/payments/moves.
4 (the city's rules: one proposes, another approves): tests/accounts/releases.
5 (limits, and who decides above them): tests/accounts/adjustments, tests/accounts/fees, tests/payments/moves.
7 (mail is opened by two): tests/payments/mail_batches.
Where a table knows both people of a rule, the database refuses that they are one: below.
"""

from __future__ import annotations

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, ProgrammingError

from accounts.adjustments.commands import Waive
from accounts.clock import FixedClock
from accounts.database import Sessions, transaction
from accounts.fees.rules import PostFee
from accounts.money import Money
from payments.drawers import service as drawing
from payments.moves.rules import Move
from payments.reversals.rules import Void
from payments.sales.drafts import ItemLine
from portal.verification.guards import APPEND_ONLY
from tests.database import TestDatabase
from tests.factories.desk import Desk, open_desk
from tests.factories.window import Window

POSTED = (
    "adjustments", "allocations", "audit_entries", "drawer_counts", "drawer_movements", "drawer_verdicts", "journals",
    "moves", "payment_items", "payment_reversals", "payment_tenders", "payments", "postings", "proposal_accounts",
    "proposal_decisions", "proposals", "receipts", "source_effects", "vault_batches",
)  # fmt: skip
"""What one posted act of each kind leaves behind."""


@pytest.fixture
def posted(sessions: Sessions, clock: FixedClock) -> Desk:
    """A fee, a waiver, a payment and a move; a day at a window with a sale, a void, a drop and an accepted count."""
    desk = open_desk(sessions, clock)
    clerk, account, other = desk.person("clara", "clerk"), desk.account("utility"), desk.account("utility")
    (charge,) = desk.propose(clerk, PostFee(customer_account_id=account, rate="cut-lock")).outcome["charge_ids"]
    desk.propose(clerk, Waive(charge_id=charge, amount_cents=5_00, reason_code="city-error"))
    paid = desk.pay({account: Money(45_00)})
    move = Move(payment_id=paid.payment_id, from_account_id=account, to_account_id=other, amount_cents=45_00)
    desk.done(clerk, desk.person("sofia", "supervisor"), move)
    window = Window(desk)
    drawer = window.open()
    taken = window.take(drawer, window.draft({other: 30_00}, items=[ItemLine("copy", 4, Money(1_00))]))
    window.take(drawer, window.draft({account: 20_00}))
    desk.propose(window.sofia, Void(payment_id=taken.payment_id))
    drawing.drop(window.cash, window.rosa, drawer, {1000: 1})
    window.close(drawer)
    return desk


def test_rule_6_nobody_deletes_a_posted_transaction(posted: Desk, db: TestDatabase) -> None:
    """The application's role lacks the right; the tables' owner is stopped by a trigger; nothing is gone."""
    assert set(POSTED) <= set(APPEND_ONLY)
    before = posted.books()
    for table in POSTED:
        assert posted.rows(f"SELECT count(*) > 0 FROM {table}") == [(True,)], table
        for statement in (f"DELETE FROM {table}", f"TRUNCATE {table} CASCADE"):
            with pytest.raises(ProgrammingError, match="permission denied"), transaction(db.sessions) as session:
                session.execute(text(statement))
            with pytest.raises(DBAPIError, match="append-only"), db.owner.begin() as connection:
                connection.execute(text(statement))
    with pytest.raises(ProgrammingError, match="permission denied"), transaction(db.sessions) as session:
        session.execute(text("DELETE FROM charges"))
    assert posted.books() == before
    posted.prove()


@pytest.mark.parametrize("table", POSTED)
def test_rule_6_nor_changes_one(posted: Desk, db: TestDatabase, table: str) -> None:
    column = posted.rows(
        "SELECT attname FROM pg_attribute WHERE attrelid = CAST(:name AS regclass) AND attnum > 0"
        " AND attidentity = '' AND NOT attisdropped ORDER BY attnum DESC LIMIT 1",
        name=table,
    )[0][0]
    change = text(f"UPDATE {table} SET {column} = {column}")
    with pytest.raises(ProgrammingError, match="permission denied"), transaction(db.sessions) as session:
        session.execute(change)
    with pytest.raises(DBAPIError, match="append-only"), db.owner.begin() as connection:
        connection.execute(change)


ONE_PERSON = {
    "who counted a float counts it a second time": (
        """INSERT INTO drawers (kind, till, series, business_day, cashier_id, float_cents, verified_by, state,
                                opened_at)
           VALUES ('counter', 'T9', 'C9', (SELECT min(day) FROM business_days), :one, 0, :one, 'open', now())""",
        "float_is_counted_by_two",
    ),
    "who counted a drawer accepts the count": (
        """INSERT INTO drawer_verdicts (count_id, drawer_id, cashier_id, counted_by, verdict, decided_by, decided_at)
           SELECT c.id, c.drawer_id, d.cashier_id, c.counted_by, 'accepted', c.counted_by, now()
             FROM drawer_counts c JOIN drawers d ON d.id = c.drawer_id LIMIT 1""",
        "second_person",
    ),
    "who collects cash is their own witness": (
        """INSERT INTO drawer_movements (drawer_id, kind, cash_cents, denominations, actor_id, witness_id, at)
           SELECT id, 'pickup', -100, '{}', :one, :one, now() FROM drawers LIMIT 1""",
        "open|witness_is_another",
    ),
    "who asks for an override grants it": (
        """INSERT INTO sale_overrides (sale_id, kind, customer_account_id, asked_by, granted_by, granted_at, reason)
           SELECT s.id, 'cash-only', (SELECT min(id) FROM customer_accounts), :one, :one, now(), 'x'
             FROM sales s LIMIT 1""",
        "granted_by_another",
    ),
    "who prepared a deposit verifies it": (
        """INSERT INTO bank_deposits (kind, bank_account, ledger_account, cash_cents, checks_cents, checks_count,
                                      terminal_cents, denominations, bag_number, prepared_by, prepared_at,
                                      verified_by, verified_at, state)
           VALUES ('bag', 'x', 'x', 1, 0, 0, 0, '{}', 'x', :one, now(), :one, now(), 'sealed')""",
        "bank_deposits",
    ),
}


@pytest.mark.parametrize("who", ONE_PERSON)
def test_the_database_refuses_one_person_where_two_are_asked_for(posted: Desk, db: TestDatabase, who: str) -> None:
    statement, constraint = ONE_PERSON[who]
    before = posted.books()
    ((one,),) = posted.rows("SELECT id FROM actors WHERE handle = 'staff:rosa'")
    with pytest.raises(DBAPIError, match=constraint), transaction(db.sessions) as session:
        session.execute(text(statement), {"one": one})
    assert posted.books() == before
