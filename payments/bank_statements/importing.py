"""Steps that keep a file, its statements and those of its lines that no other file has told."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from accounts.money import ZERO, Money
from payments.bank_statements.models import BankStatement
from payments.bank_statements.rules import (
    DoesNotFollow,
    LineKey,
    StatedLine,
    Statement,
    check_sum,
    keyed,
    what_is_new,
)

_FILE = text("""
    INSERT INTO bank_files (sha256, name, format, content, imported_by, imported_at)
    VALUES (:sha256, :name, :format, :content, :actor, :now) ON CONFLICT (sha256) DO NOTHING RETURNING id""")
_KNOWN_FILE = text("SELECT id FROM bank_files WHERE sha256 = :sha256")
_COVERED = text("""
    SELECT min(from_on) AS first, max(through_on) AS last FROM bank_statements WHERE bank_account = :account""")
_BALANCE = text("""
    SELECT coalesce(sum(amount_cents), 0)::bigint FROM bank_lines
     WHERE bank_account = :account AND (on_day < :on OR on_day = :on AND kind <> 'line')""")
_KNOWN_LINES = text("""
    SELECT on_day, amount_cents, occurrence FROM bank_lines
     WHERE bank_account = :account AND kind = 'line' AND on_day BETWEEN :first AND :last""")
_INSERT = text("""
    INSERT INTO bank_lines (statement_id, bank_account, ledger_account, ordinal, on_day, amount_cents, kind,
                            occurrence, type_code, bank_reference, customer_reference, text)
    SELECT :statement, :account, :ledger, x.ordinal, x.on_day, x.cents, x.kind, x.occurrence, x.type_code,
           x.bank_reference, x.customer_reference, x.words
      FROM jsonb_to_recordset(CAST(:lines AS jsonb)) AS x (
           ordinal bigint, on_day date, cents bigint, kind text, occurrence bigint, type_code text,
           bank_reference text, customer_reference text, words text)""")
_AT_ONCE = 5000


@dataclass(frozen=True)
class Sender:
    """Who brings a file, when, and what they said of a difference to what was known."""

    actor_id: int
    now: datetime
    difference: str = ""


def keep_file(session: Session, name: str, format_: str, content: tuple[str, bytes], sender: Sender) -> int | None:
    """Step: keep a file under its SHA-256 (``content`` is both); its id, or None for one that is known."""
    found: int | None = session.execute(
        _FILE,
        {"sha256": content[0], "name": name[-200:], "format": format_, "content": content[1],
         "actor": sender.actor_id, "now": sender.now},
    ).scalar()  # fmt: skip
    return found


def known_file(session: Session, sha256: str) -> int | None:
    """The file of that SHA-256, if there is one."""
    found: int | None = session.execute(_KNOWN_FILE, {"sha256": sha256}).scalar()
    return found


def keep_statement(session: Session, file_id: int, statement: Statement, sender: Sender) -> tuple[int, int]:
    """Step: keep a statement that fits what is known; its id, and how many of its lines are new.

    Raises ``StatementOff``, ``DoesNotFollow`` and ``Contradicts``. A difference to the balance before it is kept as a
    line of its own (``gap``) if the sender has said why; of the first statement, as ``opening``.
    """
    check_sum(statement)
    account = statement.bank_account
    covered = session.execute(_COVERED, {"account": account}).one()
    start = _start(session, statement, covered.first, covered.last, sender)
    stated = keyed(line for line in statement.lines if line.amount)
    wanted = {"account": account, "first": statement.from_on, "last": statement.through_on}
    known: list[LineKey] = [(row[0], int(row[1]), int(row[2])) for row in session.execute(_KNOWN_LINES, wanted)]
    new = what_is_new(stated, known, covered.last)
    kept = BankStatement(
        file_id=file_id, bank_account=account, ledger_account=statement.ledger_account, from_on=statement.from_on,
        through_on=statement.through_on, opening_cents=statement.opening, closing_cents=statement.closing,
        lines=len(statement.lines), imported_at=sender.now,
    )  # fmt: skip
    session.add(kept)
    session.flush()
    records = [*start, *(_record(number, key, line) for number, (key, line) in enumerate(new, start=1))]
    for begin in range(0, len(records), _AT_ONCE):
        session.execute(
            _INSERT,
            {"statement": kept.id, "account": account, "ledger": statement.ledger_account,
             "lines": json.dumps(records[begin : begin + _AT_ONCE])},
        )  # fmt: skip
    return kept.id, len(new)


def _start(
    session: Session, statement: Statement, first: date | None, last: date | None, sender: Sender
) -> list[dict[str, object]]:
    """What stands before the lines: all that was before the first statement, or a difference that was explained."""
    on = statement.from_on
    if first is None or last is None:
        line = StatedLine(on, statement.opening, text="")
        return [_record(0, (on, line.amount.cents, 1), line, "opening")] if line.amount else []
    if on < first:
        raise DoesNotFollow(f"before {first}, the first day that is known", on=first, difference_cents=0,
                            may_be_named=False)  # fmt: skip
    known = Money(session.execute(_BALANCE, {"account": statement.bank_account, "on": on}).scalar_one())
    off = statement.opening - known
    if off == ZERO:
        return []
    if on <= last or not sender.difference.strip():
        raise DoesNotFollow(
            f"opens {off} off what was known", on=on, difference_cents=off.cents, may_be_named=on > last
        )
    return [_record(0, (on, off.cents, 1), StatedLine(on, off, text=sender.difference.strip()[:500]), "gap")]


def _record(number: int, key: LineKey, line: StatedLine, kind: str = "line") -> dict[str, object]:
    return {
        "ordinal": number, "on_day": key[0].isoformat(), "cents": key[1], "kind": kind, "occurrence": key[2],
        "type_code": line.type_code, "bank_reference": line.bank_reference,
        "customer_reference": line.customer_reference, "words": line.text,
    }  # fmt: skip


def in_order(statements: Sequence[Statement]) -> list[Statement]:
    """Statements of a file, each account's days going forward."""
    return sorted(statements, key=lambda one: (one.bank_account, one.from_on, one.through_on))
