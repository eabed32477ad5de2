"""Payments that nobody asked for, and payments other than they were asked for."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from sandbox.money import card_fee
from tests.sandbox.inbox import Inbox
from tests.sandbox.sessions import open_session
from tests.sandbox_server import TIMEOUT, Sandbox, pay_hosted_page


def paid(sandbox: Sandbox, session_id: str) -> Any:
    """A session with all that was paid on it."""
    path = "payment_intent.latest_charge.balance_transaction"
    return sandbox.client().v1.checkout.sessions.retrieve(session_id, {"expand": [path]})


def test_orphan_of_ours(sandbox: Sandbox, inbox: Inbox) -> None:
    open_session(sandbox, metadata={"env": "ours", "attempt_id": "A1"})
    orphan = sandbox.orphan(amount=777)
    found = paid(sandbox, orphan["session"])
    assert (found.status, found.payment_status, found.amount_total) == ("complete", "paid", 777)
    assert found.metadata["env"] == "ours"
    assert found.metadata["attempt_id"] not in ("", "A1")
    assert found.client_reference_id == found.metadata["attempt_id"]
    assert found.payment_intent.metadata == found.metadata
    assert inbox.wait_for("checkout.session.completed")["data"]["object"]["id"] == orphan["session"]


def test_bare_orphan(sandbox: Sandbox) -> None:
    found = paid(sandbox, sandbox.orphan(metadata={})["session"])
    assert (found.metadata.to_dict(), found.client_reference_id) == ({}, None)
    assert sandbox.charges_by_attempt() == {"": 1}


def test_charge_without_a_page(sandbox: Sandbox) -> None:
    orphan = sandbox.orphan(metadata={"env": "ours", "attempt_id": "X"}, session=False)
    assert orphan["session"] is None
    assert sandbox.client().v1.checkout.sessions.list().data == []
    assert sandbox.client().v1.charges.retrieve(orphan["charge"]).paid
    assert sandbox.charges_by_attempt() == {"X": 1}


@pytest.mark.parametrize("when", ["before", "after"])
def test_altered(sandbox: Sandbox, inbox: Inbox, when: str) -> None:
    session = open_session(sandbox)
    changes = {"amount": 500, "currency": "CAD", "metadata": {"attempt_id": "A2", "env": "other"}}
    if when == "before":
        sandbox.alter(session.id, **changes)
    pay_hosted_page(session.url)
    if when == "after":
        sandbox.alter(session.id, **changes)
    found = paid(sandbox, session.id)
    intent, charge = found.payment_intent, found.payment_intent.latest_charge
    assert [found.amount_total, intent.amount, intent.amount_received, charge.amount, charge.amount_captured] == [
        500
    ] * 5
    assert charge.balance_transaction.net == 500 - card_fee(500)
    for one in (found, intent, charge):
        assert (one.currency, one.metadata.to_dict()) == ("cad", {"attempt_id": "A2", "env": "other"})
    told = inbox.wait_for("checkout.session.completed")["data"]["object"]
    assert told["amount_total"] == (500 if when == "before" else 12_345)


def test_altered_after_a_decline(sandbox: Sandbox) -> None:
    session = open_session(sandbox)
    with pytest.raises(AssertionError):
        pay_hosted_page(session.url, "4000000000000002")
    sandbox.alter(session.id, amount=50)
    pay_hosted_page(session.url)
    assert paid(sandbox, session.id).payment_intent.amount_received == 50


@pytest.mark.parametrize(
    "wrong",
    [{"amount": 5, "session": "cs_none"}, {}, {"currency": "dollar"}, {"amount": "ten"}, {"metadata": "[1]"}],
)
def test_refused_alteration_changes_nothing(sandbox: Sandbox, wrong: dict[str, Any]) -> None:
    session = open_session(sandbox)
    answer = requests.post(f"{sandbox.url}/_sim/alter", json={"session": session.id, **wrong}, timeout=TIMEOUT)
    assert answer.status_code == 400
    assert sandbox.client().v1.checkout.sessions.retrieve(session.id).to_dict() == session.to_dict()


def test_forms_of_the_control_page(sandbox: Sandbox) -> None:
    session = open_session(sandbox)
    form = {"session": session.id, "amount": "600", "currency": "", "metadata": '{"env": "other"}'}
    answer = requests.post(f"{sandbox.url}/_sim/alter", data=form, timeout=TIMEOUT, allow_redirects=False)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/_sim/")
    found = sandbox.client().v1.checkout.sessions.retrieve(session.id)
    assert (found.amount_total, found.currency, found.metadata["env"]) == (600, "usd", "other")
    requests.post(f"{sandbox.url}/_sim/orphans", data={"kind": "bare", "session": "false"}, timeout=TIMEOUT)
    assert sandbox.charges_by_attempt() == {"": 1}
