"""Payouts that fail, that somebody asked for, that take from the bank, and movements of every type."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from sandbox.money import card_fee
from tests.sandbox.test_money import pay
from tests.sandbox_server import Sandbox


def paid_out(sandbox: Sandbox, cents: int = 5_000) -> Any:
    """One payment, and the payout that brought it to the bank."""
    pay(sandbox, cents)
    sandbox.advance(days=4)
    return sandbox.client().v1.payouts.list().data[0]


def parts(sandbox: Sandbox, payout: str) -> dict[str, int]:
    entries = sandbox.client().v1.balance_transactions.list({"payout": payout}).data
    return {entry.type: entry.net for entry in entries}


def test_a_payout_that_was_paid_fails_and_its_money_is_in_the_next(sandbox: Sandbox) -> None:
    first = paid_out(sandbox)
    net = 5_000 - card_fee(5_000)
    sandbox.post("/payouts/fail", payout=first.id, failure_code="no_account")
    failed = sandbox.client().v1.payouts.retrieve(first.id)
    assert (failed.status, failed.failure_code, failed.reconciliation_status) == ("failed", "no_account", "completed")
    back = sandbox.client().v1.balance_transactions.retrieve(str(failed.failure_balance_transaction))
    assert (back.type, back.net, back.source, back.reporting_category) == (
        "payout_failure",
        net,
        first.id,
        "payout_reversal",
    )
    assert sandbox.client().v1.events.list().data[0].type == "payout.failed"
    assert parts(sandbox, first.id) == {"charge": net, "payout": -net}, "what it was made of stays"
    pay(sandbox, 700)
    sandbox.advance(days=4)
    later = sandbox.client().v1.payouts.list().data
    together = [parts(sandbox, payout.id) for payout in later if payout.id != first.id]
    assert sum(part.get("payout_failure", 0) for part in together) == net
    assert sum(part.get("charge", 0) for part in together) == 700 - card_fee(700)


def test_a_payout_that_fails_on_its_way_never_arrives(sandbox: Sandbox) -> None:
    pay(sandbox, 5_000, "pm_card_bypassPending")
    sandbox.advance(days=1)
    (payout,) = sandbox.client().v1.payouts.list().data
    assert payout.status == "in_transit"
    sandbox.post("/payouts/fail", payout=payout.id)
    sandbox.advance(hours=30)
    assert sandbox.client().v1.payouts.retrieve(payout.id).status == "failed"
    with pytest.raises(requests.HTTPError):
        sandbox.post("/payouts/fail", payout=payout.id)


def test_movements_of_other_types_are_in_the_payout(sandbox: Sandbox) -> None:
    for kind, amount, fee in (("stripe_fee", -100, 0), ("adjustment", -1_000, 1_500), ("contribution", -5, 0)):
        sandbox.post("/movements", type=kind, amount=amount, fee=fee)
    payout = paid_out(sandbox, 10_000)
    entries = parts(sandbox, payout.id)
    assert (entries["stripe_fee"], entries["adjustment"], entries["contribution"]) == (-100, -2_500, -5)
    assert payout.amount == 10_000 - card_fee(10_000) - 2_605
    with pytest.raises(requests.HTTPError):
        sandbox.post("/movements", type="a_gift", amount=1)


def test_a_payout_by_hand_does_not_say_what_it_is_made_of(sandbox: Sandbox) -> None:
    with pytest.raises(requests.HTTPError):
        sandbox.post("/payouts/by-hand")
    pay(sandbox, 5_000, "pm_card_bypassPending")
    made = sandbox.post("/payouts/by-hand")
    sandbox.advance(days=4)
    (payout,) = sandbox.client().v1.payouts.list().data
    assert payout.id == made["id"]
    assert (payout.automatic, payout.reconciliation_status, payout.status) == (False, "not_applicable", "paid")
    assert parts(sandbox, payout.id) == {"payout": -payout.amount}


def test_a_payout_may_take_from_the_bank(sandbox: Sandbox) -> None:
    sandbox.post("/movements", type="adjustment", amount=-700)
    sandbox.advance(days=4)
    assert sandbox.client().v1.payouts.list().data == []
    sandbox.post("/payouts/debits", allowed=True)
    sandbox.post("/movements", type="stripe_fee", amount=-1)
    sandbox.advance(days=4)
    (payout,) = sandbox.client().v1.payouts.list().data
    assert (payout.amount, payout.status) == (-701, "paid")
