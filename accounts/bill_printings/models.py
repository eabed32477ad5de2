"""Printings of a run's bills, what becomes of each bill, and the files. A list is never changed once it is frozen."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import ARRAY, CheckConstraint, ForeignKey, Identity, Index, Integer, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from accounts.database import APPEND_ONLY, Base, Cents
from accounts.money import ZERO, Money

_MOVES = (
    "state", "last_account_id", "counts", "counted_at", "has_changed", "seen", "parts", "frozen_by", "frozen_on",
    "frozen_at", "made_at", "list_sha256",
)  # fmt: skip


class BillPrinting(Base):
    """The bills of a run put on paper: once. Its files carry the day on which the list was frozen; after that only
    the making of its files is noted (a trigger holds it)."""

    __tablename__ = "bill_printings"
    __table_args__ = (
        UniqueConstraint("billing_run_id"),
        CheckConstraint("state IN ('counting', 'counted', 'freezing', 'frozen')", name="state_is_known"),
        CheckConstraint("part_size > 0 AND (state = 'frozen') = (parts > 0)", name="has_parts"),
        CheckConstraint("(state = 'counting') = (counted_at IS NULL)", name="counted_or_being_counted"),
        CheckConstraint("(state IN ('freezing', 'frozen')) = (frozen_by IS NOT NULL)", name="frozen_by_somebody"),
        CheckConstraint(
            "(state = 'frozen') = (frozen_on IS NOT NULL) AND (state = 'frozen') = (frozen_at IS NOT NULL)",
            name="frozen_on_a_day",
        ),
        CheckConstraint("(made_at IS NULL) = (list_sha256 = '')", name="made_with_its_list"),
        CheckConstraint("made_at IS NULL OR state = 'frozen'", name="made_when_frozen"),
        {"info": {"updates": _MOVES}},
    )

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    billing_run_id: Mapped[int] = mapped_column(ForeignKey("billing_runs.id"))
    city_release_id: Mapped[int] = mapped_column(ForeignKey("city_releases.id"))
    state: Mapped[str] = mapped_column(Text, default="counting")
    bills: Mapped[int]
    """Of the run."""
    last_account_id: Mapped[int] = mapped_column(default=0, server_default="0")
    """How far it is counted: it goes on after this account."""
    counts: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict, server_default="{}")
    """What becomes of the bills as far as they are counted (:class:`rules.Counts`)."""
    counted_at: Mapped[datetime | None]
    has_changed: Mapped[bool] = mapped_column(default=False, server_default="false")
    """The list was another one than had been seen when it was to be frozen."""
    seen: Mapped[int] = mapped_column(default=0, server_default="0")
    """How many printed bills had been seen by whoever asked to freeze it."""
    part_size: Mapped[int]
    parts: Mapped[int] = mapped_column(default=0, server_default="0")
    begun_by: Mapped[int] = mapped_column(ForeignKey("actors.id"))
    begun_at: Mapped[datetime]
    frozen_by: Mapped[int | None] = mapped_column(ForeignKey("actors.id"))
    frozen_on: Mapped[date | None]
    """At city hall."""
    frozen_at: Mapped[datetime | None]
    made_at: Mapped[datetime | None]
    """When its last file was made."""
    list_sha256: Mapped[str] = mapped_column(Text, default="", server_default="")


class BillPrintingItem(Base):
    """What becomes of one bill: its name, address, language and amount as they were when the list was frozen."""

    __tablename__ = "bill_printing_items"
    __table_args__ = (
        CheckConstraint("outcome IN ('printed', 'paperless', 'held')", name="outcome_is_known"),
        CheckConstraint("(outcome = 'printed') = (reason = '')", name="not_printed_with_a_reason"),
        CheckConstraint("(outcome = 'printed') = (sequence IS NOT NULL)", name="printed_in_order"),
        CheckConstraint("(sequence IS NULL) = (part IS NULL)", name="in_order_in_a_part"),
        CheckConstraint("(outcome = 'paperless') = (consent_id IS NOT NULL)", name="paperless_by_consent"),
        Index("uq_bill_printing_items_sequence", "printing_id", "sequence", unique=True,
              postgresql_where=text("sequence IS NOT NULL")),
        Index(None, "printing_id", "outcome", "customer_account_id"),
        APPEND_ONLY,
    )  # fmt: skip

    bill_id: Mapped[int] = mapped_column(ForeignKey("bills.id"), primary_key=True)
    """No bill is in two lists."""
    printing_id: Mapped[int] = mapped_column(ForeignKey("bill_printings.id"))
    customer_account_id: Mapped[int] = mapped_column(ForeignKey("customer_accounts.id"))
    outcome: Mapped[str] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(Text)
    consent_id: Mapped[int | None] = mapped_column(ForeignKey("consents.id"))
    sequence: Mapped[int | None]
    part: Mapped[int | None]
    language: Mapped[str] = mapped_column(Text, default="", server_default="")
    name: Mapped[str] = mapped_column(Text, default="", server_default="")
    address: Mapped[list[str]] = mapped_column(ARRAY(Text))
    """As lines of an envelope; none, unless it is printed."""
    service_address: Mapped[str] = mapped_column(Text, default="", server_default="")
    amount_cents: Mapped[Money] = mapped_column(Cents, default=ZERO)
    """What the bill asked."""
    open_cents: Mapped[Money] = mapped_column(Cents, default=ZERO)
    """What of it was to pay."""


class BillPrintPart(Base):
    """A file of a printing; the PDF itself is in the folder of documents, under its digest."""

    __tablename__ = "bill_print_parts"
    __table_args__ = (
        CheckConstraint("sha256 ~ '^[0-9a-f]{64}$'", name="has_a_digest"),
        CheckConstraint("cardinality(pages) > 0 AND size > 0", name="is_not_empty"),
        APPEND_ONLY,
    )

    printing_id: Mapped[int] = mapped_column(ForeignKey("bill_printings.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    pages: Mapped[list[int]] = mapped_column(ARRAY(Integer))
    """Of each of its bills, in their order."""
    size: Mapped[int]
    sha256: Mapped[str] = mapped_column(Text)
    made_at: Mapped[datetime]
