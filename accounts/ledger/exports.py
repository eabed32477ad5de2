"""The books for other programs: an hledger journal that checks itself, and a table for spreadsheets.

Both stream: one statement, one snapshot, a server-side cursor, so that ten million postings need no memory. The
hledger journal carries after each business day the balances that *our* SQL computed, as assertions: hledger adds
up the postings by itself and refuses the file if the two differ.
"""

from __future__ import annotations

import csv as csv_format
import io
import re
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from accounts.money import Money

_ROWS_AT_ONCE = 2_000
_TYPES = {"asset": "A", "liability": "L", "equity": "E", "revenue": "R", "expense": "X"}
_ACCOUNTS = text("SELECT code, fund, name, kind FROM ledger_accounts ORDER BY fund, code")
_LINES = text("""
    WITH lines AS (
        SELECT j.business_day, p.journal_id, p.line_no, p.ledger_account_id, p.amount_cents, p.customer_account_id
          FROM postings p JOIN journals j ON j.id = p.journal_id),
    sources AS (
        SELECT journal_id, string_agg(source_kind || ' ' || source_id || ' ' || effect, '; '
                                      ORDER BY source_kind, source_id, effect) AS source
          FROM source_effects GROUP BY journal_id),
    days AS (
        SELECT business_day, ledger_account_id,
               sum(sum(amount_cents)) OVER (PARTITION BY ledger_account_id ORDER BY business_day) AS balance
          FROM lines GROUP BY business_day, ledger_account_id),
    everything AS (
        SELECT business_day, journal_id, line_no, ledger_account_id, amount_cents::numeric AS cents,
               customer_account_id
          FROM lines
         UNION ALL
        SELECT business_day, NULL, NULL, ledger_account_id, balance, NULL FROM days WHERE :assertions)
    SELECT e.business_day, e.journal_id, e.line_no, e.cents, a.code, a.fund, a.name, a.kind,
           j.kind AS journal_kind, j.effective_on, j.memo, j.reverses_id, s.source, c.reference
      FROM everything e
      JOIN ledger_accounts a ON a.id = e.ledger_account_id
      LEFT JOIN journals j ON j.id = e.journal_id
      LEFT JOIN sources s ON s.journal_id = e.journal_id
      LEFT JOIN customer_accounts c ON c.id = e.customer_account_id
     ORDER BY e.business_day, e.journal_id NULLS LAST, e.line_no, a.code""")
_COLUMNS = (
    "journal", "business_day", "effective_on", "kind", "source", "reverses", "line", "fund", "code", "name", "amount",
    "customer_account", "memo",
)  # fmt: skip


def hledger(session: Session) -> Iterator[str]:
    """The whole books as an hledger journal, line by line. Check: ``hledger -f FILE check -s ordereddates``."""
    rows = _stream(session, assertions=True)
    yield "; The books of the city. Amounts are dollars; debits are positive.\n"
    yield "commodity $1,000.00\n\n"
    # Read after the lines' snapshot was taken: every account that they name is there.
    for account in session.execute(_ACCOUNTS):
        yield f"account {account_name(account)}  ; type: {_TYPES[account.kind]}\n"
    for (_, journal), lines in groupby(rows, key=lambda row: (row.business_day, row.journal_id)):
        yield "\n"
        block = _transaction if journal else _day_end
        yield from block(lines)


def csv(session: Session) -> Iterator[str]:
    """One line per posting, with a header; cells that a spreadsheet would run as a formula are quoted."""
    yield cells(_COLUMNS)
    for row in _stream(session, assertions=False):
        yield cells(
            (
                row.journal_id, row.business_day, row.effective_on, row.journal_kind, row.source, row.reverses_id,
                row.line_no, row.fund, row.code, row.name, Money(int(row.cents)), row.reference, row.memo,
            )
        )  # fmt: skip


def account_name(account: Any) -> str:
    """A ledger account as hledger names it: ``fund 510:asset:510-1200 Water receivables``."""
    parts = (f"fund {account.fund}", account.kind, f"{account.code} {account.name}")
    return ":".join(_plain(part.replace(":", "-").replace(";", " ")) for part in parts)


def _stream(session: Session, *, assertions: bool) -> Iterator[Any]:
    # The cursor is declared here, and with it the snapshot is taken.
    return iter(session.execute(_LINES, {"assertions": assertions}, execution_options={"yield_per": _ROWS_AT_ONCE}))


def _transaction(lines: Iterable[Any]) -> Iterator[str]:
    head: Any = None
    for line in lines:
        if head is None:
            head = line
            yield f"{line.business_day} ({line.journal_id}) {_plain(line.journal_kind)}\n"
            yield f"    ; source: {_plain(line.source or '')}\n"
            yield f"    ; kind: {_plain(line.journal_kind)}\n"
            yield f"    ; effective: {line.effective_on}\n"
            if line.reverses_id is not None:
                yield f"    ; reverses: {line.reverses_id}\n"
        note = f"  ; customer: {line.reference}" if line.reference else ""
        yield f"    {account_name(line)}  {_dollars(line.cents)}{note}\n"


def _day_end(lines: Iterable[Any]) -> Iterator[str]:
    for number, line in enumerate(lines):
        if number == 0:
            yield f"{line.business_day} end of day\n"
        yield f"    {account_name(line)}  $0.00 = {_dollars(line.cents)}\n"


def _dollars(cents: Any) -> str:
    return f"${Money(int(cents))}"


def _plain(words: str) -> str:
    """One line, single spaces, no commas (they would end a tag)."""
    return re.sub(r"[\s,]+", " ", words).strip()


def cells(values: Iterable[object]) -> str:
    """A line of CSV; a cell that a spreadsheet would run as a formula begins with an apostrophe."""
    line = io.StringIO(newline="")
    csv_format.writer(line).writerow([_harmless(value) for value in values])
    return line.getvalue()


def _harmless(value: object) -> object:
    formula = isinstance(value, str) and value[:1] in {"=", "+", "-", "@", "\t", "\r"}
    return f"'{value}" if formula else value
