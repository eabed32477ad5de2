"""A bill that was wrong: taken back whole and made anew, linked, with what was paid carried on."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from accounts.billing_runs import corrections, service, working
from accounts.billing_runs.rules import NeedsAReason, NotCorrectable, OwnRun
from accounts.billing_runs.working import NewRead
from accounts.errors import DomainError
from accounts.money import Money
from accounts.staff.rules import NotAllowed
from tests.accounts.billing_runs.offices import NOW, TODAY, TOTAL, Office

AFTER = date(2026, 11, 12)
WRONG = TOTAL + Money(5 * 322)
"""The house used 12 CCF; the meter was read as if it were 17."""


def billed(office: Office) -> tuple[int, int]:
    """A house with a bill that is too high by 5 CCF, and that bill."""
    account = office.used(1, 17)
    run = office.draft()
    office.through(run)
    return account, office.item(run, account).bill_id or 0


def begin(office: Office, bill: int, **more: Any) -> int:
    asked = {"reason": "meter was read wrong", "today": TODAY, "now": NOW, **more}
    return corrections.start(office.sessions, office.ruling, office.maker, bill, **asked)


def pay(office: Office, account: int, cents: int) -> None:
    """As if a payment had met the oldest charges."""
    office.execute(
        """
        WITH c AS (SELECT id, least(open_cents, greatest(:cents - coalesce(sum(open_cents) OVER (
                              ORDER BY id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0), 0)) AS part
                     FROM charges WHERE customer_account_id = :account),
             met AS (INSERT INTO allocations (journal_id, charge_id, amount_cents, policy)
                     SELECT (SELECT min(id) FROM journals), id, part, 'test' FROM c WHERE part > 0)
        UPDATE charges SET open_cents = open_cents - part FROM c WHERE c.id = charges.id""",
        cents=cents, account=account,
    )  # fmt: skip


@pytest.mark.parametrize(("paid", "owed", "credit"), [(0, 183_84, 0), (100_00, 83_84, 0), (199_94, 0, 16_10)])
def test_a_bill_is_taken_back_and_made_anew(office: Office, paid: int, owed: int, credit: int) -> None:
    account, bill = billed(office)
    pay(office, account, paid)
    run = begin(office, bill)
    assert office.rows("SELECT sum(open_cents) FROM charges") == [(WRONG.cents - paid,)]
    working.reread(office.sessions, office.maker, office.seen(run, account), NewRead("M1", 112, AFTER), now=NOW)
    office.through(run)
    new = office.item(run, account).bill_id
    assert new not in {None, bill}
    old_lines = office.rows("SELECT open_cents, version > 1 FROM charges WHERE bill_id = :bill", bill=bill)
    assert set(old_lines) == {(0, True)}
    asked = office.rows("SELECT sum(amount_cents), sum(open_cents) FROM charges WHERE bill_id = :bill", bill=new)
    assert asked == [(TOTAL.cents, owed)]
    assert office.rows("SELECT credit_cents FROM customer_accounts") == [(credit,)]
    link = office.rows("SELECT corrects_bill_id, reason FROM billing_runs WHERE id = :run", run=run)
    assert link == [(bill, "meter was read wrong")]
    kinds = {kind for (kind,) in office.rows("SELECT kind FROM journals")}
    assert kinds == {"bill-run", "bill-reversal"} | ({"bill-carried"} if paid else set())
    assert set(office.rows("SELECT reason FROM adjustments")) == {("rebilled",)}
    days = office.rows("SELECT period_from, period_to, billed_on FROM bills ORDER BY id")
    assert days[0][:2] == days[1][:2]
    assert days[1][2] == TODAY


def test_the_books_have_what_the_charges_have(office: Office) -> None:
    """Receivables by account and fund, credits by account, and every journal balanced per fund."""
    account, bill = billed(office)
    before = office.rows("SELECT fund, sum(amount_cents) FROM postings GROUP BY 1 HAVING sum(amount_cents) <> 0")
    run = begin(office, bill)
    working.reread(office.sessions, office.maker, office.seen(run, account), NewRead("M1", 112, AFTER), now=NOW)
    office.through(run)
    assert before == []
    assert office.rows("SELECT fund, sum(amount_cents) FROM postings GROUP BY 1 HAVING sum(amount_cents) <> 0") == []
    receivable = office.rows(
        """SELECT p.fund, sum(p.amount_cents) FROM postings p JOIN ledger_accounts a ON a.id = p.ledger_account_id
            WHERE a.kind = 'asset' AND p.customer_account_id = :account GROUP BY 1 ORDER BY 1""",
        account=account,
    )
    assert receivable == office.rows("SELECT fund, sum(open_cents) FROM charges GROUP BY 1 ORDER BY 1")


def test_a_correction_needs_another_person_and_happens_once(office: Office) -> None:
    account, bill = billed(office)
    run = begin(office, bill)
    office.review(run)
    office.execute(
        "UPDATE billing_items SET worked_by = :who WHERE run_id = :run", who=office.checker.actor_id, run=run
    )
    before = office.books()
    with pytest.raises(OwnRun):
        office.approve(run)
    with pytest.raises(NotCorrectable) as twice:
        begin(office, bill)
    assert twice.value.facts["why"] == "corrected"
    assert office.books() == before
    service.cancel(office.sessions, office.maker, run, now=NOW)
    again = begin(office, bill)
    assert office.item(again, account).state == "ready"


@pytest.mark.parametrize(
    ("spoil", "refusal"),
    [
        ("UPDATE bills SET source_system = 'old'", NotCorrectable),
        ("UPDATE bills SET period_from = NULL", NotCorrectable),
        ("UPDATE customer_accounts SET is_restricted = true", DomainError),
    ],
)
def test_what_is_not_ours_or_not_for_them_is_not_made_anew(
    office: Office, spoil: str, refusal: type[DomainError]
) -> None:
    _, bill = billed(office)
    office.execute(spoil)
    before = office.books()
    with pytest.raises(refusal):
        begin(office, bill)
    assert office.books() == before


def test_a_correction_is_explained_and_by_who_may(office: Office) -> None:
    _, bill = billed(office)
    before = office.books()
    with pytest.raises(NeedsAReason):
        begin(office, bill, reason="  ")
    office.maker = office.person("nina")
    with pytest.raises(NotAllowed):
        begin(office, bill)
    assert office.books() == before
