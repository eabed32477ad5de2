"""Every check of ``verify`` passes on honest books, and fails, by name, on one tampering made for it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from accounts.actors.service import actor_id
from accounts.clock import FixedClock
from accounts.database import Sessions, reading, transaction
from accounts.ledger.rules import JournalDraft, Line, Source
from accounts.ledger.service import post, reverse
from accounts.money import Money
from accounts.seals.service import close_days
from demo.postgres import APP
from portal.sealing import PARTS
from portal.verify import MOST, QUESTIONS, Check, verify
from tests.factories import DAY, make_account, make_chart, pay, pay_attempt, promise
from tests.factories.books import FEE_IN_FUND, FEE_IN_POOL
from tests.factories.owed import make_charge
from tests.factories.paid import NOON
from tests.payments.payouts.test_verifying import TAMPERINGS as PAID_OUT
from tests.payments.returned_payments.test_verifying import RETURNED
from tests.payments.test_verifying_window import WINDOW
from tests.portal.test_verifying_acts import TAMPERINGS as DECIDED

pytestmark = pytest.mark.long


@pytest.fixture
def books(sessions: Sessions) -> Sessions:
    """Paid, overpaid, promised and taken back: something of everything."""
    with transaction(sessions) as session:
        make_chart(session)
        water = make_account(session, charges=[Money(50_00), Money(30_00), make_charge(Money(9_00), line="sewer")])
        ticket = make_account(session, kind="citation", charges=[Money(45_00)])
        shop = make_account(session, kind="license", charges=[Money(200_00)])
        pay_attempt(session, promise(session, {water.id: Money(60_00), ticket.id: Money(50_00)}, fee=FEE_IN_POOL))
        pay_attempt(session, promise(session, {water.id: Money(1_00)}, fee=FEE_IN_FUND))
        pay(session, {shop.id: Money(70_00)})
        pay(session, {shop.id: Money(10_00)}, tender="check")
        promise(session, {shop.id: Money(20_00)})
        reverse(session, _transfer(session), actor_id=actor_id(session, "staff:rosa"), on=DAY, memo="entered twice")
    tomorrow = FixedClock(NOON + timedelta(days=1))
    close_days(sessions, PARTS, clock=tomorrow, swept_through=tomorrow.now())
    return sessions


def _transfer(session: Session) -> int:
    return post(
        session,
        JournalDraft(
            "transfer",
            Source("test", "transfer", "post"),
            DAY,
            actor_id(session, "staff:rosa"),
            (Line("100-4210", "100", Money(5_00)), Line("100-4220", "100", Money(-5_00))),
        ),
    )


def _wrong(sessions: Sessions) -> dict[str, list[str]]:
    with reading(sessions) as session:
        return {check.name: check.violations for check in verify(session) if check.violations}


def test_honest_books_have_no_violation(books: Sessions) -> None:
    assert _wrong(books) == {}


def test_empty_books_have_no_violation(sessions: Sessions) -> None:
    assert _wrong(sessions) == {}


def test_every_check_counts_something(books: Sessions) -> None:
    with reading(books) as session:
        checks = verify(session)
    assert all(isinstance(check, Check) and check.figure for check in checks)
    figures = {check.name: check.figure for check in checks}
    assert figures[CLEARING] == "$115.45 in clearing, $115.45 by card, $0.00 paid out"
    assert figures["each payment has one receipt"] == "4 receipts"
    assert figures[SEALS].startswith("1 of 1 days sealed, head 2026-11-17:")
    assert len(figures) == len(QUESTIONS) + 3


BALANCE = "each journal balances in each fund"
FUND = "each posting stands in its ledger account's fund"
SOURCE = "each journal has a source, each source a journal"
CLOSED = "nothing entered a day after it was closed"
REVERSAL = "reversals mirror their journal, once"
OPEN = "open = amount + adjustments - allocations"
RECEIVABLE = "receivables in the books = open charges, by account"
CREDIT = "credits in the books = credits kept, by account"
NAMED = "receivables and credits name their customer account"
MADE_UP = "allocations + credit + items + fee make up each payment"
JOURNAL = "each payment has its journal, and each such journal its payment"
CLEARING = "processor clearing = card payments - payouts"
POOL = "due to funds = claims on pooled cash"
ONE_EACH = "each payment has one receipt"
GAPS = "receipt numbers have no gap, and their counters agree"
TOTALS = "receipts say what was paid"
ONE_TO_ONE = "succeeded attempts and their payments, one to one"
FROZEN = "posted as promised: amounts, fee, allocation policy"
PENDING = "pending payments belong to live attempts"
TWO_PEOPLE = "releases of the city were approved by another person"
TRIGGERS = "the database guards the books"
RIGHTS = "the application may not change the books"
INDEX = "the search index says what the accounts say"
SEALS = "closed days are sealed, and the seals hold"

_OF = "(SELECT id FROM ledger_accounts WHERE code = '{}')"
CLEARING_ID, BANK_ID, DUE_ID = _OF.format("900-1030"), _OF.format("900-1010"), _OF.format("900-2100")
_CARD = "(SELECT min(journal_id) FROM payments WHERE tender = 'card')"

SEEN_WITH_THEIR_FEATURE = {
    "each deposit = its batches = its journal",  # tests/payments/bank_statements/test_proving.py, like the next
    "the bank's lines make its balances, and each is matched once",
    "each exported batch = its journals, to the cent",  # tests/payments/journal_exports/test_proofs.py, like the next
    "each exported file is the one that was sent",
    "each packet is the one that the audit knows",  # tests/payments/closings/test_tampering.py
}
TAMPERINGS = [
    (BALANCE, "is off by $0.01 in fund", "UPDATE postings SET amount_cents = amount_cents + 1 WHERE id = 1"),
    (BALANCE, "has no postings", "DELETE FROM postings WHERE journal_id = 1"),
    (BALANCE, "has no journal", "DELETE FROM journals WHERE id = 1"),
    (FUND, "names fund 999", "UPDATE postings SET fund = '999' WHERE id = 1"),
    (FUND, "its ledger account is gone", "DELETE FROM ledger_accounts WHERE code = '510-1200'"),
    (SOURCE, "has no source", "DELETE FROM source_effects WHERE journal_id = 1"),
    (SOURCE, "has no journal 9999", "UPDATE source_effects SET journal_id = 9999 WHERE journal_id = 1"),
    (CLOSED, "entered 2026-11-17", "UPDATE journals SET posted_at = now() + interval '1 day' WHERE id = 2"),
    (CLOSED, "a time not noted", "UPDATE business_days SET closed_at = NULL"),
    (CLOSED, "a day that is not in the books", "UPDATE journals SET business_day = '2020-01-01' WHERE id = 2"),
    (REVERSAL, "does not mirror journal",
     ("UPDATE postings SET amount_cents = amount_cents * 2 WHERE journal_id IN"
      " (SELECT id FROM journals WHERE reverses_id IS NOT NULL)")),
    (REVERSAL, "itself a reversal",
     "UPDATE journals SET reverses_id = (SELECT id FROM journals WHERE reverses_id IS NOT NULL) WHERE id = 1"),
    (REVERSAL, "which is not there",
     "UPDATE journals SET reverses_id = 9999 WHERE reverses_id IS NOT NULL"),
    (OPEN, "keeps $0.01 open", "UPDATE charges SET open_cents = 1 WHERE open_cents = 0"),
    (OPEN, "its history comes to", "UPDATE allocations SET amount_cents = amount_cents - 1 WHERE id = 1"),
    (OPEN, "its history comes to", "DELETE FROM allocations WHERE id = 1"),
    (OPEN, "which is not there", "DELETE FROM charges WHERE open_cents = 0"),
    (RECEIVABLE, "by the books", ("UPDATE postings SET customer_account_id = 3 WHERE id ="
      " (SELECT min(id) FROM postings WHERE customer_account_id = 1)")),
    (RECEIVABLE, "in fund 510 by its charges", ("UPDATE charges SET open_cents = open_cents - 1, amount_cents ="
      " amount_cents - 1 WHERE customer_account_id = 1 AND fund = '510' AND open_cents > 0")),
    (CREDIT, "keeps a credit of $0.01", "UPDATE customer_accounts SET credit_cents = 1 WHERE id = 1"),
    (CREDIT, "the books have $5.00", "UPDATE customer_accounts SET credit_cents = 0"),
    (NAMED, "names no customer account", ("UPDATE postings SET customer_account_id = NULL WHERE id ="
      " (SELECT min(id) FROM postings WHERE customer_account_id = 1)")),
    (NAMED, "names a customer account", ("UPDATE postings SET customer_account_id = 1 WHERE ledger_account_id ="
      " (SELECT id FROM ledger_accounts WHERE code = '510-4100')")),
    (MADE_UP, "allocated", "UPDATE payments SET amount_cents = amount_cents + 1 WHERE id = 3"),
    (MADE_UP, "fee posted", "UPDATE payments SET fee_cents = fee_cents + 1 WHERE id = 2"),
    (MADE_UP, "allocated", "UPDATE allocations SET amount_cents = amount_cents - 1 WHERE id = 1"),
    (JOURNAL, "its journal is not there", "UPDATE payments SET journal_id = 9999 WHERE id = 3"),
    (JOURNAL, "of a payment that is not there", "DELETE FROM payments WHERE id = 3"),
    (JOURNAL, "is of kind gift", "UPDATE journals SET kind = 'gift' WHERE kind = 'payment'"),
    (JOURNAL, "its journal is of 2026-11-17", "UPDATE payments SET business_day = '2026-11-18' WHERE id = 3"),
    (CLEARING, "through clearing, but", (f"UPDATE postings SET ledger_account_id = {BANK_ID}"
      f" WHERE ledger_account_id = {CLEARING_ID} AND journal_id = {_CARD}")),
    (CLEARING, "but $0.00 by card", f"UPDATE payments SET tender = 'cash' WHERE journal_id = {_CARD}"),
    (POOL, "apart by", (f"UPDATE postings SET ledger_account_id = {BANK_ID}"
      f" WHERE ledger_account_id = {DUE_ID} AND journal_id = {_CARD}")),
    (POOL, "no approved release", "DELETE FROM city_approvals"),
    (ONE_EACH, "has 0 receipts", "DELETE FROM receipts WHERE id = 1"),
    (ONE_EACH, "which is not there", "UPDATE receipts SET payment_id = 9999 WHERE id = 1"),
    (GAPS, "1 is followed by 3", "UPDATE receipts SET number = 3 WHERE series = 'T1' AND number = 2"),
    (GAPS, "0 is followed by 2", "DELETE FROM receipts WHERE series = 'T1' AND number = 1"),
    (GAPS, "the counter stands at 7", "UPDATE receipt_series SET last_number = 7 WHERE series = 'T1'"),
    (GAPS, "the counter stands at nothing", "DELETE FROM receipt_series WHERE series = 'T1'"),
    (TOTALS, "the payment was", "UPDATE receipts SET total_cents = total_cents + 100 WHERE id = 2"),
    (TOTALS, "its text $1.00",
     "UPDATE receipts SET content = jsonb_set(content, '{total_cents}', '100') WHERE id = 1"),
    (TOTALS, "its accounts and items come to",
     "UPDATE receipts SET content = jsonb_set(content, '{accounts,0,credit_cents}', '77') WHERE id = 1"),
    (ONE_TO_ONE, "is open and has 1 payments", "UPDATE attempts SET state = 'open' WHERE state = 'succeeded'"),
    (ONE_TO_ONE, "is succeeded and has 0 payments", "UPDATE attempts SET state = 'succeeded'"),
    (ONE_TO_ONE, "which is not there", "UPDATE payments SET attempt_id = 'pa_none' WHERE id = 1"),
    (FROZEN, "fee was posted", "UPDATE attempts SET amount_cents = 1 WHERE state = 'succeeded'"),
    (FROZEN, "has lines of", "UPDATE attempt_lines SET amount_cents = 1 WHERE id = 1"),
    (FROZEN, "where $0.00 stands", "UPDATE attempts SET fee_terms = fee_terms || '{\"fund\": \"510\"}'"),
    (FROZEN, "promised was", "UPDATE allocations SET policy = 'another' WHERE id = 1"),
    (FROZEN, "is by explicit", "UPDATE allocations SET policy = 'explicit' WHERE id = 1"),
    (PENDING, "is not pending", "DELETE FROM pending_payments"),
    (PENDING, "which is expired", "UPDATE attempts SET state = 'expired' WHERE state = 'sending'"),
    (PENDING, "which is not there", "UPDATE pending_payments SET owner_id = 'pa_none'"),
    (TWO_PEOPLE, "approved by staff:checker", ("UPDATE city_releases SET proposed_by ="
      " (SELECT id FROM actors WHERE handle = 'staff:checker')")),
    (TWO_PEOPLE, "proposed by nobody", "DELETE FROM city_releases"),
    (INDEX, "account 1 is not in the index", "DELETE FROM search_documents WHERE customer_account_id = 1"),
    (INDEX, "account 9999 is not there any more",
     "UPDATE search_documents SET customer_account_id = 9999 WHERE customer_account_id = 1"),
    (INDEX, "by other words than its own", "UPDATE customers SET name = 'Somebody Else'"),
    (INDEX, "1 words are not found", "DELETE FROM search_spellings WHERE spelling = 'mari'"),
    (SEALS, "the first broken day is 2026-11-17: the content of journals",
     "UPDATE journals SET memo = 'x' WHERE id = 1"),
    (SEALS, "it is closed and has no seal", "DELETE FROM day_seals"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "says", "sql"), TAMPERINGS, ids=[f"{name}: {says}" for name, says, _ in TAMPERINGS])
def test_tampering_is_named(books: Sessions, owner_engine: Engine, name: str, says: str, sql: str) -> None:
    with owner_engine.begin() as connection:
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        assert connection.execute(text(sql)).rowcount > 0, "the tampering found nothing to tamper with"
    assert says in "\n".join(_wrong(books).get(name, []))


@contextmanager
def _altered(owner: Engine, change: str, undo: str) -> Iterator[None]:
    with owner.begin() as connection:
        connection.execute(text(change))
    try:
        yield
    finally:
        with owner.begin() as connection:
            connection.execute(text(undo))


_TRIGGER = (
    "CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON postings FOR EACH ROW EXECUTE FUNCTION refuse_change()"
)


@pytest.mark.parametrize(
    ("name", "says", "change", "undo"),
    [
        (TRIGGERS, "trigger append_only on postings is disabled", "ALTER TABLE postings DISABLE TRIGGER append_only",
         "ALTER TABLE postings ENABLE TRIGGER append_only"),
        (TRIGGERS, "trigger append_only on postings is not there", "DROP TRIGGER append_only ON postings", _TRIGGER),
        (TRIGGERS, "trigger journal_balances on journals is disabled",
         "ALTER TABLE journals DISABLE TRIGGER journal_balances",
         "ALTER TABLE journals ENABLE TRIGGER journal_balances"),
        (TRIGGERS, "is disabled", "ALTER TABLE allocations DISABLE TRIGGER ALL",
         "ALTER TABLE allocations ENABLE TRIGGER ALL"),
        (TRIGGERS, "never validated", "ALTER TABLE charges ADD CONSTRAINT loose CHECK (amount_cents > 5) NOT VALID",
         "ALTER TABLE charges DROP CONSTRAINT loose"),
        (RIGHTS, "may update journals", f"GRANT UPDATE ON journals TO {APP}",
         f"REVOKE UPDATE ON journals FROM {APP}"),
        (RIGHTS, "may update postings", f"GRANT UPDATE (amount_cents) ON postings TO {APP}",
         f"REVOKE UPDATE (amount_cents) ON postings FROM {APP}"),
        (RIGHTS, "may delete receipts", f"GRANT DELETE ON receipts TO {APP}",
         f"REVOKE DELETE ON receipts FROM {APP}"),
        (RIGHTS, "may update charges.amount_cents", f"GRANT UPDATE (amount_cents) ON charges TO {APP}",
         f"REVOKE UPDATE (amount_cents) ON charges FROM {APP}"),
        (RIGHTS, "which owns postings", f"GRANT ventanilla_owner TO {APP}", f"REVOKE ventanilla_owner FROM {APP}"),
    ],
)  # fmt: skip
def test_a_weakened_database_is_named(  # noqa: PLR0917 - fixtures and a row of the table
    books: Sessions, owner_engine: Engine, name: str, says: str, change: str, undo: str
) -> None:
    with _altered(owner_engine, change, undo):
        assert says in "\n".join(_wrong(books).get(name, []))
    assert _wrong(books) == {}


def test_each_check_was_seen_to_fail() -> None:
    proved = {name for name, _, _ in (*TAMPERINGS, *PAID_OUT, *DECIDED, *RETURNED, *WINDOW)} | {TRIGGERS, RIGHTS}
    proved |= SEEN_WITH_THEIR_FEATURE
    assert proved == {question.name for question in QUESTIONS} | {SEALS}


def test_the_owner_is_not_the_application(books: Sessions, owner_engine: Engine) -> None:
    with owner_engine.connect() as connection:
        wrong = {check.name for check in verify(Session(connection)) if check.violations}
    assert wrong == {RIGHTS}


def test_at_most_a_hundred_are_named(books: Sessions, owner_engine: Engine) -> None:
    with owner_engine.begin() as connection:
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        connection.execute(
            text(
                "INSERT INTO source_effects (source_kind, source_id, effect, journal_id)"
                " SELECT 'ghost', n, 'post', 9999 FROM generate_series(1, 500) AS n"
            )
        )
    assert len(_wrong(books)[SOURCE]) == MOST
