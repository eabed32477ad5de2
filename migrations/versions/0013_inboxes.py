"""Indexes for those who look over the day: acts by how they were decided, and lines of the audit by act."""

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(op.f("ix_proposal_decisions_verdict_decided_at"), "proposal_decisions", ["verdict", "decided_at"])
    op.create_index(op.f("ix_audit_entries_act_id"), "audit_entries", ["act", "id"])
