"""A receipt is read back as it was issued."""

from __future__ import annotations

from accounts.database import Sessions, reading, transaction
from accounts.ledger.service import reverse
from accounts.money import Money
from payments.receipts.queries import receipt_by_id, receipt_by_token
from payments.receipts.rules import ReceiptPage
from tests.factories import DAY, make_account, make_chart, pay


def receipt_of(sessions: Sessions, cents: int = 5_000) -> tuple[ReceiptPage, int]:
    with transaction(sessions) as session:
        make_chart(session)
        account = make_account(session, charges=[Money(4_000), Money(3_000)])
        posted = pay(session, {account.id: Money(cents)})
    with reading(sessions) as session:
        receipt = receipt_by_id(session, posted.receipt_id)
    assert receipt is not None
    return receipt, posted.journal_id


def test_a_receipt_says_what_was_paid_and_what_is_left(sessions: Sessions) -> None:
    receipt, _ = receipt_of(sessions)
    (account,) = receipt.content.accounts
    assert (account.paid, account.new_balance, account.credit) == (Money(5_000), Money(2_000), Money(0))
    assert [line.amount for line in account.lines] == [Money(4_000), Money(1_000)]
    assert receipt.number.endswith("-000001")


def test_its_link_opens_it_and_another_does_not(sessions: Sessions) -> None:
    receipt, _ = receipt_of(sessions)
    with reading(sessions) as session:
        assert receipt_by_token(session, receipt.token) == receipt
        assert receipt_by_token(session, receipt.token[:-1]) is None


def test_a_reversed_payment_says_so_on_its_receipt(sessions: Sessions) -> None:
    receipt, journal = receipt_of(sessions)
    assert not receipt.is_reversed
    with transaction(sessions) as session:
        reverse(session, journal, actor_id=1, on=DAY, memo="test")
    with reading(sessions) as session:
        again = receipt_by_token(session, receipt.token)
    assert again is not None
    assert again.is_reversed
    assert again.content == receipt.content
