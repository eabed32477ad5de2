"""Proposals and decisions."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

WHEN = sa.DateTime(timezone=True)
TABLES = ("proposals", "proposal_accounts", "proposal_decisions")


def upgrade() -> None:
    op.create_table(
        "proposals",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("act", sa.Text(), nullable=False),
        sa.Column("subject_kind", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Text(), nullable=False),
        sa.Column("customer_account_id", sa.BigInteger()),
        sa.Column("payload", postgresql.JSONB(), nullable=False),
        sa.Column("evidence", postgresql.JSONB(), nullable=False),
        sa.Column("effect_cents", sa.BigInteger(), nullable=False),
        sa.Column("world", sa.Text(), nullable=False),
        sa.Column("waits", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("proposed_by", sa.BigInteger(), nullable=False),
        sa.Column("proposed_at", WHEN, nullable=False),
        sa.CheckConstraint("reason <> ''", name=op.f("ck_proposals_reason_is_given")),
        sa.ForeignKeyConstraint(
            ["customer_account_id"], ["customer_accounts.id"], name=op.f("fk_proposals_customer_account_id")
        ),
        sa.ForeignKeyConstraint(["proposed_by"], ["actors.id"], name=op.f("fk_proposals_proposed_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proposals")),
        sa.UniqueConstraint("id", "proposed_by", name=op.f("uq_proposals_id_proposed_by")),
    )
    op.create_index("ix_proposals_that_wait", "proposals", ["id"], postgresql_where=sa.text("waits"))
    op.create_index(op.f("ix_proposals_customer_account_id"), "proposals", ["customer_account_id"])
    op.create_index(op.f("ix_proposals_subject_kind_subject_id"), "proposals", ["subject_kind", "subject_id"])
    op.create_table(
        "proposal_accounts",
        sa.Column("proposal_id", sa.BigInteger(), nullable=False),
        sa.Column("customer_account_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["proposal_id"], ["proposals.id"], name=op.f("fk_proposal_accounts_proposal_id")),
        sa.ForeignKeyConstraint(
            ["customer_account_id"], ["customer_accounts.id"], name=op.f("fk_proposal_accounts_customer_account_id")
        ),
        sa.PrimaryKeyConstraint("proposal_id", "customer_account_id", name=op.f("pk_proposal_accounts")),
    )
    op.create_index(op.f("ix_proposal_accounts_customer_account_id"), "proposal_accounts", ["customer_account_id"])
    op.create_table(
        "proposal_decisions",
        sa.Column("proposal_id", sa.BigInteger(), nullable=False),
        sa.Column("proposed_by", sa.BigInteger(), nullable=False),
        sa.Column("verdict", sa.Text(), nullable=False),
        sa.Column("decided_by", sa.BigInteger(), nullable=False),
        sa.Column("decided_at", WHEN, nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("outcome", postgresql.JSONB(), nullable=False),
        sa.CheckConstraint(
            "verdict IN ('approved', 'rejected', 'withdrawn', 'stale', 'alone')",
            name=op.f("ck_proposal_decisions_verdict_is_known"),
        ),
        sa.CheckConstraint(
            "(decided_by = proposed_by) = (verdict IN ('withdrawn', 'alone'))",
            name=op.f("ck_proposal_decisions_maker_is_not_checker"),
        ),
        sa.CheckConstraint(
            "verdict <> 'rejected' OR reason <> ''", name=op.f("ck_proposal_decisions_rejected_with_a_reason")
        ),
        sa.ForeignKeyConstraint(
            ["proposal_id", "proposed_by"],
            ["proposals.id", "proposals.proposed_by"],
            name=op.f("fk_proposal_decisions_proposal_id_proposed_by"),
        ),
        sa.ForeignKeyConstraint(["decided_by"], ["actors.id"], name=op.f("fk_proposal_decisions_decided_by")),
        sa.PrimaryKeyConstraint("proposal_id", name=op.f("pk_proposal_decisions")),
    )

    op.add_column("adjustments", sa.Column("proposal_id", sa.BigInteger()))
    op.add_column("adjustments", sa.Column("reverses_id", sa.BigInteger()))
    op.create_foreign_key(op.f("fk_adjustments_proposal_id"), "adjustments", "proposals", ["proposal_id"], ["id"])
    op.create_foreign_key(op.f("fk_adjustments_reverses_id"), "adjustments", "adjustments", ["reverses_id"], ["id"])
    op.create_unique_constraint(op.f("uq_adjustments_reverses_id"), "adjustments", ["reverses_id"])
    op.create_check_constraint(op.f("ck_adjustments_does_not_reverse_itself"), "adjustments", "reverses_id <> id")
    op.create_index(op.f("ix_adjustments_proposal_id"), "adjustments", ["proposal_id"])

    with op.get_bind().connection.cursor() as cursor:
        for table in TABLES:
            cursor.execute(
                f"CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON {table} "
                "FOR EACH ROW EXECUTE FUNCTION refuse_change();"
                f"CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON {table} "
                "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();"
            )
