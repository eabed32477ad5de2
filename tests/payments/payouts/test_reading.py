"""Payouts read and posted, by figures worked out by hand: three payments over three funds, $205.50 in all."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from sqlalchemy import event

from accounts.database import transaction
from accounts.errors import NotFound
from accounts.money import Money
from payments.gateway.base import Unheard
from payments.payouts import queries
from payments.payouts.service import read_payout
from tests.factories import make_account
from tests.factories.paid_out import Processor, pay_by_card
from tests.payments.payouts.conftest import Books


@contextmanager
def statements(books: Books) -> Iterator[list[str]]:
    """What is asked of the database meanwhile."""
    engine, counted = books.sessions.kw["bind"], []

    def note(*given: object) -> None:
        counted.append(str(given[2]))

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield counted
    finally:
        event.remove(engine, "before_cursor_execute", note)


def paid_out(books: Books, **changes: object) -> str:
    """All three payments, in one payout of 205.50 - 6.86 = 198.64."""
    return books.processor.pay_out(*books.charges, **changes)  # type: ignore[arg-type]


def test_the_bank_gets_the_net_fees_are_an_expense_and_clearing_falls_by_the_gross(books: Books) -> None:
    assert books.balances() == (0, 205_50, 0, 0)
    payout_id = paid_out(books)
    assert books.read().last_line() == ("payouts: 1 looked at, 1 posted; 4 movements read, 0 moved out of suspense")
    lines = books.rows(
        "SELECT a.code, p.fund, p.amount_cents FROM postings p JOIN ledger_accounts a ON a.id = p.ledger_account_id"
        "  JOIN journals j ON j.id = p.journal_id WHERE j.kind = 'payout' ORDER BY p.line_no"
    )
    assert lines == [
        ("900-1010", "900", 198_64),
        ("900-1030", "900", -205_50),
        ("100-5200", "100", 6_86),
        ("100-1000", "100", -6_86),
        ("900-2100", "900", 6_86),
    ]
    assert books.balances() == (198_64, 0, 6_86, 0)
    ((day, effective),) = books.rows("SELECT business_day, effective_on FROM journals WHERE kind = 'payout'")
    assert (str(day), str(effective)) == ("2026-11-22", "2026-11-20")
    assert books.lines() == []
    with books.sessions() as session:
        line = queries.payout(session, payout_id).line
    assert (line.net, line.gross, line.fees, line.residual) == (Money(198_64), Money(205_50), Money(6_86), Money(0))
    assert (line.trace_id, line.problems, line.reversal_id) == ("0210000211", (), None)


def test_clearing_is_what_has_not_been_paid_out(books: Books) -> None:
    said, (first, second, third) = books.processor, books.charges
    said.pay_out(first)
    books.read()
    assert books.balance("900-1030") == 145_00
    said.pay_out(second, third)
    books.read()
    assert books.balances() == (198_64, 0, 6_86, 0)


def test_reading_again_changes_nothing_and_asks_little(books: Books) -> None:
    payout_id = paid_out(books)
    books.read()
    before = books.everything()
    assert books.read().posted == 0
    assert read_payout(books.desk, payout_id) is False
    assert books.everything() == before
    assert books.processor.asked["movements_of"] == 1


@pytest.mark.parametrize(
    "not_yet",
    [{"status": "in_transit"}, {"status": "pending"}, {"reconciliation_status": "in_progress"}],
)
def test_a_payout_is_posted_when_it_is_paid_and_its_list_is_complete(
    books: Books, not_yet: dict[str, object]
) -> None:
    payout_id = paid_out(books, **not_yet)
    assert books.read().posted == 0
    assert books.balances() == (0, 205_50, 0, 0)
    books.processor.tell(payout_id, status="paid", reconciliation_status="completed")
    assert read_payout(books.desk, payout_id) is True
    assert books.balances() == (198_64, 0, 6_86, 0)


def test_a_payout_older_than_the_look_back_is_finished_all_the_same(books: Books) -> None:
    payout_id = paid_out(books, status="in_transit")
    books.read()
    books.processor.tell(payout_id, status="paid")
    books.later(days=50)
    books.read()
    books.later(days=50)
    assert books.balances() == (198_64, 0, 6_86, 0)


def test_case_39_types_that_nobody_explained_stand_in_suspense_line_by_line(books: Books) -> None:
    said = books.processor
    refund = said.move("refund", -20_00, source="re_1", intent=books.intents[0])
    dispute = said.move("adjustment", -45_00, 15_00, source="du_1", intent=books.intents[1])
    gift = said.move("contribution", -1_00)
    strange = said.move("a_word_of_next_year", 3_00, 1)
    own = said.move("stripe_fee", -2_00)
    # 198.64 - 20.00 - 60.00 - 1.00 + 2.99 - 2.00 = 118.63
    payout_id = said.pay_out(*books.charges, refund, dispute, gift, strange, own)
    books.read()
    assert books.balances() == (118_63, 0, 8_86, 78_01)
    assert books.lines() == [
        ("payout-unknown-movement", movement.id)
        for movement in sorted((refund, dispute, gift, strange), key=lambda movement: movement.id)
    ]
    with books.sessions() as session:
        details = queries.payout(session, payout_id)
    assert [(item.type, item.amount.cents) for item in details.suspense] == [
        ("refund", -20_00),
        ("adjustment", -60_00),
        ("contribution", -1_00),
        ("a_word_of_next_year", 2_99),
    ]
    assert details.line.problems == ("payout-unknown-movement",)
    assert details.types[0].type == "charge"
    ((evidence,),) = books.rows("SELECT evidence FROM exception_lines WHERE subject = :id", id=dispute.id)
    assert (evidence["amount_cents"], evidence["fee_cents"], evidence["payout"]) == (-45_00, 15_00, payout_id)


def test_case_39_a_negative_payout_takes_from_the_bank(books: Books) -> None:
    said = books.processor
    said.pay_out(books.charges[1], said.move("refund", -100_00, source="re_1"))
    books.read()
    assert books.balances() == (-56_61, 160_50, 1_61, 100_00)


@pytest.mark.parametrize("off", [1, -1, 100_00])
def test_case_39_a_residual_is_named_by_type_and_nothing_is_posted(books: Books, off: int) -> None:
    payout_id = paid_out(books, off=off)
    assert books.read().posted == 0
    assert books.balances() == (0, 205_50, 0, 0)
    assert books.lines() == [("payout-residual", payout_id)]
    ((evidence,),) = books.rows("SELECT evidence FROM exception_lines")
    assert evidence["residual_cents"] == off
    assert evidence["by_type"] == {"charge": {"count": 3, "amount_cents": 205_50, "fee_cents": 6_86}}
    with books.sessions() as session:
        assert queries.payout(session, payout_id).line.residual == Money(off)
    missing = books.processor.move("adjustment", off)
    books.processor.parts[payout_id].append(missing.id)
    assert books.read().posted == 1, "the processor's list is whole now"


def test_another_currency_is_named_and_not_posted(books: Books) -> None:
    payout_id = paid_out(books, currency="mxn")
    assert books.read().posted == 0
    assert books.lines() == [("payout-residual", payout_id)]


def test_a_manual_payout_is_named_and_not_guessed(books: Books) -> None:
    payout_id = paid_out(books, automatic=False, reconciliation_status="not_applicable")
    assert books.read().posted == 0
    assert books.lines() == [("payout-manual", payout_id)]
    assert (books.balances(), books.processor.asked["movements_of"]) == ((0, 205_50, 0, 0), 0)


def test_a_status_that_nobody_knows_is_named(books: Books) -> None:
    payout_id = paid_out(books, status="returned")
    assert books.read().posted == 0
    assert books.lines() == [("payout-unknown-status", payout_id)]


def test_a_charge_that_nobody_paid_for_waits_in_suspense_until_its_payment_is_found(books: Books) -> None:
    said = books.processor
    payout_id = said.pay_out(books.charges[1], said.charge("pi_stranger", 30_00, 1_17))
    books.read()
    assert books.balances() == (72_22, 160_50, 2_78, -30_00)
    assert books.lines() == [("orphan", "pi_stranger")]
    with transaction(books.sessions) as session:
        account = make_account(session, charges=[Money(30_00)])
        pay_by_card(session, {account.id: Money(30_00)}, intent="pi_stranger")
    assert books.read().found == 1
    assert books.balances() == (72_22, 160_50, 2_78, 0)
    assert books.read().found == 0
    books.processor.fail(payout_id)
    books.read()
    assert books.balances() == (0, 235_50, 0, 0), "what was found is taken back, too"


def test_a_charge_of_another_amount_than_its_payment_is_not_taken_out_of_clearing(books: Books) -> None:
    said = books.processor
    del said.moved[books.charges[1].id]
    charge = said.charge(books.intents[1], 46_00, 1_61)
    said.pay_out(charge)
    books.read()
    assert books.balances() == (44_39, 205_50, 1_61, -46_00)
    assert books.lines() == [("payout-unknown-movement", charge.id)]


def test_orphans_are_named_both_ways_before_any_payout(books: Books) -> None:
    said = books.processor
    del said.moved[books.charges[2].id]
    said.charge("pi_stranger", 30_00, 1_17)
    books.read()
    assert books.lines() == [("orphan", "pi_stranger"), ("posted-unpaid", books.intents[2])]
    assert books.balances() == (0, 205_50, 0, 0)
    books.read()
    assert len(books.lines()) == 2


def test_a_charge_without_a_payment_intent_is_named_by_itself(books: Books) -> None:
    bare = books.processor.charge("", 30_00, 1_17)
    books.read()
    assert books.lines() == [("payout-unknown-movement", bare.id)]
    books.processor.pay_out(bare)
    books.read()
    assert books.balances() == (28_83, 205_50, 1_17, -30_00)
    assert books.lines() == [("payout-unknown-movement", bare.id)]


def test_a_payment_that_is_still_young_is_nobodys_orphan(books: Books) -> None:
    books.desk.clock.advance(days=-4.9)  # type: ignore[attr-defined]
    books.processor.charge("pi_stranger", 30_00, 1_17)
    books.read()
    assert books.lines() == [], "an hour for the charge, a day for the payment"


def test_two_readings_meet_without_a_gap(books: Books) -> None:
    books.read()
    books.later(hours=1)
    books.read()
    first, second = books.rows("SELECT from_at, until_at FROM payout_reads ORDER BY id")
    assert second[0] == first[1] - timedelta(days=2)
    assert first[1] - first[0] == timedelta(days=35)


def test_a_processor_that_falls_silent_in_the_middle_leaves_what_was_heard(
    books: Books, monkeypatch: pytest.MonkeyPatch
) -> None:
    paid_out(books)

    def silence(self: Processor, payout_id: str) -> None:
        raise Unheard("nobody there")

    with monkeypatch.context() as patched:
        patched.setattr(Processor, "movements_of", silence)
        with pytest.raises(Unheard):
            books.read()
    assert books.rows("SELECT count(*) FROM payout_reads") == [(0,)], "the next reading starts where this one did"
    assert books.balances() == (0, 205_50, 0, 0)
    assert books.read().posted == 1


def test_a_payout_that_nobody_read_is_not_there(books: Books) -> None:
    with books.sessions() as session, pytest.raises(NotFound):
        queries.payout(session, "po_none")


@pytest.mark.parametrize("count", [1, 40])
def test_posting_costs_the_same_however_many_payments(books: Books, count: int) -> None:
    said = books.processor
    with transaction(books.sessions) as session:
        account = make_account(session, charges=[Money(count * 10_00)])
        intents = [pay_by_card(session, {account.id: Money(10_00)}) for _ in range(count)]
    payout_id = said.pay_out(
        *(said.charge(intent, 10_00, 59) for intent in intents),
        *(said.move("refund", -1, source=f"re_{n}") for n in range(count)),
    )
    with statements(books) as counted:
        assert read_payout(books.desk, payout_id)
    assert len(counted) == 16, "\n".join(counted)
    assert books.balance("900-1010") == count * (10_00 - 59 - 1)
