"""Sweeps, and what is known of events and attempts."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

LIVE = sa.text("state IN ('sending', 'open', 'processing', 'unknown')")
WHEN = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("attempts", sa.Column("next_check_at", WHEN))
    op.add_column("attempts", sa.Column("told", postgresql.JSONB(), server_default=sa.text("'[]'"), nullable=False))
    op.create_index("ix_attempts_next_check", "attempts", ["next_check_at"], postgresql_where=LIVE)

    for name in ("attempt_id", "session_id", "payment_intent_id", "subject_id"):
        op.add_column("processor_events", sa.Column(name, sa.Text(), server_default="", nullable=False))
    op.add_column("processor_events", sa.Column("source", sa.Text(), server_default="webhook", nullable=False))
    op.add_column("processor_events", sa.Column("created_at", WHEN))
    op.create_check_constraint(
        op.f("ck_processor_events_source_is_known"), "processor_events", "source IN ('webhook', 'backfill')"
    )
    op.create_table(
        "webhook_counts",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("day", "outcome", name=op.f("pk_webhook_counts")),
    )

    op.add_column("exception_lines", sa.Column("owner_id", sa.BigInteger()))
    op.create_foreign_key(op.f("fk_exception_lines_owner_id"), "exception_lines", "actors", ["owner_id"], ["id"])
    op.create_table(
        "sweeps",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("days", sa.BigInteger(), nullable=False),
        sa.Column("started_at", WHEN, nullable=False),
        sa.Column("finished_at", WHEN),
        sa.Column("clean", sa.Boolean()),
        sa.Column("events_through", WHEN),
        sa.Column("found", postgresql.JSONB(), nullable=False),
        sa.CheckConstraint("kind IN ('frequent', 'deep')", name=op.f("ck_sweeps_kind_is_known")),
        sa.CheckConstraint("clean IS NOT TRUE OR finished_at IS NOT NULL", name=op.f("ck_sweeps_clean_at_the_end")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sweeps")),
    )
    op.create_index(op.f("ix_sweeps_kind_started_at"), "sweeps", ["kind", "started_at"])
