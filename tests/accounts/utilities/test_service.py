"""Bills, their page, and penalties against the database, with the shipped city's rates."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import func, select

from accounts.billing_runs.rules import NothingToBill
from accounts.charges.models import Bill
from accounts.cities.queries import RulingCity
from accounts.database import Sessions, reading
from accounts.ledger.models import Journal, Posting
from accounts.money import Money
from accounts.pricing.rules import recompute
from accounts.utilities.queries import bill_lines, meter_reads, utility_details
from accounts.utilities.service import assess_penalties
from tests.accounts.assessments.city import BILL_DATE, charges_of, clerk, house, released
from tests.factories.bills import bill_all

TOTAL = Money(27_60 + 38_64 + 57_60 + 55_65 + 4_35)


@pytest.fixture
def ruling(sessions: Sessions) -> RulingCity:
    return released(sessions)


def test_a_run_bills_each_account_once_with_its_working(sessions: Sessions, ruling: RulingCity) -> None:
    first, _ = house(sessions), house(sessions, 2)
    run = bill_all(sessions, ruling, BILL_DATE)
    assert (run.bills, run.amount) == (2, TOTAL + TOTAL)
    with pytest.raises(NothingToBill):
        bill_all(sessions, ruling, BILL_DATE)
    charges = charges_of(sessions, first)
    assert [c.revenue_line for c in charges] == ["water", "water", "sewer", "refuse", "storm"]
    assert {(c.kind, c.city_release_id, c.due_on, c.delinquent_on) for c in charges} == {
        ("service", ruling.release_id, ruling.city.due_on(BILL_DATE), ruling.city.delinquent_on(BILL_DATE))
    }
    for charge in charges:
        rule = ruling.city.rule(str(charge.working["rule"]))
        assert recompute(charge.working, rule).amount == charge.amount_cents
    (read,) = [charge.working["inputs"]["reads"] for charge in charges if "reads" in charge.working["inputs"]]  # type: ignore[index, operator]
    assert read == [
        {
            "meter": "M1", "unit": "CCF", "dials": 5, "multiplier": "1.000",
            "previous": {"on": "2026-10-13", "value": 100, "kind": "actual"},
            "current": {"on": "2026-11-12", "value": 112, "kind": "actual"},
        }
    ]  # fmt: skip
    with reading(sessions) as session:
        bill = session.scalars(select(Bill).where(Bill.customer_account_id == first)).one()
        assert (bill.period_from, bill.period_to) == (date(2026, 10, 16), date(2026, 11, 15))
        assert session.scalars(select(Journal.kind)).all() == ["bill-run"]
        assert session.scalar(select(func.sum(Posting.amount_cents))) == Money(0)


def test_penalties_are_raised_once_per_bill_and_not_before_their_day(sessions: Sessions, ruling: RulingCity) -> None:
    actor, account = clerk(sessions), house(sessions)
    bill_all(sessions, ruling, BILL_DATE)
    late = ruling.city.delinquent_on(BILL_DATE)
    assert assess_penalties(sessions, ruling, late - timedelta(days=1), actor).charges == 0
    assessed = assess_penalties(sessions, ruling, late, actor)
    assert (assessed.charges, assessed.amount) == (1, Money(18_38))
    assert assess_penalties(sessions, ruling, late + timedelta(days=40), actor).charges == 0
    penalty = charges_of(sessions, account)[-1]
    assert (penalty.kind, penalty.revenue_line, penalty.due_on) == ("penalty", "utility-fees", late)
    assert penalty.bill_id is not None
    assert [part["open_cents"] for part in penalty.working["inputs"]["charges"]] == [27_60, 38_64, 57_60, 55_65, 4_35]  # type: ignore[index]
    assert recompute(penalty.working, ruling.city.penalty("utility-late")).amount == penalty.amount_cents


def test_the_page_reads_bills_lines_and_usage(sessions: Sessions, ruling: RulingCity) -> None:
    reads = {date(2026, 9, 12): 91, date(2026, 10, 13): 100, date(2026, 11, 12): 112}
    account, other = house(sessions, reads=reads), house(sessions, 2, reads=reads)
    for bill_date in (date(2026, 10, 16), BILL_DATE):
        assert bill_all(sessions, ruling, bill_date).bills == 2
    with reading(sessions) as session:
        page = utility_details(session, account)
        assert utility_details(session, 10**9) is None
        newest = bill_lines(session, account, 3)
        found = meter_reads(session, [account, other])
    assert page is not None
    assert [bill.billed_on for bill in page.bills] == [BILL_DATE, date(2026, 10, 16)]
    assert page.current_bill is not None
    assert (page.current_bill.amount, page.current_bill.open, page.current_bill.usage) == (TOTAL, TOTAL, 12)
    assert page.usage_change == 3
    assert [[read.value for read in found[one]] for one in (account, other)] == [[112, 100, 91]] * 2
    assert [service.service for service in page.services] == ["water", "sewer", "refuse", "storm"]
    assert [line.billed_on for line in newest] == [BILL_DATE] * 3
