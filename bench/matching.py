"""A bank's statement met with the books: as many lines as payouts, each amount twice, beside a bare join of both."""

from __future__ import annotations

import resource
import time

from sqlalchemy import text

from accounts.clock import SystemClock
from accounts.database import reading, transaction
from bench import place
from bench.place import Place
from bench.report import Section
from demo.postgres import EmbeddedServer
from payments.bank_statements.service import BankDesk, match

_DAYS = 60
_MAKE = (
    "INSERT INTO business_days (day, state) VALUES (:day, 'open') ON CONFLICT DO NOTHING",
    """WITH n AS (SELECT n, 10000 + n % (:lines / 2) AS cents,
                         CAST(:day AS date) - :days + (n / (:lines / 2) * 30)::int AS day
                    FROM generate_series(0, :lines - 1) AS n)
       INSERT INTO payouts (id, amount_cents, currency, status, automatic, reconciliation_status, created_at,
                            arrival_on, trace_id, statement_descriptor, failure_code, read_at)
       SELECT 'po_' || n, cents, 'usd', 'paid', true, 'completed', day, day, '', '', '', now() FROM n""",
    """INSERT INTO journals (business_day, effective_on, kind, memo, actor_id)
       SELECT :day, p.arrival_on, 'payout', p.id, (SELECT min(id) FROM actors) FROM payouts p ORDER BY p.id""",
    """INSERT INTO source_effects (source_kind, source_id, effect, journal_id)
       SELECT 'payout', j.memo, 'post', j.id FROM journals j WHERE j.kind = 'payout'""",
    """INSERT INTO postings (journal_id, line_no, ledger_account_id, fund, amount_cents)
       SELECT j.id, l.line, a.id, a.fund, p.amount_cents * l.sign
         FROM journals j JOIN payouts p ON p.id = j.memo
         CROSS JOIN (VALUES (1, 1, :bank), (2, -1, :clearing)) AS l (line, sign, code)
         JOIN ledger_accounts a ON a.code = l.code WHERE j.kind = 'payout'""",
    """INSERT INTO bank_files (sha256, name, format, content, imported_by, imported_at)
       SELECT 'bench', 'bench', 'csv', '', min(id), now() FROM actors""",
    """INSERT INTO bank_statements (file_id, bank_account, ledger_account, from_on, through_on, opening_cents,
                                    closing_cents, lines, imported_at)
       SELECT f.id, 'general', :bank, min(p.arrival_on), max(p.arrival_on) + 1, 0, sum(p.amount_cents), count(*),
              now()
         FROM bank_files f, payouts p GROUP BY f.id""",
    """INSERT INTO bank_lines (statement_id, bank_account, ledger_account, ordinal, on_day, amount_cents, occurrence,
                               type_code)
       SELECT s.id, 'general', :bank, row_number() OVER (), p.arrival_on + 1, p.amount_cents, 1, '142'
         FROM bank_statements s, payouts p""",
    "ANALYZE",
)
_BARE = text("""
    SELECT count(*) FROM bank_lines l JOIN payouts p
        ON p.amount_cents = l.amount_cents AND l.on_day BETWEEN p.arrival_on - 1 AND p.arrival_on + 4""")
_MATCHED = text("SELECT count(*) FROM bank_matched_lines")


def section(server: EmbeddedServer, lines: int) -> Section:
    """Seconds to match them all and write each match down, and to join the same rows."""
    with place.fresh(server, "bench_bank") as at:
        _fill(at, lines)
        bare = _seconds_of_join(at)
        before = _largest()
        began = time.perf_counter()
        desk = BankDesk(at.sessions, SystemClock(at.city.city.identity.time_zone), at.city.city)
        match(desk, at.city.city.roles.bank)
        took = time.perf_counter() - began
        with reading(at.sessions) as session:
            found = session.execute(_MATCHED).scalar_one()
    rows = [
        ["matched and written down", f"{took:,.2f}", f"{lines / took:,.0f}"],
        ["a bare join of the same rows", f"{bare:,.2f}", f"{lines / bare:,.0f}"],
        ["times the join", f"{took / bare:,.0f}", ""],
    ]
    note = (
        f"{lines:,} lines of a bank, as many payouts, each amount twice thirty days apart; {found:,} were matched. "
        f"The process grew by {max(0, _largest() - before) / 1024:,.0f} MB."
    )
    return Section("Matching the bank's lines", ["", "s", "lines per s"], rows, [note])


def _fill(at: Place, lines: int) -> None:
    roles = at.city.city.roles
    today = SystemClock(at.city.city.identity.time_zone).today()
    given = {"lines": lines, "day": today, "days": _DAYS, "bank": roles.bank, "clearing": roles.processor_clearing}
    with transaction(at.sessions) as session:
        for statement in _MAKE[:-1]:
            session.execute(text(statement), given)
    with transaction(at.sessions) as session:
        session.execute(text(_MAKE[-1]))


def _seconds_of_join(at: Place) -> float:
    began = time.perf_counter()
    with reading(at.sessions) as session:
        session.execute(_BARE).scalar_one()
    return time.perf_counter() - began


def _largest() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
