"""Citations of another system are shown, and never penalized here."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from accounts.assessments.rules import Dates, NotOurs, charge_of
from accounts.charges.service import NewCharge, raise_charges
from accounts.citations.models import Citation
from accounts.citations.queries import bill_lines, citation_details
from accounts.citations.service import assess_penalties
from accounts.customer_accounts.models import AccountKind
from accounts.database import Sessions, reading, transaction
from accounts.ledger.rules import Source
from accounts.money import Money
from accounts.pricing.facts import Facts
from accounts.pricing.proration import Period
from accounts.pricing.rules import price
from tests.accounts.assessments.city import charges_of, city, clerk, open_account, released

ON = date(2026, 9, 1)


def cited(sessions: Sessions, actor: int) -> int:
    with transaction(sessions) as session:
        new = open_account(session, AccountKind.CITATION)
        session.add(
            Citation(
                customer_account_id=new.id, issued_at=datetime(2026, 9, 1, 17, 5, tzinfo=UTC),
                violation_code="88.13B", violation="Expired meter", location="200 Plaza Way", plate="8ABC123",
            )
        )  # fmt: skip
        session.flush()
        fine = NewCharge(
            new.id, "parking", "fine", "100", "100-1210", "100-2900", Money(63_00), {"en": "Fine", "es": "Multa"},
            ON, ON, ON,
        )  # fmt: skip
        raise_charges(
            session, [fine], source=Source("test", "1", "raise"), kind="import", effective_on=ON, actor_id=actor
        )
        return new.id


def test_only_the_owner_penalizes_an_external_line(sessions: Sessions) -> None:
    ruling, actor = released(sessions), clerk(sessions)
    account = cited(sessions, actor)
    assert assess_penalties(sessions, ruling, date(2027, 1, 1), actor).charges == 0
    assert len(charges_of(sessions, account)) == 1


def test_nobody_assesses_a_fine_on_an_external_line() -> None:
    line = price(city().rate("citation-fines"), Facts(choice="red-zone"), Period.day(ON))
    with pytest.raises(NotOurs):
        charge_of(city(), 1, 1, line, Dates(ON, ON, ON), source_key="x")


def test_the_page_says_what_was_cited_and_not_the_plate(sessions: Sessions) -> None:
    released(sessions)
    account = cited(sessions, clerk(sessions))
    with reading(sessions) as session:
        page = citation_details(session, account)
        assert page is not None
        assert list(page.lines) == list(bill_lines(session, account))
    assert (page.violation, page.location, page.lines[0].open) == ("Expired meter", "200 Plaza Way", Money(63_00))
    assert not hasattr(page, "plate")
