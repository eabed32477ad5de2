"""What was paid on a resident's accounts: each payment once, what of it was theirs, and no receipt of others."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from accounts.actors.service import actor_id
from accounts.database import Sessions, reading, transaction
from accounts.ledger.service import reverse
from accounts.money import Money
from portal.account_files import paid
from portal.account_files.paid import Asked, Paid, all_paid, paid_on
from tests.factories import DAY, make_account, make_chart, pay

SINCE, UNTIL = datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)


@pytest.fixture
def houses(sessions: Sessions) -> list[int]:
    with transaction(sessions) as session:
        make_chart(session)
        return [make_account(session, charges=[Money(100_00)]).id for _ in range(3)]


def lines(sessions: Sessions, accounts: list[int], account_id: int = 0) -> list[Paid]:
    with reading(sessions) as session:
        return list(all_paid(session, Asked(accounts, SINCE, UNTIL, account_id)))


def test_each_account_shows_its_part_and_only_a_receipt_that_is_all_theirs_opens(
    sessions: Sessions, houses: list[int]
) -> None:
    mine, also_mine, foreign = houses
    with transaction(sessions) as session:
        pay(session, {mine: Money(30_00), also_mine: Money(20_00)})
    with transaction(sessions) as session:
        pay(session, {mine: Money(5_00), foreign: Money(7_00)})
    found = lines(sessions, [mine, also_mine])
    assert sorted((line.account_id, line.amount.cents, bool(line.token)) for line in found) == [
        (mine, 5_00, False),
        (mine, 30_00, True),
        (also_mine, 20_00, True),
    ]
    assert [line.amount for line in lines(sessions, [mine, also_mine], also_mine)] == [Money(20_00)]
    assert [bool(line.token) for line in lines(sessions, [mine])] == [False, False], "alone it is not all theirs"
    assert lines(sessions, []) == []


def test_pages_go_on_where_they_ended_and_a_file_holds_every_line(
    sessions: Sessions, houses: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    for cents in range(100, 800, 100):
        with transaction(sessions) as session:
            pay(session, {houses[0]: Money(cents), houses[1]: Money(cents)})
    monkeypatch.setattr(paid, "_BATCH", 3)
    whole = lines(sessions, houses)
    assert len(whole) == len({line.key for line in whole}) == 14
    assert whole == sorted(whole, key=lambda line: line.key, reverse=True)
    with reading(sessions) as session:
        first = paid_on(session, Asked(houses, SINCE, UNTIL), limit=10)
        second = paid_on(session, Asked(houses, SINCE, UNTIL), before=first.next_before, limit=10)
    assert [*first.lines, *second.lines] == whole
    assert second.next_before is None


def test_a_payment_that_was_undone_says_so(sessions: Sessions, houses: list[int]) -> None:
    with transaction(sessions) as session:
        done = pay(session, {houses[0]: Money(30_00)})
    assert lines(sessions, houses)[0].reversed_on is None
    with transaction(sessions) as session:
        reverse(session, done.journal_id, actor_id=actor_id(session, "staff:cashier"), on=DAY, memo="returned")
    (line,) = lines(sessions, houses)
    assert (line.amount, line.reversed_on) == (Money(30_00), DAY)
