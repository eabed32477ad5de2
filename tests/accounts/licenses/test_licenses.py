"""What a license term costs, when it is late, and that it is assessed once."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import func, select

from accounts.cities.queries import RulingCity
from accounts.customer_accounts.models import AccountKind
from accounts.database import Sessions, reading, transaction
from accounts.ledger.models import LedgerAccount, Posting
from accounts.licenses.models import License, LicenseDeclaration, LicenseTerm
from accounts.licenses.queries import license_details
from accounts.licenses.rules import DueTerm, term_dates, term_lines
from accounts.licenses.service import Declared, activate_paid_terms, assess_renewals, declare
from accounts.money import Money
from accounts.pricing.facts import FactMissing
from tests.accounts.assessments.city import charges_of, city, clerk, open_account, released

YEAR = (date(2026, 7, 1), date(2027, 6, 30))


@pytest.fixture
def ruling(sessions: Sessions) -> RulingCity:
    return released(sessions)


def due(
    receipts: int | None, *, days: tuple[date, date] = YEAR, renewal: bool = True, kind: str = "retail"
) -> DueTerm:
    return DueTerm(1, 1, kind, *days, renewal, None if receipts is None else Money(receipts * 100))


@pytest.mark.parametrize(
    ("receipts", "kind", "cents"),
    [
        (0, "retail", 50_00),
        (500_000, "retail", 50_00),
        (700_000, "retail", 250_00),
        (700_000, "professional", 650_00),
    ],
)
def test_the_tax_is_a_base_and_a_part_of_the_excess_by_class(receipts: int, kind: str, cents: int) -> None:
    tax, fee = term_lines(city(), due(receipts, kind=kind))
    assert (tax.amount.cents, tax.kind, tax.revenue_line) == (cents, "tax", "business-license")
    assert (fee.amount.cents, fee.revenue_line) == (4_00, "state-disability-fee")


def test_a_new_license_pays_for_the_months_that_are_left() -> None:
    started = due(100_000, days=(date(2027, 1, 10), date(2027, 6, 30)), renewal=False)
    assert term_lines(city(), started)[0].amount == Money(25_00)


def test_nothing_declared_is_nothing_priced() -> None:
    with pytest.raises(FactMissing):
        term_lines(city(), due(None))


def test_a_renewal_is_due_when_the_old_term_ends_and_late_a_month_later() -> None:
    policy = city().license_policy(YEAR[0])
    renewal = term_dates(policy, due(1), date(2026, 5, 20))
    assert (renewal.due_on, renewal.delinquent_on) == (date(2026, 6, 30), date(2026, 8, 1))
    new = term_dates(policy, due(1, days=(date(2026, 11, 3), YEAR[1]), renewal=False), date(2026, 11, 3))
    assert (new.due_on, new.delinquent_on) == (date(2026, 11, 3), date(2027, 1, 1))


def shop(sessions: Sessions, receipts: Money | None) -> int:
    with transaction(sessions) as session:
        new = open_account(session, AccountKind.LICENSE)
        session.add(
            License(
                customer_account_id=new.id, business_name="Panadería Luz", license_class="retail",
                started_on=date(2019, 3, 1),
            )
        )  # fmt: skip
        session.flush()
        session.add(LicenseTerm(customer_account_id=new.id, starts_on=date(2025, 7, 1), expires_on=date(2026, 6, 30),
                                state="active"))  # fmt: skip
        term = LicenseTerm(customer_account_id=new.id, starts_on=YEAR[0], expires_on=YEAR[1])
        session.add(term)
        session.flush()
        if receipts is not None:
            declare(session, [Declared(term.id, Money(1))])
            declare(session, [Declared(term.id, receipts, 4)])
        return new.id


def test_a_term_is_assessed_once_by_its_newest_declaration_and_penalties_follow(
    sessions: Sessions, ruling: RulingCity
) -> None:
    actor, account = clerk(sessions), shop(sessions, Money(700_000_00))
    assert assess_renewals(sessions, ruling, date(2026, 5, 1), actor).terms == 0
    first = assess_renewals(sessions, ruling, date(2026, 5, 20), actor)
    assert (first.terms, first.amount, first.penalties.charges) == (1, Money(254_00), 0)
    assert assess_renewals(sessions, ruling, date(2026, 7, 31), actor).everything == Money(0)
    late = assess_renewals(sessions, ruling, date(2026, 11, 17), actor)
    assert (late.terms, late.penalties.charges, late.everything) == (0, 4, Money(100_00))
    capped = assess_renewals(sessions, ruling, date(2027, 3, 1), actor)
    assert capped.everything == Money(25_00)
    charges = charges_of(sessions, account)
    assert [c.kind for c in charges] == ["tax", "fee", *["penalty"] * 5]
    assert charges[0].working["inputs"]["declaration"]["version"] == 2  # type: ignore[index]
    assert activate_paid_terms(sessions) == 0


def test_a_tenth_of_the_state_fee_is_owed_to_the_state(sessions: Sessions, ruling: RulingCity) -> None:
    shop(sessions, Money(1))
    assess_renewals(sessions, ruling, date(2026, 6, 1), clerk(sessions))
    with reading(sessions) as session:
        sums = session.execute(
            select(LedgerAccount.code, func.sum(Posting.amount_cents)).join(Posting).group_by(LedgerAccount.code)
        )
        assert {code: cents for code, cents in sums if code.startswith("275")} == {
            "275-1200": Money(4_00), "275-4100": Money(-3_60), "275-2300": Money(-40),
        }  # fmt: skip


def test_an_undeclared_term_waits(sessions: Sessions, ruling: RulingCity) -> None:
    account = shop(sessions, None)
    renewals = assess_renewals(sessions, ruling, date(2026, 6, 1), clerk(sessions))
    assert (renewals.terms, renewals.undeclared) == (0, 1)
    with reading(sessions) as session:
        page = license_details(session, account)
        assert page is not None
        assert session.scalars(select(LicenseDeclaration)).all() == []
    assert (page.business_name, page.expires_on) == ("Panadería Luz", date(2026, 6, 30))
    assert page.term is not None
    assert (page.term.state, page.term.expires_on, page.lines) == ("due", YEAR[1], ())
