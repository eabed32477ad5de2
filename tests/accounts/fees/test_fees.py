"""Fees from the catalog: offered by kind of account and day, priced by their rate, posted within limits."""

from __future__ import annotations

from datetime import date

import pytest

from accounts.approvals.rules import WorldChanged
from accounts.approvals.service import Done, preview
from accounts.errors import DomainError, NotFound
from accounts.fees.rules import NotInCatalog, PostFee, TooMany, offered
from accounts.money import Money
from accounts.pricing.rules import recompute
from accounts.staff.rules import Authority, NotAllowed, OverLimit
from tests.accounts.assessments.city import charges_of
from tests.factories.desk import Desk


@pytest.fixture
def clerk(desk: Desk) -> Authority:
    return desk.person("clara", "clerk")


def fee(account: int, rate: str = "meter-test", **more: object) -> PostFee:
    return PostFee.model_validate({"customer_account_id": account, "rate": rate, **more})


def test_the_catalog_says_price_account_and_authority(desk: Desk) -> None:
    fees = offered(desk.ruling.city, "utility", desk.today)
    assert [one.rate for one in fees] == [
        "returned-payment", "disconnect-processing", "cut-lock", "meter-pull", "meter-test",
    ]  # fmt: skip
    last = fees[-1]
    assert [price.amount for price in last.prices] == [Money(95_00)]
    assert (last.ledger_account.code, last.most) == ("510-4200", 3)
    assert last.authority.startswith("Resolution 2024-018")
    assert last.reason.in_("es") == "El cliente pidió una prueba del medidor."
    assert offered(desk.ruling.city, "citation", desk.today) == ()
    assert offered(desk.ruling.city, "utility", date(2019, 12, 31)) == ()


def test_a_clerk_posts_a_fee_whose_working_recomputes(desk: Desk, clerk: Authority) -> None:
    account = desk.account("utility")
    done = desk.propose(clerk, fee(account))
    assert isinstance(done, Done)
    assert done.effect == Money(95_00)
    (charge,) = charges_of(desk.sessions, account)
    assert done.outcome["charge_ids"] == [charge.id]
    assert (charge.kind, charge.revenue_line, charge.open_cents) == ("fee", "utility-fees", Money(95_00))
    assert (charge.due_on - charge.billed_on).days == 15
    again = recompute(charge.working, desk.ruling.city.rate("meter-test"))
    assert again.amount == charge.amount_cents
    assert desk.balances() == {"510-1210": 95_00, "510-4200": -95_00}


def test_several_at_once_are_several_charges_and_above_the_limit_wait(desk: Desk, clerk: Authority) -> None:
    account = desk.account("utility")
    proposal = desk.waits(clerk, fee(account, "cut-lock", quantity=3))
    assert charges_of(desk.sessions, account) == []
    done = desk.approve(desk.person("sofia", "supervisor"), proposal)
    assert done.effect == Money(150_00)
    assert [charge.amount_cents for charge in charges_of(desk.sessions, account)] == [Money(50_00)] * 3


def test_the_same_form_sent_twice_posts_once(desk: Desk, clerk: Authority) -> None:
    account = desk.account("utility")
    seen = preview(desk.sessions, desk.acts, fee(account), clerk, desk.today).seen
    desk.propose(clerk, fee(account), seen=seen)
    before = desk.books()
    with pytest.raises(WorldChanged):
        desk.propose(clerk, fee(account), seen=seen)
    assert desk.books() == before


def test_what_the_counter_does_not_post_changes_nothing(desk: Desk, clerk: Authority) -> None:
    utility, citation = desk.account("utility"), desk.account("citation")
    before = desk.books()
    refusals: list[tuple[Authority, PostFee, type[DomainError]]] = [
        (clerk, fee(utility, "water-usage"), NotInCatalog),
        (clerk, fee(utility, "no-such"), NotInCatalog),
        (clerk, fee(citation), NotInCatalog),
        (clerk, fee(utility, "returned-payment", quantity=2), TooMany),
        (clerk, fee(99_999), NotFound),
        (desk.person("cara", "cashier"), fee(utility), NotAllowed),
    ]
    for by, command, refusal in refusals:
        with pytest.raises(refusal):
            desk.propose(by, command)
    assert desk.books() == before


def test_rule_5_a_fee_above_the_deciders_limit_goes_on(desk: Desk, clerk: Authority) -> None:
    account = desk.account("utility")
    proposal = desk.waits(clerk, fee(account, "meter-pull", quantity=3))
    small = Authority(
        desk.person("tom", "supervisor").actor_id, "staff:tom", desk.person("tom", "supervisor").permissions,
        {}, {PostFee.kind: Money(299_99)},
    )  # fmt: skip
    before = desk.books()
    with pytest.raises(OverLimit):
        desk.approve(small, proposal)
    assert desk.books() == before
    desk.approve(desk.person("sofia", "supervisor"), proposal)
