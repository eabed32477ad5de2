"""The exceptions queue: one line for one thing, until a named person closes it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from accounts.actors.service import actor_id
from accounts.database import Sessions, reading, transaction
from accounts.errors import NotFound
from accounts.exceptions.queries import Wanted, counts, line, lines, open_lines
from accounts.exceptions.rules import THE_MACHINE, LineClosed, NoReason, WithAnother, respond_by
from accounts.exceptions.service import at_the_machine, close, open_exception, take
from accounts.staff.rules import Authority, NotAllowed
from tests.accounts.counter import person, refused
from tests.concurrency.threads import together
from tests.database import TestDatabase
from tests.factories import make_account

NOW = datetime(2026, 11, 17, 18, 0, tzinfo=UTC)


@pytest.fixture
def rosa(sessions: Sessions) -> Authority:
    return person(sessions, "clerk")


@pytest.fixture
def luis(sessions: Sessions) -> Authority:
    return person(sessions, "clerk", "luis")


def opened(sessions: Sessions, kind: str = "orphan", subject: str = "pi_1", account: int | None = None) -> int:
    with transaction(sessions) as session:
        return open_exception(
            session, kind, subject, {"amount_cents": 500}, "Find out who paid.", customer_account_id=account
        )


def hidden_account(db: TestDatabase, flag: str) -> int:
    with transaction(db.sessions) as session:
        known = make_account(session, charges=()).id
    with db.owner.begin() as owner:
        owner.execute(text(f"UPDATE customer_accounts SET {flag} = true WHERE id = {known}"))
    return known


def test_the_same_thing_is_one_line(sessions: Sessions) -> None:
    with transaction(sessions) as session:
        first = open_exception(session, "import-contradiction", "la:1", {"fine": "52.00"}, "Ask.")
        again = open_exception(session, "import-contradiction", "la:1", {"fine": "60.00"})
        other = open_exception(session, "second-payment", "la:1", {})
    assert first == again != other
    with reading(sessions) as session:
        assert [(one.kind, one.evidence) for one in open_lines(session)] == [
            ("second-payment", {}),
            ("import-contradiction", {"fine": "52.00"}),
        ], "the shorter clock first"
        assert [one.id for one in open_lines(session, "second-payment")] == [other]


def test_a_closed_line_is_not_opened_again(sessions: Sessions) -> None:
    with transaction(sessions) as session:
        opened = open_exception(session, "second-payment", "x", {})
        closing = text("UPDATE exception_lines SET closed_at = now(), closed_by = :actor WHERE id = :line")
        session.execute(closing, {"actor": actor_id(session, "staff:rosa"), "line": opened})
    with transaction(sessions) as session:
        assert open_exception(session, "second-payment", "x", {}) == opened
        assert open_lines(session) == []


def test_a_line_is_taken_and_closed_by_named_people_and_stays_to_be_read(
    sessions: Sessions, rosa: Authority, luis: Authority
) -> None:
    line_id = opened(sessions)
    take(sessions, rosa, line_id, owner_seen=None)
    take(sessions, rosa, line_id, owner_seen=None)  # a second press
    with reading(sessions) as session:
        assert [(one.owner, one.owner_name) for one in open_lines(session)] == [("staff:rosa", "Rosa")]
    take(sessions, luis, line_id, owner_seen=rosa.actor_id)
    close(sessions, luis, line_id, " refunded, re_1 ", owner_seen=luis.actor_id, now=NOW)
    with reading(sessions) as session:
        assert open_lines(session) == []
        closed = line(session, line_id, rosa)
        acts = session.execute(text("SELECT act, details FROM audit_entries ORDER BY id")).all()
    assert (closed.closed_by, closed.closer_name, closed.closing_note) == ("staff:luis", "Luis", "refunded, re_1")
    assert (closed.closed_at, closed.is_open) == (NOW, False)
    said = {"exception": line_id, "kind": "orphan"}
    assert [tuple(act) for act in acts] == [
        ("exception-taken", {**said, "before": None, "after": "staff:rosa"}),
        ("exception-taken", {**said, "before": "staff:rosa", "after": "staff:luis"}),
        ("exception-closed", {**said, "reason": "refunded, re_1"}),
    ]


def test_the_account_hears_of_it(db: TestDatabase, sessions: Sessions, rosa: Authority) -> None:
    with transaction(sessions) as session:
        account = make_account(session, charges=()).id
    take(sessions, rosa, opened(sessions, "second-payment", "x", account), owner_seen=None)
    with db.owner.connect() as owner:
        subject = owner.execute(text("SELECT subject_kind, subject_id FROM audit_entries ORDER BY id DESC")).first()
    assert tuple(subject or ()) == ("account", str(account))


def test_what_cannot_be_done_is_refused_and_nothing_changes(
    db: TestDatabase, sessions: Sessions, rosa: Authority, luis: Authority
) -> None:
    line_id, cashier = opened(sessions), person(sessions, "cashier", "cara")
    with refused(db, NoReason):
        close(sessions, rosa, line_id, "  ", owner_seen=None, now=NOW)
    for who, error, number in ((rosa, NotFound, line_id + 1), (cashier, NotAllowed, line_id)):
        with refused(db, error):
            close(sessions, who, number, "done", owner_seen=None, now=NOW)
        with refused(db, error):
            take(sessions, who, number, owner_seen=None)
    take(sessions, rosa, line_id, owner_seen=None)
    with refused(db, WithAnother):
        take(sessions, luis, line_id, owner_seen=None)
    with refused(db, WithAnother):
        close(sessions, luis, line_id, "done", owner_seen=None, now=NOW)
    close(sessions, rosa, line_id, "done", owner_seen=rosa.actor_id, now=NOW)
    with refused(db, LineClosed):
        close(sessions, luis, line_id, "done too", owner_seen=rosa.actor_id, now=NOW)
    with refused(db, LineClosed):
        take(sessions, luis, line_id, owner_seen=rosa.actor_id)


@pytest.mark.parametrize("flag", ["is_protected", "is_restricted"])
def test_a_line_about_a_hidden_account_is_not_there(
    db: TestDatabase, sessions: Sessions, rosa: Authority, flag: str
) -> None:
    hidden = opened(sessions, "second-payment", "x", hidden_account(db, flag))
    seen, chief = opened(sessions), person(sessions, "supervisor", "omar")
    with reading(sessions) as session:
        assert [one.id for one in lines(session, rosa).lines] == [seen]
        assert [(one.kind, one.open) for one in counts(session, rosa, NOW)] == [("orphan", 1)]
        with pytest.raises(NotFound):
            line(session, hidden, rosa)
        assert {one.id for one in lines(session, chief).lines} == {seen, hidden}
        assert {one.id for one in lines(session, THE_MACHINE).lines} == {seen, hidden}
        assert line(session, hidden, chief).reference
    with refused(db, NotFound):
        take(sessions, rosa, hidden, owner_seen=None)
    with refused(db, NotFound):
        close(sessions, rosa, hidden, "done", owner_seen=None, now=NOW)
    take(sessions, chief, hidden, owner_seen=None)


def test_lines_are_found_by_clock_kind_owner_and_page(
    db: TestDatabase, sessions: Sessions, rosa: Authority, luis: Authority
) -> None:
    for number in range(5):
        opened(sessions, "second-payment", f"s{number}")
    late = opened(sessions)
    with db.owner.begin() as owner:
        owner.execute(text("UPDATE exception_lines SET opened_at = :at"), {"at": NOW - timedelta(days=2)})
    take(sessions, rosa, late, owner_seen=None)
    with reading(sessions) as session:
        first = lines(session, luis, limit=4)
        rest = lines(session, luis, after=first.next_after, limit=4)
        assert [len(first.lines), len(rest.lines), rest.next_after] == [4, 2, None]
        assert first.lines[0].id == late, "its clock is the shortest"
        assert len({one.id for one in (*first.lines, *rest.lines)}) == 6
        assert [one.id for one in lines(session, luis, Wanted(late_at=NOW)).lines] == [late]
        assert [one.id for one in lines(session, luis, Wanted(owner_id=rosa.actor_id)).lines] == [late]
        assert len(lines(session, luis, Wanted(nobodys=True)).lines) == 5
        assert len(lines(session, luis, Wanted("second-payment")).lines) == 5
        found = [(one.kind, one.open, one.late, one.mine, one.nobodys) for one in counts(session, rosa, NOW)]
        assert found == [("orphan", 1, 1, 1, 0), ("second-payment", 5, 0, 0, 5)]
    for number, done in enumerate(first.lines):
        owner_seen = rosa.actor_id if done.id == late else None
        close(sessions, rosa, done.id, "done", owner_seen=owner_seen, now=NOW + timedelta(hours=number))
    with reading(sessions) as session:
        page = lines(session, luis, Wanted(closed=True), limit=3)
        more = lines(session, luis, Wanted(closed=True), after=page.next_after, limit=3)
        closed = [one.id for one in (*page.lines, *more.lines)]
        assert closed == [one.id for one in reversed(first.lines)], "the last one first"


def test_only_one_of_many_takes_a_line_and_only_one_closes_it(sessions: Sessions) -> None:
    people = [person(sessions, "clerk", f"clerk-{number}") for number in range(4)]
    line_id = opened(sessions)
    taken = together([lambda who=who: take(sessions, who, line_id, owner_seen=None) for who in people])  # type: ignore[misc]
    assert sorted(type(outcome).__name__ for outcome in taken) == ["NoneType", *["WithAnother"] * 3]
    (owner,) = [who for who, outcome in zip(people, taken, strict=True) if outcome is None]
    closed = together(
        [
            lambda who=who: close(sessions, who, line_id, "done", owner_seen=owner.actor_id, now=NOW)  # type: ignore[misc]
            for who in people
        ]
    )
    assert sorted(type(outcome).__name__ for outcome in closed) == [*["LineClosed"] * 3, "NoneType"]


def test_without_the_state_that_was_seen_the_last_to_take_would_have_it(sessions: Sessions) -> None:
    """The control: who says that they saw the owner of the moment always gets the line."""
    people = [person(sessions, "clerk", f"clerk-{number}") for number in range(4)]
    line_id = opened(sessions)
    for before, who in zip([None, *people], people, strict=False):
        take(sessions, who, line_id, owner_seen=before.actor_id if before else None)
    with reading(sessions) as session:
        assert line(session, line_id, people[0]).owner_id == people[-1].actor_id


def test_somebody_at_the_machine_is_named(sessions: Sessions) -> None:
    line_id = opened(sessions)
    take(sessions, at_the_machine(sessions, " Ana.Ruiz "), line_id, owner_seen=None)
    with reading(sessions) as session:
        assert line(session, line_id, THE_MACHINE).owner == "ana.ruiz"


def test_money_without_an_owner_has_the_shortest_clock() -> None:
    assert respond_by("orphan", NOW) < respond_by("second-payment", NOW) < respond_by("import-contradiction", NOW)
