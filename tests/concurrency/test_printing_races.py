"""Two clerks begin to print the bills of one run: real threads, and a control that shows the race."""

from __future__ import annotations

from accounts.bill_printings.rules import AlreadyBegun
from tests.accounts.bill_printings.conftest import PrintShop, shop
from tests.concurrency.threads import together
from tests.concurrency.unlocked import without_locks

__all__ = ["shop"]
_LOOKS = "FROM bill_printings WHERE billing_run_id"


def test_control_without_the_lock_both_find_that_nobody_has_begun(shop: PrintShop) -> None:
    run, _accounts = shop.posted(2)
    with without_locks(shop.sessions.kw["bind"], _LOOKS):
        outcomes = together([lambda: shop.begin(run, 2)] * 2)
    refused = [type(one).__name__ for one in outcomes if isinstance(one, Exception)]
    assert refused == ["IntegrityError"], "only the index of the database held the second one back"


def test_of_two_clerks_one_begins_and_the_other_is_told(shop: PrintShop) -> None:
    run, _accounts = shop.posted(2)
    outcomes = together([lambda: shop.begin(run, 2)] * 4)
    assert sum(isinstance(one, AlreadyBegun) for one in outcomes) == 3
    assert sum(isinstance(one, int) for one in outcomes) == 1
    assert shop.office.rows("SELECT count(*) FROM bill_printings") == [(1,)]
    assert shop.office.rows("SELECT count(*) FROM bill_printing_items") == [(2,)]
