"""What was changed behind our back at the window is named by ``ventanilla verify``."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from accounts.clock import FixedClock
from accounts.database import Sessions, reading
from accounts.money import Money
from demo import letters
from payments.mail_batches.service import MailDesk
from payments.reversals.rules import Void
from payments.sales.drafts import ItemLine
from portal.verify import verify
from tests.database import TestDatabase
from tests.factories.desk import open_desk
from tests.factories.window import Window, cash, check

TENDERS = "tenders make up each payment that a person took, in an open drawer"
TAKEN_BACK = "what was taken back left the city as its journal says"
ON_HAND = "cash on hand = drawers + vault"
SUSPENSE = "suspense = money not yet identified + moves in flight"
LOCKBOX = "each item of a lockbox file is in the books once, or waits"
MAIL = "each bundle of mail that was counted comes to what was added up"
WINDOW = (
    (TENDERS, "has tenders of", "UPDATE payment_tenders SET amount_cents = amount_cents + 1 WHERE kind = 'cash'"),
    (TENDERS, "was taken back", "UPDATE payment_reversals SET amount_cents = amount_cents + 1"),
    (TENDERS, "after it was counted", "UPDATE drawers SET counted_at = opened_at - interval '1 hour' WHERE id = 1"),
    (TAKEN_BACK, "the pool gave", "UPDATE payment_reversals SET amount_cents = amount_cents - 1"),
    (ON_HAND, "", "UPDATE vault_batches SET cash_cents = cash_cents + 1"),
    (SUSPENSE, "itemized are", "UPDATE payment_items SET amount_cents = amount_cents + 1 WHERE code = 'suspense'"),
    (MAIL, "added up were", "UPDATE mail_bundles SET total_cents = total_cents + 1"),
    (
        LOCKBOX,
        "came by a lockbox, but is of no item",
        """UPDATE payments SET channel = 'lockbox' WHERE id = 1;
           INSERT INTO source_effects SELECT 'lockbox', '1', 'post', journal_id FROM payments WHERE id = 1""",
    ),
)


@pytest.fixture
def window(sessions: Sessions, clock: FixedClock) -> Window:
    """A sale with an item, one that was voided, and a morning's mail with a check that is nobody's."""
    found = Window(open_desk(sessions, clock))
    one, other = (found.desk.account("utility", ("water", "service", 90_00)) for _ in range(2))
    drawer = found.open()
    found.take(drawer, found.draft({one: 50_00}, [cash(31_00), check(20_00)], [ItemLine("copy", 4, Money(1_00))]))
    taken = found.take(drawer, found.draft({other: 40_00}))
    found.desk.propose(found.sofia, Void(payment_id=taken.payment_id))
    found.close(drawer)
    desk = MailDesk(found.cash, found.sale, found.online, b"key")
    letters.opened(desk, (found.rosa, found.tomas), found.sofia, [(other, 40_00)])
    return found


@pytest.mark.long
@pytest.mark.parametrize(("name", "says", "sql"), WINDOW, ids=[f"{name}: {says}" for name, says, _ in WINDOW])
def test_one_cent_at_the_window_is_named(window: Window, db: TestDatabase, name: str, says: str, sql: str) -> None:
    window.desk.prove()
    with db.owner.begin() as connection:
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        connection.exec_driver_sql(sql)
    with reading(window.desk.sessions) as session:
        found = {check.name: check.violations for check in verify(session)}
    assert found[name], name
    assert says in "\n".join(found[name])
