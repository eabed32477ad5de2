"""Fees, refunds and payouts by the sandbox's clock."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox.money import card_fee
from tests.sandbox_server import Sandbox


def pay(sandbox: Sandbox, cents: int, card: str = "pm_card_visa") -> Any:
    """Takes a payment."""
    return sandbox.client().v1.payment_intents.create(
        {"amount": cents, "currency": "usd", "payment_method": card, "confirm": True}
    )


@pytest.mark.parametrize(("cents", "fee"), [(50, 31), (100, 33), (12_345, 388), (10_000, 320), (1_000_000, 29_030)])
def test_fee(cents: int, fee: int) -> None:
    assert card_fee(cents) == fee


def test_payout_is_the_exact_sum(sandbox: Sandbox) -> None:
    client = sandbox.client()
    for cents in (12_345, 829, 777, 118):
        intent = pay(sandbox, cents)
    client.v1.refunds.create({"payment_intent": intent.id, "amount": 18})
    assert client.v1.balance.retrieve().pending[0].amount > 0
    assert client.v1.payouts.list().data == []
    sandbox.advance(days=4)
    (payout,) = client.v1.payouts.list().data
    entries = client.v1.balance_transactions.list({"payout": payout.id}).data
    assert (payout.status, payout.reconciliation_status) == ("paid", "completed")
    assert sum(entry.net for entry in entries if entry.type != "payout") == payout.amount
    assert sum(entry.net for entry in entries) == 0
    assert client.v1.balance.retrieve().available[0].amount == 0
    types = [event.type for event in client.v1.events.list().data]
    assert types[:2] == ["payout.reconciliation_completed", "payout.paid"]


def test_one_payout_a_day(sandbox: Sandbox) -> None:
    for _ in range(3):
        pay(sandbox, 5_000)
        sandbox.advance(days=1)
    sandbox.advance(days=4)
    assert len(sandbox.client().v1.payouts.list().data) == 3


def test_money_that_is_available_at_once(sandbox: Sandbox) -> None:
    pay(sandbox, 5_000, "pm_card_bypassPending")
    assert sandbox.client().v1.balance.retrieve().available[0].amount == 5_000 - card_fee(5_000)


def test_refund_that_fails_later(sandbox: Sandbox) -> None:
    client = sandbox.client()
    refund = client.v1.refunds.create({"payment_intent": pay(sandbox, 5_000, "pm_card_refundFail").id})
    assert refund.status == "succeeded"
    sandbox.advance(days=4)
    refund = client.v1.refunds.retrieve(refund.id)
    assert (refund.status, refund.failure_reason) == ("failed", "unknown")
    charge = client.v1.charges.retrieve(str(refund.charge))
    assert (charge.amount_refunded, charge.refunded) == (0, False)


def test_refund_that_takes_its_time(sandbox: Sandbox) -> None:
    client = sandbox.client()
    refund = client.v1.refunds.create({"payment_intent": pay(sandbox, 5_000, "pm_card_pendingRefund").id})
    assert refund.status == "pending"
    sandbox.advance(days=4)
    assert client.v1.refunds.retrieve(refund.id).status == "succeeded"


def test_search_lags(sandbox: Sandbox) -> None:
    client = sandbox.client()
    params = {"amount": 500, "currency": "usd", "metadata": {"attempt_id": "A9"}}
    intent = client.v1.payment_intents.create(params)
    query = {"query": "metadata['attempt_id']:'A9'"}
    assert client.v1.payment_intents.search(query).data == []
    sandbox.advance(minutes=2)
    assert [one.id for one in client.v1.payment_intents.search(query).data] == [intent.id]
