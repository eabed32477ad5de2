"""What a page is told of a charge: its working in words, or where it came from, and the arithmetic since."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import event, text
from sqlalchemy.orm import Session

from accounts.cities.queries import RulingCity
from accounts.clock import FixedClock
from accounts.database import Sessions, reading, transaction
from accounts.errors import NotFound
from accounts.explanations.queries import Explanation, explanation
from accounts.imports.profiles import Profile, load_profile
from accounts.imports.service import import_file
from accounts.imports.terms import terms_of
from accounts.ledger.rules import JournalDraft, Line, Source
from accounts.ledger.service import post
from accounts.licenses.service import assess_renewals
from accounts.money import Money
from accounts.pricing.proration import Period
from accounts.pricing.texts import text as text_in
from accounts.utilities.service import assess_penalties
from tests.accounts.assessments.city import BILL_DATE, charges_of, clerk, house, released
from tests.accounts.imports.files import citation, citations_file, utility, write
from tests.accounts.licenses.test_licenses import shop
from tests.database import TestDatabase
from tests.factories.bills import bill_all

PROFILES = Path(__file__).resolve().parents[3] / "city" / "profiles"


@pytest.fixture
def ruling(sessions: Sessions) -> RulingCity:
    return released(sessions)


def explained(sessions: Sessions, charge_id: int, *, may_see: bool = False) -> Explanation:
    with reading(sessions) as session:
        return explanation(session, charge_id, may_see_confidential=may_see)


def billed(sessions: Sessions, ruling: RulingCity) -> list[int]:
    """Water fixed, water usage, sewer, refuse, storm, and the penalty of all."""
    actor, account = clerk(sessions), house(sessions)
    bill_all(sessions, ruling, BILL_DATE)
    assess_penalties(sessions, ruling, ruling.city.delinquent_on(BILL_DATE), actor)
    return [charge.id for charge in charges_of(sessions, account)]


def test_a_metered_line_tells_reads_use_days_rate_and_authority(sessions: Sessions, ruling: RulingCity) -> None:
    found = explained(sessions, billed(sessions, ruling)[1])
    assert (found.origin, found.imported, found.agrees, found.adds_up) == ("assessed", None, True, True)
    line = found.assessed
    assert line is not None
    assert (line.rule, line.name.in_("es"), line.recomputed) == ("water-usage", "Agua, consumo", found.amount)
    assert [(v.valid_from, v.valid_to, v.authority) for v in line.versions] == [
        (date(2026, 7, 1), date(2027, 6, 30), "Resolution 2025-041 of Río Claro (fictional)")
    ]
    told = {one.code: one for one in line.inputs}
    assert (told["meter"].value, told["previous_read"].value, told["current_read"].value) == ("M1", 100, 112)
    assert told["current_read"].on == date(2026, 11, 12)
    assert told["current_read"].note is not None
    assert told["current_read"].note.in_("es") == "leída"
    assert (told["usage"].value, told["days"].value) == (Decimal(12), 31)
    assert told["period"].value == Period(first=date(2026, 10, 16), last=date(2026, 11, 15))
    (step,) = line.steps
    assert (step.quantity, step.rate, step.amount) == (12, Decimal("3.22"), Money(38_64))
    assert not any(one.is_confidential for one in line.inputs)


def test_a_penalty_tells_of_what_when_and_how_often(sessions: Sessions, ruling: RulingCity) -> None:
    found = explained(sessions, billed(sessions, ruling)[-1])
    line = found.assessed
    assert line is not None
    assert found.agrees
    late = [(one.label.in_("en"), one.value) for one in line.inputs if one.code == "late_charge"]
    assert late[1] == ("Water, usage", Money(38_64))
    told = {one.code: one.value for one in line.inputs}
    assert (told["owed"], told["delinquent_on"]) == (Money(183_84), ruling.city.delinquent_on(BILL_DATE))
    assert told["trigger"] == text_in("on the first late day, once", "el primer día de atraso, una vez")
    assert "cap" not in told


def test_gross_receipts_are_for_those_who_may_see_them(sessions: Sessions, ruling: RulingCity) -> None:
    account = shop(sessions, Money(700_000_00))
    assess_renewals(sessions, ruling, date(2026, 11, 17), clerk(sessions))
    tax, fee, *penalties = charges_of(sessions, account)
    for may_see in (True, False):
        line = explained(sessions, tax.id, may_see=may_see).assessed
        assert line is not None
        (base,) = [one for one in line.inputs if one.code == "base"]
        assert (base.is_confidential, base.value) == (True, Money(700_000_00) if may_see else None)
        first, rated = line.steps
        assert (first.is_confidential, rated.is_confidential) == (False, True)
        assert rated.quantity == (Decimal(200_000) if may_see else None)
        assert (rated.amount, line.agrees) == (Money(200_00), True)
    assert "700000" not in repr(explained(sessions, tax.id))
    other = explained(sessions, fee.id).assessed
    assert other is not None
    assert not other.is_confidential
    last = explained(sessions, penalties[-1].id)
    assert last.assessed is not None
    told = {one.code: one.value for one in last.assessed.inputs}
    assert (told["already"], told["time"], told["cap"]) == (Money(75_00), 4, Money(125_00))


ADJUSTED = text("""
    INSERT INTO adjustments (charge_id, amount_cents, reason, source_system, journal_id)
    VALUES (:charge, :cents, 'Leak at the meter', 'ventanilla', :journal)""")
PAID = text("""
    INSERT INTO allocations (charge_id, amount_cents, policy, journal_id)
    VALUES (:charge, -:cents, '2020-1', :journal)""")
OPEN = text("UPDATE charges SET open_cents = open_cents + :cents WHERE id = :charge")


def change(session: Session, charge: int, cents: int, actor: int, *, is_payment: bool = True) -> None:
    """Post a change of a water charge of account 1, as money that met it or as an adjustment."""
    kind = "payment" if is_payment else "adjustment"
    lines = (Line("510-1200", "510", Money(cents), 1), Line("510-4100", "510", Money(-cents)))
    journal = post(session, JournalDraft(kind, Source("test", f"{kind}{cents}", "post"), BILL_DATE, actor, lines))
    values = {"charge": charge, "cents": cents, "journal": journal}
    session.execute(PAID if is_payment else ADJUSTED, values)
    session.execute(OPEN, values)


def test_what_became_of_a_charge_adds_up_in_its_order(sessions: Sessions, ruling: RulingCity) -> None:
    charge, actor = billed(sessions, ruling)[1], clerk(sessions)
    with transaction(sessions) as session:
        for cents, is_payment in ((-10_00, True), (-5_64, False), (10_00, True), (-3_00, True)):
            change(session, charge, cents, actor, is_payment=is_payment)
    found = explained(sessions, charge)
    assert [(change.kind, str(change.amount), str(change.open_after)) for change in found.changes] == [
        ("payment", "-10.00", "28.64"), ("adjustment", "-5.64", "23.00"), ("taken_back", "10.00", "33.00"),
        ("payment", "-3.00", "30.00"),
    ]  # fmt: skip
    assert [change.reason for change in found.changes] == ["", "Leak at the meter", "", ""]
    assert (found.adjusted, found.paid, found.open) == (Money(-5_64), Money(3_00), Money(30_00))
    assert found.adds_up
    assert found.agrees
    first = found.changes[0]
    assert (first.policy, first.by, first.source_kind, first.on) == ("2020-1", "system", "test", BILL_DATE)


def bring(sessions: Sessions, ruling: RulingCity, kind: str, path: Path, profile: Profile) -> None:
    clock = FixedClock()
    terms = terms_of(ruling.city, ruling.release_id, clock.today())
    report = import_file(
        sessions, kind, path, profile, terms=terms, clock=clock, actor="system", proof_key=b"test"
    )  # fmt: skip
    assert report.rejected == 0


def shipped(name: str) -> Profile:
    return load_profile(PROFILES / f"{name}.toml")


def test_an_imported_line_tells_where_it_came_from(sessions: Sessions, ruling: RulingCity, tmp_path: Path) -> None:
    first = citations_file(tmp_path, [citation("C-1"), citation("C-2", open_penalty="20")], "one.csv")
    bring(sessions, ruling, "citations", first, shipped("demo-citations"))
    second = citations_file(tmp_path, [citation("C-2", open_penalty="20")], "two.csv")
    bring(sessions, ruling, "citations", second, shipped("demo-citations"))
    fine, penalty = charges_of(sessions, 2)
    for charge, part in ((fine, "fine"), (penalty, "penalty")):
        found = explained(sessions, charge.id)
        assert (found.origin, found.assessed, found.source_key) == ("imported", None, f"C-2:{part}")
        origin = found.imported
        assert origin is not None
        assert (origin.source_system, origin.row_key, origin.profile) == ("demo-citations", "C-2", "demo-citations")
        assert (origin.file_name, origin.last_file_name) == ("one.csv", "two.csv")
        assert origin.imported_at == FixedClock().now()
        assert origin.content == {"owed": {"fine": 40_00, "penalty": 20_00}}
        assert origin.workings is None
        assert not found.agrees
        assert found.adds_up


def test_an_opening_balance_is_ours_and_came_from_a_file(
    sessions: Sessions, ruling: RulingCity, tmp_path: Path
) -> None:
    bring(sessions, ruling, "utilities", write(tmp_path / "day-one.csv", [utility("U-9")]), shipped("demo-utilities"))
    water = charges_of(sessions, 1)[0]
    found = explained(sessions, water.id)
    assert (found.origin, found.source_system, found.source_key) == (
        "opening", "ventanilla", "demo-billing:U-9:water"
    )  # fmt: skip
    assert found.imported is not None
    assert (found.imported.source_system, found.imported.file_name) == ("demo-billing", "day-one.csv")
    assert found.imported.content is not None
    assert found.imported.content["owed"] == {"water": 61_20, "sewer": 0, "refuse": 30_00, "storm": 0}


def test_workings_that_came_with_a_line_are_kept_and_told(
    sessions: Sessions, ruling: RulingCity, tmp_path: Path
) -> None:
    bring(sessions, ruling, "utilities", write(tmp_path / "day-one.csv", [utility("U-9")]), shipped("demo-utilities"))
    row = {
        "number": "U-9", "bill": "B-7", "line_no": "1", "revenue_line": "water", "charge_kind": "service",
        "amount": "39.52", "description_en": "Water", "description_es": "Agua", "period_from": "", "period_to": "",
        "billed_on": "2026-11-16", "due_on": "", "delinquent_on": "", "how_en": "16 HCF x $2.47",
        "how_es": "16 CCF x $2.47", "authority": "Resolution 2025-041",
    }  # fmt: skip
    plain = tomllib.loads((PROFILES / "demo-bills.toml").read_text(encoding="utf-8"))
    plain["fields"] |= {name: {"column": name} for name in ("how_en", "how_es", "authority")}
    profile = Profile.model_validate({"name": "billing", "fingerprint": "1", **plain})
    bring(sessions, ruling, "utilities", write(tmp_path / "bills.csv", [row]), profile)
    found = explained(sessions, charges_of(sessions, 1)[-1].id)
    assert found.imported is not None
    assert (found.bill_number, found.imported.file_name) == ("B-7", "bills.csv")
    assert found.imported.workings == {
        "how": {"en": "16 HCF x $2.47", "es": "16 CCF x $2.47"}, "authority": "Resolution 2025-041",
    }  # fmt: skip


def test_statements_do_not_grow(db: TestDatabase, ruling: RulingCity) -> None:
    charges, actor = billed(db.sessions, ruling), clerk(db.sessions)
    with transaction(db.sessions) as session:
        for cents in range(1, 20):
            change(session, charges[1], -cents, actor)
    assert [len(sent(db, charge)) for charge in (charges[1], charges[-1])] == [3, 4]


def sent(db: TestDatabase, charge: int) -> list[str]:
    with counted(db) as statements:
        explained(db.sessions, charge)
    return [statement for statement in statements if "SELECT" in statement]


@contextmanager
def counted(db: TestDatabase) -> Iterator[list[str]]:
    statements: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        statements.append(statement)

    event.listen(db.app, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(db.app, "before_cursor_execute", note)


def test_no_such_charge(sessions: Sessions, ruling: RulingCity) -> None:
    with pytest.raises(NotFound):
        explained(sessions, 999)
