"""Match what is plain: the bank's lines and ours, both sorted by amount, read as two streams and merged.

Memory holds the lines and ours of one amount at a time, then what is in reach of one day; matches are written in
batches.
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any

from sqlalchemy import Result, text
from sqlalchemy.orm import Session

from accounts.cities.banks import BankPolicy
from payments.bank_statements.ours import KINDS, LEGS, UNITS
from payments.bank_statements.pairing import (
    BankSide,
    Found,
    OurSide,
    Outcome,
    Window,
    less_fee,
    numbers_of,
    pair_equal,
    sums_to,
    together,
    undisputed,
)
from payments.bank_statements.rules import numbers_in

_LINES = """
    SELECT l.id, l.on_day, l.amount_cents AS cents, l.type_code, l.bank_reference, l.customer_reference, l.text
      FROM bank_lines l
     WHERE l.ledger_account = :ledger AND l.kind = 'line'
       AND NOT EXISTS (SELECT FROM bank_matched_lines m WHERE m.line_id = l.id)"""
_OURS = f"SELECT u.* FROM ({UNITS}) u WHERE u.kind = ANY (:kinds) AND u.cents <> 0"  # noqa: S608 - our own words
_LINES_BY_AMOUNT = text(f"{_LINES} ORDER BY l.amount_cents, l.on_day, l.id")
_OURS_BY_AMOUNT = text(f"{_OURS} ORDER BY u.cents, u.on_day, u.subject")
_LINES_BY_DAY = text(f"{_LINES} ORDER BY l.on_day, l.id")
_OURS_BY_DAY = text(f"{_OURS} ORDER BY u.on_day, u.kind, u.subject")
WRITE = text("""
    WITH x AS (
        SELECT * FROM jsonb_to_recordset(CAST(:found AS jsonb)) AS x (line bigint, reason text)
    ), y AS (
        SELECT * FROM jsonb_to_recordset(CAST(:parts AS jsonb))
                   AS y (line bigint, journal bigint, kind text, subject text, cents bigint)
    ), made AS (
        INSERT INTO bank_matches (line_id, way, reason, made_by, made_at)
        SELECT line, 'automatic', reason, :actor, :now FROM x RETURNING id, line_id
    ), lines AS (
        INSERT INTO bank_matched_lines (line_id, match_id) SELECT line_id, id FROM made
    ), parts AS (
        INSERT INTO bank_match_parts (match_id, journal_id, kind, subject, amount_cents)
        SELECT m.id, y.journal, y.kind, y.subject, y.cents FROM y JOIN made m ON m.line_id = y.line
    )
    INSERT INTO bank_matched_journals (journal_id, ledger_account, match_id)
    SELECT y.journal, :ledger, m.id FROM y JOIN made m ON m.line_id = y.line""")
_OPENING = text("""
    SELECT l.id, l.on_day, l.amount_cents AS cents FROM bank_lines l
     WHERE l.ledger_account = :ledger AND l.kind = 'opening'
       AND NOT EXISTS (SELECT FROM bank_matched_lines m WHERE m.line_id = l.id)""")
_BEFORE = f"""
    SELECT g.journal_id, g.cents FROM ({LEGS}) g JOIN journals j ON j.id = g.journal_id
     WHERE j.business_day < :on AND NOT EXISTS (SELECT FROM bank_matched_journals m
                WHERE m.journal_id = g.journal_id AND m.ledger_account = :ledger)"""  # noqa: S608
_SUM_BEFORE = text(f"SELECT coalesce(sum(b.cents), 0)::bigint FROM ({_BEFORE}) b")  # noqa: S608
_BRING_FORWARD = text(f"""
    WITH made AS (
        INSERT INTO bank_matches (line_id, way, reason, made_by, made_at)
        VALUES (:line, 'automatic', 'brought-forward', :actor, :now) RETURNING id
    ), before AS ({_BEFORE} AND g.journal_id <> ALL (CAST(:but AS bigint[])))
    , lines AS (INSERT INTO bank_matched_lines (line_id, match_id) SELECT :line, id FROM made)
    , parts AS (
        INSERT INTO bank_match_parts (match_id, journal_id, kind, subject, amount_cents)
        SELECT m.id, b.journal_id, 'before', b.journal_id::text, b.cents FROM before b, made m
    )
    INSERT INTO bank_matched_journals (journal_id, ledger_account, match_id)
    SELECT b.journal_id, :ledger, m.id FROM before b, made m""")  # noqa: S608
_AT_ONCE = 1000
_MOST_BEFORE = 12


@dataclass(frozen=True)
class Matcher:
    """For which ledger account, in whose name, and when."""

    ledger: str
    actor_id: int
    now: datetime


def window_of(policy: BankPolicy) -> Window:
    """The city's days, by kind of ours."""
    days = {
        "deposit": policy.deposit_days,
        "terminal": policy.terminal_days,
        "payout": policy.payout_days,
        "payout-return": policy.payout_days,
        "returned": policy.return_days,
        "lockbox": policy.deposit_days,
    }
    return Window(policy.early_days, days, policy.terminal_fee_percent)


def match_equal(session: Session, by: Matcher, window: Window) -> tuple[int, Outcome]:
    """Step: match equal amounts, two sorted streams merged; how many, and what was not plain."""
    left = Outcome()
    count, batch = 0, list[Found]()
    for lines, ours in _merged(session, by.ledger):
        outcome = pair_equal(lines, ours, window)
        left.contested_lines |= outcome.contested_lines
        left.contested_ours |= outcome.contested_ours
        batch += outcome.found
        if len(batch) >= _AT_ONCE:
            count += write(session, batch, by)
            batch = []
    return count + write(session, batch, by), left


def _merged(session: Session, ledger: str) -> Iterator[tuple[list[BankSide], list[OurSide]]]:
    """Lines and ours of each amount that both sides have."""
    with closing(_lines(session, _LINES_BY_AMOUNT, ledger)) as all_lines:  # noqa: SIM117 - one after the other
        with closing(_ours(session, _OURS_BY_AMOUNT, ledger)) as all_ours:
            yield from _merge(groupby(all_lines, key=_cents), groupby(all_ours, key=_cents))


def _cents(side: BankSide | OurSide) -> int:
    return side.cents


def _merge(
    lines: Iterator[tuple[int, Iterator[BankSide]]], ours: Iterator[tuple[int, Iterator[OurSide]]]
) -> Iterator[tuple[list[BankSide], list[OurSide]]]:
    line, one = next(lines, None), next(ours, None)
    while line is not None and one is not None:
        line_cents, our_cents = line[0], one[0]
        if line_cents == our_cents:
            yield list(line[1]), list(one[1])
        if line_cents <= our_cents:
            line = next(lines, None)
        if our_cents <= line_cents:
            one = next(ours, None)


def find_more(session: Session, by: Matcher, window: Window, contested: Outcome) -> list[Found]:
    """Step: lines that are several of ours, or one less a fee; whatever was contested before is left alone."""
    found: list[Found] = []
    with (
        closing(_ours(session, _OURS_BY_DAY, by.ledger)) as ours,
        closing(_lines(session, _LINES_BY_DAY, by.ledger)) as lines,
    ):
        for line, within in _in_reach(lines, ours, window):
            if line.id not in contested.contested_lines:
                free = [one for one in within if one.key not in contested.contested_ours]
                if proposal := together(line, free, window) or less_fee(line, free, window):
                    found.append(proposal)
    return undisputed(found)


def _in_reach(
    lines: Iterator[BankSide], ours: Iterator[OurSide], window: Window
) -> Iterator[tuple[BankSide, deque[OurSide]]]:
    """Each line with what of ours is of the days around it."""
    within: deque[OurSide] = deque()
    coming = next(ours, None)
    for line in lines:
        latest, earliest = line.on + timedelta(days=window.early), line.on - timedelta(days=window.longest)
        while coming is not None and coming.on <= latest:
            within.append(coming)
            coming = next(ours, None)
        while within and within[0].on < earliest:
            within.popleft()
        yield line, within


def bring_forward(session: Session, by: Matcher, window: Window) -> bool:
    """Step: what was before the first statement is its opening balance, if it comes to that.

    All of it, or all but the only ones of the last days that were still on their way and make up the difference.
    """
    line = session.execute(_OPENING, {"ledger": by.ledger}).one_or_none()
    if line is None:
        return False
    given: dict[str, Any] = {"ledger": by.ledger, "on": line.on_day}
    off = session.execute(_SUM_BEFORE, given).scalar_one() - line.cents
    but: list[int] = []
    if off:
        pool = [
            one for one in _ours(session, _OURS_BY_DAY, by.ledger)
            if one.on < line.on_day <= window.last(one)
        ]  # fmt: skip
        ways = sums_to(off, pool, 1) if len(pool) <= _MOST_BEFORE else []
        if len(ways) != 1:
            return False
        but = [journal for one in ways[0] for journal, _ in one.journals]
    session.execute(_BRING_FORWARD, {**given, "line": line.id, "but": but, "actor": by.actor_id, "now": by.now})
    return True


def write(session: Session, found: Sequence[Found], by: Matcher) -> int:
    """Step: keep matches that tie exactly; how many."""
    if not found:
        return 0
    parts = [
        {"line": one.line.id, "journal": journal, "kind": ours.kind, "subject": ours.subject, "cents": cents}
        for one in found
        for ours in one.ours
        for journal, cents in ours.journals
    ]
    session.execute(
        WRITE,
        {"found": json.dumps([{"line": one.line.id, "reason": one.reason} for one in found]),
         "parts": json.dumps(parts), "ledger": by.ledger, "actor": by.actor_id, "now": by.now},
    )  # fmt: skip
    return len(found)


def _lines(session: Session, statement: Any, ledger: str) -> Generator[BankSide, None, None]:
    with _stream(session, statement, {"ledger": ledger}) as rows:
        for row in rows:
            numbers = numbers_in(row.bank_reference, row.customer_reference, row.text)
            yield BankSide(row.id, row.on_day, row.cents, row.type_code, numbers)


def _ours(session: Session, statement: Any, ledger: str) -> Generator[OurSide, None, None]:
    with _stream(session, statement, {"ledger": ledger, "kinds": list(KINDS)}) as rows:
        for row in rows:
            yield our_side(row)


def _stream(session: Session, statement: Any, given: Mapping[str, Any]) -> Result[Any]:
    """Rows by a cursor of the server: no more than a page of them is here at a time."""
    found: Result[Any] = session.execute(statement, given, execution_options={"yield_per": _AT_ONCE})
    return found


def our_side(row: Any) -> OurSide:
    """A row of ``ours.UNITS``."""
    on: date = row.on_day
    journals = tuple(zip(row.journals, row.amounts, strict=True))
    return OurSide(row.kind, row.subject, row.cents, on, journals, numbers_of(row.refs))
