"""Random days of drawers, sales, voids, drops, counts and deposits: a day closes if and only if nothing is off."""

from __future__ import annotations

import random

import pytest
from sqlalchemy import text

from accounts.database import reading
from payments.bank_deposits.rules import Kind
from payments.bank_deposits.service import DepositDesk, Preparation, prepare, verify_and_seal
from payments.closings.queries import packet
from portal.verify import verify
from tests.database import TestDatabase
from tests.factories.till_days import TillDays, item
from tests.factories.vault import counted_of
from tests.payments.closings.days import close, waits

DAYS = 3
OFF = (
    "UPDATE payment_tenders SET amount_cents = amount_cents + 1 WHERE id = (SELECT max(id) FROM payment_tenders)",
    "UPDATE vault_batches SET cash_cents = cash_cents + 1 WHERE id = (SELECT max(id) FROM vault_batches)",
    "UPDATE postings SET amount_cents = amount_cents - 1 WHERE id = (SELECT max(id) FROM postings)",
    "UPDATE drawer_counts SET terminal_cents = terminal_cents + 1 WHERE id = (SELECT max(id) FROM drawer_counts)",
    "UPDATE drawers SET state = 'counted' WHERE id = (SELECT max(id) FROM drawers)",
)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.long
def test_days_close_when_nothing_is_off(window: TillDays, db: TestDatabase, seed: int) -> None:
    dice = random.Random(seed)
    account = window.desk.account("utility", ("water", "service", 900_00))
    for _ in range(DAYS):
        day = window.today
        drawers = [(window.open(by, till), by) for by, till in ((window.rosa, "T1"), (window.tomas, "T2"))]
        for drawer, by in drawers:
            _work(window, dice, drawer, by, account)
        left_open = dice.random() < 0.5
        for drawer, by in drawers[left_open:]:
            window.close(drawer, by, off=dice.choice((0, 0, 2, -3)))
        _deposit(window, dice)
        window.next_day()
        if left_open:
            assert waits(window) == ["drawer-open"]
            window.close(*drawers[0])
        broken = None if left_open else dice.choice((None, *OFF))
        if broken:
            with db.owner.begin() as connection:
                connection.execute(text("SET LOCAL session_replication_role = replica"))
                connection.exec_driver_sql(broken)
            assert waits(window) != [], broken
            with db.owner.begin() as connection:
                connection.execute(text("SET LOCAL session_replication_role = replica"))
                connection.exec_driver_sql(_undone(broken))
        assert [seal.day for seal in close(window).seals] == [day]
        with reading(window.sessions) as session:
            rows = packet(session, day).content["rows"]
        assert all(row["ledger"] == row["stated"] for row in rows if row["place"] != "bank"), rows
    with reading(window.sessions) as session:
        assert {check.name: check.violations for check in verify(session) if check.violations} == {}


def _undone(change: str) -> str:
    swapped = change.replace("+ 1", "- 1") if "+ 1" in change else change.replace("cents - 1", "cents + 1")
    return swapped.replace("'counted'", "'closed'")


def _work(window: TillDays, dice: random.Random, drawer: int, by: object, account: int) -> None:
    for _ in range(dice.randint(1, 4)):
        cents = dice.randint(1, 90_00)
        kind = dice.choice(("cash", "cash", "check", "terminal"))
        bought = [item("records-request", cents)] if dice.random() < 0.4 else []
        taken = window.sell(drawer, {kind: cents}, account=None if bought else account, items=bought, by=by)  # type: ignore[arg-type]
        if bought and dice.random() < 0.4:
            window.void(taken)
        elif kind == "cash" and by is window.rosa and dice.random() < 0.4:
            window.drop(drawer, cents)


def _deposit(window: TillDays, dice: random.Random) -> None:
    """Some of the bags that wait."""
    desk = DepositDesk(window.sessions, window.clock, window.ruling.city)
    checker = window.person("vera", "supervisor")
    bank = window.ruling.city.bank_accounts[0].code
    waiting = window.rows(
        """SELECT v.id, v.cash_cents, v.checks_cents,
                  array(SELECT t.amount_cents FROM payment_tenders t WHERE t.drawer_id = v.drawer_id
                           AND t.kind = 'check' AND v.count_id IS NOT NULL AND NOT EXISTS (
                               SELECT FROM payment_reversals r WHERE r.tender_id = t.id AND r.kind = 'void'))
             FROM vault_batches v
            WHERE v.cash_cents + v.checks_cents > 0
              AND NOT EXISTS (SELECT FROM bank_deposit_batches b WHERE b.batch_id = v.id AND b.is_live)"""
    )
    for id_, cash, _, checks in waiting:
        if dice.random() < 0.6:
            counted = counted_of(cash, checks)
            deposit = prepare(desk, Preparation(Kind.BAG, bank, (id_,), counted, bag_number=f"B-{id_}"), window.sofia)
            verify_and_seal(desk, deposit, counted, checker)
