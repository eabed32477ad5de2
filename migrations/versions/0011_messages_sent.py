"""Messages that were sent, and the exceptions of an account found by it."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "messages_sent",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("customer_account_id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("to_masked", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("asked_by", sa.BigInteger()),
        sa.CheckConstraint("channel IN ('mail', 'text')", name=op.f("ck_messages_sent_channel_is_known")),
        sa.CheckConstraint(
            "outcome IN ('sent', 'refused', 'delayed')", name=op.f("ck_messages_sent_outcome_is_known")
        ),
        sa.ForeignKeyConstraint(["asked_by"], ["actors.id"], name=op.f("fk_messages_sent_asked_by")),
        sa.ForeignKeyConstraint(
            ["customer_account_id"], ["customer_accounts.id"], name=op.f("fk_messages_sent_customer_account_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_messages_sent")),
        info={"append_only": True},
    )
    op.create_index(op.f("ix_messages_sent_customer_account_id_id"), "messages_sent", ["customer_account_id", "id"])
    op.create_index(op.f("ix_exception_lines_customer_account_id"), "exception_lines", ["customer_account_id"])
    with op.get_bind().connection.cursor() as cursor:
        cursor.execute(
            "CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON messages_sent "
            "FOR EACH ROW EXECUTE FUNCTION refuse_change();"
            "CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON messages_sent "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();"
        )
