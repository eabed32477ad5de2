"""Rule 6 of the counter's duties: nobody deletes a posted transaction. Its fellows stand where their acts are tested:

2 (nobody approves what they asked for): tests/accounts/approvals, tests/accounts/adjustments, tests/payments/moves.
4 (the city's rules: one proposes, another approves): tests/accounts/releases.
5 (limits, and who decides above them): tests/accounts/adjustments, tests/accounts/fees, tests/payments/moves.
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
from payments.moves.rules import Move
from portal.verification.guards import APPEND_ONLY
from tests.database import TestDatabase
from tests.factories.desk import Desk, open_desk

POSTED = (
    "adjustments", "allocations", "audit_entries", "journals", "moves", "payments", "postings", "proposal_accounts",
    "proposal_decisions", "proposals", "receipts", "source_effects",
)  # fmt: skip
"""What one posted act of each kind leaves behind."""


@pytest.fixture
def posted(sessions: Sessions, clock: FixedClock) -> Desk:
    """A fee, a waiver, a payment and a move."""
    desk = open_desk(sessions, clock)
    clerk, account, other = desk.person("clara", "clerk"), desk.account("utility"), desk.account("utility")
    (charge,) = desk.propose(clerk, PostFee(customer_account_id=account, rate="cut-lock")).outcome["charge_ids"]
    desk.propose(clerk, Waive(charge_id=charge, amount_cents=5_00, reason_code="city-error"))
    paid = desk.pay({account: Money(45_00)})
    move = Move(payment_id=paid.payment_id, from_account_id=account, to_account_id=other, amount_cents=45_00)
    desk.done(clerk, desk.person("sofia", "supervisor"), move)
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
