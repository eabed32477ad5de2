"""Deposits, and what bank and books do not say of each other, tie to the ledger and to the bank's balance."""

from __future__ import annotations

from datetime import timedelta

import pytest

from accounts.clock import FixedClock
from accounts.database import Sessions, reading
from accounts.ledger.queries import trial_balance
from accounts.money import Money
from payments.reports import queries
from payments.reports.catalog import REPORTS
from payments.reports.rules import Filters, Reader, parameters
from tests.factories.bank_files import Told
from tests.factories.vault import open_vault
from tests.payments.bank_statements.conftest import Bank


@pytest.fixture
def bank(sessions: Sessions, clock: FixedClock) -> Bank:
    return Bank(open_vault(sessions, clock))


def totals(bank: Bank, code: str) -> queries.Totals:
    desk = bank.vault.desk
    filters = Filters(desk.today - timedelta(days=30), desk.today)
    given = parameters(filters, desk.ruling.city, Reader())
    with reading(desk.sessions) as session:
        found = queries.totals(session, REPORTS[code], given)
        assert len(list(queries.every_row(session, REPORTS[code], given))) == found.rows
        assert queries.page(session, REPORTS[code], given, 1)[: found.rows]
        assert queries.bars(session, REPORTS[code], given)
    return found


def ledger(bank: Bank, code: str) -> Money:
    with reading(bank.vault.sessions) as session:
        return next(balance for found, _fund, _name, _kind, balance in trial_balance(session) if found == code)


def test_deposits_and_what_is_unmatched_tie(bank: Bank) -> None:
    roles = bank.vault.desk.ruling.city.roles
    bank.vault.sealed(125_37, [40_00])
    bank.vault.sealed(50_00, bag="B-0002")
    bank.vault.later(days=1)
    bank.tells(Told(165_37, "301", text="Deposit"), Told(12_34, "399", text="Unknown"))
    deposits = totals(bank, "deposits")
    assert deposits.rows == 2
    assert deposits.sums["amount"] == ledger(bank, roles.bank) == Money(215_37)
    unmatched = totals(bank, "unmatched")
    stated = bank.vault.desk.rows("SELECT sum(amount_cents)::bigint FROM bank_lines")[0][0]
    at_bank, in_books = unmatched.sums["at_bank"], unmatched.sums["in_books"]
    assert isinstance(at_bank, Money)
    assert isinstance(in_books, Money)
    assert at_bank - in_books == Money(stated) - ledger(bank, roles.bank)
    assert (at_bank, in_books, unmatched.sums["entries"]) == (Money(12_34), Money(50_00), 2)
