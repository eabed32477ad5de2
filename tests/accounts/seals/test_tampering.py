"""Whatever the owner of the database changes in a sealed day behind the house's back, that day is named first."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from accounts.clock import FixedClock
from accounts.database import Sessions, reading, transaction
from accounts.seals.queries import broken_days, chain, head_problem
from accounts.seals.rules import Seal, sealed
from accounts.seals.service import DaySeal
from portal.sealing import PARTS
from portal.verification import seals
from tests.accounts.seals.days import THURSDAY, TUESDAY, WEDNESDAY, broken, close_all, transfer
from tests.factories import make_chart

pytestmark = pytest.mark.long

_THURSDAY = "(SELECT max(id) FROM journals WHERE business_day = '2026-11-19' AND kind = 'payment')"
_POSTING = f"(SELECT min(id) FROM postings WHERE journal_id = {_THURSDAY} AND amount_cents > 0)"

TAMPERINGS = [
    ("one cent", THURSDAY, "postings come to",
     f"UPDATE postings SET amount_cents = amount_cents + 1 WHERE id = {_POSTING}"),
    ("one cent of a credit", THURSDAY, "content of postings",
     f"UPDATE postings SET amount_cents = amount_cents - 1 WHERE journal_id = {_THURSDAY} AND amount_cents < 0"),
    ("one date", THURSDAY, "content of journals",
     f"UPDATE journals SET effective_on = effective_on - 1 WHERE id = {_THURSDAY}"),
    ("one instant", THURSDAY, "content of journals",
     f"UPDATE journals SET posted_at = posted_at - interval '1 microsecond' WHERE id = {_THURSDAY}"),
    ("one memo", THURSDAY, "content of journals", f"UPDATE journals SET memo = memo || ' ' WHERE id = {_THURSDAY}"),
    ("one actor", THURSDAY, "content of journals", f"UPDATE journals SET actor_id = 1 WHERE id = {_THURSDAY}"),
    ("what is reversed", THURSDAY, "content of journals",
     "UPDATE journals SET reverses_id = NULL WHERE reverses_id IS NOT NULL"),
    ("one source", THURSDAY, "content of sources",
     f"UPDATE source_effects SET source_id = source_id || 'x' WHERE journal_id = {_THURSDAY}"),
    ("one account", THURSDAY, "content of postings",
     f"UPDATE postings SET customer_account_id = 1 WHERE id = {_POSTING}"),
    ("a code of the chart", TUESDAY, "content of postings",
     "UPDATE ledger_accounts SET code = '510-1299' WHERE code = '510-1200'"),
    ("one allocation", THURSDAY, "content of allocations",
     f"UPDATE allocations SET charge_id = 99 WHERE journal_id = {_THURSDAY}"),
    ("one due date", TUESDAY, "content of charges", "UPDATE charges SET due_on = due_on + 1 WHERE id = 1"),
    ("one tender", THURSDAY, "content of payments",
     f"UPDATE payments SET tender = 'cash' WHERE journal_id = {_THURSDAY}"),
    ("one receipt's text", THURSDAY, "content of receipts",
     "UPDATE receipts SET content = content || '{\"note\": 1}' WHERE number = 4"),
    ("a row is gone", THURSDAY, "postings, sealed were", f"DELETE FROM postings WHERE id = {_POSTING}"),
    ("a journal is gone with all of it", THURSDAY, "2 journals, sealed were 3",
     f"""WITH gone AS (DELETE FROM journals WHERE id = {_THURSDAY} RETURNING id),
             a AS (DELETE FROM postings WHERE journal_id = (SELECT id FROM gone)),
             b AS (DELETE FROM source_effects WHERE journal_id = (SELECT id FROM gone))
         DELETE FROM payments WHERE journal_id = (SELECT id FROM gone)"""),
    ("a row is added", THURSDAY, "postings, sealed were",
     f"""INSERT INTO postings (journal_id, line_no, ledger_account_id, fund, amount_cents)
         SELECT journal_id, 90 + n, ledger_account_id, fund, CASE n WHEN 1 THEN 1 ELSE -1 END
           FROM postings, generate_series(1, 2) AS n WHERE id = {_POSTING}"""),
    ("a journal is added", WEDNESDAY, "1 journals, sealed were 0",
     "INSERT INTO journals (business_day, effective_on, kind, actor_id) VALUES ('2026-11-18', '2026-11-18', 'x', 1)"),
    ("a journal before the books", date(2026, 11, 1), "it has no seal",
     "INSERT INTO journals (business_day, effective_on, kind, actor_id) VALUES ('2026-11-01', '2026-11-01', 'x', 1)"),
    ("a journal moves to another day", TUESDAY, "6 journals, sealed were 5",
     f"UPDATE journals SET business_day = '2026-11-17' WHERE id = {_THURSDAY}"),
    ("a journal leaves for an open day", THURSDAY, "2 journals, sealed were 3",
     f"UPDATE journals SET business_day = '2026-11-20' WHERE id = {_THURSDAY}"),
    ("debit and credit are swapped", THURSDAY, "content of postings",
     f"""UPDATE postings SET amount_cents = -amount_cents
          WHERE journal_id = {_THURSDAY} AND fund = (SELECT fund FROM postings WHERE id = {_POSTING})"""),
    ("two rows are swapped", TUESDAY, "content of sources",
     "UPDATE source_effects SET journal_id = 3 - journal_id WHERE journal_id IN (1, 2)"),
    ("the day is opened again", WEDNESDAY, "it was opened again",
     "UPDATE business_days SET state = 'open' WHERE day = '2026-11-18'"),
    ("the day's time is another", WEDNESDAY, "content of days",
     "UPDATE business_days SET closed_at = closed_at + interval '1 second' WHERE day = '2026-11-18'"),
    ("the day is gone", WEDNESDAY, "not in the books any more", "DELETE FROM business_days WHERE day = '2026-11-18'"),
    ("a day is put before", date(2026, 11, 1), "before the last seal",
     "INSERT INTO business_days (day) VALUES ('2026-11-01')"),
    ("a day is put before, closed", date(2026, 11, 1), "closed and has no seal",
     "INSERT INTO business_days (day, state) VALUES ('2026-11-01', 'closed')"),
    ("a count in the seal", WEDNESDAY, "its seal was changed",
     "UPDATE day_seals SET parts = jsonb_set(parts, '{journals,rows}', '1') WHERE day = '2026-11-18'"),
    ("the seal's digest", WEDNESDAY, "its seal was changed",
     "UPDATE day_seals SET digest = sha256('x') WHERE day = '2026-11-18'"),
    ("the seal's chained digest", WEDNESDAY, "its seal was changed",
     "UPDATE day_seals SET chained = sha256('x') WHERE day = '2026-11-18'"),
    ("who sealed", WEDNESDAY, "its seal was changed", "UPDATE day_seals SET actor_id = 2 WHERE day = '2026-11-18'"),
    ("when it was sealed", WEDNESDAY, "its seal was changed",
     "UPDATE day_seals SET sealed_at = sealed_at + interval '1 day' WHERE day = '2026-11-18'"),
    ("the form", WEDNESDAY, "cannot read", "UPDATE day_seals SET form = '9' WHERE day = '2026-11-18'"),
    ("the first seal is gone", TUESDAY, "its seal is gone", "DELETE FROM day_seals WHERE day = '2026-11-17'"),
    ("a seal between is gone", WEDNESDAY, "its seal is gone", "DELETE FROM day_seals WHERE day = '2026-11-18'"),
    ("the last seal is gone", THURSDAY, "closed and has no seal", "DELETE FROM day_seals WHERE day = '2026-11-19'"),
    ("all seals are gone", TUESDAY, "closed and has no seal", "DELETE FROM day_seals"),
]  # fmt: skip


@pytest.mark.parametrize(("day", "says", "sql"), [row[1:] for row in TAMPERINGS], ids=[row[0] for row in TAMPERINGS])
def test_the_first_broken_day_is_named(
    sealed_days: Sessions, owner_engine: Engine, day: date, says: str, sql: str
) -> None:
    assert broken(sealed_days) == []
    _tamper(owner_engine, sql)
    found = broken(sealed_days)
    assert found[0][0] == day
    assert says in found[0][1]
    with reading(sealed_days) as session:
        assert seals.violations(session)[0].startswith(f"the first broken day is {day}: ")


def test_with_triggers_switched_off_and_on_again(sealed_days: Sessions, owner_engine: Engine) -> None:
    with owner_engine.begin() as connection:
        connection.execute(text("ALTER TABLE postings DISABLE TRIGGER USER"))
        connection.execute(text(f"UPDATE postings SET amount_cents = amount_cents + 1 WHERE id = {_POSTING}"))
        connection.execute(text("ALTER TABLE postings ENABLE TRIGGER USER"))
    assert [day for day, _ in broken(sealed_days)] == [THURSDAY]


def test_the_last_day_undone_to_the_end_is_known_to_the_audit(sealed_days: Sessions, owner_engine: Engine) -> None:
    """Seal removed and day opened again: the books look as on the evening before, but the audit remembers."""
    _tamper(
        owner_engine,
        "DELETE FROM day_seals WHERE day = '2026-11-19'",
        "UPDATE business_days SET state = 'open', closed_at = NULL WHERE day = '2026-11-19'",
    )
    ((day, what),) = broken(sealed_days)
    assert day == THURSDAY
    assert "its seal is gone; the audit knows it as " in what


def test_only_a_head_kept_elsewhere_tells_of_a_chain_forged_with_its_audit(
    sealed_days: Sessions, owner_engine: Engine, clock: FixedClock
) -> None:
    with reading(sealed_days) as session:
        heads = [session.get_one(DaySeal, day) for day in (TUESDAY, WEDNESDAY)]
        noted = chain(session).head
        assert noted is not None
        assert head_problem(session, noted.name) == head_problem(session, noted.chained.hex().upper()) == ""
        assert [head_problem(session, f"{seal.day}:{seal.chained.hex()}") for seal in heads] == ["", ""]
        assert "seals were changed" in head_problem(session, f"2026-11-17:{noted.chained.hex()}")
    _tamper(
        owner_engine,
        "DELETE FROM day_seals WHERE day = '2026-11-19'",
        "DELETE FROM audit_entries WHERE subject_id = '2026-11-19'",
        "UPDATE business_days SET state = 'open', closed_at = NULL WHERE day = '2026-11-19'",
        f"UPDATE journals SET memo = 'nothing to see' WHERE id = {_THURSDAY}",
    )
    clock.advance(seconds=1)
    close_all(sealed_days, clock)
    assert broken(sealed_days) == []
    with reading(sealed_days) as session:
        (problem,) = seals.violations(session, noted.name)
    assert problem.startswith("2026-11-19: its seal is not the one noted")


def test_a_seal_forged_with_its_content_is_named_by_the_next(sealed_days: Sessions, owner_engine: Engine) -> None:
    with reading(sealed_days) as session:
        first = chain(session).head
    assert first is not None
    forged = sealed(TUESDAY, first.parts, None, form="1", sealed_at=first.sealed_at, actor_id=first.actor_id)
    _tamper(
        owner_engine,
        "UPDATE day_seals SET parts = (SELECT parts FROM day_seals WHERE day = '2026-11-19'),"
        f" digest = '\\x{forged.digest.hex()}', chained = '\\x{forged.chained.hex()}' WHERE day = '2026-11-17'",
    )
    day, what = broken(sealed_days)[0]
    assert day == TUESDAY
    assert "another than the one that 2026-11-18 was laid upon" in what
    assert isinstance(forged, Seal)


DAYS = st.lists(st.tuples(st.integers(0, 6), st.integers(1, 900_00)), min_size=1, max_size=8)
COLUMNS = (
    "effective_on = effective_on + 1", "memo = 'x' || memo", "kind = kind || 'x'",
    "posted_at = posted_at + interval '1 second'", "actor_id = actor_id + 1",
)  # fmt: skip


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(posted=DAYS, data=st.data())
def test_of_any_days_the_one_that_was_touched_is_named(
    sessions: Sessions, owner_engine: Engine, clock: FixedClock, posted: list[tuple[int, int]], data: st.DataObject
) -> None:
    """The books go on from example to example, a week each, so that later ones stand upon many seals."""
    monday = clock.today()
    with transaction(sessions) as session:
        make_chart(session)
        journals = [
            (transfer(session, monday + timedelta(days=later), cents), monday + timedelta(days=later))
            for later, cents in posted
        ]
    clock.advance(days=7)
    close_all(sessions, clock)
    assert broken(sessions) == []
    journal, day = data.draw(st.sampled_from(journals))
    change = data.draw(st.sampled_from(COLUMNS))
    with owner_engine.connect() as connection, Session(connection) as session:
        session.execute(text("SET LOCAL session_replication_role = replica"))
        session.execute(text(f"UPDATE journals SET {change} WHERE id = :id"), {"id": journal})
        assert [found.day for found in broken_days(session, PARTS)] == [day]
        session.rollback()


def _tamper(owner: Engine, *changes: str) -> None:
    with owner.begin() as connection:
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        for change in changes:
            found = connection.execute(text(change)).rowcount
            assert found > 0, "the tampering found nothing to tamper with"
