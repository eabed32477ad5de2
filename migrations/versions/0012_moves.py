"""Moves of payments."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "moves",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("payment_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("from_account_id", sa.BigInteger(), nullable=False),
        sa.Column("to_account_id", sa.BigInteger(), nullable=False),
        sa.Column("amount_cents", sa.BigInteger(), nullable=False),
        sa.Column("journal_out", sa.BigInteger(), nullable=False),
        sa.Column("journal_in", sa.BigInteger(), nullable=False),
        sa.Column("proposal_id", sa.BigInteger(), nullable=False),
        sa.Column("moved_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("amount_cents > 0", name=op.f("ck_moves_amount_is_positive")),
        sa.CheckConstraint("from_account_id <> to_account_id", name=op.f("ck_moves_accounts_are_two")),
        sa.CheckConstraint("journal_out <> journal_in", name=op.f("ck_moves_journals_are_two")),
        sa.ForeignKeyConstraint(["payment_id"], ["payments.id"], name=op.f("fk_moves_payment_id")),
        sa.ForeignKeyConstraint(["from_account_id"], ["customer_accounts.id"], name=op.f("fk_moves_from_account_id")),
        sa.ForeignKeyConstraint(["to_account_id"], ["customer_accounts.id"], name=op.f("fk_moves_to_account_id")),
        sa.ForeignKeyConstraint(["journal_out"], ["journals.id"], name=op.f("fk_moves_journal_out")),
        sa.ForeignKeyConstraint(["journal_in"], ["journals.id"], name=op.f("fk_moves_journal_in")),
        sa.ForeignKeyConstraint(["proposal_id"], ["proposals.id"], name=op.f("fk_moves_proposal_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_moves")),
        sa.UniqueConstraint("payment_id", "number", name=op.f("uq_moves_payment_id_number")),
        sa.UniqueConstraint("journal_out", name=op.f("uq_moves_journal_out")),
        sa.UniqueConstraint("journal_in", name=op.f("uq_moves_journal_in")),
        sa.UniqueConstraint("proposal_id", name=op.f("uq_moves_proposal_id")),
    )
    op.create_index(op.f("ix_moves_from_account_id"), "moves", ["from_account_id"])
    op.create_index(op.f("ix_moves_to_account_id"), "moves", ["to_account_id"])
    with op.get_bind().connection.cursor() as cursor:
        cursor.execute(
            "CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON moves "
            "FOR EACH ROW EXECUTE FUNCTION refuse_change();"
            "CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON moves "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();"
        )
