"""Payouts of the processor and the movements that they are made of."""

from pathlib import Path

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

SQL = Path(__file__).parent.parent / "sql"
WHEN = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "payouts",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("amount_cents", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("automatic", sa.Boolean(), nullable=False),
        sa.Column("reconciliation_status", sa.Text(), nullable=False),
        sa.Column("created_at", WHEN, nullable=False),
        sa.Column("arrival_on", sa.Date(), nullable=False),
        sa.Column("trace_id", sa.Text(), nullable=False),
        sa.Column("statement_descriptor", sa.Text(), nullable=False),
        sa.Column("failure_code", sa.Text(), nullable=False),
        sa.Column("read_at", WHEN, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payouts")),
    )
    op.create_index(op.f("ix_payouts_created_at"), "payouts", ["created_at"])
    op.create_table(
        "payout_movements",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("reporting_category", sa.Text(), nullable=False),
        sa.Column("amount_cents", sa.BigInteger(), nullable=False),
        sa.Column("fee_cents", sa.BigInteger(), nullable=False),
        sa.Column("net_cents", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("created_at", WHEN, nullable=False),
        sa.Column("available_on", sa.Date(), nullable=False),
        sa.Column("source_id", sa.Text(), nullable=False),
        sa.Column("charge_id", sa.Text(), nullable=False),
        sa.Column("payment_intent_id", sa.Text(), nullable=False),
        sa.Column("payout_id", sa.Text()),
        sa.Column("seen_at", WHEN, server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "net_cents = amount_cents - fee_cents", name=op.f("ck_payout_movements_net_is_amount_less_fee")
        ),
        sa.ForeignKeyConstraint(["payout_id"], ["payouts.id"], name=op.f("fk_payout_movements_payout_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payout_movements")),
    )
    for column in ("payout_id", "payment_intent_id", "created_at"):
        op.create_index(op.f(f"ix_payout_movements_{column}"), "payout_movements", [column])
    op.create_table(
        "payout_bookings",
        sa.Column("journal_id", sa.BigInteger(), nullable=False),
        sa.Column("movement_id", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("payout_id", sa.Text(), nullable=False),
        sa.Column("amount_cents", sa.BigInteger(), nullable=False),
        sa.Column("fee_cents", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "place IN ('clearing', 'fees', 'suspense')", name=op.f("ck_payout_bookings_place_is_known")
        ),
        sa.ForeignKeyConstraint(["journal_id"], ["journals.id"], name=op.f("fk_payout_bookings_journal_id")),
        sa.ForeignKeyConstraint(
            ["movement_id"], ["payout_movements.id"], name=op.f("fk_payout_bookings_movement_id")
        ),
        sa.ForeignKeyConstraint(["payout_id"], ["payouts.id"], name=op.f("fk_payout_bookings_payout_id")),
        sa.PrimaryKeyConstraint("journal_id", "movement_id", "place", name=op.f("pk_payout_bookings")),
        info={"append_only": True},
    )
    for column in ("movement_id", "payout_id"):
        op.create_index(op.f(f"ix_payout_bookings_{column}"), "payout_bookings", [column])
    op.create_table(
        "payout_reads",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("from_at", WHEN, nullable=False),
        sa.Column("until_at", WHEN, nullable=False),
        sa.Column("movements", sa.BigInteger(), nullable=False),
        sa.Column("payouts", sa.BigInteger(), nullable=False),
        sa.Column("finished_at", WHEN, server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.CheckConstraint("from_at <= until_at", name=op.f("ck_payout_reads_window_is_forward")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payout_reads")),
        info={"append_only": True},
    )
    op.create_index(
        "ix_payments_by_reference", "payments", ["tender_reference"], postgresql_where=sa.text("tender_reference <> ''")
    )
    with op.get_bind().connection.cursor() as cursor:
        cursor.execute((SQL / "0004_payouts.sql").read_text())
        for table in ("payout_bookings", "payout_reads"):
            cursor.execute(
                f"CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON {table} "
                "FOR EACH ROW EXECUTE FUNCTION refuse_change();"
                f"CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON {table} "
                "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();"
            )
