"""Batches that were made, what waits for the next one, and what the accounting system answered."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from accounts.errors import NotFound
from accounts.money import Money
from payments.journal_exports.rules import JournalLine, Place, ProjectShare, Summed

_UNSENT = """
    unsent AS (
        SELECT j.id, j.business_day, j.reverses_id
          FROM journals j JOIN business_days d ON d.day = j.business_day
         WHERE d.state = 'closed' AND (CAST(:through AS date) IS NULL OR d.day <= :through)
           AND NOT EXISTS (SELECT FROM exported_journals e WHERE e.journal_id = j.id))"""
_WAITING = text(f"""
    WITH {_UNSENT} SELECT count(*)::bigint AS journals, min(business_day) AS first, max(business_day) AS last
      FROM unsent""")  # noqa: S608 - our own
_SUMS = text(f"""
    WITH {_UNSENT}
    SELECT u.business_day, p.fund, a.code, a.name, sum(p.amount_cents)::bigint AS cents
      FROM unsent u JOIN postings p ON p.journal_id = u.id JOIN ledger_accounts a ON a.id = p.ledger_account_id
     GROUP BY u.business_day, p.fund, a.code, a.name""")  # noqa: S608 - our own
_SHARES = text(f"""
    WITH {_UNSENT},
    sold AS (
        SELECT p.id AS payment_id, p.journal_id, i.ledger_account, i.fund
          FROM payments p JOIN payment_items i ON i.payment_id = p.id
         GROUP BY p.id, p.journal_id, i.ledger_account, i.fund HAVING bool_or(i.project <> '')),
    about AS (
        SELECT u.id, u.business_day, s.* FROM unsent u JOIN sold s ON s.journal_id = u.id
         UNION
        SELECT u.id, u.business_day, s.* FROM unsent u JOIN sold s ON s.journal_id = u.reverses_id
         UNION
        SELECT u.id, u.business_day, s.*
          FROM unsent u JOIN payment_reversals r ON r.journal_id = u.id JOIN sold s ON s.payment_id = r.payment_id)
    SELECT o.business_day, o.fund, o.ledger_account,
           (SELECT coalesce(sum(p.amount_cents), 0)::bigint FROM postings p
              JOIN ledger_accounts a ON a.id = p.ledger_account_id
             WHERE p.journal_id = o.id AND a.code = o.ledger_account) AS cents,
           (SELECT coalesce(sum(p.amount_cents), 0)::bigint FROM postings p
              JOIN ledger_accounts a ON a.id = p.ledger_account_id
             WHERE p.journal_id = o.journal_id AND a.code = o.ledger_account) AS first,
           (SELECT json_agg(json_build_array(x.project, x.cents) ORDER BY x.project)
              FROM (SELECT i.project, sum(i.amount_cents)::bigint AS cents FROM payment_items i
                     WHERE i.payment_id = o.payment_id AND i.ledger_account = o.ledger_account AND i.project <> ''
                     GROUP BY i.project) AS x) AS projects
      FROM about o ORDER BY o.id, o.ledger_account""")  # noqa: S608 - our own
_BATCHES = """
    SELECT b.id, b.number, b.layout, b.file_name, b.first_day, b.last_day, b.made_at, a.display_name, b.journal_count,
           b.line_count, b.debits_cents, b.credits_cents, b.sha256, last.status, last.reference, last.message,
           last.answered_at,
           (SELECT count(*) FROM audit_entries e WHERE e.act = 'journals-exported-again'
               AND e.subject_kind = 'journal_batch' AND e.subject_id = b.number::text)::bigint AS copies
      FROM journal_batches b JOIN actors a ON a.id = b.actor_id
      LEFT JOIN LATERAL (SELECT * FROM journal_answers n WHERE n.batch_id = b.id
                          ORDER BY n.ordinal DESC LIMIT 1) AS last ON true"""
_LISTED = text(_BATCHES + " ORDER BY b.number DESC OFFSET :skip LIMIT :most")
_ONE = text(_BATCHES + " WHERE b.number = :number")
_LINES = text("""
    SELECT number, business_day, fund, account, project, name, amount_cents
      FROM journal_batch_lines WHERE batch_id = :batch ORDER BY number""")
_FUNDS = text("""
    SELECT fund, count(*)::bigint AS lines,
           coalesce(sum(amount_cents) FILTER (WHERE amount_cents > 0), 0)::bigint AS d,
           coalesce(-sum(amount_cents) FILTER (WHERE amount_cents < 0), 0)::bigint AS c
      FROM journal_batch_lines WHERE batch_id = :batch GROUP BY fund ORDER BY fund""")
_ANSWERS = text("""
    SELECT n.status, n.reference, n.message, n.answered_at, a.display_name
      FROM journal_answers n JOIN actors a ON a.id = n.actor_id WHERE n.batch_id = :batch ORDER BY n.ordinal""")


@dataclass(frozen=True)
class Waiting:
    """What the next batch would hold: journals of closed days, from ``first`` to ``last`` (none where nothing is)."""

    journals: int
    first: date | None
    last: date | None


@dataclass(frozen=True)
class SentJournals:
    """A batch. ``status`` is the last answer, or empty; ``copies`` is how often it was written again."""

    id: int
    number: int
    layout: str
    file_name: str
    first_day: date
    last_day: date
    made_at: datetime
    made_by: str
    journals: int
    lines: int
    debits: Money
    credits: Money
    sha256: str
    status: str
    reference: str
    message: str
    answered_at: datetime | None
    copies: int


@dataclass(frozen=True)
class FundTotals:
    """A fund's part of a batch; both sides are the same."""

    fund: str
    lines: int
    debits: Money
    credits: Money


@dataclass(frozen=True)
class Answered:
    """One answer of the accounting system."""

    status: str
    reference: str
    message: str
    answered_at: datetime
    taken_by: str


def waiting(session: Session, through: date | None = None) -> Waiting:
    """What of closed days, up to one if it is named, no batch holds."""
    row = session.execute(_WAITING, {"through": through}).one()
    return Waiting(row.journals, row.first, row.last)


def unsent_sums(session: Session, through: date | None) -> list[Summed]:
    """Those journals, summed by day, fund and ledger account."""
    return [
        Summed(Place(row.business_day, row.fund, row.code), row.name, Money(row.cents))
        for row in session.execute(_SUMS, {"through": through})
    ]


def unsent_shares(session: Session, through: date | None) -> list[ProjectShare]:
    """Those of them that sold something for a project, or took such a sale back."""
    return [
        ProjectShare(
            Place(row.business_day, row.fund, row.ledger_account),
            Money(row.cents),
            Money(row.first),
            tuple((project, Money(cents)) for project, cents in row.projects),
        )
        for row in session.execute(_SHARES, {"through": through})
    ]


def batches(session: Session, *, skip: int = 0, most: int = 50) -> list[SentJournals]:
    """The newest batches, newest first."""
    return [_sent(row) for row in session.execute(_LISTED, {"skip": skip, "most": most})]


def batch(session: Session, number: int) -> SentJournals:
    """One batch; raises :class:`~accounts.errors.NotFound`."""
    row = session.execute(_ONE, {"number": number}).one_or_none()
    if row is None:
        raise NotFound(f"no batch {number} of journals")
    return _sent(row)


def lines(session: Session, batch_id: int) -> tuple[JournalLine, ...]:
    """The lines of a batch, in order."""
    return tuple(
        JournalLine(row.number, Place(row.business_day, row.fund, row.account, row.project), row.name,
                    Money(row.amount_cents))
        for row in session.execute(_LINES, {"batch": batch_id})
    )  # fmt: skip


def funds(session: Session, batch_id: int) -> list[FundTotals]:
    """What a batch comes to in each fund."""
    rows = session.execute(_FUNDS, {"batch": batch_id})
    return [FundTotals(row.fund, row.lines, Money(row.d), Money(row.c)) for row in rows]


def answers(session: Session, batch_id: int) -> list[Answered]:
    """All that was answered to a batch, oldest first."""
    return [Answered(*row) for row in session.execute(_ANSWERS, {"batch": batch_id})]


def _sent(row: Any) -> SentJournals:
    return SentJournals(
        row.id, row.number, row.layout, row.file_name, row.first_day, row.last_day, row.made_at, row.display_name,
        row.journal_count, row.line_count, Money(row.debits_cents), Money(row.credits_cents), row.sha256,
        row.status or "", row.reference or "", row.message or "", row.answered_at, row.copies,
    )  # fmt: skip
