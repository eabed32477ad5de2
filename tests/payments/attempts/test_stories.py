"""An attempt as staff read it: its accounts, its receipt, and nothing of an account that is hidden from them."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from accounts.database import Sessions, one_by_one, reading, transaction
from accounts.money import Money
from payments.attempts.rules import State
from payments.attempts.stories import story
from tests.database import TestDatabase
from tests.factories import make_account, make_chart, pay_attempt, promise

ALL = {"sees_protected": True, "sees_restricted": True}
NOTHING = {"sees_protected": False, "sees_restricted": False}


def test_a_promise_and_what_became_of_it(sessions: Sessions) -> None:
    with transaction(sessions) as session:
        make_chart(session)
        accounts = [make_account(session) for _ in range(2)]
        attempt = promise(session, {account.id: Money(5_00) for account in accounts})
    with reading(sessions) as session:
        begun = story(session, attempt, **NOTHING)
    assert begun is not None
    assert (begun.state, begun.total, begun.receipt_number, begun.payment_id) == (
        State.SENDING,
        Money(10_00),
        "",
        None,
    )
    assert [part.reference for part in begun.parts] == [account.reference for account in accounts]
    with transaction(sessions) as session:
        pay_attempt(session, attempt)
    with one_by_one(sessions) as reader:
        paid = story(reader, attempt, **NOTHING)
        assert story(reader, "pa_missing", **ALL) is None
    assert paid is not None
    assert paid.receipt_number
    assert paid.receipt_token
    assert paid.payment_id


@pytest.mark.parametrize("flag", ["is_protected", "is_restricted"])
def test_a_hidden_account_hides_its_part_and_the_receipt(db: TestDatabase, sessions: Sessions, flag: str) -> None:
    with transaction(sessions) as session:
        make_chart(session)
        known, hidden = (make_account(session) for _ in range(2))
        attempt = promise(session, {known.id: Money(5_00), hidden.id: Money(5_00)})
        pay_attempt(session, attempt)
    with db.owner.begin() as owner:
        owner.execute(text(f"UPDATE customer_accounts SET {flag} = true WHERE id = {hidden.id}"))
    with reading(sessions) as session:
        told, whole = story(session, attempt, **NOTHING), story(session, attempt, **ALL)
    assert told is not None
    assert [(part.reference, part.is_hidden) for part in told.parts] == [(known.reference, False), ("", True)]
    assert (told.receipt_number, told.receipt_token, told.parts[1].holder) == ("", "", "")
    assert whole is not None
    assert whole.receipt_number
    assert [part.reference for part in whole.parts] == [known.reference, hidden.reference]
