"""What each kind of file becomes: utility accounts, reads, bills, adjustments, licenses."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from accounts.cities.folder import read_folder
from accounts.customer_accounts.rules import proof_digest
from accounts.database import Sessions
from accounts.imports.profiles import Profile
from accounts.imports.terms import terms_of
from tests.accounts.imports.conftest import KEY, ROOT, Import, books_agree, counts, rows_of, shipped
from tests.accounts.imports.files import license_row, utility, write

READ = {"meter": "M1", "read_on": "2026-11-01", "value": "412", "kind": "actual"}
LINE = {
    "number": "U-1", "bill": "B-77", "line_no": "1", "revenue_line": "water", "charge_kind": "service",
    "amount": "41.50", "description_en": "Water, 9 units", "description_es": "Agua, 9 unidades",
    "period_from": "2026-10-01", "period_to": "2026-10-31", "billed_on": "2026-11-02", "due_on": "2026-11-23",
    "delinquent_on": "",
}  # fmt: skip


def test_a_utility_account_whole(sessions: Sessions, do_import: Import, tmp_path: Path) -> None:
    file = write(
        tmp_path / "u.csv", [utility("U-1", former_number="10-0042-01"), utility("U-2", meter="M9", zip="95301")]
    )
    assert counts(do_import(file, "demo-utilities")) == (2, 0, 0, 0)
    ((id_,),) = rows_of(sessions, "SELECT id FROM customer_accounts WHERE source_key = 'U-1'")
    assert rows_of(sessions, "SELECT count(*), count(DISTINCT reference) FROM customer_accounts") == [(2, 2)]
    assert rows_of(sessions, "SELECT count(*) FROM premises") == [(2,)]
    assert rows_of(sessions, f"SELECT number FROM account_aliases WHERE customer_account_id = {id_}") == [
        ("U-1",),
        ("10-0042-01",),
    ]
    proofs = rows_of(sessions, f"SELECT kind, digest FROM account_proofs WHERE customer_account_id = {id_}")
    expected = [("bill_code", "k7pm-3q2x"), ("last_name", "RUIZ SOTO"), ("last_name", "soto"), ("zip", "95300"),
                ("last_payment", "$88.10")]  # fmt: skip
    assert {(kind, proof_digest(KEY, id_, kind, proof)) for kind, proof in expected} <= set(proofs)
    services = rows_of(
        sessions,
        "SELECT service, rate_code, quantity FROM utility_services"
        f" WHERE customer_account_id = {id_} ORDER BY service",
    )
    assert services == [("refuse", "R64", 2), ("sewer", "S1", 1), ("water", "W34", 1)]  # fmt: skip
    assert rows_of(
        sessions, "SELECT source_system, source_key, kind, open_cents FROM charges ORDER BY id LIMIT 2"
    ) == [
        ("ventanilla", "demo-billing:U-1:water", "opening", 6120),
        ("ventanilla", "demo-billing:U-1:refuse", "opening", 3000),
    ]
    assert rows_of(sessions, "SELECT DISTINCT kind FROM journals") == [("opening",)]
    assert books_agree(sessions)


def test_a_utility_account_changes(sessions: Sessions, do_import: Import, tmp_path: Path) -> None:
    do_import(write(tmp_path / "u.csv", [utility("U-1")]), "demo-utilities")
    new = utility("U-1", email="", phone="209 555 0100", meter="M7", refuse_rate="R96", bill_code="ZZZZ2222",
                  last_payment="20.00", status="closed", closed_on="2026-11-01", balance_water="0",
                  balance_total="30.00")  # fmt: skip
    report = do_import(write(tmp_path / "v.csv", [new]), "demo-utilities")
    assert (counts(report), report.differences) == ((0, 1, 0, 0), 1)
    assert rows_of(sessions, "SELECT email, phone FROM customers") == [("ana@example.org", "209 555 0100")]
    assert rows_of(sessions, "SELECT status, closed_on::text, last_paid_cents FROM customer_accounts") == [
        ("closed", "2026-11-01", 2000)
    ]
    assert rows_of(sessions, "SELECT serial, removed_on::text FROM meters ORDER BY id") == [
        ("MU-1", "2026-11-17"),
        ("M7", None),
    ]
    refuse = "SELECT rate_code, until_on::text FROM utility_services WHERE service = 'refuse' ORDER BY id"
    assert rows_of(sessions, refuse) == [("R64", "2026-11-17"), ("R96", None)]  # fmt: skip
    assert rows_of(sessions, "SELECT kind, count(*) FROM account_proofs GROUP BY 1 ORDER BY 1") == [
        ("bill_code", 1), ("last_name", 3), ("last_payment", 2), ("zip", 1),
    ]  # fmt: skip
    assert rows_of(sessions, "SELECT kind, evidence ->> 'open_here' FROM exception_lines") == [
        ("balance-difference", None)
    ]
    assert rows_of(sessions, "SELECT sum(open_cents)::bigint FROM charges") == [(9120,)]


def test_a_credit_that_is_brought_forward(sessions: Sessions, do_import: Import, tmp_path: Path) -> None:
    row = utility("U-1", balance_water="-12.50", balance_refuse="0", balance_total="-12.50")
    do_import(write(tmp_path / "u.csv", [row]), "demo-utilities")
    assert rows_of(sessions, "SELECT credit_cents FROM customer_accounts") == [(1250,)]
    sums = (
        "SELECT code, sum(amount_cents)::bigint FROM postings p JOIN ledger_accounts a ON a.id = p.ledger_account_id"
        " GROUP BY 1 ORDER BY 1"
    )
    assert rows_of(sessions, sums) == [("510-2100", -1250), ("510-3000", 1250)]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("number", "--"), ("status", "maybe"), ("language", "Fr!"), ("dwelling_units", "0"), ("holder_kind", "robot"),
        ("refuse_quantity", "0"), ("meter_unit", "L"), ("meter_dials", "2"), ("closed_on", "2019-01-01"),
    ],
)  # fmt: skip
def test_what_no_utility_account_can_be(
    sessions: Sessions, do_import: Import, tmp_path: Path, field: str, value: str
) -> None:
    assert counts(do_import(write(tmp_path / "u.csv", [utility("U-1") | {field: value}]), "demo-utilities"))[3] == 1
    assert rows_of(sessions, "SELECT count(*) FROM customer_accounts") == [(0,)]


def test_a_meter_stands_in_one_place(sessions: Sessions, do_import: Import, tmp_path: Path) -> None:
    rows = [
        utility("U-1", meter="M1"),
        utility("U-2", meter="M1", address="12 OAK ST."),
        utility("U-3", meter="M1", address="9 Elm"),
    ]
    assert counts(do_import(write(tmp_path / "u.csv", rows), "demo-utilities")) == (2, 0, 0, 1)
    assert "this meter stands at another address" in (tmp_path / "u.csv.rejects.csv").read_text()
    assert rows_of(sessions, "SELECT serial FROM meters") == [("M1",)]


def test_reads(sessions: Sessions, do_import: Import, tmp_path: Path) -> None:
    do_import(write(tmp_path / "u.csv", [utility("U-1", meter="M1")]), "demo-utilities")
    file = write(
        tmp_path / "r.csv",
        [READ, {**READ, "meter": "M2"}, {**READ, "kind": "guessed"}, {**READ, "value": "-1", "kind": "final"}],
    )
    assert counts(do_import(file, "demo-reads")) == (1, 0, 0, 3)
    mended = write(tmp_path / "s.csv", [{**READ, "value": "421"}])
    assert counts(do_import(mended, "demo-reads")) == (0, 1, 0, 0)
    assert rows_of(sessions, "SELECT value, kind FROM meter_reads") == [(421, "actual")]


def test_bills_and_adjustments_of_our_own_line(sessions: Sessions, do_import: Import, tmp_path: Path) -> None:
    do_import(write(tmp_path / "u.csv", [utility("U-1"), utility("U-2", meter="M2")]), "demo-utilities")
    bad = [{**LINE, "line_no": "2", "amount": "-5"}, {**LINE, "line_no": "3", "number": "U-9"},
           {**LINE, "line_no": "4", "number": "U-2"}, {**LINE, "line_no": "5", "revenue_line": "gas"}]  # fmt: skip
    assert counts(do_import(write(tmp_path / "b.csv", [LINE, *bad]), "demo-bills")) == (1, 0, 0, 4)
    assert rows_of(sessions, "SELECT number, due_on::text, delinquent_on::text FROM bills") == [
        ("B-77", "2026-11-23", "2026-11-24")
    ]
    assert rows_of(
        sessions, "SELECT source_key, open_cents, bill_id IS NULL FROM charges ORDER BY id DESC LIMIT 1"
    ) == [("demo-billing:B-77|1", 4150, False)]
    changed = do_import(write(tmp_path / "c.csv", [{**LINE, "amount": "50"}]), "demo-bills")
    assert changed.differences == 1
    assert books_agree(sessions)


def external(name: str, line: str) -> Profile:
    """The shipped profile with another revenue line, one that an outside system owns."""
    content: dict[str, Any] = shipped(name).model_dump()
    return Profile.model_validate({**content, "lines": {**content["lines"], line: "parking"}})


def test_bills_and_adjustments_of_an_outside_system(sessions: Sessions, do_import: Import, tmp_path: Path) -> None:
    do_import(write(tmp_path / "u.csv", [utility("U-1")]), "demo-utilities")
    bills = external("demo-bills", "water")
    do_import(write(tmp_path / "b.csv", [LINE]), bills)
    do_import(write(tmp_path / "c.csv", [{**LINE, "amount": "45.50"}]), bills)
    row = {
        "adjustment": "ADJ-1",
        "number": "U-1",
        "bill": "B-77",
        "line_no": "1",
        "amount": "-10.00",
        "reason": "Leak",
    }
    rows = [
        row,
        {**row, "adjustment": "ADJ-2", "amount": "-99"},
        {**row, "adjustment": "ADJ-3", "line_no": "8"},
        {**row, "adjustment": "ADJ-4", "amount": "0"},
        {**row, "adjustment": "ADJ-5", "amount": "10.00"},
    ]
    file = write(tmp_path / "a.csv", rows)
    report = do_import(file, "demo-adjustments")
    assert (counts(report), report.differences) == ((3, 0, 0, 2), 1)
    assert counts(do_import(file, "demo-adjustments")) == (0, 0, 3, 2)
    assert counts(do_import(write(tmp_path / "d.csv", [{**row, "amount": "-11"}]), "demo-adjustments")) == (
        0,
        0,
        0,
        1,
    )
    assert rows_of(
        sessions, "SELECT source_key, open_cents, version FROM charges WHERE source_system = 'demo-billing'"
    ) == [("B-77|1", 4550, 4)]
    assert rows_of(sessions, "SELECT amount_cents FROM adjustments ORDER BY id") == [(400,), (1000,), (-1000,)]


def test_a_license_whole_and_changed(sessions: Sessions, do_import: Import, tmp_path: Path) -> None:
    rows = [license_row("BL-1"), license_row("BL-2", term_starts_on="", term_expires_on="")]
    profile = Profile.model_validate({
        **shipped("demo-licenses").model_dump(), "license_year": True,
        "lines": {"license": "business-license", "fee": "business-license", "penalty": "business-license"},
    })  # fmt: skip
    assert counts(do_import(write(tmp_path / "l.csv", rows), profile)) == (2, 0, 0, 0)
    assert (
        rows_of(sessions, "SELECT starts_on::text, expires_on::text, state FROM license_terms")
        == [("2026-07-01", "2027-06-30", "due")] * 2
    )
    assert rows_of(sessions, "SELECT kind, open_cents FROM charges ORDER BY id LIMIT 2") == [
        ("tax", 12000),
        ("fee", 400),
    ]
    ((id_,),) = rows_of(sessions, "SELECT id FROM customer_accounts WHERE source_key = 'BL-1'")
    stored = rows_of(sessions, f"SELECT digest FROM account_proofs WHERE customer_account_id = {id_}")
    assert (proof_digest(KEY, id_, "business_name", "panaderia lopez"),) in stored
    changed = write(tmp_path / "m.csv", [license_row("BL-1", business_type="Café", term_state="active")])
    assert counts(do_import(changed, profile)) == (0, 1, 0, 0)
    states = (
        "SELECT business_type, state FROM licenses JOIN license_terms USING (customer_account_id)"
        " ORDER BY customer_account_id"
    )
    assert rows_of(sessions, states) == [("Café", "active"), ("Bakery", "due")]
    assert books_agree(sessions)


def test_the_terms_of_the_demo_city_have_every_line_of_the_shipped_profiles() -> None:
    terms = terms_of(read_folder(ROOT / "city"), 7, date(2026, 11, 17))
    for path in (ROOT / "city" / "profiles").glob("*.toml"):
        for line in shipped(path.stem).lines.values():
            assert terms.line(line).fund
    assert terms.line("parking").is_external
    assert terms.license_year(date(2026, 11, 17))[0] <= date(2026, 11, 17)
