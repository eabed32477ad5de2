"""``verify`` proves payouts to the cent, and names what an owner changed behind our back."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.verification import paid, paid_out
from portal.verify import verify
from tests.payments.payouts.conftest import Books

EXACT, ONCE, SUSPENSE = (question.name for question in paid_out.QUESTIONS)
CLEARING = paid.CLEARING.name
_OF = "(SELECT id FROM ledger_accounts WHERE code = '{}')"
_PAYOUT = "journal_id IN (SELECT id FROM journals WHERE kind = 'payout')"
_CENT = "UPDATE postings SET amount_cents = amount_cents + 1 WHERE {} AND ledger_account_id = {}"


@pytest.fixture
def posted(books: Books) -> Books:
    """One payout in the books with a charge, a refund that nobody explained and a stranger's charge; one failed."""
    said = books.processor
    first, second, third = books.charges
    books.desk.clock.advance(days=-1)  # type: ignore[attr-defined]
    failing = said.pay_out(second)
    books.read()
    said.fail(failing)
    said.pay_out(first, third, said.move("refund", -20_00, source="re_1"), said.charge("pi_stranger", 7_00, 50))
    books.read()
    books.later(days=2)
    books.read()
    return books


def test_the_figures(posted: Books) -> None:
    with posted.sessions() as session:
        figures = {check.name: check.figure for check in verify(session)}
    # Bank: 58.45 + 96.80 - 20.00 + 6.50; clearing: the payment whose payout failed.
    assert figures[CLEARING] == "$45.00 in clearing, $205.50 by card, $160.50 paid out"
    assert figures[EXACT] == "2 payouts, 1 posted, $141.75 to the bank, $5.75 fees"
    assert figures[ONCE] == "4 charges, 4 paid out; 3 card payments, 0 not read yet"
    assert figures[SUSPENSE] == "$-13.00 in suspense, 2 movements"
    assert posted.wrong() == {}


TAMPERINGS = [
    (EXACT, "is of $141.76, its movements come to $141.75",
     "UPDATE payouts SET amount_cents = amount_cents + 1 WHERE status = 'paid'"),
    (EXACT, "books $141.75", "UPDATE payouts SET amount_cents = amount_cents + 1 WHERE status = 'paid'"),
    (EXACT, "its movements come to", "UPDATE payout_movements SET payout_id = NULL WHERE type = 'refund'"),
    (EXACT, "to the bank", _CENT.format(_PAYOUT, _OF.format("900-1010"))),
    (EXACT, "to fees", _CENT.format(_PAYOUT, _OF.format("100-5200"))),
    (EXACT, "net, but", ("UPDATE payout_bookings SET fee_cents = fee_cents + 1 WHERE movement_id ="
      " (SELECT id FROM payout_movements WHERE amount_cents = 10000)")),
    (EXACT, "books $", "DELETE FROM payout_bookings WHERE place = 'suspense' AND fee_cents = 0"),
    (EXACT, "which is not there", "DELETE FROM payouts WHERE status = 'paid'"),
    (EXACT, "nobody knows", "DELETE FROM source_effects WHERE source_kind = 'payout'"),
    (EXACT, "is failed, but journal", "UPDATE payouts SET status = 'failed' WHERE status = 'paid'"),
    (EXACT, "was reversed", "UPDATE payouts SET status = 'paid'"),
    (CLEARING, "by card or payout", _CENT.format(_PAYOUT, _OF.format("900-1030"))),
    (CLEARING, "by card or payout", ("UPDATE payout_bookings SET amount_cents = amount_cents - 1"
      " WHERE place = 'clearing'")),
    (ONCE, "was paid out 2 times", ("UPDATE journals SET reverses_id = NULL; INSERT INTO payout_bookings"
     " (journal_id, movement_id, place, payout_id, amount_cents, fee_cents) SELECT (SELECT min(journal_id) FROM"
     " payout_bookings), movement_id, place, payout_id, amount_cents, fee_cents FROM payout_bookings"
     " WHERE journal_id = (SELECT max(journal_id) FROM payout_bookings)")),
    (ONCE, "takes $60.50 out of clearing; of payment intent", "UPDATE payments SET amount_cents = amount_cents + 1"),
    (ONCE, "was paid out by 2 movements", "UPDATE payout_movements SET payment_intent_id = 'pi_same'"),
    (ONCE, "of $7.00 has no payment in the books", "DELETE FROM exception_lines WHERE kind = 'orphan'"),
    (ONCE, "is not known to the processor", ("UPDATE payout_movements SET payment_intent_id = 'pi_other'"
      " WHERE amount_cents = 4500")),
    (SUSPENSE, "itemized are $", _CENT.format(_PAYOUT, _OF.format("900-2190"))),
    (SUSPENSE, "itemized are $", ("UPDATE payout_bookings SET amount_cents = amount_cents + 1"
      " WHERE place = 'suspense'")),
    (SUSPENSE, "has $-20.00 in suspense, and is in no exception line", "DELETE FROM exception_lines"),
]  # fmt: skip


def test_a_cent_that_the_owner_changed_is_named(posted: Books, owner_engine: Engine) -> None:
    silent = []
    for name, says, sql in TAMPERINGS:
        with owner_engine.connect() as connection:  # each is rolled back
            connection.execute(text("SET LOCAL session_replication_role = replica"))
            for statement in sql.split("; "):
                assert connection.execute(text(statement)).rowcount > 0, f"nothing to tamper with: {statement}"
            found = {check.name: check.violations for check in verify(Session(connection))}[name]
            if says not in "\n".join(found):
                silent.append((name, says, found))
    assert silent == []


def test_each_check_was_seen_to_fail() -> None:
    assert {name for name, _, _ in TAMPERINGS} == {EXACT, ONCE, SUSPENSE, CLEARING}


def test_what_was_not_read_yet_is_no_violation(books: Books) -> None:
    assert books.wrong() == {}
    with books.sessions() as session:
        figures = {check.name: check.figure for check in verify(session)}
    assert figures[ONCE] == "0 charges, 0 paid out; 3 card payments, 3 not read yet"


REFUSED = (
    "UPDATE payouts SET status = 'paid' WHERE status = 'failed'",
    "UPDATE payouts SET amount_cents = 1",
    "DELETE FROM payouts",
    "UPDATE payout_movements SET amount_cents = 1, net_cents = 1 - fee_cents",
    "UPDATE payout_movements SET payout_id = NULL",
    "DELETE FROM payout_movements",
    "UPDATE payout_bookings SET amount_cents = 1",
    "DELETE FROM payout_reads",
    "TRUNCATE payouts CASCADE",
)


def test_even_the_owner_meets_a_trigger(posted: Books, owner_engine: Engine) -> None:
    before = posted.everything()
    for statement in REFUSED:
        with pytest.raises(IntegrityError, match=r"append-only|as the processor|was failed"):  # noqa: SIM117
            with owner_engine.begin() as connection:
                connection.execute(text(statement))
    assert posted.everything() == before
