"""What speaks against a return is named by ``ventanilla verify``."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from accounts.database import reading
from portal.verify import verify
from tests.database import TestDatabase
from tests.factories.window import Window
from tests.payments.returned_payments.returning import owing, paid, post

NAME = "each returned payment is a reversal of its tender, and its fee a charge"
RETURNED = (
    (NAME, "its reversal is $100.00, returned", "UPDATE returned_payments SET amount_cents = 9998"),
    (NAME, "its reversal is $100.00, void", "UPDATE payment_reversals SET kind = 'void', drawer_id = 1"),
    (NAME, "has a fee of $0.01; its charge asks $25.00", "UPDATE returned_payments SET fee_cents = 1"),
    (NAME, "was on accounts with $100.01", "UPDATE returned_accounts SET amount_cents = 10001"),
)  # fmt: skip


@pytest.mark.parametrize(("name", "says", "sql"), RETURNED, ids=[says for _, says, _ in RETURNED])
def test_tampering_with_a_return_is_named(window: Window, db: TestDatabase, name: str, says: str, sql: str) -> None:
    post(window, paid(window, {owing(window): 100_00}))
    with db.owner.begin() as connection:
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        connection.execute(text(sql))
    with reading(window.desk.sessions) as session:
        found = {check.name: check.violations for check in verify(session)}
    assert says in "\n".join(found[name]), found[name]
    with db.owner.begin() as connection:  # as it was, for the proof at the end
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        connection.execute(text("UPDATE returned_payments SET amount_cents = 10000, fee_cents = 2500"))
        connection.execute(text("UPDATE payment_reversals SET kind = 'returned', drawer_id = NULL"))
        connection.execute(text("UPDATE returned_accounts SET amount_cents = 10000"))
