"""Files that come after the counter changed something: nothing is undone, and what is new is looked at."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from accounts.clock import FixedClock
from accounts.customer_accounts.lifecycle import Closing
from accounts.customer_accounts.marks import protect
from accounts.customer_changes.desk import ChangeDesk
from accounts.customer_changes.rules import ChangeRequest, Contact
from accounts.customer_changes.service import change_customer
from accounts.database import Sessions
from accounts.imports.profiles import Profile
from accounts.licenses.opening import close_license, rename_licenses
from accounts.utilities.opening import close_utility_account
from tests.accounts.counter import person, shipped
from tests.accounts.imports.conftest import KEY, Import, counts, rows_of
from tests.accounts.imports.conftest import shipped as shipped_profile
from tests.accounts.imports.files import license_row, utility, write
from tests.factories import DAY


@pytest.fixture
def desk(sessions: Sessions, clock: FixedClock) -> ChangeDesk:
    return ChangeDesk(sessions, clock, shipped(), KEY)


def test_the_next_files_undo_nothing(sessions: Sessions, do_import: Import, desk: ChangeDesk, tmp_path: Path) -> None:
    clerk, chief = person(sessions, "clerk"), person(sessions, "supervisor", "omar")
    do_import(write(tmp_path / "a.csv", [utility("U-1", phone="209 555 0101")]), "demo-utilities")
    new = Contact(name="Ana Vega", last_name="Vega", phone="209 555 0199")
    change_customer(desk, clerk, ChangeRequest(1, new, 1, DAY, document="court-order"))
    protect(sessions, chief, 1, "Safe at Home")
    close_utility_account(desk, chief, Closing(1, DAY, "moved"))
    same = utility("U-1", phone="209 555 0101", email="ana@other.example", refuse_rate="R96")
    report = do_import(write(tmp_path / "b.csv", [same]), "demo-utilities")
    assert (counts(report), report.kept) == ((0, 1, 0, 0), 0)
    assert rows_of(sessions, "SELECT name, last_name, phone, email FROM customers") == [
        ("Ana Vega", "Vega", "209 555 0199", "ana@other.example"),
    ]
    assert rows_of(sessions, "SELECT status, closed_on, is_protected FROM customer_accounts") == [
        ("closed", DAY, True)
    ]
    assert rows_of(sessions, "SELECT count(*) FROM utility_services WHERE until_on IS NULL") == [(0,)]
    assert rows_of(sessions, "SELECT count(*) FROM exception_lines") == [(0,)]


def test_a_third_statement_is_one_line_without_a_protected_persons_words(
    sessions: Sessions, do_import: Import, desk: ChangeDesk, tmp_path: Path
) -> None:
    clerk, chief = person(sessions, "clerk"), person(sessions, "supervisor", "omar")
    rows = [utility(number, phone="209 555 0101") for number in ("U-1", "U-2")]
    do_import(write(tmp_path / "a.csv", rows), "demo-utilities")
    for customer in (1, 2):
        change_customer(desk, clerk, ChangeRequest(customer, Contact(phone="209 555 0199"), 1, DAY))
    protect(sessions, chief, 2, "Safe at Home")
    third = [utility(number, phone="209 555 0777") for number in ("U-1", "U-2")]
    report = do_import(write(tmp_path / "b.csv", third), "demo-utilities")
    assert report.kept == 2
    assert "kept and now in the exceptions queue: 2." in "\n".join(report.lines())
    do_import(write(tmp_path / "c.csv", [row | {"email": "x@example.org"} for row in third]), "demo-utilities")
    lines = rows_of(sessions, "SELECT customer_account_id, kind, evidence FROM exception_lines ORDER BY 1")
    profile = {"field": "phone", "profile": "demo-utilities"}
    assert lines == [
        (1, "contact-differs", {**profile, "stated_before": "209 555 0101", "stated_now": "209 555 0777",
                                "here": "209 555 0199"}),
        (2, "contact-differs", profile),
    ]  # fmt: skip
    assert rows_of(sessions, "SELECT DISTINCT phone FROM customers") == [("209 555 0199",)]


def test_a_business_keeps_its_new_name_and_its_end_and_the_owner_still_proves_it(
    sessions: Sessions, do_import: Import, desk: ChangeDesk, tmp_path: Path
) -> None:
    clerk, lines = person(sessions, "clerk"), dict.fromkeys(("license", "fee", "penalty"), "business-license")
    profile = Profile.model_validate({**shipped_profile("demo-licenses").model_dump(), "lines": lines})
    desk = replace(desk, followers=(rename_licenses,))
    do_import(write(tmp_path / "a.csv", [license_row("L-1", owner_last_name="Soto")]), profile)
    wish = ChangeRequest(1, Contact(name="Panadería Nueva"), 1, DAY, document="business-statement")
    change_customer(desk, clerk, wish)
    close_license(desk, clerk, Closing(1, DAY, "sold"))
    proofs = "SELECT kind, count(*) FROM account_proofs GROUP BY 1 ORDER BY 1"
    before = rows_of(sessions, proofs)
    do_import(write(tmp_path / "b.csv", [license_row("L-1", owner_last_name="Soto", phone="1")]), profile)
    assert rows_of(sessions, "SELECT name, phone FROM customers") == [("Panadería Nueva", "1")]
    assert rows_of(sessions, "SELECT business_name, ceased_on FROM licenses") == [("Panadería Nueva", DAY)]
    assert rows_of(sessions, proofs) == before
