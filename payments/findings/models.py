"""What the rules against fraud found, how each finding was worked, and whom people who work here have declared.

A finding is written once: the same fact found again has the same ``key``. How it was worked are rows beside it.
"""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import (
    ARRAY,
    BigInteger,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Identity,
    Index,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from accounts.database import APPEND_ONLY, Base, Cents
from accounts.money import Money


class Finding(Base):
    """One thing that a rule points at: a question for a person, never a verdict."""

    __tablename__ = "findings"
    __table_args__ = (
        UniqueConstraint("key"),
        UniqueConstraint("id", "subjects"),
        CheckConstraint("severity IN ('low', 'medium', 'high')", name="severity_is_known"),
        Index(None, "found_at"),
        Index(None, "customer_account_id"),
        APPEND_ONLY,
    )

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    rule: Mapped[str] = mapped_column(Text)
    key: Mapped[str] = mapped_column(Text)
    """The rule and the facts that make it this finding and no other."""
    severity: Mapped[str] = mapped_column(Text)
    subjects: Mapped[list[int]] = mapped_column(ARRAY(BigInteger))
    """Actors whom it is about, sorted; they neither see nor work it. Empty where it is about nobody."""
    customer_account_id: Mapped[int | None] = mapped_column(ForeignKey("customer_accounts.id"))
    payment_id: Mapped[int | None] = mapped_column(ForeignKey("payments.id"))
    drawer_id: Mapped[int | None] = mapped_column(ForeignKey("drawers.id"))
    amount_cents: Mapped[Money | None] = mapped_column(Cents)
    happened_on: Mapped[date]
    facts: Mapped[dict[str, object]] = mapped_column(JSONB)
    """All that the rule looked at, in cents, days and codes."""
    authority: Mapped[str] = mapped_column(Text)
    """Of the policy whose figures were used."""
    found_at: Mapped[datetime]


class FindingOutcome(Base):
    """A finding was referred or explained. The composite key carries its subjects along: they decide nothing here."""

    __tablename__ = "finding_outcomes"
    __table_args__ = (
        UniqueConstraint("finding_id", "number"),
        ForeignKeyConstraint(["finding_id", "subjects"], ["findings.id", "findings.subjects"]),
        CheckConstraint("verdict IN ('explained', 'referred')", name="verdict_is_known"),
        CheckConstraint("reason <> ''", name="reason_is_given"),
        CheckConstraint("decided_by <> ALL (subjects)", name="not_by_a_subject"),
        Index("uq_finding_outcomes_explained_once", "finding_id", unique=True,
              postgresql_where=text("verdict = 'explained'")),
        APPEND_ONLY,
    )  # fmt: skip

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    finding_id: Mapped[int]
    subjects: Mapped[list[int]] = mapped_column(ARRAY(BigInteger))
    number: Mapped[int]
    """Counts what was decided of a finding: two at once would take the same one, and one is refused."""
    verdict: Mapped[str] = mapped_column(Text)
    """``explained`` ends it; ``referred`` hands it to somebody outside (``referred_to``), and it stays open."""
    reason: Mapped[str] = mapped_column(Text)
    referred_to: Mapped[str] = mapped_column(Text, default="", server_default="")
    decided_by: Mapped[int] = mapped_column(ForeignKey("actors.id"))
    decided_at: Mapped[datetime]


class DeclaredInterest(Base):
    """A customer who is somebody that works here, or near to them. Nobody writes down their own."""

    __tablename__ = "declared_interests"
    __table_args__ = (
        CheckConstraint("relation IN ('self', 'household', 'relative', 'business')", name="relation_is_known"),
        CheckConstraint("declared_by <> actor_id", name="written_by_another"),
        CheckConstraint("(ended_at IS NULL) = (ended_by IS NULL)", name="ended_by_someone"),
        CheckConstraint("ended_by <> actor_id", name="ended_by_another"),
        Index("uq_declared_interests_standing", "actor_id", "customer_id", unique=True,
              postgresql_where=text("ended_at IS NULL")),
        Index(None, "customer_id"),
        {"info": {"updates": ("ended_at", "ended_by")}},
    )  # fmt: skip

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    actor_id: Mapped[int] = mapped_column(ForeignKey("actors.id"))
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id"))
    relation: Mapped[str] = mapped_column(Text)
    note: Mapped[str] = mapped_column(Text, default="", server_default="")
    declared_by: Mapped[int] = mapped_column(ForeignKey("actors.id"))
    declared_at: Mapped[datetime]
    ended_by: Mapped[int | None] = mapped_column(ForeignKey("actors.id"))
    ended_at: Mapped[datetime | None]
