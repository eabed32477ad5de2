"""``verify`` works every assessed line out again, and names the one whose cent, input or rate was changed."""

from __future__ import annotations

import json
from datetime import date

import pytest
from sqlalchemy import Engine, text

from accounts.cities.queries import RulingCity
from accounts.database import Sessions, reading, transaction
from accounts.licenses.service import assess_renewals
from accounts.money import Money
from accounts.utilities.service import assess_penalties
from payments.terms import fee_quote
from portal.verification import recomputed
from portal.verify import MOST, verify
from tests.accounts.assessments.city import BILL_DATE, clerk, house, released
from tests.accounts.licenses.test_licenses import shop
from tests.factories import make_account, make_charge, promise
from tests.factories.bills import bill_all

PAID = Money(160_00)


@pytest.fixture
def ruling(sessions: Sessions, owner_engine: Engine) -> RulingCity:
    """Two houses billed and late, a shop taxed and late, a card payment with its fee, and a charge brought in.

    Charges 1 to 10 are lines of bills, 11 and 12 penalties, 13 a tax, 14 the State's fee, 15 to 18 penalties.
    """
    ruling, actor = released(sessions), clerk(sessions)
    house(sessions)
    house(sessions, 2, reads={date(2026, 10, 13): 7, date(2026, 11, 12): 30})
    bill_all(sessions, ruling, BILL_DATE)
    assess_penalties(sessions, ruling, ruling.city.delinquent_on(BILL_DATE), actor)
    shop(sessions, Money(700_000_00))
    assess_renewals(sessions, ruling, date(2026, 11, 17), actor)
    quote = fee_quote(ruling.city, "card", "web", BILL_DATE, PAID)
    with transaction(sessions) as session:
        make_account(session, charges=[make_charge(Money(300_00))])
        attempt = promise(session, {1: PAID})
    with owner_engine.begin() as connection:
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        connection.execute(
            text("UPDATE attempts SET id = 'pa_1', fee_cents = :cents, fee_terms = :terms WHERE id = :id"),
            {"cents": quote.amount.cents, "terms": json.dumps(quote.terms), "id": attempt},
        )
    return ruling


def told(sessions: Sessions, *, recompute: bool = False) -> tuple[str, list[str]]:
    with reading(sessions) as session:
        found = {check.name: check for check in verify(session, recompute=recompute)}[recomputed.NAME]
    return found.figure, found.violations


def test_honest_lines_come_to_the_same_again(sessions: Sessions, ruling: RulingCity) -> None:
    assert told(sessions, recompute=True) == ("19 lines worked out again", [])
    figure = "19 lines worked out again (of the newest 20,000 charges; --recompute takes all)"
    assert told(sessions) == (figure, [])


TAMPERINGS = [
    ("charge 2 asks $38.65; its rule comes to $38.64", "UPDATE charges SET amount_cents = 3865 WHERE id = 2"),
    ("charge 2 cannot be explained: amount: kept $38.65, worked out $38.64",
     "UPDATE charges SET working = jsonb_set(working, '{amount_cents}', '3865') WHERE id = 2"),
    ("charge 2 asks $38.64; its rule comes to $41.86",
     "UPDATE charges SET working = jsonb_set(working, '{inputs,facts,usage}', '\"13\"') WHERE id = 2"),
    ("charge 2 cannot be explained: reads: kept 12.000, worked out 13.000",
     "UPDATE charges SET working = jsonb_set(working, '{inputs,reads,0,current,value}', '113') WHERE id = 2"),
    ("charge 7 cannot be explained: its inputs do not do for water-usage: facts: field required",
     "UPDATE charges SET working = working #- '{inputs,facts}' WHERE id = 7"),
    ("charge 7 cannot be explained: nothing says by which rule",
     "UPDATE charges SET working = '{}' WHERE id = 7"),
    ("charge 7 cannot be explained: nothing says under which release",
     "UPDATE charges SET city_release_id = NULL WHERE id = 7"),
    ("charge 3 is of water service; its rule is of sewer service",
     "UPDATE charges SET revenue_line = 'water' WHERE id = 3"),
    ("charge 11 cannot be explained: inputs: kept owed_cents 18383, worked out 18384 by its charges",
     "UPDATE charges SET working = jsonb_set(working, '{inputs,owed_cents}', '18383') WHERE id = 11"),
    ("charge 12 cannot be explained: versions",
     "UPDATE charges SET working = jsonb_set(working, '{versions,0,authority}', '\"My own\"') WHERE id = 12"),
    ("charge 13 asks $250.00; its rule comes to $50.00",
     "UPDATE charges SET working = jsonb_set(working, '{inputs,facts,base}', '\"7000\"') WHERE id = 13"),
    ("charge 18 cannot be explained: utility-late",
     "UPDATE charges SET working = jsonb_set(working, '{rule}', '\"utility-late\"') WHERE id = 18"),
    ("the fee of attempt pa_1 asks $3.13; its rule comes to $3.12",
     "UPDATE attempts SET fee_cents = 313 WHERE id = 'pa_1'"),
    ("charge 7 asks $74.06; its rule comes to $74.29",
     ("UPDATE city_releases SET content = jsonb_set(content, ARRAY['rates', (SELECT (n - 1)::text FROM"
      " jsonb_array_elements(content -> 'rates') WITH ORDINALITY AS r (rate, n)"
      " WHERE rate ->> 'code' = 'water-usage'), 'versions', '2', 'shape', 'rate'], '\"3.23\"')")),
    ("charge 14 cannot be explained: release 1 of the city cannot be read",
     "UPDATE city_releases SET content = content - 'rates'"),
]  # fmt: skip


@pytest.mark.parametrize(("says", "sql"), TAMPERINGS, ids=[says for says, _ in TAMPERINGS])
def test_the_line_is_named(
    sessions: Sessions, ruling: RulingCity, owner_engine: Engine, *, says: str, sql: str
) -> None:
    with owner_engine.begin() as connection:
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        assert connection.execute(text(sql)).rowcount == 1, "the tampering found nothing to tamper with"
    _, violations = told(sessions, recompute=True)
    named = says.partition(" cannot")[0].partition(" asks")[0].partition(" is of")[0]
    assert says in "\n".join(violations)
    if "release" not in sql:
        assert {violation.startswith(f"{named} ") for violation in violations} == {True}


def test_only_the_newest_are_worked_out_again_unless_all_are_asked_for(
    sessions: Sessions, ruling: RulingCity, owner_engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    few = recomputed._statements(*(recomputed._NEW.format(table, 5) for table in ("charges", "attempts")))
    monkeypatch.setattr(recomputed, "_NEWEST", few)
    with owner_engine.begin() as connection:
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        connection.execute(text("UPDATE charges SET amount_cents = amount_cents + 1 WHERE id = 1"))
    # The newest of the five charges was brought in, and one line is the fee.
    assert told(sessions)[0].startswith("5 lines worked out again (of")
    assert told(sessions)[1] == []
    assert told(sessions, recompute=True)[1] == ["charge 1 asks $27.61; its rule comes to $27.60"]


def test_memory_is_bounded_and_at_most_a_hundred_are_named(
    sessions: Sessions, ruling: RulingCity, owner_engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recomputed, "_MOST_KNOWN", 2)
    assert told(sessions, recompute=True) == ("19 lines worked out again", [])
    with owner_engine.begin() as connection:
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        connection.execute(text("UPDATE charges SET amount_cents = amount_cents + 1"))
        connection.execute(
            text(
                "INSERT INTO charges (customer_account_id, revenue_line, kind, fund, receivable, description,"
                " amount_cents, open_cents, billed_on, due_on, delinquent_on, source_system, journal_id, working)"
                " SELECT 1, 'water', 'service', '510', '510-1200', '{}', 1, 1, :on, :on, :on, 'ventanilla', 1, '{}'"
                " FROM generate_series(1, 200)"
            ),
            {"on": BILL_DATE},
        )
    assert len(told(sessions, recompute=True)[1]) == MOST
