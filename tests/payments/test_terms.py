"""The city's part in payments: chart, order and fee, from the folder of the demo city."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from accounts.cities.folder import read_folder
from accounts.cities.rules import City, NotInTheCity
from accounts.money import Money
from accounts.pricing.rules import recompute
from payments.posting.service import fee_of, order_of
from payments.terms import fee_quote, order_of_policy, payout_terms, terms_of

ON = date(2026, 11, 17)


@pytest.fixture(scope="module")
def city() -> City:
    return read_folder(Path(__file__).resolve().parents[2] / "city")


def test_every_line_and_tender_has_its_place_in_the_chart(city: City) -> None:
    terms = terms_of(city)
    codes = {account.code: account.fund for account in city.ledger_accounts}
    for line in terms.lines.values():
        assert codes[line.receivable] == line.fund == codes[line.credit]
        assert codes[terms.claims[line.fund]] == line.fund
    assert {codes[code] for code in terms.cash.values()} == {terms.pooled_fund} == {codes[terms.due_to_funds]}
    assert terms.cash["check"] == terms.cash["cash"] != terms.cash["card"]


def test_credits_stand_where_the_city_keeps_them(city: City) -> None:
    terms = terms_of(city)
    assert terms.credit_line == {"utility": "water", "license": "business-license", "citation": "parking"}
    for kind, code in city.roles.customer_credits.items():
        assert terms.lines[terms.credit_line[kind]].credit == code


def test_a_kind_without_a_line_for_its_credits_is_refused(city: City) -> None:
    roles = city.roles.model_copy(update={"customer_credits": {"utility": "100-2210"}})
    with pytest.raises(NotInTheCity):
        terms_of(city.model_copy(update={"roles": roles}))


def test_a_payouts_places_are_in_the_pool_but_for_the_fees(city: City) -> None:
    terms, codes = payout_terms(city), {account.code: account.fund for account in city.ledger_accounts}
    assert {codes[code] for code in (terms.bank, terms.clearing, terms.suspense, terms.due_to_funds)} == {"990"}
    assert terms.clearing == terms_of(city).cash["card"]
    assert (codes[terms.fees], codes[terms.claims[terms.fees_fund]]) == (terms.fees_fund, terms.fees_fund)


def test_a_release_made_before_payouts_is_read_and_names_what_it_lacks(city: City) -> None:
    content = city.model_dump(mode="json")
    del content["roles"]["processor_suspense"]
    older = City.model_validate(content)
    assert terms_of(older) == terms_of(city)
    with pytest.raises(NotInTheCity, match="processor_suspense"):
        payout_terms(older)


def test_the_order_survives_being_frozen(city: City) -> None:
    order = order_of_policy(city, ON)
    frozen = {"version": order.version, "ranks": [list(rank) for rank in order.ranks], "authority": order.authority}
    assert order_of(frozen) == order
    assert order.ranks[0] == ("*", "opening")


@pytest.mark.parametrize(("paid", "fee"), [(10_00, 1_00), (200_00, 3_90), (5_000_00, 25_00)])
def test_a_card_fee_is_a_percentage_between_bounds_and_proves_itself(city: City, paid: int, fee: int) -> None:
    quote = fee_quote(city, "card", "web", ON, Money(paid))
    assert quote.amount == Money(fee)
    assert recompute(quote.terms["working"], city.rule(str(quote.terms["rule"]))).amount == quote.amount  # type: ignore[arg-type]
    posted = fee_of(quote.terms, quote.amount.cents)
    assert (posted.fund, posted.code, set(posted.name)) == ("100", city.roles.service_fee_revenue, {"en", "es"})


@pytest.mark.parametrize(
    ("tender", "channel", "paid"), [("bank_debit", "web", 100), ("check", "counter", 100), ("card", "web", 0)]
)
def test_what_costs_nothing_has_no_terms(city: City, tender: str, channel: str, paid: int) -> None:
    quote = fee_quote(city, tender, channel, ON, Money(paid))
    assert (quote.amount, dict(quote.terms)) == (Money(0), {})
