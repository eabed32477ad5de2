"""Whatever is known of the bills of a run: each is in exactly one list, and the sums tie."""

from __future__ import annotations

from collections import Counter
from typing import Any
from unittest.mock import patch

from hypothesis import given
from hypothesis import strategies as st

from accounts.bill_printings.deciding import _decided, counted
from accounts.bill_printings.rules import Counts, Outcome, counts_of
from accounts.message_choices.queries import Paperless

BILLS = st.lists(
    st.tuples(
        st.sampled_from(["1 Elm St, Lodi, CA 95240", "", "PO Box 1"]), st.booleans(), st.booleans(), st.booleans(),
        st.sampled_from([None, "draft", "posted"]), st.integers(0, 90_000),
    ),
    max_size=40,
)  # fmt: skip


class Bill:
    """A row as the statement gives it."""

    def __init__(self, number: int, address: str, is_hidden: bool, correction: str | None, cents: int) -> None:
        self.bill, self.account, self.customer = number, number, number
        self.address, self.is_hidden, self.correction = address, is_hidden, correction
        self.asked = self.open = cents
        self.name, self.language, self.service_address = "Ana", "es", ""


@given(BILLS)
def test_each_bill_is_in_one_list_and_the_sums_tie(drawn: list[tuple[Any, ...]]) -> None:
    bills = [Bill(number, one[0], one[1], one[4], one[5]) for number, one in enumerate(drawn)]
    consents = {n: Paperless(n, n, 1, "en", "1", None, "web", "", "", "") for n, one in enumerate(drawn) if one[2]}  # type: ignore[arg-type]
    goes = {(bill.customer, bill.address): None if drawn[bill.bill][3] else bill.address for bill in bills}
    where = "accounts.bill_printings.deciding"
    with patch(f"{where}.paperless", lambda *_: consents), patch(f"{where}.where_to_mail_each", lambda *_: goes):
        rows = _decided(None, bills)  # type: ignore[arg-type]
    half = len(rows) // 2
    counts = counted(rows[:half]) + counts_of(counted(rows[half:]).as_json())
    assert counts == counted(rows) == counts + Counts()
    assert [row[0] for row in rows] == [bill.bill for bill in bills]
    assert counts.all.bills == len(bills)
    assert counts.all.amount.cents == sum(bill.asked for bill in bills)
    assert sum(counts.reasons.values()) == counts.of("held").bills
    by_outcome = Counter(row[2] for row in rows)
    assert counts.printed.bills == by_outcome[Outcome.PRINTED]
    assert all(bool(row[7]) == (row[2] == Outcome.PRINTED) for row in rows)
    assert all((row[4] is not None) == (row[2] == Outcome.PAPERLESS) for row in rows)
