"""The totals of each report are those of the ledger, on random days of a few cashiers."""

from __future__ import annotations

import random
from datetime import date, timedelta
from typing import Any

import pytest

from accounts.database import reading
from accounts.ledger.queries import trial_balance
from accounts.money import Money
from payments.reports import queries
from payments.reports.catalog import REPORTS
from payments.reports.rules import Filters, Reader, parameters
from tests.factories.office_days import OfficeDays

KINDS = ("cash", "check", "money_order", "terminal")


def busy_days(office: OfficeDays, seed: int, days: int = 2) -> Filters:
    """Sales of every tender, splits, items, voids, overs and shorts."""
    chance, desk = random.Random(seed), office.desk
    accounts = [
        desk.account("utility", ("water", "service", 80_00), ("sewer", "service", 40_00)),
        desk.account("license", ("business-license", "tax", 150_00)),
        desk.account("citation", ("parking", "fine", 45_00)),
    ]
    first = desk.today - timedelta(days=days)
    for day in (first + timedelta(days=number) for number in range(days)):
        for till, cashier in (("T1", "ana"), ("T2", "beto")):
            drawer = office.drawer(cashier, till, day)
            for minute in range(12):
                paid = {id_: chance.randint(1, 60_00) for id_ in chance.sample(accounts, chance.randint(1, 2))}
                sold = {"copy": 25 * chance.randint(1, 9)} if chance.random() < 0.3 else {}
                whole = sum(paid.values()) + sum(sold.values())
                first_part = chance.randint(1, whole - 1) if chance.random() < 0.5 else whole
                parts = [part for part in (first_part, whole - first_part) if part]
                tenders = list(zip(chance.sample(KINDS, len(parts)), parts, strict=True))
                posted = office.sale(drawer, paid, tenders, at=office.at(day, 9, minute), items=sold)
                if chance.random() < 0.2:
                    office.void(posted.payment_id, "vera", office.at(day, 9, minute + 2))
            office.count(drawer, office.at(day, 17), cash=chance.choice((0, 5, -325)))
    return Filters(first, desk.today)


def read(office: OfficeDays, code: str, filters: Filters) -> tuple[queries.Totals, list[queries.Row]]:
    report = REPORTS[code]
    given = parameters(filters.within(report), office.desk.ruling.city, Reader())
    with reading(office.desk.sessions) as session:
        totals = queries.totals(session, report, given)
        rows = list(queries.every_row(session, report, given))
    assert totals.rows == len(rows)
    for place, column in enumerate(report.columns):
        if column.is_summed:
            assert totals.sums[column.name] == sum((row[place] for row in rows), type(totals.sums[column.name])(0))
    return totals, rows


def balances(office: OfficeDays) -> dict[str, int]:
    with reading(office.desk.sessions) as session:
        return {code: balance.cents for code, _fund, _name, _kind, balance in trial_balance(session)}


def cents(value: Any) -> int:
    assert isinstance(value, Money)
    return value.cents


@pytest.mark.parametrize("seed", range(4))
def test_every_total_is_that_of_the_ledger(office: OfficeDays, seed: int) -> None:
    filters, roles = busy_days(office, seed), office.desk.ruling.city.roles
    books = balances(office)
    taken, rows = read(office, "takings", filters)
    over_short = -books[roles.over_short]
    in_hand = books[roles.cash_on_hand] + books[roles.terminal_clearing]
    assert cents(taken.sums["amount"]) == in_hand - over_short
    by_tender = {kind: sum(cents(row[5]) for row in rows if row[3] == kind) for kind in KINDS}
    stand = office.rows(
        """SELECT t.kind, sum(t.amount_cents)::bigint FROM payment_tenders t
            WHERE NOT EXISTS (SELECT FROM payment_reversals r WHERE r.tender_id = t.id) GROUP BY 1"""
    )
    assert {kind: left for kind, left in by_tender.items() if left} == dict(stand), "each tender, cent by cent"
    assert by_tender["terminal"] == books[roles.terminal_clearing]
    credited = office.rows(
        """SELECT l.code, -sum(o.amount_cents)::bigint FROM postings o JOIN ledger_accounts l
             ON l.id = o.ledger_account_id JOIN journals j ON j.id = o.journal_id
            WHERE j.kind IN ('payment', 'payment-reversal') AND l.fund <> '990' AND l.code NOT LIKE '%-1000'
            GROUP BY 1 HAVING sum(o.amount_cents) <> 0"""
    )
    by_code = {code: sum(cents(row[5]) for row in rows if row[1] == code) for code in {row[1] for row in rows}}
    assert {code: left for code, left in by_code.items() if left} == dict(credited), "each code, cent by cent"

    earned, rows = read(office, "revenue", Filters(date(2020, 1, 1), office.desk.today))
    with reading(office.desk.sessions) as session:
        revenue = {
            code: -b.cents for code, _f, _n, kind, b in trial_balance(session) if kind.value == "revenue" and b
        }
    assert {row[1]: cents(row[6]) for row in rows if cents(row[6])} == revenue
    assert cents(earned.sums["amount"]) == sum(revenue.values())

    history, _rows = read(office, "drawers", filters)
    parts = sum(cents(history.sums[name]) for name in ("cash", "checks", "terminal", "given_back", "over_short"))
    assert parts == in_hand
    assert cents(history.sums["counted"]) == in_hand + history.rows * 200_00, "with the floats"
    differences, _rows = read(office, "over-short", filters)
    assert cents(differences.sums["over_short"]) == over_short
    assert cents(differences.sums["over"]) + cents(differences.sums["short"]) == over_short

    register, _rows = read(office, "receipts", filters)
    assert cents(register.sums["amount"]) + cents(register.sums["taken_back"]) == cents(taken.sums["amount"])
    work, _rows = read(office, "workload", filters)
    assert work.sums["amount"] == register.sums["amount"]
    assert work.sums["payments"] == register.rows


def test_filters_part_the_whole(office: OfficeDays) -> None:
    filters = busy_days(office, 7, days=1)
    whole = cents(read(office, "takings", filters)[0].sums["amount"])

    def parted(name: str, values: list[str]) -> int:
        return sum(
            cents(read(office, "takings", Filters(filters.since, filters.until, **{name: value}))[0].sums["amount"])
            for value in values
        )

    city = office.desk.ruling.city
    assert parted("till", ["T1", "T2", "T3"]) == whole
    assert parted("cashier", ["staff:ana", "staff:beto", "staff:nobody"]) == whole
    assert parted("tender", list(KINDS)) == whole
    assert parted("fund", list(city.funds)) == whole
    yesterday = Filters(filters.since - timedelta(days=9), filters.since - timedelta(days=1))
    assert cents(read(office, "takings", yesterday)[0].sums["amount"]) == 0
    line = read(office, "takings", Filters(filters.since, filters.until, line="parking"))[1]
    assert {row[1] for row in line} <= {"100-1210", "100-2210"}
