"""Runs of the importer and what each source row looked like when it was last taken."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Identity, Text, UniqueConstraint, func
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from accounts.database import Base, Cents
from accounts.money import ZERO, Money


class ImportRun(Base):
    """One file through one profile; ``rows_done`` lets a run that was cut go on where it stopped."""

    __tablename__ = "import_runs"
    __table_args__ = (UniqueConstraint("kind", "profile", "file_sha256"),)

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    kind: Mapped[str] = mapped_column(Text)
    profile: Mapped[str] = mapped_column(Text)
    file_name: Mapped[str] = mapped_column(Text)
    file_sha256: Mapped[str] = mapped_column(Text)
    started_at: Mapped[datetime] = mapped_column(server_default=func.now())
    finished_at: Mapped[datetime | None]
    rows_done: Mapped[int] = mapped_column(default=0)
    rows_added: Mapped[int] = mapped_column(default=0)
    rows_changed: Mapped[int] = mapped_column(default=0)
    rows_unchanged: Mapped[int] = mapped_column(default=0)
    rows_rejected: Mapped[int] = mapped_column(default=0)
    amount_cents: Mapped[Money] = mapped_column(Cents, default=ZERO)


class ImportedRow(Base):
    """The last content of a source row, by its key: an equal digest means nothing to do."""

    __tablename__ = "imported_rows"

    source_system: Mapped[str] = mapped_column(Text, primary_key=True)
    kind: Mapped[str] = mapped_column(Text, primary_key=True)
    source_key: Mapped[str] = mapped_column(Text, primary_key=True)
    row_sha256: Mapped[bytes]
    customer_account_id: Mapped[int | None] = mapped_column(ForeignKey("customer_accounts.id"))
    run_id: Mapped[int] = mapped_column(ForeignKey("import_runs.id"))
    content: Mapped[dict[str, object]] = mapped_column(JSONB, default=dict)
