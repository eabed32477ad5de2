"""The index is kept by whatever changes an account, in the same transaction; nobody has to remember it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from accounts.customer_accounts.models import AccountKind
from accounts.customer_accounts.service import Holder, NewAccount, Place, change_accounts, open_accounts
from accounts.database import Sessions, transaction
from accounts.searches.queries import search
from accounts.searches.service import index_accounts, index_all
from portal.verification.searches import INDEX
from tests.accounts.searches.town import KEY, look, names, opened

ANA = NewAccount(AccountKind.UTILITY, Holder("Ana Lindqvist"), Place("12 Oak Street", zip_code="95300"))

_MANY_WORDS = """
    INSERT INTO search_spellings (spelling, word)
    SELECT left(md5(n::text), cut), md5(n::text) FROM generate_series(1, 30000) AS n, unnest(ARRAY[31, 32]) AS cut"""


def wrong(sessions: Sessions) -> Sequence[str]:
    with transaction(sessions) as session:
        return session.scalars(text(INDEX.violators)).all()


def found_in(session: Session, asked: str) -> list[str]:
    return [hit.holder for hit in search(session, asked, sees_protected=True, sees_restricted=True).hits]


def test_who_opens_an_account_finds_it_at_once(sessions: Sessions) -> None:
    with transaction(sessions) as session:
        open_accounts(session, [ANA], proof_key=KEY)
        assert found_in(session, "lindqvist 12 oak") == found_in(session, "lindqivst") == ["Ana Lindqvist"]
    assert wrong(sessions) == []


@pytest.mark.parametrize("shunned", ["mergejoin", "hashjoin, nestloop", "nestloop, seqscan"])
def test_it_is_kept_however_the_planner_goes_about_it(sessions: Sessions, owner_engine: Engine, shunned: str) -> None:
    """PostgreSQL 18 fails to plan a merge join for an anti join whose two conditions name one value."""
    with owner_engine.begin() as connection:
        connection.execute(text(_MANY_WORDS))
        connection.execute(text("ANALYZE search_spellings"))
    with transaction(sessions) as session:
        for way in shunned.split(", "):
            session.execute(text(f"SET LOCAL enable_{way} = off"))
        open_accounts(session, [ANA], proof_key=KEY)
        assert found_in(session, "lindqivst") == ["Ana Lindqvist"]


def test_who_changes_a_name_finds_it_by_the_new_name_and_not_by_the_old(sessions: Sessions) -> None:
    with transaction(sessions) as session:
        (account,) = open_accounts(session, [ANA], proof_key=KEY)
        changed = replace(ANA, holder=Holder("Ana Fitzgerald"), place=Place("9 Elm Court", zip_code="95301"))
        change_accounts(session, [(account.id, changed)], proof_key=KEY)
        assert found_in(session, "fitzgerald 9 elm ct") == found_in(session, "fitzgreald") == ["Ana Fitzgerald"]
        assert found_in(session, "lindqvist") == found_in(session, "12 oak") == []
    assert wrong(sessions) == []


@pytest.mark.parametrize(
    ("change", "asked"),
    [
        ("UPDATE customers SET name = 'Nadia Perkins' WHERE name = 'Ana Lindqvist'", "perkins"),
        ("UPDATE premises SET address = '5 Pine Way', address_key = '5 pine way'", "5 pine way"),
        ("UPDATE premises SET zip_code = '95399'", "lindqvist 95399"),
        ("UPDATE licenses SET business_name = 'La Espiga'", "espiga"),
        ("UPDATE customer_accounts SET customer_id = (SELECT id FROM customers WHERE name = 'Luz Vega')", "luz vega"),
        ("UPDATE customer_accounts SET premises_id = (SELECT max(id) FROM premises)", "lindqvist 7 elm"),
    ],
)
def test_every_change_that_a_search_reads_is_followed(sessions: Sessions, change: str, asked: str) -> None:
    with transaction(sessions) as session:
        account = opened(session, "Ana Lindqvist", "12 Oak Street", kind="license")
        opened(session, "Luz Vega", "7 Elm Street", zip_code="95301")
    before = {hit.account_id for hit in look(sessions, asked).hits}
    with transaction(sessions) as session:
        session.execute(text(change))
    assert account not in before
    assert account in {hit.account_id for hit in look(sessions, asked).hits}
    assert wrong(sessions) == []


def test_a_change_that_is_taken_back_leaves_the_index_as_it_was(sessions: Sessions) -> None:
    with transaction(sessions) as session:
        opened(session, "Ana Lindqvist")
    with sessions() as session:
        session.execute(text("UPDATE customers SET name = 'Nadia Perkins'"))
        assert found_in(session, "perkins") == ["Nadia Perkins"]
        session.rollback()
    assert (names(sessions, "perkins"), names(sessions, "lindqvist")) == ([], ["Ana Lindqvist"])
    assert wrong(sessions) == []


def test_a_payment_does_not_write_the_index(sessions: Sessions) -> None:
    with transaction(sessions) as session:
        opened(session, "Ana Lindqvist")
    version = text("SELECT xmin::text FROM search_documents")
    with transaction(sessions) as session:
        before = session.scalar(version)
        session.execute(text("UPDATE customer_accounts SET credit_cents = 5, last_paid_cents = 5, status = 'closed'"))
        session.execute(text("UPDATE customers SET email = 'a@example.org', phone = '209-555-0100', name = name"))
        assert session.scalar(version) == before


def test_a_name_of_any_length_and_kind_can_be_kept(sessions: Sessions) -> None:
    with transaction(sessions) as session:
        for name in ("x" * 3000, "ﷺ" * 600, "--", "王小明", "a " * 2000, "'\"\\:*&|!()<->"):
            opened(session, name, name)
    assert wrong(sessions) == []
    assert names(sessions, "王小明") == ["王小明"]


def test_rows_that_came_in_past_the_triggers_are_named_and_mended(sessions: Sessions, owner_engine: Engine) -> None:
    with transaction(sessions) as session:
        kept, renamed, lost = (opened(session, name) for name in ("Ana Kept", "Ana Renamed", "Ana Lost"))
    with owner_engine.begin() as connection:
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        connection.execute(text("UPDATE customers SET name = 'Nadia Perkins' WHERE name = 'Ana Renamed'"))
        connection.execute(text("DELETE FROM search_documents WHERE customer_account_id = :lost"), {"lost": lost})
        connection.execute(text("DELETE FROM search_spellings WHERE spelling = 'kep'"))
    assert sorted(wrong(sessions)) == [
        "1 words are not found when they are misspelled",
        f"account {renamed} is indexed by other words than its own",
        f"account {lost} is not in the index",
    ]
    told: list[tuple[int, int]] = []
    assert index_all(sessions, progress=lambda done, of: told.append((done, of))) == 2
    assert told == [(3, 3)]
    assert wrong(sessions) == []
    assert names(sessions, "perkins") == ["Nadia Perkins"]
    with transaction(sessions) as session:
        assert index_accounts(session, [kept, renamed]) == 0
