"""A license at the counter: opened with its first term, closed, taken up again, and named as its holder is."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from accounts.cities.rules import NotInTheCity
from accounts.customer_accounts.lifecycle import AlreadyClosed, Closing, Opening
from accounts.customer_accounts.rules import CODE_LENGTH
from accounts.customer_accounts.service import Holder, Place
from accounts.customer_changes.service import change_customer
from accounts.customers.models import CustomerKind
from accounts.customers.rules import BadContact
from accounts.database import Sessions, reading
from accounts.licenses.opening import LicenseStart, close_license, open_license, rename_licenses, reopen_license
from accounts.licenses.rules import license_year_end
from accounts.licenses.service import assess_renewals
from accounts.money import Money
from accounts.staff.rules import NotAllowed
from tests.accounts.assessments.city import charges_of, clerk, released
from tests.accounts.counter import person, refused, shipped
from tests.accounts.customer_changes.conftest import Counter, counter
from tests.accounts.customer_changes.test_changes import proves
from tests.database import TestDatabase
from tests.factories import DAY

__all__ = ["counter"]
SHOP = Holder("Vega Repairs LLC", CustomerKind.BUSINESS, phone="209 555 0150")
OPENING = Opening(DAY, holder=SHOP, place=Place("7 Main St", zip_code="95399"), documents=("business-statement",))
START = LicenseStart("services", owner_last_name="Vega", business_type="Auto repair", gross_receipts=Money(50_000_00))


def license_(sessions: Sessions) -> tuple[Any, ...]:
    with reading(sessions) as session:
        row = session.execute(text("SELECT business_name, license_class, started_on, ceased_on FROM licenses")).one()
        return tuple(row)


def test_a_license_with_its_first_term_and_declaration(sessions: Sessions, counter: Counter) -> None:
    made = open_license(counter.desk, counter.clerk, OPENING, START)
    assert license_(sessions) == ("Vega Repairs LLC", "services", DAY, None)
    for kind, said in (("business_name", "vega repairs"), ("last_name", "Vega")):
        assert proves(sessions, made.account_id, said, kind), kind
    assert len(made.bill_code) == CODE_LENGTH
    with reading(sessions) as session:
        term = session.execute(text("SELECT starts_on, expires_on, state FROM license_terms")).one()
        assert tuple(term) == (DAY, date(2027, 6, 30), "due")
    ruling = released(sessions)
    assert assess_renewals(sessions, ruling, DAY, clerk(sessions)).terms == 1
    assert charges_of(sessions, made.account_id)


def test_without_a_declaration_the_tax_waits(sessions: Sessions, counter: Counter) -> None:
    open_license(counter.desk, counter.clerk, OPENING, replace(START, gross_receipts=None))
    assert assess_renewals(sessions, released(sessions), DAY, clerk(sessions)).undeclared == 1


def test_a_trade_name_of_its_own(sessions: Sessions, counter: Counter) -> None:
    made = open_license(counter.desk, counter.clerk, OPENING, replace(START, business_name="  Speedy  Brakes "))
    assert license_(sessions)[0] == "Speedy Brakes"
    assert proves(sessions, made.account_id, "Speedy Brakes", "business_name")
    assert proves(sessions, made.account_id, "Vega Repairs", "business_name")


def test_the_license_follows_the_name_of_its_holder_unless_it_has_one_of_its_own(
    sessions: Sessions, counter: Counter
) -> None:
    desk = replace(counter.desk, followers=(rename_licenses,))
    made = open_license(desk, counter.clerk, OPENING, START)
    wish = counter.request(made.customer_id, name="Vega Motors LLC", paper="business-statement")
    change_customer(desk, counter.clerk, wish)
    assert license_(sessions)[0] == "Vega Motors LLC"
    second = open_license(desk, counter.clerk, replace(OPENING, customer_id=made.customer_id, holder=None),
                          replace(START, business_name="Speedy Brakes"))  # fmt: skip
    change_customer(
        desk, counter.clerk, counter.request(made.customer_id, name="Vega Inc", paper="business-statement")
    )
    with reading(sessions) as session:
        names = session.execute(text("SELECT customer_account_id, business_name FROM licenses")).all()
    assert {tuple(row) for row in names} == {(made.account_id, "Vega Inc"), (second.account_id, "Speedy Brakes")}


def test_it_ceases_and_goes_on(db: TestDatabase, sessions: Sessions, counter: Counter) -> None:
    made = open_license(counter.desk, counter.clerk, OPENING, START)
    closing = Closing(made.account_id, DAY, "sold", forwarding_address="PO Box 7")
    close_license(counter.desk, counter.clerk, closing)
    assert license_(sessions)[3] == DAY
    with refused(db, AlreadyClosed):
        close_license(counter.desk, counter.clerk, closing)
    reopen_license(counter.desk, counter.clerk, made.account_id, DAY + timedelta(days=1), reason="not sold after all")
    assert license_(sessions)[3] is None


def test_what_cannot_be_licensed(db: TestDatabase, sessions: Sessions, counter: Counter) -> None:
    cashier = person(sessions, "cashier", "carl")
    with refused(db, NotInTheCity):
        open_license(counter.desk, counter.clerk, OPENING, replace(START, license_class="piracy"))
    with refused(db, BadContact):
        open_license(counter.desk, counter.clerk, OPENING, replace(START, business_name="x" * 201))
    with refused(db, NotAllowed):
        open_license(counter.desk, cashier, OPENING, START)


@pytest.mark.parametrize(
    ("on", "end"),
    [
        (date(2026, 11, 17), date(2027, 6, 30)),
        (date(2026, 7, 1), date(2027, 6, 30)),
        (date(2026, 6, 29), date(2026, 6, 30)),
        (date(2026, 6, 30), date(2027, 6, 30)),
    ],
)
def test_the_first_term_runs_to_the_end_of_a_license_year(on: date, end: date) -> None:
    assert license_year_end(shipped().license_policy(on), on) == end
