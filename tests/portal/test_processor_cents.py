"""One cent of a card payment is changed behind everybody's back: the day does not close, and says where."""

from __future__ import annotations

from datetime import timedelta

import pytest

from accounts.seals.service import Closed, close_days
from payments.closings.service import proof_of
from portal.sealing import PARTS
from tests.portal.scene import Scene, add, leave
from tests.sandbox_server import pay_hosted_page

CENT = "SET LOCAL session_replication_role = replica; UPDATE {} SET {} = {} {} 1 WHERE {}"
CLEARING = """id = (SELECT min(p.id) FROM postings p JOIN ledger_accounts a ON a.id = p.ledger_account_id
                     WHERE p.journal_id = (SELECT journal_id FROM payments) AND a.code = '{}')"""
FLIPS = {
    "payment": ("payments", "amount_cents", "true", "moves processor clearing otherwise than its payment"),
    "fee": ("payments", "fee_cents", "true", "moves processor clearing otherwise than its payment"),
    "posting at the processor": ("postings", "amount_cents", "clearing", "moves processor clearing otherwise"),
    "allocation": ("allocations", "amount_cents", "true", "but charges, credit and items have $62.51 of it"),
    "credit": ("customer_accounts", "credit_cents", "true", "keeps $12.51, the books $12.50"),
}


def close(scene: Scene) -> Closed:
    """As the night after does."""
    later = scene.clock.now()
    return close_days(
        scene.sessions, PARTS, clock=scene.clock, swept_through=later, proof=proof_of(scene.city)
    )  # fmt: skip


@pytest.mark.parametrize("what", FLIPS)
def test_the_close_refuses_and_names_where(scene: Scene, what: str) -> None:
    table, column, where, said = FLIPS[what]
    known = scene.open("utility", 50_00)
    guest = scene.guest()
    add(guest, known, "Another amount", "62.50")
    guest.land(pay_hosted_page(leave(guest)))
    scene.clock.instant += timedelta(days=2)
    which = CLEARING.format(scene.city.roles.processor_clearing) if where == "clearing" else where
    scene.run_as_owner(CENT.format(table, column, column, "+", which))
    done = close(scene)
    assert done.waiting is not None
    assert any(said in reason for reason in done.waiting.reasons), done.waiting.reasons
    paid_on = scene.scalar("SELECT business_day FROM payments")
    assert scene.scalar("SELECT count(*) FROM day_seals WHERE day = :day", day=paid_on) == 0
    scene.run_as_owner(CENT.format(table, column, column, "-", which))
    close(scene)
    assert scene.scalar("SELECT count(*) FROM day_seals WHERE day = :day", day=paid_on) == 1, "nothing else was off"
