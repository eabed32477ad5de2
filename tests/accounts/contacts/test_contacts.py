"""Notes, the contact log and follow-ups: all of it is added, nothing is edited, and who may not see cannot write."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from accounts.actors.models import ActorKind
from accounts.actors.service import actor_id
from accounts.audit.queries import entries_of
from accounts.cities.desk import NotOnTheList
from accounts.clock import FixedClock
from accounts.contacts import queries, rules, service
from accounts.contacts.rules import FollowUpKind, NewContact, NewFollowUp
from accounts.database import Sessions, reading, transaction
from accounts.errors import NotFound
from accounts.staff.rules import Authority, NotAllowed
from tests.accounts.counter import person, policy, refused
from tests.concurrency.threads import together
from tests.database import TestDatabase
from tests.factories import DAY, make_account

CALL = NewContact("phone", "bill", "bill-code", "answered", "es", text="Asked why it is more than last month.")
SOON = NewFollowUp("Send the reads of three months.", DAY + timedelta(days=2), for_division="billing")


@pytest.fixture
def account(sessions: Sessions) -> int:
    with transaction(sessions) as session:
        return make_account(session, charges=()).id


@pytest.fixture
def clerk(sessions: Sessions) -> Authority:
    return person(sessions, "clerk")


def test_notes_are_newest_first_and_pins_are_events(
    sessions: Sessions, account: int, clerk: Authority, clock: FixedClock
) -> None:
    other = person(sessions, "supervisor", "omar")
    first = service.add_note(sessions, clerk, account, "  Dog in the yard.  ", clock=clock, pinned=True)
    second = service.add_note(sessions, clerk, account, "Speaks Spanish.", clock=clock)
    third = service.add_note(sessions, other, account, "Prefers mornings.", clock=clock)
    clock.advance(hours=1)
    service.pin_note(sessions, other, third, pinned=True, clock=clock)
    service.pin_note(sessions, other, third, pinned=True, clock=clock)
    with reading(sessions) as session:
        page = queries.notes(session, [account], limit=2)
        assert [(n.id, n.text, n.author, n.is_pinned) for n in page.notes] == [
            (third, "Prefers mornings.", "Omar", True), (second, "Speaks Spanish.", "Rosa", False),
        ]  # fmt: skip
        rest = queries.notes(session, [account], before=page.next_before, limit=2)
        assert ([n.text for n in rest.notes], rest.next_before) == (["Dog in the yard."], None)
        assert [n.id for n in queries.pinned_notes(session, [account])] == [third, first]
    service.pin_note(sessions, clerk, first, pinned=False, clock=clock)
    with reading(sessions) as session:
        assert [n.id for n in queries.pinned_notes(session, [account])] == [third]
        acts = [entry.act for entry in entries_of(session, [("account", account)]).entries]
    assert acts == ["note-unpinned", "note-pinned", "note-added", "note-added", "note-added"]


@pytest.mark.parametrize("table", ["account_notes", "note_pins", "contacts", "follow_ups", "follow_up_ends"])
def test_nothing_is_edited(sessions: Sessions, account: int, clerk: Authority, clock: FixedClock, table: str) -> None:
    service.add_note(sessions, clerk, account, "Dog in the yard.", clock=clock, pinned=True)
    logged = service.log_contact(sessions, clerk, policy(), account, CALL, clock=clock, follow_up=SOON)
    service.finish(sessions, clerk, logged.follow_up_id or 0, "Sent.", clock=clock)
    with pytest.raises(DBAPIError), transaction(sessions) as session:
        session.execute(text(f"UPDATE {table} SET actor_id = actor_id" if table != "account_notes" else
                             "UPDATE account_notes SET text = 'Cat.'"))  # fmt: skip
    with pytest.raises(DBAPIError), transaction(sessions) as session:
        session.execute(text(f"DELETE FROM {table}"))


def test_a_contact_and_what_it_leaves_to_be_done(
    sessions: Sessions, account: int, clerk: Authority, clock: FixedClock
) -> None:
    logged = service.log_contact(sessions, clerk, policy(), account, CALL, clock=clock, follow_up=SOON)
    with reading(sessions) as session:
        (entry,) = queries.contacts(session, [account]).contacts
        assert (entry.id, entry.channel, entry.direction, entry.verified_by, entry.outcome, entry.language) == (
            logged.contact_id, "phone", "in", "bill-code", "answered", "es",
        )  # fmt: skip
        (left,) = queries.follow_ups_of(session, [account])
        assert (left.id, left.contact_id, left.kind, left.is_open) == (
            logged.follow_up_id, logged.contact_id, "call-back", True,
        )  # fmt: skip
    service.finish(sessions, clerk, left.id, "Mailed them.", clock=clock)
    with reading(sessions) as session:
        done = queries.follow_up(session, clerk, left.id)
        assert (done.how, done.outcome, done.ended_by, done.ended_at) == (
            "done", "Mailed them.", "Rosa", clock.now(),
        )  # fmt: skip
        line = entries_of(session, [("account", account)]).entries[-1]
        assert (line.act, line.actor, line.details["contact"]) == ("contact-logged", "staff:rosa", entry.id)
        assert CALL.text not in str(line.details), "what was said stays in the log"


def test_somebody_who_asks_about_no_account(sessions: Sessions, clerk: Authority, clock: FixedClock) -> None:
    logged = service.log_contact(sessions, clerk, policy(), None, CALL, clock=clock, follow_up=SOON)
    with reading(sessions) as session:
        (todo,) = queries.due(session, clerk, through=SOON.due_on, divisions=["billing"]).follow_ups
        assert (todo.id, todo.account_id, todo.reference) == (logged.follow_up_id, None, None)


def test_due_is_mine_my_divisions_or_everyones(
    sessions: Sessions, account: int, clerk: Authority, clock: FixedClock
) -> None:
    omar = person(sessions, "clerk", "omar")

    def add(days: int, **whose: object) -> int:
        wanted = NewFollowUp("Call back.", DAY + timedelta(days=days), **whose)  # type: ignore[arg-type]
        return service.add_follow_up(sessions, clerk, policy(), account, wanted, clock=clock)

    mine_later, mine = add(3, for_actor_id=clerk.actor_id), add(1, for_actor_id=clerk.actor_id)
    his, billing, field = (
        add(1, for_actor_id=omar.actor_id),
        add(0, for_division="billing"),
        add(9, for_division="field"),
    )
    with reading(sessions) as session:

        def ids(by: Authority, through: int, **choice: object) -> list[int]:
            page = queries.due(session, by, through=DAY + timedelta(days=through), **choice)  # type: ignore[arg-type]
            return [todo.id for todo in page.follow_ups]

        assert ids(clerk, 1) == [mine]
        assert ids(clerk, 9) == [mine, mine_later]
        assert ids(clerk, 9, divisions=["billing"]) == [billing, mine, mine_later]
        assert ids(omar, 9) == [his]
        assert ids(omar, 9, everyone=True) == [billing, mine, his, mine_later, field]
        assert ids(clerk, 9, of_actor=omar.actor_id) == [his]
        assert ids(clerk, 3, everyone=True, since=DAY + timedelta(days=2)) == [mine_later]
        first = queries.due(session, clerk, through=DAY + timedelta(days=9), everyone=True, limit=3)
        rest = queries.due(session, clerk, through=DAY + timedelta(days=9), everyone=True, after=first.next_after)
    assert [t.id for t in first.follow_ups] + [t.id for t in rest.follow_ups] == [
        billing,
        mine,
        his,
        mine_later,
        field,
    ]


def test_a_case_goes_to_another_division_and_then_to_a_senior(
    sessions: Sessions, account: int, clerk: Authority, clock: FixedClock
) -> None:
    logged = service.log_contact(sessions, clerk, policy(), account, CALL, clock=clock, follow_up=SOON)
    to_field = NewFollowUp("Meter looks broken.", DAY, FollowUpKind.HAND_OFF, for_division="field")
    handed = service.hand_on(sessions, clerk, policy(), logged.follow_up_id or 0, to_field, clock=clock)
    angry = NewFollowUp("Shouted, wants the chief.", DAY, FollowUpKind.ESCALATION)
    escalated = service.hand_on(sessions, clerk, policy(), handed, angry, clock=clock)
    with reading(sessions) as session:
        last, middle, first = queries.follow_ups_of(session, [account])
    assert [(f.kind, f.for_division, f.follows_id, f.how) for f in (first, middle, last)] == [
        ("call-back", "billing", None, "handed-on"), ("hand-off", "field", first.id, "handed-on"),
        ("escalation", "seniors", middle.id, ""),
    ]  # fmt: skip
    assert (last.id, last.contact_id) == (escalated, logged.contact_id)
    assert middle.outcome == "Shouted, wants the chief."


def test_what_a_note_a_contact_and_a_follow_up_must_say(
    db: TestDatabase, sessions: Sessions, account: int, clerk: Authority, clock: FixedClock
) -> None:
    with refused(db, rules.NothingSaid):
        service.add_note(sessions, clerk, account, "  \n ", clock=clock)
    with transaction(sessions) as session:
        resident = actor_id(session, "resident:7", ActorKind.RESIDENT)
    wrong: list[tuple[NewFollowUp, type[Exception]]] = [
        (NewFollowUp(" ", DAY, for_division="billing"), rules.NothingSaid),
        (NewFollowUp("x", DAY), rules.ForNobody),
        (NewFollowUp("x", DAY, FollowUpKind.HAND_OFF, for_actor_id=clerk.actor_id), rules.ForNobody),
        (NewFollowUp("x", DAY, for_actor_id=resident), rules.ForNobody),
        (NewFollowUp("x", DAY - timedelta(days=1), for_division="billing"), rules.DueInThePast),
        (NewFollowUp("x", DAY, for_division="sewers"), NotOnTheList),
        (NewFollowUp("x", DAY, FollowUpKind.ESCALATION, for_division="billing"), NotOnTheList),
    ]
    for follow_up, error in wrong:
        with refused(db, error):  # type: ignore[arg-type]
            service.log_contact(sessions, clerk, policy(), account, CALL, clock=clock, follow_up=follow_up)
        with refused(db, error):  # type: ignore[arg-type]
            service.add_follow_up(sessions, clerk, policy(), account, follow_up, clock=clock)


@pytest.mark.parametrize("field", ["channel", "topic", "verified_by", "outcome", "language", "direction"])
def test_only_what_is_on_the_citys_lists(
    db: TestDatabase, sessions: Sessions, account: int, clerk: Authority, *, clock: FixedClock, field: str
) -> None:
    odd = NewContact(**{**{name: getattr(CALL, name) for name in NewContact.__slots__}, field: "smoke-signal"})
    with refused(db, NotOnTheList, match="smoke-signal"):
        service.log_contact(sessions, clerk, policy(), account, odd, clock=clock)


@pytest.mark.parametrize("flag", ["is_protected", "is_restricted"])
def test_who_may_not_see_an_account_can_do_nothing_to_it(
    db: TestDatabase, sessions: Sessions, account: int, clerk: Authority, *, clock: FixedClock, flag: str
) -> None:
    chief = person(sessions, "supervisor", "omar")
    note = service.add_note(sessions, chief, account, "Only for us.", clock=clock)
    todo = service.add_follow_up(sessions, chief, policy(), account, SOON, clock=clock)
    with transaction(sessions) as session:
        session.execute(text(f"UPDATE customer_accounts SET {flag} = true"))
    acts = (
        lambda: service.add_note(sessions, clerk, account, "x", clock=clock),
        lambda: service.pin_note(sessions, clerk, note, pinned=True, clock=clock),
        lambda: service.log_contact(sessions, clerk, policy(), account, CALL, clock=clock),
        lambda: service.add_follow_up(sessions, clerk, policy(), account, SOON, clock=clock),
        lambda: service.finish(sessions, clerk, todo, "x", clock=clock),
        lambda: service.hand_on(sessions, clerk, policy(), todo, SOON, clock=clock),
    )
    for act in acts:
        with refused(db, NotFound):
            act()
    with reading(sessions) as session:
        assert queries.due(session, clerk, through=SOON.due_on, everyone=True).follow_ups == ()
        assert [t.id for t in queries.due(session, chief, through=SOON.due_on, everyone=True).follow_ups] == [todo]
        with pytest.raises(NotFound):
            queries.follow_up(session, clerk, todo)


def test_what_is_not_there_and_who_may_not(
    db: TestDatabase, sessions: Sessions, account: int, clerk: Authority, clock: FixedClock
) -> None:
    auditor = person(sessions, "auditor", "ana")
    with refused(db, NotAllowed):
        service.add_note(sessions, auditor, account, "x", clock=clock)
    with refused(db, NotFound):
        service.add_note(sessions, clerk, account + 1, "x", clock=clock)
    with refused(db, NotFound):
        service.pin_note(sessions, clerk, 4711, pinned=True, clock=clock)
    with refused(db, NotFound):
        service.finish(sessions, clerk, 4711, "x", clock=clock)


def test_of_many_who_end_a_follow_up_one_does(
    sessions: Sessions, account: int, clerk: Authority, clock: FixedClock
) -> None:
    todo = service.add_follow_up(sessions, clerk, policy(), account, SOON, clock=clock)
    outcomes = together(
        [lambda: service.finish(sessions, clerk, todo, "done", clock=clock)] * 2
        + [lambda: service.hand_on(sessions, clerk, policy(), todo, SOON, clock=clock)] * 2  # type: ignore[list-item]
    )
    assert sum(isinstance(outcome, rules.AlreadyEnded) for outcome in outcomes) == 3
    with reading(sessions) as session:
        found = queries.follow_ups_of(session, [account])
    assert len([f for f in found if not f.is_open]) == 1
    assert len(found) == 1 + len([o for o in outcomes if isinstance(o, int)])
