"""A meter exchange as an act: both reads, two segments on the next bill, and what is refused."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from accounts.database import Sessions, transaction
from accounts.errors import DomainError, NotFound
from accounts.staff.rules import NotAllowed
from accounts.utilities.exchanges import (
    Exchange,
    ExchangeInThePast,
    NoMeterToExchange,
    ReasonForExchange,
    SerialTaken,
    exchange,
)
from accounts.utilities.starting import BadMeter, BadRead, NewMeter
from tests.accounts.assessments.city import charges_of
from tests.accounts.billing_runs.offices import TODAY, YEAR, Office, open_office

SWAP, AFTER = date(2026, 11, 2), date(2026, 11, 12)


@pytest.fixture
def office(sessions: Sessions) -> Office:
    return open_office(sessions)


def asked(account: int) -> Exchange:
    return Exchange(account, "M1", 107, NewMeter("N1", "1"), 3, SWAP, "older than 20 years")


def test_the_next_bill_has_both_segments(office: Office) -> None:
    account = office.house(1, reads=YEAR)
    exchange(office.sessions, office.maker, asked(account), today=TODAY)
    office.execute("INSERT INTO meter_reads (meter_id, read_on, value, kind)"
                   " SELECT id, :on, 8, 'actual' FROM meters WHERE serial = 'N1'", on=AFTER)  # fmt: skip
    assert office.rows("SELECT serial, removed_on, size FROM meters ORDER BY serial") == [
        ("M1", SWAP, "3/4"), ("N1", None, "1"),
    ]  # fmt: skip
    run = office.draft()
    reads = [(use["meter"], use["previous"]["value"], use["current"]["value"], use["current"]["kind"])
             for use in office.item(run, account).evidence["reads"]]  # type: ignore[attr-defined] # fmt: skip
    assert reads == [("M1", 100, 107, "final"), ("N1", 3, 8, "actual")]
    office.through(run)
    water = [charge for charge in charges_of(office.sessions, account) if charge.revenue_line == "water"]
    assert [charge.amount_cents.cents for charge in water] == [46_00, 12 * 3_22]
    assert office.rows("SELECT old_value, new_value, reason FROM meter_exchanges") == [
        (107, 3, "older than 20 years")
    ]
    assert office.rows("SELECT count(*) FROM audit_entries WHERE act = 'meter-exchanged'") == [(1,)]


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ({"reason": " "}, ReasonForExchange),
        ({"old_serial": "M9"}, NoMeterToExchange),
        ({"account_id": 999}, NotFound),
        ({"on": date(2026, 10, 1)}, ExchangeInThePast),
        ({"on": date(2026, 12, 1)}, ExchangeInThePast),
        ({"new": NewMeter("M1")}, SerialTaken),
        ({"new": NewMeter("N1", dials=2)}, BadMeter),
        ({"new_value": 100_000}, BadRead),
        ({"old_value": 100_000}, BadRead),
    ],
)
def test_refusals_change_nothing(office: Office, change: dict[str, object], refusal: type[DomainError]) -> None:
    account = office.house(1, reads=YEAR)
    before = office.books()
    with pytest.raises(refusal):
        exchange(office.sessions, office.maker, replace(asked(account), **change), today=TODAY)  # type: ignore[arg-type]
    assert office.books() == before
    assert office.rows("SELECT count(*) FROM meters") == [(1,)]


def test_only_who_bills_exchanges_and_nobody_twice(office: Office) -> None:
    account = office.house(1, reads=YEAR)
    with pytest.raises(NotAllowed):
        exchange(office.sessions, office.person("nina"), asked(account), today=TODAY)
    exchange(office.sessions, office.maker, asked(account), today=TODAY)
    with pytest.raises(NoMeterToExchange):
        exchange(office.sessions, office.maker, asked(account), today=TODAY)


def test_an_exchange_stays_as_it_was_recorded(office: Office) -> None:
    account = office.house(1, reads=YEAR)
    made = exchange(office.sessions, office.maker, asked(account), today=TODAY)
    with pytest.raises(Exception, match=r"permission denied|append"), transaction(office.sessions) as session:
        session.connection().exec_driver_sql(f"UPDATE meter_exchanges SET old_value = 1 WHERE id = {made}")
