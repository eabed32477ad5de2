"""A case and all that is written to it. Only where it stands changes; everything said or sent is a row of its own."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Identity, Index, Text, UniqueConstraint
from sqlalchemy import text as sql
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from accounts.database import APPEND_ONLY, Base

_TO_DO = "state IN ('submitted', 'in-review', 'waiting')"


class Case(Base):
    """One thing that somebody asks for. ``version`` counts what was done to it."""

    __tablename__ = "cases"
    __table_args__ = (
        CheckConstraint(
            "state IN ('draft', 'submitted', 'in-review', 'waiting', 'decided', 'done', 'withdrawn')",
            name="state_is_known",
        ),
        CheckConstraint("asked_by IS NOT NULL OR guest <> '{}' OR erased_at IS NOT NULL", name="somebody_asks"),
        CheckConstraint("erased_at IS NULL OR (number IS NULL AND guest = '{}' AND draft = '{}')",
                        name="erased_says_nothing"),
        CheckConstraint("state IN ('draft', 'withdrawn') OR (number IS NOT NULL AND terms IS NOT NULL)",
                        name="submitted_has_a_number"),
        CheckConstraint("(state = 'waiting') = (waiting_since IS NOT NULL)", name="waits_since_a_day"),
        Index(None, "customer_account_id", "id"),
        Index(None, "asked_by", "id"),
        Index("ix_cases_to_do", "due_on", "id", postgresql_where=sql(_TO_DO)),
        Index("ix_cases_decided", "id", postgresql_where=sql("state = 'decided'")),
        Index("ix_cases_of_guests", "id", postgresql_where=sql("asked_by IS NULL AND state = 'draft'")),
        Index("ix_cases_not_handed_in", "kept_at", postgresql_where=sql("number IS NULL AND erased_at IS NULL")),
        Index(None, "asked_with", postgresql_where=sql("asked_with IS NOT NULL")),
        {"info": {"updates": (
            "number", "state", "version", "draft", "terms", "submitted_at", "submitted_on", "due_on", "waiting_since",
            "assignee_id", "division", "ended_at", "guest", "links", "kept_at", "reminded_at", "erased_at",
        )}},
    )  # fmt: skip

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    number: Mapped[str | None] = mapped_column(Text, unique=True)
    """From its submission on."""
    kind: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(Text, default="draft")
    version: Mapped[int] = mapped_column(default=1)
    customer_account_id: Mapped[int | None] = mapped_column(ForeignKey("customer_accounts.id"))
    customer_id: Mapped[int | None] = mapped_column(ForeignKey("customers.id"))
    asked_by: Mapped[int | None] = mapped_column(ForeignKey("actors.id"))
    guest: Mapped[dict[str, str]] = mapped_column(JSONB, default=dict, server_default=sql("'{}'"))
    """Name and contact of somebody who asks without a sign-in."""
    links: Mapped[int] = mapped_column(default=0, server_default=sql("0"))
    """How often a guest's links were called back: one that was made before opens nothing."""
    asked_with: Mapped[int | None] = mapped_column(ForeignKey("cases.id"))
    """The first case of a form that asked for several things: each is worked on by itself."""
    language: Mapped[str] = mapped_column(Text)
    """In which it was asked, and is answered."""
    draft: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict, server_default=sql("'{}'"))
    terms: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    """The kind of request as it was when this was submitted (``accounts.cities.requests.RequestKind``)."""
    begun_at: Mapped[datetime]
    kept_at: Mapped[datetime]
    """When something was last kept of a draft."""
    reminded_at: Mapped[datetime | None]
    """When its resident was told that a draft will be cleared away."""
    submitted_at: Mapped[datetime | None]
    submitted_on: Mapped[date | None]
    due_on: Mapped[date | None]
    waiting_since: Mapped[date | None]
    assignee_id: Mapped[int | None] = mapped_column(ForeignKey("actors.id"))
    division: Mapped[str] = mapped_column(Text, default="", server_default="")
    ended_at: Mapped[datetime | None]
    erased_at: Mapped[datetime | None]
    """When all that was said and sent with a draft was cleared away."""


class CaseSubmission(Base):
    """Answers as they were handed in; a later version is what was added when the city asked."""

    __tablename__ = "case_submissions"
    __table_args__ = (APPEND_ONLY,)

    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    answers: Mapped[dict[str, Any]] = mapped_column(JSONB)
    city_release_id: Mapped[int] = mapped_column(ForeignKey("city_releases.id"))
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("actors.id"))
    at: Mapped[datetime]


class CaseEvent(Base):
    """What happened, in order."""

    __tablename__ = "case_events"
    __table_args__ = (UniqueConstraint("case_id", "version"), APPEND_ONLY)

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"))
    version: Mapped[int]
    """The case's version that it made: of two at once the database knows one."""
    event: Mapped[str] = mapped_column(Text)
    before: Mapped[str] = mapped_column(Text)
    after: Mapped[str] = mapped_column(Text)
    details: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("actors.id"))
    at: Mapped[datetime]


class CaseMessage(Base):
    """What was written, either way; notes stay in the house."""

    __tablename__ = "case_messages"
    __table_args__ = (
        CheckConstraint("direction IN ('to-resident', 'from-resident', 'note')", name="direction_is_known"),
        CheckConstraint("text <> ''", name="says_something"),
        Index(None, "case_id", "id"),
        APPEND_ONLY,
    )

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"))
    direction: Mapped[str] = mapped_column(Text)
    text: Mapped[str] = mapped_column(Text)
    language: Mapped[str] = mapped_column(Text)
    template: Mapped[str] = mapped_column(Text, default="", server_default="")
    """The template that it began as."""
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("actors.id"))
    at: Mapped[datetime]


class CaseDocument(Base):
    """A paper of a case, as one of those that its kind wants. Taken out of a draft, it is not shown any more."""

    __tablename__ = "case_documents"
    __table_args__ = (Index(None, "case_id", "id"), Index(None, "document_id"),
                      {"info": {"updates": ("removed_at",)}})  # fmt: skip

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"))
    document_id: Mapped[int] = mapped_column(ForeignKey("documents.id"))
    wanted: Mapped[str] = mapped_column(Text)
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("actors.id"))
    at: Mapped[datetime]
    removed_at: Mapped[datetime | None]


class CaseSignOff(Base):
    """Somebody looked at it. The last one of a step counts."""

    __tablename__ = "case_sign_offs"
    __table_args__ = (
        CheckConstraint("is_fine OR note <> ''", name="refused_with_a_reason"),
        Index(None, "case_id", "id"),
        APPEND_ONLY,
    )

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"))
    step: Mapped[str] = mapped_column(Text)
    is_fine: Mapped[bool]
    note: Mapped[str] = mapped_column(Text, default="")
    actor_id: Mapped[int] = mapped_column(ForeignKey("actors.id"))
    at: Mapped[datetime]


class CaseDecision(Base):
    """How it was decided, and why. A decision whose effect a second person refused is followed by another."""

    __tablename__ = "case_decisions"
    __table_args__ = (
        UniqueConstraint("case_id", "number"),
        UniqueConstraint("proposal_id"),
        CheckConstraint("outcome IN ('granted', 'partly', 'denied', 'answered')", name="outcome_is_known"),
        CheckConstraint("reason <> ''", name="reason_is_given"),
        CheckConstraint("decided_by <> asked_by", name="not_by_who_asks"),
        ForeignKeyConstraint(["case_id"], ["cases.id"]),
        APPEND_ONLY,
    )

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    case_id: Mapped[int]
    number: Mapped[int]
    outcome: Mapped[str] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(Text)
    """For the resident, in their language."""
    authority: Mapped[str] = mapped_column(Text)
    effect: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)
    """What came of it: ids of what was written, or the proposal that waits."""
    proposal_id: Mapped[int | None] = mapped_column(ForeignKey("proposals.id"))
    asked_by: Mapped[int | None] = mapped_column(ForeignKey("actors.id"))
    decided_by: Mapped[int] = mapped_column(ForeignKey("actors.id"))
    decided_on: Mapped[date]
    at: Mapped[datetime]
