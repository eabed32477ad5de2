"""Statements and their lines as people look at them, and what of ours a line could be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from accounts.errors import NotFound
from accounts.money import Money
from payments.bank_statements.ours import UNITS

_SIGNED = """EXISTS (SELECT FROM bank_statements s JOIN bank_sign_offs o ON o.statement_id = s.id
                      WHERE s.bank_account = l.bank_account AND l.on_day BETWEEN s.from_on AND s.through_on)"""
_LINE = f"""
    SELECT l.id, l.statement_id, l.bank_account, l.ledger_account, l.on_day, l.amount_cents, l.kind, l.type_code,
           l.bank_reference, l.customer_reference, l.text, m.match_id, b.way, b.reason, b.category AS booked_as,
           b.made_at, a.display_name AS maker, n.category AS named_as, n.note, {_SIGNED} AS is_signed,
           (SELECT jsonb_agg(DISTINCT jsonb_build_array(p.kind, p.subject)) FROM bank_match_parts p
             WHERE p.match_id = m.match_id AND p.kind <> 'before') AS parts
      FROM bank_lines l LEFT JOIN bank_matched_lines m ON m.line_id = l.id
      LEFT JOIN bank_matches b ON b.id = m.match_id LEFT JOIN actors a ON a.id = b.made_by
      LEFT JOIN LATERAL (SELECT category, note FROM bank_namings x WHERE x.line_id = l.id
                          ORDER BY x.number DESC LIMIT 1) n ON true"""  # noqa: S608 - our own words
_ONE_LINE = text(f"{_LINE} WHERE l.id = :id")
_STATE = "(m.match_id IS NOT NULL)::int * 2 + (m.match_id IS NULL AND coalesce(n.category, '') <> '')::int"
_LINES = text(f"""{_LINE}
     WHERE l.bank_account = :account AND l.on_day BETWEEN :first AND :last
     ORDER BY {_STATE}, l.on_day, l.statement_id, l.ordinal, l.id LIMIT :most OFFSET :skip""")
_OF_DAYS = """FROM bank_lines l LEFT JOIN bank_matched_lines m ON m.line_id = l.id
     WHERE l.bank_account = s.bank_account AND l.on_day BETWEEN s.from_on AND s.through_on"""
_UNNAMED = """m.match_id IS NULL AND coalesce((SELECT n.category FROM bank_namings n WHERE n.line_id = l.id
                                               ORDER BY n.number DESC LIMIT 1), '') = ''"""
_STATEMENTS = f"""
    SELECT s.*, f.name, f.format, o.signed_at, a.display_name AS signer, i.display_name AS importer,
           (SELECT count(*) {_OF_DAYS}) AS known, (SELECT count(*) {_OF_DAYS} AND m.match_id IS NOT NULL) AS matched,
           (SELECT count(*) {_OF_DAYS} AND {_UNNAMED}) AS unexplained
      FROM bank_statements s JOIN bank_files f ON f.id = s.file_id JOIN actors i ON i.id = f.imported_by
      LEFT JOIN bank_sign_offs o ON o.statement_id = s.id LEFT JOIN actors a ON a.id = o.signed_by"""  # noqa: S608
_LISTED = text(f"{_STATEMENTS} WHERE s.id < :before ORDER BY s.through_on DESC, s.id DESC LIMIT :most")
_ONE = text(f"{_STATEMENTS} WHERE s.id = :id")
_UNEXPLAINED = text(f"SELECT count(*) FROM bank_statements s, LATERAL (SELECT l.id {_OF_DAYS} AND {_UNNAMED}) u "  # noqa: S608
                    "WHERE s.id = :id")  # fmt: skip
_JOURNALS = text("""
    SELECT p.journal_id FROM bank_statements s
      JOIN bank_lines l ON l.bank_account = s.bank_account AND l.on_day BETWEEN s.from_on AND s.through_on
      JOIN bank_matched_lines m ON m.line_id = l.id JOIN bank_match_parts p ON p.match_id = m.match_id
     WHERE s.id = :id AND p.kind IN ('deposit', 'terminal')""")
_CANDIDATES = text(f"""
    SELECT u.* FROM ({UNITS}) u
     WHERE u.cents * :sign > 0 AND u.on_day BETWEEN :first AND :last
     ORDER BY u.cents <> :cents, abs(u.cents - :cents), u.on_day, u.kind, u.subject LIMIT :most""")  # noqa: S608
_HISTORY = text("""
    SELECT b.id, b.way, b.reason, b.made_at, a.display_name AS maker, u.undone_at, u.reason AS undone_for,
           w.display_name AS undoer
      FROM bank_matches b JOIN actors a ON a.id = b.made_by LEFT JOIN bank_match_undoings u ON u.match_id = b.id
      LEFT JOIN actors w ON w.id = u.undone_by
     WHERE b.line_id = :line ORDER BY b.id""")


@dataclass(frozen=True)
class StatementLine:
    """A line with what became of it. ``parts``: kind and subject of ours, where it is matched."""

    id: int
    statement_id: int
    bank_account: str
    ledger_account: str
    on: date
    amount: Money
    kind: str
    type_code: str
    bank_reference: str
    customer_reference: str
    text: str
    match_id: int | None
    way: str
    reason: str
    booked_as: str
    maker: str
    named_as: str
    note: str
    is_signed: bool
    parts: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class StatementRow:
    """A statement; its lines are those of its days, whichever file told them first."""

    id: int
    bank_account: str
    ledger_account: str
    from_on: date
    through_on: date
    opening: Money
    closing: Money
    lines: int
    known: int
    matched: int
    unexplained: int
    file_name: str
    format: str
    imported_at: datetime
    importer: str
    signed_at: datetime | None
    signer: str


@dataclass(frozen=True)
class Candidate:
    """Something of ours that a line could be."""

    kind: str
    subject: str
    amount: Money
    on: date
    journal_kind: str
    memo: str
    references: tuple[str, ...]
    same_amount: bool


@dataclass(frozen=True)
class PastMatch:
    id: int
    way: str
    reason: str
    made_at: datetime
    maker: str
    undone_at: datetime | None
    undone_for: str
    undoer: str


def statements(session: Session, *, before: int | None = None, most: int = 50) -> list[StatementRow]:
    """Statements, the latest days first; ``before``: those with a smaller id."""
    return [_statement(row) for row in session.execute(_LISTED, {"before": before or 2**62, "most": most})]


def statement(session: Session, statement_id: int) -> StatementRow:
    """One statement; raises :class:`~accounts.errors.NotFound`."""
    row = session.execute(_ONE, {"id": statement_id}).one_or_none()
    if row is None:
        raise NotFound(f"no bank statement {statement_id}")
    return _statement(row)


def unexplained(session: Session, of: StatementRow) -> int:
    """How many lines have neither a match nor a name."""
    return int(session.execute(_UNEXPLAINED, {"id": of.id}).scalar_one())


def journals_of(session: Session, of: StatementRow) -> list[int]:
    """Journals of the deposits that its lines are."""
    return list(session.scalars(_JOURNALS, {"id": of.id}))


def lines(session: Session, of: StatementRow, *, skip: int = 0, most: int = 50) -> list[StatementLine]:
    """Lines of a statement's days: first those without an explanation, then the named, then the matched."""
    given = {"account": of.bank_account, "first": of.from_on, "last": of.through_on, "skip": skip, "most": most}
    return [_line(row) for row in session.execute(_LINES, given)]


def line(session: Session, line_id: int) -> StatementLine:
    """One line; raises :class:`~accounts.errors.NotFound`."""
    row = session.execute(_ONE_LINE, {"id": line_id}).one_or_none()
    if row is None:
        raise NotFound(f"no bank line {line_id}")
    return _line(row)


def candidates(session: Session, of: StatementLine, *, days: int = 30, most: int = 40) -> list[Candidate]:
    """What of ours goes the same way within so many days: equal amounts first, then the nearest."""
    reach = timedelta(days=days)
    given = {
        "ledger": of.ledger_account, "sign": 1 if of.amount.cents > 0 else -1, "cents": of.amount.cents,
        "first": date.min if of.kind == "opening" else of.on - reach, "last": of.on + reach, "most": most,
    }  # fmt: skip
    return [
        Candidate(
            row.kind, row.subject, Money(row.cents), row.on_day, row.journal_kind, row.memo,
            tuple(text for text in row.refs if text), row.cents == of.amount.cents,
        )
        for row in session.execute(_CANDIDATES, given)
    ]  # fmt: skip


def history(session: Session, line_id: int) -> list[PastMatch]:
    """Every match that a line ever had, and how it ended."""
    rows: Sequence[Any] = session.execute(_HISTORY, {"line": line_id}).all()
    return [
        PastMatch(
            row.id, row.way, row.reason, row.made_at, row.maker, row.undone_at, row.undone_for or "",
            row.undoer or "",
        )
        for row in rows
    ]  # fmt: skip


def _line(row: Any) -> StatementLine:
    return StatementLine(
        id=row.id, statement_id=row.statement_id, bank_account=row.bank_account, ledger_account=row.ledger_account,
        on=row.on_day, amount=Money(row.amount_cents), kind=row.kind, type_code=row.type_code,
        bank_reference=row.bank_reference, customer_reference=row.customer_reference, text=row.text,
        match_id=row.match_id, way=row.way or "", reason=row.reason or "", booked_as=row.booked_as or "",
        maker=row.maker or "", named_as=row.named_as or "", note=row.note or "", is_signed=row.is_signed,
        parts=tuple((kind, subject) for kind, subject in row.parts or ()),
    )  # fmt: skip


def _statement(row: Any) -> StatementRow:
    return StatementRow(
        id=row.id, bank_account=row.bank_account, ledger_account=row.ledger_account, from_on=row.from_on,
        through_on=row.through_on, opening=Money(row.opening_cents), closing=Money(row.closing_cents),
        lines=row.lines, known=row.known, matched=row.matched, unexplained=row.unexplained, file_name=row.name,
        format=row.format, imported_at=row.imported_at, importer=row.importer, signed_at=row.signed_at,
        signer=row.signer or "",
    )  # fmt: skip
