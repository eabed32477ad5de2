"""The same files by COPY into a staging table and set-based merges into the same tables: the least there is to do.

Nothing is checked, rejected or explained; proofs are hashed by the server, references carry no check digit.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import psycopg

from accounts.imports.terms import Terms
from bench.merges import ACCOUNTS, CHARGES, DETAILS, PARTS, PLACED

SYSTEM = "bench-merge"


def merge(address: str, kind: str, path: Path, terms: Terms) -> int:
    """Take a file in, in one transaction; how many rows were new."""
    with psycopg.connect(address, options="-c timezone=UTC") as connection:
        _stage(connection, path)
        _fresh(connection, kind)
        new = connection.execute("SELECT count(*) FROM fresh").fetchone()
        if new is None or not new[0]:
            return 0
        for statement in (*(PLACED if kind != "citations" else ()), *ACCOUNTS, *DETAILS[kind]):
            connection.execute(_of(kind, statement))
        _owed(connection, kind, terms)
        return int(new[0])


def _stage(connection: psycopg.Connection[Any], path: Path) -> None:
    with path.open(encoding="utf-8") as stream:
        columns = ", ".join(f"{name} text" for name in stream.readline().strip().split(","))
        connection.execute(f"CREATE TEMP TABLE staged ({columns}) ON COMMIT DROP")
        with connection.cursor().copy("COPY staged FROM STDIN (FORMAT csv, FORCE_NOT_NULL *)") as copy:
            while data := stream.read(1 << 20):
                copy.write(data)
    connection.execute("ANALYZE staged")


def _fresh(connection: psycopg.Connection[Any], kind: str) -> None:
    """Rows that are new, with ids; rows that changed would be taken over here too."""
    connection.execute(_of(kind, """
        CREATE TEMP TABLE fresh ON COMMIT DROP AS
        SELECT nextval(pg_get_serial_sequence('customer_accounts', 'id')) AS account,
               nextval(pg_get_serial_sequence('customers', 'id')) AS customer,
               nextval(pg_get_serial_sequence('premises', 'id')) AS premises,
               s.*, sha256(convert_to(s::text, 'UTF8')) AS digest
          FROM staged s
          LEFT JOIN imported_rows r
            ON r.source_system = '<system>' AND r.kind = '<kind>' AND r.source_key = s.number
         WHERE r.source_key IS NULL"""))  # fmt: skip
    connection.execute("ANALYZE fresh")
    connection.execute(_of(kind, """
        UPDATE imported_rows r SET row_sha256 = sha256(convert_to(s::text, 'UTF8'))
          FROM staged s
         WHERE r.source_system = '<system>' AND r.kind = '<kind>' AND r.source_key = s.number
           AND r.row_sha256 <> sha256(convert_to(s::text, 'UTF8'))
           AND NOT EXISTS (SELECT FROM fresh f WHERE f.number = s.number)"""))  # fmt: skip


def _owed(connection: psycopg.Connection[Any], kind: str, terms: Terms) -> None:
    """One journal for the file, a charge and a posting for each balance, one contra posting for each line."""
    connection.execute(
        "CREATE TEMP TABLE parts (part text, line text, kind text, fund text, receivable text, receivable_id bigint,"
        " contra bigint) ON COMMIT DROP"
    )
    for column, line, charge_kind in PARTS[kind]:
        known = terms.line(line)
        connection.execute(
            "INSERT INTO parts SELECT %s, %s, %s, %s, r.code, r.id, c.id FROM ledger_accounts r, ledger_accounts c"
            " WHERE r.code = %s AND c.code = %s",
            (column, line, charge_kind, known.fund, known.receivable, known.other_side()),
        )
    amounts = ", ".join(f"('{column}', f.{column})" for column, _, _ in PARTS[kind])
    for statement in CHARGES:
        connection.execute(_of(kind, statement).replace("<amounts>", amounts))


def _of(kind: str, statement: str) -> str:
    delinquent = "f.due_on::date + 1" if kind == "citations" else "f.delinquent_on::date"
    billed = "f.issued_on::date" if kind == "citations" else "f.billed_on::date"
    values = {
        "system": SYSTEM,
        "kind": kind,
        "account_kind": {"utilities": "utility", "licenses": "license", "citations": "citation"}[kind],
        "holder": "f.business_name" if kind == "licenses" else "f.holder",
        "second_proof": {"utilities": "f.last_name", "licenses": "f.business_name", "citations": "f.plate"}[kind],
        "premises": "NULL" if kind == "citations" else "f.premises",
        "delinquent": delinquent,
        "billed": billed,
    }
    for name, value in values.items():
        statement = statement.replace(f"<{name}>", value)
    return statement
