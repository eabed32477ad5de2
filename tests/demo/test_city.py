"""The made-up city: the same every time, the books right, the samples true, on any day of the year."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import func, select, text

from accounts.charges.models import Bill
from accounts.customer_accounts.models import AccountProof, CustomerAccount
from accounts.customer_accounts.rules import number_key, proof_digest
from accounts.database import Sessions, reading
from accounts.lookups.queries import candidates
from demo.city import Size, load_city
from demo.days import days_before, days_of_second_cycle, term_start
from demo.samples import sample_lookups
from portal.verify import verify
from tests.accounts.assessments.city import city
from tests.database import TestDatabase

CITY = Path(__file__).resolve().parents[2] / "city"
KEY = b"a key of the tests"
SMALL = Size(utilities=240, licenses=60, citations=40, second_cycle=40)


def load(sessions: Sessions, folder: Path, today: date, size: Size = SMALL) -> list[str]:
    said: list[str] = []
    load_city(sessions, CITY, folder, proof_key=KEY, say=said.append, today=today, size=size)
    return said


@pytest.mark.parametrize("today", [date(2026, 12, 10), date(2028, 2, 29)])
def test_the_books_are_right_on_any_day(sessions: Sessions, tmp_path: Path, today: date) -> None:
    said = load(sessions, tmp_path, today)
    days, later = days_before(city(), today), days_of_second_cycle(city(), today)
    with reading(sessions) as session:
        assert [violation for check in verify(session) for violation in check.violations] == []
        kinds = session.execute(select(CustomerAccount.kind, func.count()).group_by(CustomerAccount.kind))
        assert {kind.value: count for kind, count in kinds} == {"utility": 280, "license": 60, "citation": 40}
        assert set(session.scalars(select(Bill.billed_on).distinct())) == {*days.bills, later.bills[0]}
        newest = session.scalar(text("SELECT max(day) FROM business_days"))
        behind = session.execute(
            text(
                "SELECT count(*) FILTER (WHERE due < :today) * 100 / count(*) FROM ("
                " SELECT a.id, min(c.due_on) FILTER (WHERE c.open_cents > 0) AS due FROM customer_accounts a"
                " JOIN charges c ON c.customer_account_id = a.id WHERE a.kind = 'utility' GROUP BY a.id) x"
            ),
            {"today": today},
        ).scalar_one()
        assert session.scalar(text("SELECT count(*) FROM procrastinate_jobs")) == 0
    assert newest == today
    assert 12 <= behind <= 33
    assert any(line.startswith("billing") for line in said)


def test_samples_find_their_accounts_by_their_proofs(sessions: Sessions, tmp_path: Path) -> None:
    load(sessions, tmp_path, date(2026, 11, 22), Size(utilities=300, licenses=60, citations=40))
    with reading(sessions) as session:
        samples = sample_lookups(session, tmp_path / "samples.json")
        assert len(samples) >= 12
        assert {"utility", "license", "citation"} == {sample["kind"] for sample in samples}
        assert {"en", "es"} == {sample["language"] for sample in samples}
        assert any(int(str(sample["balance_cents"])) < 0 for sample in samples)
        for sample in samples:
            (found,) = candidates(session, number_key(str(sample["number"])))
            assert found.reference == sample["reference"]
            assert not found.is_protected
            kind = "plate" if sample["kind"] == "citation" else "bill_code"
            digest = proof_digest(KEY, found.account_id, kind, str(sample["proof"]))
            kept = select(AccountProof.digest).where(AccountProof.customer_account_id == found.account_id)
            assert digest in session.scalars(kept.where(AccountProof.kind == kind)).all()


def test_the_same_day_makes_the_same_city(db: TestDatabase, tmp_path: Path) -> None:
    first, second = tmp_path / "1", tmp_path / "2"
    for folder in (first, second):
        db.empty()
        load(db.sessions, folder, date(2026, 11, 22), Size(60, 20, 20))
    names = sorted(path.name for path in (first / "registers").glob("*.csv"))
    for name in names:
        assert (first / "registers" / name).read_bytes() == (second / "registers" / name).read_bytes()
    one, two = (json.loads((folder / "samples.json").read_text()) for folder in (first, second))
    assert one == two


def test_nobody_in_it_is_real(sessions: Sessions, tmp_path: Path) -> None:
    load(sessions, tmp_path, date(2026, 11, 22), Size(120, 30, 30))
    with reading(sessions) as session:
        contacts = session.execute(text("SELECT phone, email FROM customers")).all()
        spanish = session.scalar(text("SELECT avg((language = 'es')::int) FROM customers"))
    assert all(not phone or phone.startswith("209-555-01") for phone, _ in contacts)
    assert all(not email or email.endswith(("@example.com", "@example.org")) for _, email in contacts)
    assert 0.15 < spanish < 0.45


@pytest.mark.parametrize(
    ("today", "month", "start"),
    [
        (date(2026, 11, 22), 7, date(2026, 7, 1)),
        (date(2026, 11, 22), 1, date(2027, 1, 1)),
        (date(2026, 5, 16), 7, date(2025, 7, 1)),
        (date(2026, 5, 17), 7, date(2026, 7, 1)),
    ],
)
def test_terms_begin_with_the_newest_open_renewal(today: date, month: int, start: date) -> None:
    assert term_start(city(), today, month) == start
