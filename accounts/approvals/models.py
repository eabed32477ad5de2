"""Proposals and what became of them. Neither is ever changed: a decision is a row beside its proposal."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import (
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


class Proposal(Base):
    """An act as one person asked for it, with the state it was weighed against and what it came to."""

    __tablename__ = "proposals"
    __table_args__ = (
        UniqueConstraint("id", "proposed_by"),
        CheckConstraint("reason <> ''", name="reason_is_given"),
        Index("ix_proposals_that_wait", "id", postgresql_where=text("waits")),
        Index(None, "customer_account_id"),
        Index(None, "subject_kind", "subject_id"),
        APPEND_ONLY,
    )

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    act: Mapped[str] = mapped_column(Text)
    """An ``ActKind``."""
    subject_kind: Mapped[str] = mapped_column(Text)
    subject_id: Mapped[str] = mapped_column(Text)
    customer_account_id: Mapped[int | None] = mapped_column(ForeignKey("customer_accounts.id"))
    """The account it is listed under; all that it touches are in ``proposal_accounts``."""
    payload: Mapped[dict[str, object]] = mapped_column(JSONB)
    """The command, as it will be executed."""
    evidence: Mapped[dict[str, object]] = mapped_column(JSONB)
    """The calculation shown, before and after, and the world in words (``rules.Evidence``)."""
    effect_cents: Mapped[Money] = mapped_column(Cents)
    """What it adds to what is owed on its account."""
    world: Mapped[str] = mapped_column(Text)
    """SHA-256 of the state it was proposed against."""
    waits: Mapped[bool]
    """Whether it was proposed for a second person to decide; not, where its maker did it alone."""
    reason: Mapped[str] = mapped_column(Text)
    proposed_by: Mapped[int] = mapped_column(ForeignKey("actors.id"))
    proposed_at: Mapped[datetime]


class ProposalAccount(Base):
    """An account that a proposal touches: who may not see it may not see the proposal."""

    __tablename__ = "proposal_accounts"
    __table_args__ = (Index(None, "customer_account_id"), APPEND_ONLY)

    proposal_id: Mapped[int] = mapped_column(ForeignKey("proposals.id"), primary_key=True)
    customer_account_id: Mapped[int] = mapped_column(ForeignKey("customer_accounts.id"), primary_key=True)


class ProposalDecision(Base):
    """How a proposal ended, once: the row comes in the transaction that executes the act.

    The composite key carries the proposer along, so the database itself refuses that they decide it.
    """

    __tablename__ = "proposal_decisions"
    __table_args__ = (
        ForeignKeyConstraint(["proposal_id", "proposed_by"], ["proposals.id", "proposals.proposed_by"]),
        CheckConstraint(
            "verdict IN ('approved', 'rejected', 'withdrawn', 'stale', 'alone')", name="verdict_is_known"
        ),
        CheckConstraint(
            "(decided_by = proposed_by) = (verdict IN ('withdrawn', 'alone'))", name="maker_is_not_checker"
        ),
        CheckConstraint("verdict <> 'rejected' OR reason <> ''", name="rejected_with_a_reason"),
        Index(None, "verdict", "decided_at"),
        APPEND_ONLY,
    )

    proposal_id: Mapped[int] = mapped_column(primary_key=True)
    proposed_by: Mapped[int]
    verdict: Mapped[str] = mapped_column(Text)
    decided_by: Mapped[int] = mapped_column(ForeignKey("actors.id"))
    decided_at: Mapped[datetime]
    reason: Mapped[str] = mapped_column(Text, default="", server_default="")
    outcome: Mapped[dict[str, object]] = mapped_column(JSONB, default=dict)
    """What came of it: ids of what was written; of a stale one, what had changed."""
