"""Whatever is paid, in whatever mix of accounts and funds, the books come out right to the cent."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.orm import Session

from accounts.charges.service import NewCharge
from accounts.database import Sessions, reading, transaction
from accounts.ledger.queries import trial_balance
from accounts.money import Money, total
from payments.posting.rules import Fee
from portal.verify import verify
from tests.factories import DAY, make_account, make_charge, make_chart, pay, pay_attempt, promise
from tests.factories.books import FEE_IN_FUND, FEE_IN_POOL

LINES = {"utility": ("water", "sewer"), "license": ("license",), "citation": ("citation",)}


@dataclass(frozen=True)
class Owed:
    """An account to be: its kind, its charges, how much is paid on it, and whether its last charge is named."""

    kind: str
    charges: tuple[NewCharge, ...]
    paid: Money
    names_last: bool


@st.composite
def _owed(draw: st.DrawFn) -> Owed:
    kind = draw(st.sampled_from(sorted(LINES)))
    charges = draw(
        st.lists(
            st.builds(
                make_charge,
                st.integers(1, 300_00).map(Money),
                line=st.sampled_from(LINES[kind]),
                kind=st.sampled_from(["service", "fee", "penalty"]),
                due_on=st.integers(-60, 60).map(lambda days: DAY + timedelta(days=days)),
            ),
            max_size=5,
        )
    )
    return Owed(kind, tuple(charges), Money(draw(st.integers(1, 900_00))), draw(st.booleans()))


BASKETS = st.lists(_owed(), min_size=1, max_size=5)
FEES = st.sampled_from([Fee(), FEE_IN_POOL, FEE_IN_FUND])
TENDERS = st.sampled_from(["attempt", "card", "cash", "check"])
EXAMPLES = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)  # the database keeps every example's books, so that later ones are proved among many


@EXAMPLES
@given(basket=BASKETS, fee=FEES, tender=TENDERS, again=st.booleans())
def test_the_books_come_out_right(
    sessions: Sessions, basket: list[Owed], fee: Fee, tender: str, *, again: bool
) -> None:
    with transaction(sessions) as session:
        make_chart(session)
        accounts = [make_account(session, kind=owed.kind, charges=owed.charges) for owed in basket]
    amounts = {account.id: owed.paid for account, owed in zip(accounts, basket, strict=True)}
    for _ in range(1 + again):
        with transaction(sessions) as session:
            targets = {
                account.id: _last_charge(session, account.id)
                for account, owed in zip(accounts, basket, strict=True)
                if owed.names_last
            }
            if tender == "attempt":
                posted = pay_attempt(session, promise(session, amounts, fee=fee, targets=targets))
            else:
                posted = pay(session, amounts, fee=fee, tender=tender, targets=targets)
        with reading(sessions) as session:
            _check_journal(session, posted.journal_id, total(amounts.values()), fee)
            assert {check.name: check.violations for check in verify(session) if check.violations} == {}
            assert total(line[4] for line in trial_balance(session)) == Money(0)


def _last_charge(session: Session, account_id: int) -> list[int]:
    return list(
        session.scalars(
            text("SELECT id FROM charges WHERE customer_account_id = :id ORDER BY id DESC LIMIT 1"),
            {"id": account_id},
        )
    )


def _check_journal(session: Session, journal_id: int, paid: Money, fee: Fee) -> None:
    """Summed here from the rows, apart from ``verify``."""
    rows = session.execute(
        text(
            "SELECT a.kind, p.fund, p.amount_cents, p.customer_account_id IS NOT NULL AS tagged"
            " FROM postings p JOIN ledger_accounts a ON a.id = p.ledger_account_id WHERE journal_id = :id"
        ),
        {"id": journal_id},
    ).all()
    allocated = session.scalars(
        text("SELECT coalesce(sum(amount_cents), 0) FROM allocations WHERE journal_id = :id"), {"id": journal_id}
    ).one()
    for fund in {row.fund for row in rows}:
        assert sum(row.amount_cents for row in rows if row.fund == fund) == 0
    credit = -sum(row.amount_cents for row in rows if row.kind == "liability" and row.tagged)
    assert int(allocated) + credit == paid.cents
    assert -sum(row.amount_cents for row in rows if row.kind == "revenue") == fee.amount.cents
    assert sum(row.amount_cents for row in rows if row.kind == "asset" and row.fund == "900") == (
        paid.cents + fee.amount.cents
    )
