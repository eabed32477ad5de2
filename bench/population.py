"""Accounts of a city of any size, made set-based: a million in minutes. Deterministic; ``verify`` finds it right.

Of twenty accounts fourteen are utilities, three licenses and three citations. Account ``VETERAN`` owes 300 charges,
each other utility account three. Foreign keys and triggers are off while loading, as when a dump is restored.
"""

from __future__ import annotations

import json
from dataclasses import astuple, fields
from datetime import date
from typing import Any

import psycopg

from accounts.cities.rules import City
from accounts.customer_accounts.rules import new_reference, proof_digest
from accounts.database import as_libpq
from bench.names import Household, Names
from bench.place import PROOF_KEY, Place
from bench.progress import say
from bench.statements_of_load import DETAILS, MONEY, PEOPLE, SEARCHED

VETERAN = 1
VETERAN_CHARGES = 300
RUN_ACCOUNTS = 500
"""Accounts billed under one journal."""
SAMPLE = 400
LINES = {
    "water": ("utility", 61_20),
    "sewer": ("utility", 34_10),
    "refuse": ("utility", 29_95),
    "business-license": ("license", 120_00),
    "state-disability-fee": ("license", 4_00),
    "parking": ("citation", 52_00),
}
"""Revenue line → kind of account, and the least that is charged."""


def kind_of(account_id: int) -> str:
    """Fourteen utilities, three licenses, three citations."""
    return "utility" if account_id % 20 < 14 else ("license" if account_id % 20 < 17 else "citation")


def bill_code(account_id: int) -> str:
    """The code on the bill of a sampled account."""
    return f"K{account_id:07d}"


def sample(count: int) -> list[int]:
    """Utility accounts, spread over all, whose bill code is a real proof."""
    step = max(count // SAMPLE, 1)
    return [account for account in range(1 + step, count + 1, step) if kind_of(account) == "utility"]


def populate(place: Place, count: int) -> None:
    """Fill an empty, released city with ``count`` accounts."""
    with psycopg.connect(as_libpq(place.owner_url), autocommit=True) as connection:
        connection.execute("SET session_replication_role = replica")
        connection.execute("SET synchronous_commit = off")
        connection.execute("SET work_mem = '64MB'")
        connection.execute("SET maintenance_work_mem = '256MB'")
        _references(connection, count)
        _lines(connection, place.city.city)
        facts = _facts(place, count)
        for words, statement in (*PEOPLE, *DETAILS, *MONEY, *SEARCHED):
            say(f"  {words}")
            connection.execute(_bound(statement, facts))
        _sampled_proofs(connection, count)
        _go_on_after(connection)
        connection.execute("VACUUM (ANALYZE)")
        connection.execute("CHECKPOINT")


def _references(connection: psycopg.Connection[Any], count: int) -> None:
    """References come from the house's own rule, so that their check digits are right; so do keys of addresses."""
    say(f"  {count:,} references and households")
    columns = ", ".join(f"{field.name} text" for field in fields(Household))
    connection.execute(f"CREATE TEMP TABLE numbers (id bigint PRIMARY KEY, kind text, reference text, {columns})")
    names = Names()
    with connection.cursor() as cursor, cursor.copy("COPY numbers FROM STDIN") as copy:
        for account in range(1, count + 1):
            kind = kind_of(account)
            household = names.household(account, is_business=kind == "license")
            copy.write_row((account, kind, new_reference(kind, account), *astuple(household)))
    connection.execute("ANALYZE numbers")


def _lines(connection: psycopg.Connection[Any], city: City) -> None:
    connection.execute(
        "CREATE TEMP TABLE lines (code text PRIMARY KEY, account_kind text, fund text, receivable text,"
        " receivable_id bigint, revenue_id bigint, cents bigint, description jsonb)"
    )
    for code, (kind, cents) in LINES.items():
        line = city.revenue_lines[code]
        words = {language: line.name.in_(language) for language in city.identity.languages}
        connection.execute(
            "INSERT INTO lines SELECT %s, %s, %s, r.code, r.id, e.id, %s, %s::jsonb"
            "  FROM ledger_accounts r, ledger_accounts e WHERE r.code = %s AND e.code = %s",
            (code, kind, line.fund, cents, json.dumps(words), line.receivable, line.revenue),
        )


def _facts(place: Place, count: int) -> dict[str, str]:
    today: date = place.clock.today()
    return {
        "today": f"date '{today.isoformat()}'",
        "runs": str(-(-count // RUN_ACCOUNTS)),
        "run_accounts": str(RUN_ACCOUNTS),
        "release": str(place.city.release_id),
        "veteran": str(VETERAN),
        "veteran_more": str(VETERAN_CHARGES - 3),
    }


def _bound(statement: str, facts: dict[str, str]) -> str:
    for name, value in facts.items():
        statement = statement.replace(f"<{name}>", value)
    return statement


def _sampled_proofs(connection: psycopg.Connection[Any], count: int) -> None:
    key = PROOF_KEY.encode()
    connection.execute(
        "DELETE FROM account_proofs WHERE kind = 'bill_code' AND customer_account_id = ANY (%s)", (sample(count),)
    )
    with connection.cursor() as cursor:
        rows = ((account, proof_digest(key, account, "bill_code", bill_code(account))) for account in sample(count))
        cursor.executemany(
            "INSERT INTO account_proofs (customer_account_id, kind, digest) VALUES (%s, 'bill_code', %s)", rows
        )


def _go_on_after(connection: psycopg.Connection[Any]) -> None:
    """Identity columns go on after the ids that were given here."""
    for table in ("customers", "premises", "customer_accounts", "bills", "journals", "meters"):
        connection.execute(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM {table}))")
