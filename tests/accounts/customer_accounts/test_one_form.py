"""A form that is sent twice opens one account; and accounts of a person and of a place, for who may see them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import text

from accounts.clock import FixedClock
from accounts.customer_accounts.lifecycle import AlreadyOpened, Opened, Opening
from accounts.customer_accounts.queries import accounts_at, accounts_named, accounts_of, customers_hidden
from accounts.customer_accounts.service import Holder, Place
from accounts.database import Sessions, reading, transaction
from accounts.premises.queries import premises_at, premises_named
from accounts.utilities.offers import offers
from accounts.utilities.opening import open_utility_account
from accounts.utilities.queries import standing_meter
from accounts.utilities.starting import NewMeter, ServiceWanted, Start, check_services
from tests.accounts.counter import refused, shipped
from tests.accounts.customer_changes.conftest import Counter, counter
from tests.concurrency.threads import together
from tests.database import TestDatabase
from tests.factories import DAY

__all__ = ["counter"]
CARTS = Start((ServiceWanted("refuse", "refuse-carts:64"),))
ANA = Opening(
    DAY, holder=Holder("Ana Ruiz", last_name="Ruiz"), place=Place("12 Elm Street", "Río Claro", "CA", "95399"),
    role="tenant", documents=("lease",), form_key="a form",
)  # fmt: skip
EVERYBODY = {"sees_protected": False, "sees_restricted": False}
TRUSTED = {"sees_protected": True, "sees_restricted": True}


@pytest.fixture
def ana(counter: Counter) -> Opened:
    return open_utility_account(counter.desk, counter.clerk, ANA, CARTS)


def test_the_same_form_names_the_account_that_it_opened(db: TestDatabase, counter: Counter, ana: Opened) -> None:
    with refused(db, AlreadyOpened, match=ana.reference):
        open_utility_account(counter.desk, counter.clerk, ANA, CARTS)


def test_of_one_form_sent_four_times_at_once_one_opens(sessions: Sessions, counter: Counter) -> None:
    outcomes = together([lambda: open_utility_account(counter.desk, counter.clerk, ANA, CARTS)] * 4)
    (opened,) = [outcome for outcome in outcomes if isinstance(outcome, Opened)]
    again = [outcome for outcome in outcomes if isinstance(outcome, AlreadyOpened)]
    assert [refusal.facts for refusal in again] == [{"reference": opened.reference}] * 3
    with reading(sessions) as session:
        assert session.scalar(text("SELECT count(*) FROM customer_accounts")) == 1


def test_forms_of_their_own_open_one_each(sessions: Sessions, counter: Counter) -> None:
    """The control: without the key of the form, carts are taken four times."""
    other = replace(ANA, form_key="")
    outcomes = together([lambda: open_utility_account(counter.desk, counter.clerk, other, CARTS)] * 4)
    assert {type(outcome) for outcome in outcomes} == {Opened}
    with reading(sessions) as session:
        assert session.scalar(text("SELECT count(*) FROM customer_accounts")) == 4


def test_accounts_of_a_person_and_at_a_place_for_who_may_see_them(
    sessions: Sessions, counter: Counter, ana: Opened
) -> None:
    more = replace(ANA, customer_id=ana.customer_id, holder=None, form_key="")
    other = open_utility_account(counter.desk, counter.clerk, more, CARTS)
    with transaction(sessions) as session:
        session.execute(
            text("UPDATE customer_accounts SET is_protected = true WHERE id = :id"), {"id": other.account_id}
        )
    assert ana.premises_id is not None
    with reading(sessions) as session:
        for found in (
            accounts_of(session, [ana.customer_id], **EVERYBODY),
            accounts_at(session, [ana.premises_id], **EVERYBODY),
            accounts_named(session, [ana.account_id, other.account_id], **EVERYBODY),
        ):
            assert [(one.reference, one.holder, one.address) for one in found] == [
                (ana.reference, "Ana Ruiz", "12 Elm Street")
            ]
        assert len(accounts_of(session, [ana.customer_id], **TRUSTED)) == 2
        assert customers_hidden(session, [ana.customer_id], **EVERYBODY) == {ana.customer_id}
        assert customers_hidden(session, [ana.customer_id], **TRUSTED) == set()


def test_a_place_is_found_however_it_is_written_and_its_meter_with_it(
    sessions: Sessions, counter: Counter, ana: Opened, clock: FixedClock
) -> None:
    start = Start((ServiceWanted("water", "water-fixed+water-usage"),), meter=NewMeter("M-77"), first_read=100)
    more = replace(ANA, customer_id=ana.customer_id, holder=None, form_key="")
    with reading(sessions) as session:
        assert standing_meter(session, ana.premises_id or 0, DAY) is None
    open_utility_account(counter.desk, counter.clerk, more, start)
    with reading(sessions) as session:
        (place,) = premises_at(session, "12 ELM ST.")
        assert place.line == "12 Elm Street, Río Claro, CA 95399"
        assert premises_named(session, [place.id]) == [place]
        assert premises_at(session, "12 Elmwood") == premises_at(session, " ") == []
        meter = standing_meter(session, place.id, clock.today())
    assert meter is not None
    assert (meter.serial, meter.read_on, meter.value) == ("M-77", DAY, 100)


def test_each_rate_that_is_offered_can_be_taken() -> None:
    city = shipped()
    found = offers(city, DAY)
    assert [one.rate_code for one in found["water"]] == ["water-fixed+water-usage", "water-fixed", "water-usage"]
    assert [one.counts for one in found["refuse"]] == ["carts"] * 3
    assert found["refuse"][1].name.in_("es") == "Contenedores de basura y reciclaje: Contenedor de 64 galones"
    assert [one.needs_meter for one in found["sewer"]] == [False, True]
    for service, offered in found.items():
        for one in offered:
            size = "3/4" if one.needs_meter else None
            check_services(city, [ServiceWanted(service, one.rate_code)], DAY, size)


def test_before_a_rate_is_in_force_it_is_not_offered() -> None:
    assert set(offers(shipped(), date(1990, 1, 1)).values()) == {()}
