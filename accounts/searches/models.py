"""The index that searches read. Triggers write it (``migrations/sql/0008_searches.sql``), nothing else does."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Identity, Index, Text, text
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column

from accounts.database import Base

TURNS = 16
"""Indexes of documents, each of a part of them, which are asked in turn until enough is found."""


class SearchDocument(Base):
    """The words of an account: of holder and business with weight A, of the service address with weight B."""

    __tablename__ = "search_documents"
    __table_args__ = tuple(
        Index(
            f"ix_search_documents_words_{turn}",
            "words",
            postgresql_using="gin",
            postgresql_with={"fastupdate": "off"},
            postgresql_where=text(f"mod(customer_account_id, {TURNS}) = {turn}"),
        )
        for turn in range(TURNS)
    )

    customer_account_id: Mapped[int] = mapped_column(ForeignKey("customer_accounts.id"), primary_key=True)
    words: Mapped[str] = mapped_column(TSVECTOR)


class SearchSpelling(Base):
    """A word of some document, and one way to leave out one of its letters (or none).

    Two words that share a spelling are one slip of the finger apart. Words stay when their last document loses them:
    such a word finds nothing. Two who bring the same new word at once both write it, so that neither waits.
    """

    __tablename__ = "search_spellings"
    __table_args__ = (
        Index("ix_search_spellings_begins", "spelling", "word", postgresql_ops={"spelling": "text_pattern_ops"}),
    )

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    spelling: Mapped[str] = mapped_column(Text)
    word: Mapped[str] = mapped_column(Text)
