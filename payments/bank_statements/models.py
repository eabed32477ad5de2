"""What the bank says, and what of it is ours: files, statements and lines; matches with the books; names; sign-offs.

The books' side of a match is a journal that moves the bank's ledger account, so that nothing in the ledger can be
left out. Files, statements, lines, matches and names are never changed: undoing is a row of its own.
``bank_matched_lines`` and ``bank_matched_journals`` say which matches stand; their keys let nothing match twice.
"""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Identity, Index, Text, UniqueConstraint, func, text
from sqlalchemy.orm import Mapped, mapped_column

from accounts.database import APPEND_ONLY, Base, Cents
from accounts.money import Money

_LIVE = {"info": {"deletes": True}}


class BankFile(Base):
    """A file as the bank sent it. The same bytes again are the same file."""

    __tablename__ = "bank_files"
    __table_args__ = (
        UniqueConstraint("sha256"),
        CheckConstraint("format IN ('bai2', 'csv')", name="format_is_known"),
        APPEND_ONLY,
    )

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    sha256: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    format: Mapped[str] = mapped_column(Text)
    content: Mapped[bytes]
    imported_by: Mapped[int] = mapped_column(ForeignKey("actors.id"))
    imported_at: Mapped[datetime]


class BankStatement(Base):
    """The days of one bank account that a file tells of: the opening balance and its lines make the closing one."""

    __tablename__ = "bank_statements"
    __table_args__ = (
        UniqueConstraint("file_id", "bank_account", "from_on"),
        CheckConstraint("from_on <= through_on", name="days_are_forward"),
        Index(None, "bank_account", "through_on"),
        APPEND_ONLY,
    )

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    file_id: Mapped[int] = mapped_column(ForeignKey("bank_files.id"))
    bank_account: Mapped[str] = mapped_column(Text)
    ledger_account: Mapped[str] = mapped_column(Text)
    from_on: Mapped[date]
    through_on: Mapped[date]
    opening_cents: Mapped[Money] = mapped_column(Cents)
    closing_cents: Mapped[Money] = mapped_column(Cents)
    lines: Mapped[int]
    """How many the file has; those that another file had told before are not kept again."""
    imported_at: Mapped[datetime]


class BankLine(Base):
    """A movement that the bank tells of, signed: into the account positive.

    ``opening`` stands for all that was before the first statement, ``gap`` for a difference between a statement's
    opening balance and what was known; so the lines of an account always sum to its balance. The n-th line of a day
    with one amount is the same line in whichever file it stands (``occurrence``).
    """

    __tablename__ = "bank_lines"
    __table_args__ = (
        UniqueConstraint("bank_account", "on_day", "amount_cents", "kind", "occurrence"),
        CheckConstraint("kind IN ('line', 'opening', 'gap')", name="kind_is_known"),
        Index("uq_bank_lines_one_opening", "bank_account", unique=True, postgresql_where=text("kind = 'opening'")),
        Index(None, "statement_id"),
        APPEND_ONLY,
    )

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    statement_id: Mapped[int] = mapped_column(ForeignKey("bank_statements.id"))
    """The first that told of it."""
    bank_account: Mapped[str] = mapped_column(Text)
    ledger_account: Mapped[str] = mapped_column(Text)
    ordinal: Mapped[int]
    on_day: Mapped[date]
    amount_cents: Mapped[Money] = mapped_column(Cents)
    kind: Mapped[str] = mapped_column(Text, default="line", server_default="line")
    occurrence: Mapped[int]
    type_code: Mapped[str] = mapped_column(Text, default="", server_default="")
    """BAI2 (X9.121): 100 to 399 credits, 400 to 699 debits; empty in CSV."""
    bank_reference: Mapped[str] = mapped_column(Text, default="", server_default="")
    customer_reference: Mapped[str] = mapped_column(Text, default="", server_default="")
    text: Mapped[str] = mapped_column(Text, default="", server_default="")


class BankMatch(Base):
    """A line of the bank and the journals that it is, on whose word and for which reason."""

    __tablename__ = "bank_matches"
    __table_args__ = (
        CheckConstraint("way IN ('automatic', 'by-hand', 'booked')", name="way_is_known"),
        CheckConstraint("way <> 'by-hand' OR reason <> ''", name="reason_is_given"),
        Index(None, "line_id"),
        APPEND_ONLY,
    )

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    line_id: Mapped[int] = mapped_column(ForeignKey("bank_lines.id"))
    way: Mapped[str] = mapped_column(Text)
    """``booked``: a journal was made of the line, or of the part of it that none of ours explains."""
    reason: Mapped[str] = mapped_column(Text)
    """The rule that found it, or what the person said."""
    category: Mapped[str] = mapped_column(Text, default="", server_default="")
    """Of what was booked."""
    made_by: Mapped[int] = mapped_column(ForeignKey("actors.id"))
    made_at: Mapped[datetime]


class BankMatchPart(Base):
    """One of the journals of a match; their amounts sum to the line's."""

    __tablename__ = "bank_match_parts"
    __table_args__ = (Index(None, "journal_id"), APPEND_ONLY)

    match_id: Mapped[int] = mapped_column(ForeignKey("bank_matches.id"), primary_key=True)
    journal_id: Mapped[int] = mapped_column(ForeignKey("journals.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(Text)
    """What it is with us: ``deposit``, ``payout``, …"""
    subject: Mapped[str] = mapped_column(Text)
    """Its id there."""
    amount_cents: Mapped[Money] = mapped_column(Cents)


class BankMatchUndoing(Base):
    """A match that was wrong, once, with the reason; a booked journal is reversed with it."""

    __tablename__ = "bank_match_undoings"
    __table_args__ = (CheckConstraint("reason <> ''", name="reason_is_given"), APPEND_ONLY)

    match_id: Mapped[int] = mapped_column(ForeignKey("bank_matches.id"), primary_key=True)
    undone_by: Mapped[int] = mapped_column(ForeignKey("actors.id"))
    undone_at: Mapped[datetime]
    reason: Mapped[str] = mapped_column(Text)


class BankMatchedLine(Base):
    """The match of a line that stands."""

    __tablename__ = "bank_matched_lines"
    __table_args__ = (_LIVE,)

    line_id: Mapped[int] = mapped_column(ForeignKey("bank_lines.id"), primary_key=True)
    match_id: Mapped[int] = mapped_column(ForeignKey("bank_matches.id"), unique=True)


class BankMatchedJournal(Base):
    """The match of a journal that stands."""

    __tablename__ = "bank_matched_journals"
    __table_args__ = (Index(None, "match_id"), _LIVE)

    journal_id: Mapped[int] = mapped_column(ForeignKey("journals.id"), primary_key=True)
    ledger_account: Mapped[str] = mapped_column(Text, primary_key=True)
    """One journal may move two bank accounts: each leg is matched by itself."""
    match_id: Mapped[int] = mapped_column(ForeignKey("bank_matches.id"))


class BankNaming(Base):
    """What an unmatched line is called; the latest counts, and an empty category takes the name back."""

    __tablename__ = "bank_namings"
    __table_args__ = (UniqueConstraint("line_id", "number"), APPEND_ONLY)

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    line_id: Mapped[int] = mapped_column(ForeignKey("bank_lines.id"))
    number: Mapped[int]
    category: Mapped[str] = mapped_column(Text)
    note: Mapped[str] = mapped_column(Text, default="", server_default="")
    named_by: Mapped[int] = mapped_column(ForeignKey("actors.id"))
    named_at: Mapped[datetime]


class BankSignOff(Base):
    """A person says that each line of a statement is explained. Nobody who made its deposits may (duties § 9.3)."""

    __tablename__ = "bank_sign_offs"
    __table_args__ = (APPEND_ONLY,)

    statement_id: Mapped[int] = mapped_column(ForeignKey("bank_statements.id"), primary_key=True)
    signed_by: Mapped[int] = mapped_column(ForeignKey("actors.id"))
    signed_at: Mapped[datetime] = mapped_column(server_default=func.now())
