"""Changes at the counter: their day, their evidence, what they leave behind, and who may not make them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from accounts.actors.service import actor_id
from accounts.approvals.rules import ReasonMissing
from accounts.audit.queries import entries_of
from accounts.cities.desk import DocumentMissing, NotOnTheList, TooFarAhead
from accounts.clock import FixedClock
from accounts.customer_accounts.rules import proof_digest
from accounts.customer_accounts.service import Holder
from accounts.customer_changes import queries, rules, service
from accounts.customer_changes.service import apply_due_changes, change_customer, withdraw_change
from accounts.customers.models import CustomerKind
from accounts.customers.rules import BadContact, Merged
from accounts.database import Sessions, one_by_one, reading, transaction
from accounts.errors import Conflict, NotFound
from accounts.exceptions.queries import open_lines
from accounts.searches.queries import search
from accounts.staff.rules import NotAllowed
from tests.accounts.counter import KEY, person, refused
from tests.accounts.customer_changes.conftest import MARIA, Counter, Open
from tests.database import TestDatabase
from tests.factories import DAY

PAPER = {"document": "marriage-certificate"}


def proves(sessions: Sessions, account_id: int, name: str, kind: str = "last_name") -> bool:
    with reading(sessions) as session:
        digest = proof_digest(KEY, account_id, kind, name)
        found = text("SELECT count(*) FROM account_proofs WHERE customer_account_id = :id AND digest = :digest")
        return session.scalar(found, {"id": account_id, "digest": digest}) == 1


def system(sessions: Sessions) -> int:
    with transaction(sessions) as session:
        return actor_id(session, "system")


def test_a_change_of_today_keeps_before_and_after(counter: Counter, opened: Open) -> None:
    maria = opened().customer_id
    wish = counter.request(maria, email=" maria@rioclaro.example ", phone="", reason="new mailbox")
    asked = change_customer(counter.desk, counter.clerk, wish)
    card = counter.card(maria)
    assert (card.email, card.phone, card.name, card.version, asked.version) == (
        "maria@rioclaro.example", "", "Maria Lopez", 2, 2,
    )  # fmt: skip
    with reading(counter.desk.sessions) as session:
        (entry,) = queries.changes_of(session, maria)
        assert entry.before == {"email": "maria@example.com", "phone": "(209) 555-0142"}
        assert entry.after == {"email": "maria@rioclaro.example", "phone": ""}
        assert (entry.outcome, entry.actor, entry.settled_by, entry.version) == ("applied", "Rosa", "Rosa", 2)
        assert queries.change(session, asked.change_id) == entry
        assert queries.pending_changes(session, maria) == []
        line = entries_of(session, [("customer", maria)]).entries[0]
    assert (line.act, line.reason, line.details["change"]) == ("customer-changed", "new mailbox", asked.change_id)
    assert line.before == {"email": "m•••@e•••", "phone": "•••42"}
    assert "rioclaro" not in str(line.details), "whole values stand in the change, for who may see the customer"


def test_a_change_of_a_day_that_is_over_says_why(db: TestDatabase, counter: Counter, opened: Open) -> None:
    maria = opened().customer_id
    long_ago = {"mailing_address": "9 Oak Ave", "effective_on": DAY - timedelta(days=40)}
    with refused(db, ReasonMissing):
        counter.change(maria, **long_ago)
    assert counter.change(maria, **long_ago, reason="told us by mail in October") == 2
    with reading(counter.desk.sessions) as session:
        assert queries.changes_of(session, maria)[0].effective_on == DAY - timedelta(days=40)


def test_a_change_to_come_comes_on_its_day_and_once(
    sessions: Sessions, counter: Counter, opened: Open, clock: FixedClock
) -> None:
    maria = opened().customer_id
    assert counter.change(maria, mailing_address="9 Oak Ave", effective_on=DAY + timedelta(days=3)) is None
    assert counter.change(maria, phone="209 555 0199") == 2, "another change does not push it aside"
    with reading(sessions) as session:
        (waits,) = queries.pending_changes(session, maria)
        assert (waits.is_pending, waits.wanted) == (True, {"mailing_address": "9 Oak Ave"})
    assert apply_due_changes(counter.desk, system(sessions)).applied == 0
    clock.advance(days=3)
    assert apply_due_changes(counter.desk, system(sessions)).applied == 1
    assert apply_due_changes(counter.desk, system(sessions)).applied == 0
    assert (counter.card(maria).mailing_address, counter.card(maria).version) == ("9 Oak Ave", 3)
    with reading(sessions) as session:
        entry = queries.changes_of(session, maria)[1]
    assert (entry.before, entry.settled_by) == ({"mailing_address": "12 Elm St"}, "system")


def test_a_change_to_come_may_be_taken_back_and_one_that_came_may_not(
    db: TestDatabase, counter: Counter, opened: Open, clock: FixedClock
) -> None:
    maria = opened().customer_id
    wish = counter.request(maria, name="Maria Perez", effective_on=DAY + timedelta(days=3))
    asked = change_customer(counter.desk, counter.clerk, wish)
    with refused(db, ReasonMissing):
        withdraw_change(counter.desk, counter.clerk, asked.change_id, " ")
    withdraw_change(counter.desk, counter.clerk, asked.change_id, "the wedding is off")
    with refused(db, rules.AlreadySettled):
        withdraw_change(counter.desk, counter.clerk, asked.change_id, "again")
    clock.advance(days=9)
    assert apply_due_changes(counter.desk, counter.clerk.actor_id) == service.Due()
    assert counter.card(maria).name == "Maria Lopez"


def test_the_form_of_somebody_who_came_second_is_refused(db: TestDatabase, counter: Counter, opened: Open) -> None:
    maria = opened().customer_id
    late = counter.request(maria, phone="209 555 0177")
    counter.change(maria, email="new@example.com")
    with refused(db, rules.ChangedMeanwhile):
        change_customer(counter.desk, counter.clerk, late)
    assert issubclass(rules.ChangedMeanwhile, Conflict)


def test_the_new_last_name_proves_at_once_and_the_former_one_for_a_while(
    sessions: Sessions, counter: Counter, opened: Open, clock: FixedClock
) -> None:
    first = opened()
    second = opened(customer_id=first.customer_id)
    counter.change(first.customer_id, name="Maria Perez Lopez", last_name="Perez Lopez")
    for account in (first.id, second.id):
        assert [proves(sessions, account, name) for name in ("Perez Lopez", "Perez", "Lopez")] == [True] * 3
    counter.change(first.customer_id, name="Maria Perez", last_name="Perez")
    days = counter.desk.policy.old_name_days
    clock.advance(days=days)
    assert apply_due_changes(counter.desk, system(sessions)).names_ended == 0
    assert proves(sessions, first.id, "Lopez"), "bills with the former name are still about"
    clock.advance(days=1)
    assert apply_due_changes(counter.desk, system(sessions)).names_ended == 4
    for account in (first.id, second.id):
        assert [proves(sessions, account, name) for name in ("Perez", "Lopez", "Perez Lopez")] == [True, False, False]


def test_a_former_name_may_prove_nothing_from_the_day_on(sessions: Sessions, counter: Counter, opened: Open) -> None:
    account = opened()
    counter.change(account.customer_id, name="Ana Ruiz", last_name="Ruiz", forgets_old_name=True)
    assert [proves(sessions, account.id, name) for name in ("Ruiz", "Lopez")] == [True, False]


def test_going_back_to_a_former_name_keeps_it(
    sessions: Sessions, counter: Counter, opened: Open, clock: FixedClock
) -> None:
    account = opened()
    counter.change(account.customer_id, last_name="Perez")
    counter.change(account.customer_id, last_name="Lopez")
    clock.advance(days=400)
    apply_due_changes(counter.desk, system(sessions))
    assert [proves(sessions, account.id, name) for name in ("Lopez", "Perez")] == [True, False]


def test_a_business_proves_with_its_new_name(sessions: Sessions, counter: Counter, opened: Open) -> None:
    account = opened(
        Holder("Acme Water LLC", CustomerKind.BUSINESS), proofs=(("business_name", "Acme Water LLC"), ("pin", "4711"))
    )
    counter.change(account.customer_id, name="Blue Water Inc.", paper="business-statement")
    for name in ("Blue Water Inc", "blue water", "Acme Water LLC", "Acme Water"):
        assert proves(sessions, account.id, name, "business_name"), name
    assert proves(sessions, account.id, "4711", "pin")


@pytest.mark.parametrize(
    ("values", "error"),
    [
        ({"phone": MARIA.phone, "email": f" {MARIA.email} "}, rules.NothingChanges),
        ({}, rules.NothingChanges),
        ({"name": "  ", **PAPER}, BadContact),
        ({"email": "maria at home"}, BadContact),
        ({"email": "a@b.com, c@d.com"}, BadContact),
        ({"phone": "555-0100"}, BadContact),
        ({"language": "fr"}, BadContact),
        ({"mailing_address": "x" * 201}, BadContact),
        ({"mailing_address": "9 Oak\x00"}, BadContact),
        ({"name": "Maria Perez", "document": "lease"}, DocumentMissing),
        ({"last_name": "Perez", "document": ""}, DocumentMissing),
        ({"phone": "209 555 0177", "document": "horoscope"}, NotOnTheList),
        ({"phone": "209 555 0177", "effective_on": DAY + timedelta(days=181)}, TooFarAhead),
        ({"phone": "209 555 0177", "seen_version": 7}, rules.ChangedMeanwhile),
    ],
)
def test_what_no_change_can_be(
    db: TestDatabase, counter: Counter, opened: Open, *, values: dict[str, Any], error: type[Exception]
) -> None:
    maria = opened().customer_id
    with refused(db, error):  # type: ignore[arg-type]
        counter.change(maria, **values)


def test_who_may_not(db: TestDatabase, sessions: Sessions, counter: Counter, opened: Open) -> None:
    maria = opened().customer_id
    wish = counter.request(maria, phone="209 555 0177")
    later = change_customer(
        counter.desk, counter.clerk, counter.request(maria, language="es", effective_on=DAY + timedelta(days=1))
    )
    cashier = person(sessions, "cashier", "carl")
    with refused(db, NotAllowed):
        change_customer(counter.desk, cashier, wish)
    with refused(db, NotFound):
        change_customer(counter.desk, counter.clerk, rules.ChangeRequest(4711, wish.contact, 1, DAY))
    opened(customer_id=maria, is_protected=True)
    with refused(db, NotFound):
        change_customer(counter.desk, counter.clerk, wish)
    with refused(db, NotFound):
        withdraw_change(counter.desk, counter.clerk, later.change_id, "no")
    assert change_customer(counter.desk, person(sessions, "supervisor", "omar"), wish).version == 2


def test_a_change_of_one_who_was_merged_is_left_to_people(
    db: TestDatabase, sessions: Sessions, counter: Counter, opened: Open, clock: FixedClock
) -> None:
    maria, double = opened().customer_id, opened().customer_id
    counter.change(double, phone="209 555 0177", effective_on=DAY + timedelta(days=1))
    with transaction(sessions) as session:
        session.execute(text("UPDATE customers SET merged_into = :a WHERE id = :b"), {"a": maria, "b": double})
    with refused(db, Merged):
        counter.change(double, email="x@example.com")
    clock.advance(days=2)
    assert apply_due_changes(counter.desk, system(sessions)) == service.Due(withdrawn=1)
    assert counter.card(double).phone == MARIA.phone
    with reading(sessions) as session:
        assert [line.evidence["merged_into"] for line in open_lines(session, "change-after-merger")] == [maria]
        assert [entry.outcome for entry in queries.changes_of(session, maria)] == ["withdrawn"]


@pytest.mark.long
def test_what_holds_one_customer_keeps_no_other_from_changing(
    sessions: Sessions, counter: Counter, opened: Open, clock: FixedClock
) -> None:
    maria, ana = opened().customer_id, opened(Holder("Ana Ruiz")).customer_id
    for customer in (maria, ana):
        counter.change(customer, language="es", effective_on=DAY + timedelta(days=1))
    clock.advance(days=1)
    with sessions() as other:
        other.execute(text("SELECT 1 FROM customers WHERE id = :id FOR UPDATE"), {"id": maria})
        assert apply_due_changes(counter.desk, system(sessions)) == service.Due(applied=1, failed=1)
        other.rollback()
    assert apply_due_changes(counter.desk, system(sessions)) == service.Due(applied=1)
    assert {counter.card(customer).language for customer in (maria, ana)} == {"es"}


def test_whoever_searches_finds_the_new_name_at_once(sessions: Sessions, counter: Counter, opened: Open) -> None:
    account = opened()

    def found(words: str) -> list[int]:
        with one_by_one(sessions) as reader:
            return [hit.account_id for hit in search(reader, words, sees_protected=False, sees_restricted=False).hits]

    counter.change(account.customer_id, name="Guadalupe Ibarra", last_name="Ibarra")
    assert (found("ibarra guadalupe"), found("maria lopez")) == ([account.id], [])


@pytest.mark.parametrize("table", ["customer_changes", "customer_change_outcomes"])
def test_nothing_is_edited(sessions: Sessions, counter: Counter, opened: Open, table: str) -> None:
    counter.change(opened().customer_id, phone="209 555 0177")
    for statement in (f"UPDATE {table} SET actor_id = actor_id", f"DELETE FROM {table}"):
        with pytest.raises(DBAPIError), transaction(sessions) as session:
            session.execute(text(statement))


def test_features_above_follow_in_the_same_transaction(counter: Counter, opened: Open) -> None:
    maria = opened().customer_id
    told: list[object] = []
    desk = service.ChangeDesk(
        counter.desk.sessions, counter.desk.clock, counter.desk.city, KEY,
        followers=(lambda _, applied: told.append((applied.customer_id, applied.before, applied.after)),),
    )  # fmt: skip
    change_customer(desk, counter.clerk, counter.request(maria, language="es"))
    assert told == [(maria, {"language": "en"}, {"language": "es"})]
