"""The audit: one line for each look, search, export and act; asked by record, person, act and day."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from accounts import audit
from accounts.actors.service import actor_id
from accounts.audit import queries
from accounts.audit.queries import Wanted
from accounts.database import Sessions, transaction
from tests.database import TestDatabase

ACCOUNT = 17


@pytest.fixture
def session(sessions: Sessions) -> Iterator[Session]:
    with transaction(sessions) as session:
        yield session


def looked(session: Session, who: str, page: str = "accounts.show", why: str = "") -> bool:
    return audit.seen(session, ACCOUNT, actor_id(session, who), page, why)


def test_looking_again_within_a_minute_is_one_line(session: Session) -> None:
    assert looked(session, "staff:rosa")
    assert not looked(session, "staff:rosa")
    assert looked(session, "staff:omar"), "another person"
    assert looked(session, "staff:rosa", page="accounts.history"), "another page"
    assert looked(session, "staff:rosa", why="caller asked"), "another reason"
    assert audit.seen(session, ACCOUNT + 1, actor_id(session, "staff:rosa"), "accounts.show"), "another account"
    page = queries.who_has_seen(session, ACCOUNT)
    assert [(entry.actor, entry.details["page"], entry.reason) for entry in page.entries] == [
        ("staff:rosa", "accounts.show", "caller asked"),
        ("staff:rosa", "accounts.history", ""),
        ("staff:omar", "accounts.show", ""),
        ("staff:rosa", "accounts.show", ""),
    ]


def test_a_page_of_several_accounts_is_a_look_at_each(session: Session) -> None:
    rosa = actor_id(session, "staff:rosa")
    assert looked(session, "staff:rosa", page="approvals_show")
    assert audit.seen_all(session, [ACCOUNT, ACCOUNT + 1, ACCOUNT + 2], rosa, "approvals_show") == 2
    assert audit.seen_all(session, [], rosa, "approvals_show") == 0
    for account in (ACCOUNT, ACCOUNT + 1, ACCOUNT + 2):
        assert len(queries.who_has_seen(session, account).entries) == 1


def test_a_minute_later_it_is_another_look(db: TestDatabase, sessions: Sessions) -> None:
    with transaction(sessions) as session:
        assert looked(session, "staff:rosa")
    with db.owner.begin() as owner:
        owner.execute(text("SET LOCAL session_replication_role = replica"))
        owner.execute(text("UPDATE audit_entries SET at = at - interval '61 seconds'"))
    with transaction(sessions) as session:
        assert looked(session, "staff:rosa")
        assert not looked(session, "staff:rosa")


def test_an_act_tells_who_why_and_what_was_before(session: Session) -> None:
    rosa = actor_id(session, "staff:rosa", name="Rosa Díaz")
    audit.record(session, "account-closed", subject=("account", ACCOUNT), actor_id=rosa, reason="moved",
                 before="open", after="closed")  # fmt: skip
    audit.record(session, "customer-changed", subject=("customer", 4), actor_id=rosa)
    audit.record(session, "account-closed", subject=("account", ACCOUNT + 1), actor_id=rosa)
    looked(session, "staff:rosa")
    (closed,) = queries.entries_of(session, [("account", ACCOUNT)]).entries
    assert (closed.actor, closed.actor_name, closed.reason, closed.before, closed.after) == (
        "staff:rosa", "Rosa Díaz", "moved", "open", "closed",
    )  # fmt: skip
    both = queries.entries_of(session, [("account", ACCOUNT), ("customer", 4)]).entries
    assert [entry.act for entry in both] == ["customer-changed", "account-closed"]
    looks = queries.entries_of(session, [("account", ACCOUNT)], Wanted(acts=(audit.SEEN,)))
    assert [entry.act for entry in looks.entries] == [audit.SEEN]


def test_a_search_and_an_export_are_one_line_each(session: Session) -> None:
    rosa, omar = actor_id(session, "staff:rosa"), actor_id(session, "staff:omar")
    audit.searched(session, rosa, "lopez " * 100, 12)
    audit.exported(session, rosa, "account history", 40, subject=("account", ACCOUNT), reason="records request")
    audit.searched(session, omar, "elm st", 3)
    export, search = queries.by_actor(session, rosa).entries
    assert (search.act, len(str(search.details["asked"])), search.details["found"]) == (audit.SEARCHED, 200, 12)
    assert (export.act, export.subject_id, export.reason, export.details["rows"]) == (
        audit.EXPORTED, str(ACCOUNT), "records request", 40,
    )  # fmt: skip
    only = queries.by_actor(session, rosa, Wanted(acts=(audit.SEARCHED,)))
    assert [entry.id for entry in only.entries] == [search.id]


def test_the_same_search_within_a_minute_is_one_line(session: Session) -> None:
    rosa, omar = actor_id(session, "staff:rosa"), actor_id(session, "staff:omar")
    assert audit.searched(session, rosa, "lopez", 12)
    assert not audit.searched(session, rosa, "lopez", 20), "typed first, then sent"
    assert audit.searched(session, rosa, "lopez ruiz", 1)
    assert audit.searched(session, omar, "lopez", 12)
    found = queries.entries(session, Wanted(acts=(audit.SEARCHED,))).entries
    assert [entry.details["asked"] for entry in found] == ["lopez", "lopez ruiz", "lopez"]


def test_pages_meet_and_new_lines_shift_none(session: Session) -> None:
    rosa = actor_id(session, "staff:rosa")
    for number in range(5):
        audit.record(session, f"act-{number}", subject=("account", ACCOUNT), actor_id=rosa)
    first = queries.entries_of(session, [("account", ACCOUNT)], limit=2)
    audit.record(session, "act-5", subject=("account", ACCOUNT), actor_id=rosa)
    second = queries.entries_of(session, [("account", ACCOUNT)], before=first.next_before, limit=2)
    third = queries.entries_of(session, [("account", ACCOUNT)], before=second.next_before, limit=2)
    acts = [entry.act for page in (first, second, third) for entry in page.entries]
    assert acts == ["act-4", "act-3", "act-2", "act-1", "act-0"]
    assert third.next_before is None


def test_days_choose(session: Session) -> None:
    audit.record(session, "act", actor_id=actor_id(session, "staff:rosa"))
    now = datetime.now(UTC)
    hour = timedelta(hours=1)
    assert len(queries.entries(session, Wanted(since=now - hour, until=now + hour)).entries) == 1
    assert queries.entries(session, Wanted(since=now + hour)).entries == ()
    assert queries.entries(session, Wanted(until=now - hour)).entries == ()


@pytest.mark.parametrize("statement", ["UPDATE audit_entries SET act = 'other'", "DELETE FROM audit_entries"])
def test_nobody_edits_it(sessions: Sessions, statement: str) -> None:
    with transaction(sessions) as session:
        looked(session, "staff:rosa")
    with pytest.raises(DBAPIError), transaction(sessions) as session:
        session.execute(text(statement))
    with transaction(sessions) as session:
        assert len(queries.who_has_seen(session, ACCOUNT).entries) == 1
