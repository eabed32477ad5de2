"""Journals that the database refuses, and that it then keeps nothing of."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from accounts.actors.service import actor_id
from accounts.database import Sessions, transaction
from accounts.errors import Conflict, NotFound
from accounts.ledger.rules import JournalDraft, Line, Source, Unbalanced
from accounts.ledger.service import open_business_day, post, reverse
from accounts.money import Money
from tests.factories import DAY, make_chart

_COUNTED = ("journals", "postings", "source_effects", "allocations", "payments", "receipts", "charges")


@pytest.fixture
def books(sessions: Sessions, owner_engine: Engine) -> Iterator[Sessions]:
    """A chart and one journal; whatever a test tries, nothing is changed by it."""
    with transaction(sessions) as session:
        make_chart(session)
        post(session, _draft(session, "first"))
    before = _everything(owner_engine)
    yield sessions
    assert _everything(owner_engine) == before


def _everything(owner: Engine) -> dict[str, object]:
    with owner.connect() as connection:
        return {
            table: connection.scalar(text(f"SELECT jsonb_agg(to_jsonb(t) ORDER BY to_jsonb(t)::text) FROM {table} t"))
            for table in _COUNTED
        }


def _draft(session: Session, source: str, *lines: Line, day_later: int = 0) -> JournalDraft:
    lines = lines or (Line("100-1000", "100", Money(5_00)), Line("100-3000", "100", Money(-5_00)))
    return JournalDraft(
        "transfer",
        Source("test", source, "post"),
        DAY + timedelta(days=day_later),
        actor_id(session, "staff:rosa"),
        lines,
    )


def _raw_journal(session: Session) -> int:
    open_business_day(session, DAY)
    return int(
        session.scalars(
            text(
                "INSERT INTO journals (business_day, effective_on, kind, actor_id)"
                " VALUES (:day, :day, 'raw', :actor) RETURNING id"
            ),
            {"day": DAY, "actor": actor_id(session, "staff:rosa")},
        ).one()
    )


def _raw(session: Session, *postings: tuple[str, int], fund: str | None = None) -> None:
    """A journal behind the writer's back: (code, cents) of each posting."""
    journal = _raw_journal(session)
    for line, (code, cents) in enumerate(postings):
        _raw_posting(session, (journal, line), code, cents, fund)


def _raw_posting(session: Session, place: tuple[int, int], code: str, cents: int, fund: str | None) -> None:
    session.execute(
        text(
            "INSERT INTO postings (journal_id, line_no, ledger_account_id, fund, amount_cents)"
            " SELECT :journal, :line, id, coalesce(:fund, fund), :cents FROM ledger_accounts WHERE code = :code"
        ),
        {"journal": place[0], "line": place[1], "cents": cents, "code": code, "fund": fund},
    )


def test_off_by_a_cent(books: Sessions) -> None:
    with pytest.raises(DBAPIError, match="off by 1 cents in fund 100"), transaction(books) as session:
        _raw(session, ("100-1000", 5_01), ("100-3000", -5_00))


def test_balanced_in_all_but_not_in_each_fund(books: Sessions) -> None:
    with pytest.raises(DBAPIError, match="in fund"), transaction(books) as session:
        _raw(session, ("100-1000", 5_00), ("510-4100", -5_00))


def test_a_journal_without_postings(books: Sessions) -> None:
    with pytest.raises(DBAPIError, match="has no postings"), transaction(books) as session:
        _raw_journal(session)


def test_a_posting_that_comes_later_even_a_balanced_pair(books: Sessions) -> None:
    with pytest.raises(DBAPIError, match="earlier transaction"), transaction(books) as session:
        session.execute(
            text(
                "INSERT INTO postings (journal_id, line_no, ledger_account_id, fund, amount_cents)"
                " SELECT 1, 8 + n, id, fund, CASE n WHEN 1 THEN 1 ELSE -1 END"
                " FROM ledger_accounts, generate_series(1, 2) AS n WHERE code = '100-1000'"
            )
        )


def test_a_posting_in_another_fund_than_its_account(books: Sessions) -> None:
    with pytest.raises(DBAPIError, match="another fund"), transaction(books) as session:
        _raw(session, ("510-4100", 5_00), fund="100")


def test_a_posting_of_nothing(books: Sessions) -> None:
    with pytest.raises(DBAPIError, match="amount_is_not_zero"), transaction(books) as session:
        _raw(session, ("100-1000", 0))


def test_a_posting_into_a_closed_day(books: Sessions) -> None:
    with transaction(books) as session:
        session.execute(text("INSERT INTO business_days (day, state) VALUES ('2026-11-16', 'closed')"))
    with pytest.raises(DBAPIError, match="2026-11-16 is not open"), transaction(books) as session:
        post(session, _draft(session, "late", day_later=-1), business_day=DAY - timedelta(days=1))


def test_a_closed_day_is_not_opened_again_nor_its_time_changed(books: Sessions) -> None:
    with transaction(books) as session:
        session.execute(text("INSERT INTO business_days (day, state) VALUES ('2026-11-16', 'closed')"))
        assert session.scalars(text("SELECT closed_at > opened_at FROM business_days WHERE state = 'closed'")).one()
    for change in ("state = 'open'", "closed_at = now()", "closed_at = NULL, state = 'open'"):
        with pytest.raises(DBAPIError, match="closed for good"), transaction(books) as session:
            session.execute(text(f"UPDATE business_days SET {change} WHERE day = '2026-11-16'"))


def test_a_day_that_is_not_in_the_books(books: Sessions) -> None:
    with pytest.raises(DBAPIError, match="is not open"), transaction(books) as session:
        post(session, _draft(session, "lost"), business_day=DAY + timedelta(days=400))


def test_the_same_source_and_effect_twice(books: Sessions) -> None:
    with pytest.raises(DBAPIError, match="pk_source_effects"), transaction(books) as session:
        post(session, _draft(session, "first"))


def test_an_account_that_is_not_in_the_chart(books: Sessions) -> None:
    lines = (Line("100-1000", "100", Money(1)), Line("100-9999", "100", Money(-1)))
    with pytest.raises(DBAPIError, match="not in the chart: 1 of 2"), transaction(books) as session:
        post(session, _draft(session, "unknown", *lines))


def test_an_unbalanced_draft_never_reaches_the_database(books: Sessions) -> None:
    lines = (Line("100-1000", "100", Money(5_01)), Line("100-3000", "100", Money(-5_00)))
    with pytest.raises(Unbalanced, match=r"'100': '0\.01'"), transaction(books) as session:
        post(session, _draft(session, "off", *lines))


def test_lines_that_cancel_out_are_no_journal(books: Sessions) -> None:
    lines = (Line("100-1000", "100", Money(5)), Line("100-1000", "100", Money(-5)))
    with pytest.raises(Unbalanced, match="no lines"), transaction(books) as session:
        post(session, _draft(session, "nothing", *lines))


def test_a_journal_is_reversed_once_and_a_reversal_never(sessions: Sessions) -> None:
    with transaction(sessions) as session:
        make_chart(session)
        rosa = actor_id(session, "staff:rosa")
        first = post(session, _draft(session, "first"))
        back = reverse(session, first, actor_id=rosa, on=DAY, memo="wrong account")
    with pytest.raises(DBAPIError, match="reverses_id"), transaction(sessions) as session:
        reverse(session, first, actor_id=rosa, on=DAY, memo="again")
    with pytest.raises(Conflict), transaction(sessions) as session:
        reverse(session, back, actor_id=rosa, on=DAY, memo="and back")
    with pytest.raises(NotFound), transaction(sessions) as session:
        reverse(session, 999, actor_id=rosa, on=DAY, memo="what")
