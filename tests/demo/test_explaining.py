"""Every charge of the made-up city, as ``make demo`` loads it, can be explained; a single changed one is named."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

from sqlalchemy import Connection, Engine, text
from sqlalchemy.orm import Session

from accounts.database import Sessions, reading
from accounts.explanations.queries import ASSESSED, Explanation, explanation
from demo.city import Size, load_city
from portal.verification import recomputed

CITY = Path(__file__).resolve().parents[2] / "city"
TODAY = date(2026, 11, 22)
NEWEST_AND_OLDEST = text("""
    SELECT unnest(ARRAY[min(id), max(id)]) FROM charges
     GROUP BY coalesce(working ->> 'rule', source_system || ' ' || revenue_line)""")
_ONE = "(SELECT max(id) FROM charges WHERE working ->> 'rule' = '{}')"
_INPUT = "UPDATE charges SET working = jsonb_set(working, '{}', '{}') WHERE id = {} RETURNING id"
CHANGES = [
    f"UPDATE charges SET amount_cents = amount_cents + 1 WHERE id = {_ONE.format('refuse-carts')} RETURNING id",
    _INPUT.format("{inputs,facts,usage}", '"11.5"', _ONE.format("water-usage")),
    _INPUT.format("{inputs,owed_cents}", "1", _ONE.format("utility-late")),
    _INPUT.format("{inputs,facts,base}", '"1.00"', _ONE.format("license-services")),
]  # fmt: skip
RATE = text("""
    UPDATE city_releases SET content = jsonb_set(content, ARRAY['rates', place::text, 'versions', '0', 'shape',
           'amount'], '"4.36"')
      FROM (SELECT n - 1 AS place
              FROM city_releases, jsonb_array_elements(content -> 'rates') WITH ORDINALITY r (rate, n)
             WHERE rate ->> 'code' = 'storm-drain') x
    RETURNING id""")


def violations(session: Session) -> list[str]:
    return recomputed.violations(session, everything=True, most=100)[1]


@contextmanager
def tampered(owner: Engine) -> Iterator[Connection]:
    """A connection of the owner without triggers, whose changes are taken back."""
    with owner.connect() as connection, connection.begin() as change:
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        yield connection
        change.rollback()


def test_every_charge_of_the_demo_city_is_explained(sessions: Sessions, owner_engine: Engine, tmp_path: Path) -> None:
    """One load for all that is asked of it: it takes most of a minute."""
    load_city(sessions, CITY, tmp_path, proof_key=b"a key", say=lambda _: None, today=TODAY, size=Size())
    with reading(sessions) as session:
        assessed = session.scalar(text(f"SELECT count(*) FROM charges c WHERE {ASSESSED}"))
        assert recomputed.violations(session, everything=True, most=10) == (f"{assessed} lines worked out again", [])
        assert assessed is not None
        assert assessed > 40_000
        told = [explanation(session, charge_id) for charge_id in session.scalars(NEWEST_AND_OLDEST)]
    assert {one.origin for one in told} == {"assessed", "imported", "opening"}
    for one in told:
        _is_told(one)
    for change in CHANGES:
        _names_one(owner_engine, change)
    _names_all_of_a_rate(owner_engine)
    with reading(sessions) as session:
        assert violations(session) == []


def _is_told(one: Explanation) -> None:
    assert one.adds_up, one
    if one.origin == "assessed":
        assert one.agrees, one
        assert one.assessed is not None
        assert one.assessed.versions
        assert one.assessed.inputs
        assert sum(step.amount.cents for step in one.assessed.steps) == one.amount.cents
    else:
        assert one.imported is not None
        assert one.imported.file_name.endswith(".csv"), one
        assert one.imported.imported_at is not None
        assert one.imported.content


def _names_one(owner: Engine, sql: str) -> None:
    with tampered(owner) as connection:
        changed = connection.execute(text(sql)).scalar_one()
        named = violations(Session(connection))
    assert named, sql
    assert {violation.split(" ")[1] for violation in named} == {str(changed)}, (sql, named)


def _names_all_of_a_rate(owner: Engine) -> None:
    with tampered(owner) as connection:
        connection.execute(RATE).one()
        ids = connection.scalars(text("SELECT id FROM charges WHERE working ->> 'rule' = 'storm-drain'"))
        storm = {str(id_) for id_ in ids}
        named = violations(Session(connection))
    assert len(named) == 100
    assert {violation.split(" ")[1] for violation in named} <= storm
