"""Finding doubles, making them one by two people, and making them two again as they were."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from accounts.approvals import service as approvals
from accounts.approvals.acts import Acts
from accounts.approvals.rules import WorldChanged
from accounts.audit.queries import entries_of
from accounts.clock import FixedClock
from accounts.contacts import queries as contacts
from accounts.contacts.service import add_note
from accounts.customer_accounts.service import Holder, OpenedAccount, Place
from accounts.customer_changes.queries import changes_of
from accounts.customers.models import Customer, CustomerKind
from accounts.customers.queries import customer
from accounts.database import Sessions, reading, transaction
from accounts.errors import DomainError, NotFound, SamePerson
from accounts.mergers import queries, rules, service
from accounts.mergers.rules import Merging, Traits, same_name, shared
from accounts.mergers.service import Deciders, MergerAct, merge, unmerge
from accounts.premises.models import PremisesRole
from accounts.staff.rules import ActKind, Authority, NotAllowed
from tests.accounts.counter import person, refused
from tests.accounts.customer_changes.conftest import MARIA, Counter, Open, counter, opened
from tests.accounts.customer_changes.test_sources import states
from tests.concurrency.threads import together
from tests.database import TestDatabase
from tests.factories import DAY

__all__ = ["counter", "opened"]
ACTS: Acts = {ActKind.MERGER: MergerAct()}


@pytest.fixture
def deciders(sessions: Sessions, clock: FixedClock) -> Deciders:
    rosa, omar = person(sessions, "clerk"), person(sessions, "supervisor", "omar")
    return Deciders(rosa.actor_id, omar.actor_id, "same driver's license", clock.now())


Do = Callable[..., int]


@pytest.fixture
def do(sessions: Sessions, deciders: Deciders) -> Do:
    """``do(merge, first, second)``: a step in a transaction of its own."""

    def run(step: Callable[..., int], first: int, second: int) -> int:
        with transaction(sessions) as session:
            return step(session, first, second, deciders)

    return run


def holders(sessions: Sessions) -> dict[int, int]:
    with reading(sessions) as session:
        return dict(session.execute(text("SELECT id, customer_id FROM customer_accounts")).all())


def as_they_were(db: TestDatabase) -> dict[str, list[tuple[Any, ...]]]:
    """All that a merger may touch, but for the count of changes."""
    asked = {
        "customers": "SELECT to_jsonb(c) - 'version' FROM customers c ORDER BY id",
        "accounts": "SELECT to_jsonb(a) FROM customer_accounts a ORDER BY id",
        "roles": "SELECT to_jsonb(r) FROM premises_roles r ORDER BY id",
        "proofs": "SELECT to_jsonb(p) FROM account_proofs p ORDER BY id",
        "sources": "SELECT to_jsonb(s) FROM source_statements s ORDER BY 1::text",
        "documents": "SELECT to_jsonb(d) FROM search_documents d ORDER BY customer_account_id",
    }
    with db.owner.connect() as connection:
        return {name: [tuple(row) for row in connection.execute(text(sql))] for name, sql in asked.items()}


def test_what_the_first_held_hangs_on_the_second(
    sessions: Sessions, opened: Open, do: Do, deciders: Deciders
) -> None:
    mine, theirs = opened(), opened()
    with transaction(sessions) as session:
        session.add(PremisesRole(premises_id=theirs.premises_id, customer_id=theirs.customer_id, role="tenant",
                                 since_on=DAY))  # fmt: skip
    merger = do(merge, theirs.customer_id, mine.customer_id)
    assert holders(sessions) == {mine.id: mine.customer_id, theirs.id: mine.customer_id}
    with reading(sessions) as session:
        assert customer(session, theirs.customer_id).merged_into == mine.customer_id
        assert session.scalar(text("SELECT customer_id FROM premises_roles")) == mine.customer_id
        (entry,) = queries.mergers_of(session, mine.customer_id)
        assert (entry.id, entry.accounts, entry.actor, entry.approver, entry.stands) == (
            merger, (theirs.reference,), "Rosa", "Omar", True,
        )  # fmt: skip
        origin = queries.origins(session, [mine.id, theirs.id])
        assert {account: found.customer_id for account, found in origin.items()} == {theirs.id: theirs.customer_id}
        line = entries_of(session, [("account", theirs.id)]).entries[0]
    assert (line.act, line.actor, line.reason, line.before, line.after) == (
        "customers-merged", "staff:omar", deciders.reason, theirs.customer_id, mine.customer_id,
    )  # fmt: skip


def test_the_history_of_both_is_read_as_one(
    sessions: Sessions, counter: Counter, opened: Open, do: Do, clock: FixedClock
) -> None:
    mine, theirs = opened(), opened()
    counter.change(theirs.customer_id, phone="209 555 0199")
    add_note(sessions, counter.clerk, theirs.id, "Dog in the yard.", clock=clock)
    do(merge, theirs.customer_id, mine.customer_id)
    with reading(sessions) as session:
        assert [entry.customer_id for entry in changes_of(session, mine.customer_id)] == [theirs.customer_id]
        assert len(contacts.notes(session, [mine.id, theirs.id]).notes) == 1


def test_undone_it_is_as_it_was_and_what_came_since_stays(
    db: TestDatabase, sessions: Sessions, opened: Open, do: Do
) -> None:
    mine, theirs = opened(), opened(replace(MARIA, email="other@example.com"), source_key="A-1")
    before = as_they_were(db)
    merger = do(merge, theirs.customer_id, mine.customer_id)
    assert do(unmerge, theirs.customer_id, mine.customer_id) == merger
    assert as_they_were(db) == before
    do(merge, theirs.customer_id, mine.customer_id)
    later = opened(customer_id=mine.customer_id)
    do(unmerge, theirs.customer_id, mine.customer_id)
    assert holders(sessions) == {
        mine.id: mine.customer_id, theirs.id: theirs.customer_id, later.id: mine.customer_id,
    }  # fmt: skip
    with reading(sessions) as session:
        assert [entry.stands for entry in queries.mergers_of(session, mine.customer_id)] == [False, False]


def test_what_the_source_of_a_moved_account_states_is_no_news_for_the_other(
    sessions: Sessions, counter: Counter, opened: Open, do: Do
) -> None:
    mine, hers = opened(), replace(MARIA, phone="209 555 0333", language="es")
    theirs = opened(hers, source_key="A-1")
    do(merge, theirs.customer_id, mine.customer_id)
    assert states(sessions, theirs.id, hers).differences == ()
    card = counter.card(mine.customer_id)
    assert (card.phone, card.language) == (MARIA.phone, "en")
    (found,) = states(sessions, theirs.id, replace(hers, phone="209 555 0444")).differences
    assert (found.before, found.ours) == ("209 555 0333", MARIA.phone)


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    pairs=st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), max_size=6),
    sourced=st.lists(st.booleans(), min_size=5, max_size=5),
)
def test_mergers_taken_back_in_their_order_leave_nothing(
    db: TestDatabase, opened: Open, do: Do, pairs: list[tuple[int, int]], sourced: list[bool]
) -> None:
    people = [
        opened(replace(MARIA, phone=f"209 555 010{place}"), **({"source_system": "billing"} if is_sourced else {}))
        for place, is_sourced in enumerate(sourced)
    ]
    before, done = as_they_were(db), []
    for first, second in pairs:
        ids = people[first].customer_id, people[second].customer_id
        try:
            do(merge, *ids)
        except DomainError:
            continue
        done.append(ids)
    for ids in reversed(done):
        do(unmerge, *ids)
    assert as_they_were(db) == before


def test_what_cannot_be_merged(db: TestDatabase, opened: Open, do: Do) -> None:
    one, two, three = (opened().customer_id for _ in range(3))
    shop = opened(Holder("Lopez LLC", CustomerKind.BUSINESS)).customer_id
    for first, second, error in (
        (one, one, rules.SameCustomer), (one, shop, rules.DifferentKinds), (one, 4711, NotFound),
        (4711, one, NotFound),
    ):  # fmt: skip
        with refused(db, error):
            do(merge, first, second)
    with refused(db, rules.NotMerged):
        do(unmerge, one, two)
    do(merge, one, two)
    for first, second in ((one, three), (three, one), (one, two), (two, one)):
        with refused(db, rules.AlreadyMerged):
            do(merge, first, second)
    do(merge, two, three)
    with refused(db, rules.MergedFurther):
        do(unmerge, one, two)
    with refused(db, rules.NotMerged):
        do(unmerge, one, three)
    do(unmerge, two, three)
    do(unmerge, one, two)
    with refused(db, rules.NotMerged):
        do(unmerge, one, two)


def _two_people(sessions: Sessions) -> tuple[Authority, Authority]:
    return person(sessions, "clerk"), person(sessions, "supervisor", "omar")


def test_it_takes_two_people(db: TestDatabase, sessions: Sessions, opened: Open, clock: FixedClock) -> None:
    clerk, chief = _two_people(sessions)
    mine, theirs = opened(), opened()
    command = Merging(from_id=theirs.customer_id, into_id=mine.customer_id)
    cashier = person(sessions, "cashier", "carl")
    with refused(db, NotAllowed):
        approvals.propose(sessions, ACTS, command, cashier, reason="same", clock=clock)
    own = approvals.propose(sessions, ACTS, command, chief, reason="same", clock=clock)
    assert isinstance(own, approvals.Proposed), "also where somebody has a limit of their own"
    with pytest.raises(SamePerson):
        approvals.approve(sessions, ACTS, own.proposal_id, chief, clock=clock)
    assert holders(sessions)[theirs.id] == theirs.customer_id
    approvals.withdraw(sessions, own.proposal_id, chief, clock=clock)
    asked = approvals.propose(sessions, ACTS, command, clerk, reason="same license", clock=clock)
    done = approvals.approve(sessions, ACTS, asked.proposal_id, chief, clock=clock)
    assert holders(sessions)[theirs.id] == mine.customer_id
    back = approvals.propose(sessions, ACTS, command.model_copy(update={"undo": True}), clerk, reason="two sisters",
                             clock=clock)  # fmt: skip
    undone = approvals.approve(sessions, ACTS, back.proposal_id, chief, clock=clock)
    assert (undone.outcome, holders(sessions)[theirs.id]) == (done.outcome, theirs.customer_id)


def test_what_changed_since_it_was_proposed_ends_it(
    sessions: Sessions, counter: Counter, opened: Open, clock: FixedClock
) -> None:
    clerk, chief = _two_people(sessions)
    mine, theirs = opened(), opened()
    command = Merging(from_id=theirs.customer_id, into_id=mine.customer_id)
    asked = approvals.propose(sessions, ACTS, command, clerk, reason="same", clock=clock)
    counter.change(theirs.customer_id, phone="209 555 0199")
    with pytest.raises(WorldChanged):
        approvals.approve(sessions, ACTS, asked.proposal_id, chief, clock=clock)
    assert holders(sessions)[theirs.id] == theirs.customer_id
    again = approvals.propose(sessions, ACTS, command, clerk, reason="still the same", clock=clock)
    opened(customer_id=mine.customer_id)
    with pytest.raises(WorldChanged):
        approvals.approve(sessions, ACTS, again.proposal_id, chief, clock=clock)


def test_who_may_not_see_one_of_the_two_cannot_propose_it(
    db: TestDatabase, sessions: Sessions, opened: Open, clock: FixedClock
) -> None:
    clerk, _ = _two_people(sessions)
    mine, theirs = opened(), opened(is_protected=True)
    command = Merging(from_id=theirs.customer_id, into_id=mine.customer_id)
    with refused(db, NotFound):
        approvals.propose(sessions, ACTS, command, clerk, reason="same", clock=clock)
    with reading(sessions) as session:
        assert queries.duplicates(session, clerk, mine.customer_id) == []


def test_control_without_the_lock_each_becomes_the_other(
    monkeypatch: pytest.MonkeyPatch, sessions: Sessions, opened: Open, do: Do
) -> None:
    one, two = opened().customer_id, opened().customer_id
    both_looked = threading.Barrier(2)

    def unlocked(session: Session, from_id: int, into_id: int) -> tuple[Customer, Customer]:
        found = session.get_one(Customer, from_id), session.get_one(Customer, into_id)
        both_looked.wait(timeout=20)
        return found

    monkeypatch.setattr(service, "_two", unlocked)
    monkeypatch.setattr(service, "_give", lambda session, *_, **__: session.flush())
    assert all(
        isinstance(outcome, int) for outcome in together([lambda: do(merge, one, two), lambda: do(merge, two, one)])
    )
    with reading(sessions) as session:
        assert (customer(session, one).merged_into, customer(session, two).merged_into) == (two, one)


def test_of_many_at_once_one_merges(sessions: Sessions, opened: Open, do: Do) -> None:
    one, two = opened().customer_id, opened().customer_id
    outcomes = together([lambda: do(merge, one, two), lambda: do(merge, two, one)] * 2)
    assert sum(isinstance(outcome, rules.AlreadyMerged) for outcome in outcomes) == 3
    with reading(sessions) as session:
        assert session.scalar(text("SELECT count(*) FROM mergers")) == 1
    assert len(set(holders(sessions).values())) == 1


@pytest.mark.parametrize("table", ["mergers", "merger_accounts", "merger_ends"])
def test_nothing_is_edited(sessions: Sessions, opened: Open, do: Do, table: str) -> None:
    one, two = opened().customer_id, opened().customer_id
    do(merge, one, two)
    do(unmerge, one, two)
    for statement in (f"UPDATE {table} SET merger_id = merger_id" if table != "mergers" else
                      "UPDATE mergers SET reason = ''", f"DELETE FROM {table}"):  # fmt: skip
        with pytest.raises(DBAPIError), transaction(sessions) as session:
            session.execute(text(statement))


def test_the_database_knows_both_people(sessions: Sessions, opened: Open, deciders: Deciders) -> None:
    one, two = opened().customer_id, opened().customer_id
    alone = replace(deciders, approved_by=deciders.actor_id, at=deciders.at + timedelta(hours=1))
    with pytest.raises(DBAPIError, match="maker_is_not_checker"), transaction(sessions) as session:
        merge(session, one, two, alone)


def test_likely_doubles_share_a_name_and_something_else(sessions: Sessions, opened: Open) -> None:
    clerk = person(sessions, "clerk")

    def another(name: str, place: str = "1 Far Rd", **contact: str) -> OpenedAccount:
        return opened(Holder(name, **contact), place=Place(place), proofs=())

    maria = opened()
    by_all = another("LÓPEZ, María", "12 Elm St 95399", email="MARIA@example.com", phone="+1 209-555-0142")
    by_box = another("Maria G. Lopez", mailing_address="12 elm st")
    by_place = opened(Holder("Maria Lopez"), proofs=())
    another("Maria Perez", email="maria@example.com", phone="209 555 0142")
    another("Maria Lopez")
    opened(Holder("Maria Lopez", CustomerKind.BUSINESS, email="maria@example.com"), proofs=())
    with reading(sessions) as session:
        found = queries.duplicates(session, clerk, maria.customer_id)
        with pytest.raises(NotFound):
            queries.duplicates(session, clerk, 4711)
        typed = Traits("person", "maria lopez", "", "1 (209) 555.0142", "", frozenset())
        assert [double.customer_id for double in queries.known_already(session, clerk, typed)] == [
            maria.customer_id, by_all.customer_id,
        ]  # fmt: skip
    assert [(double.customer_id, double.shares, double.accounts) for double in found] == [
        (by_all.customer_id, ("email", "phone"), (by_all.reference,)),
        (by_box.customer_id, ("mailing-address",), (by_box.reference,)),
        (by_place.customer_id, ("premises",), (by_place.reference,)),
    ]


@pytest.mark.parametrize(
    ("kind", "one", "other", "same"),
    [
        ("person", "María López", "LOPEZ MARIA", True),
        ("person", "Maria Lopez", "Maria de la Luz Lopez", True),
        ("person", "Lopez", "Maria Lopez", False),
        ("person", "Maria Lopez", "Maria Lopes", False),
        ("business", "Acme Water LLC", "ACME WATER, INC.", True),
        ("business", "Acme Water", "Acme Water West", False),
    ],
)
def test_when_a_name_is_the_same(kind: str, one: str, other: str, *, same: bool) -> None:
    assert same_name(kind, one, other) is same
    assert same_name(kind, other, one) is same


def test_nothing_in_common_is_nobody() -> None:
    blank = Traits("person", "Maria Lopez", "", "", "", frozenset())
    assert shared(blank, blank) == ()
